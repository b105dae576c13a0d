// OperationTests.swift — every operation in every form gives what its tree says, in every table.
// The same cases run as a guest: qemu/programs/Sources/operations.

import NovaBytecode
import NovaInterpreter
import NovaToolchain
import OperationChecksHosted
import OperationTable
import TestSupport
import Testing

@Suite struct OperationTests {
  private static let specifications: [UInt16: OperationSpecification] = Dictionary(
    uniqueKeysWithValues: OperationTable.operations.map { (UInt16($0.number), $0) })

  /// Of every case, run fast by this build.
  private static let digest = OperationCases.digest(Machine(), mode: ExecutionMode(), fuel: 0)

  /// What a case must come to, its branch's mark included.
  private static func expected(_ test: OperationCase) -> RunResult? {
    guard let operation = specifications[test.operation.base.rawValue] else { return nil }
    var tree = TreeEvaluator(test)
    let prefix = test.operation.forwardedOperand == nil ? 0 : 1
    do throws(TreeTrap) {
      try tree.run(operation.body)
    } catch {
      return RunResult(
        outcome: 16 + error.kind, wordOffset: prefix, registers: test.registers,
        memory: tree.memory, globals: tree.globals)
    }
    tree.registers[15] = tree.isTaken ? 2 : 1
    return RunResult(
      outcome: 0, wordOffset: 0, registers: tree.registers, memory: tree.memory,
      globals: tree.globals)
  }

  @Test func `every form of every operation does what its tree says`() {
    let machine = Machine()
    var failures: [String: String] = [:]
    var forms: Set<Operation> = []
    OperationCases.forEach { test in
      forms.insert(test.operation)
      let result = machine.run(OperationCases.function(of: test), test.registers)
      let expected = Self.expected(test)
      guard result != expected, failures[test.operation.name] == nil else { return }
      let words = test.words.map { String($0, radix: 16) }
      failures[test.operation.name] =
        "\(words) \(test.registers.prefix(6)): \(result.outcome) \(result.registers.prefix(6)), "
        + "wanted \(String(describing: expected?.outcome)) "
        + "\(String(describing: expected?.registers.prefix(6)))"
    }
    for (name, text) in failures.sorted(by: { $0.key < $1.key }).prefix(20) {
      Issue.record("\(name) \(text)")
    }
    #expect(failures.isEmpty, "\(failures.count) forms of \(forms.count)")
    #expect(forms.count > 900)
  }

  @Test(arguments: [
    ExecutionMode(isCharged: true), ExecutionMode(isObserved: true),
    ExecutionMode(isCharged: true, isObserved: true),
  ]) func `every table gives the same results`(mode: ExecutionMode) {
    #expect(OperationCases.digest(Machine(), mode: mode, fuel: 1_000) == Self.digest)
  }

  @Test(arguments: GuestCPU.allCases) func `every CPU gives the same results`(cpu: GuestCPU) throws
  {
    let completion = try Guests.run("operations", on: cpu)
    #expect(completion.status == 0, "\(completion)")
    #expect(
      completion.output
        == "fast \(Self.digest)\ncharged \(Self.digest)\nobserved \(Self.digest)\n")
  }

  @Test func `the description has no mistake`() {
    #expect(OperationTable.problems == [])
  }

  @Test func `names lead to operations and back`() {
    for operation in OperationTable.operations {
      let found = Operation(name: operation.name)
      if operation.flags.contains(.internal) {
        #expect(found == nil, "\(operation.name) is internal")
        continue
      }
      #expect(found?.rawValue == UInt16(operation.number))
      for index in operation.forwardable {
        let form = Operation(name: operation.name(forwarding: index))
        #expect(form?.rawValue == UInt16(operation.number(forwarding: index)))
        #expect(form?.name == operation.name(forwarding: index))
      }
    }
    for name in ["", "i32", "i32.add.", "i32.add.y", "zzz", "exit", ".x"] {
      #expect(Operation(name: name) == nil, "\(name) names nothing")
    }
  }

  @Test func `descriptors say what the description says`() {
    for operation in OperationTable.operations {
      let descriptor = Operation(rawValue: UInt16(operation.number)).descriptor
      #expect(descriptor.wordCount == operation.wordCount)
      #expect(descriptor.operandCount == operation.operands.count)
      for (index, operand) in operation.operands.enumerated() {
        #expect(descriptor.operand(at: index).place.rawValue == operand.place.rawValue)
        #expect(descriptor.operand(at: index).role.rawValue == operand.role.rawValue)
      }
      for index in 0..<3 {
        #expect(descriptor.canForward(index) == operation.forwardable.contains(index))
      }
    }
  }

  @Test func `generated files are fresh`() throws {
    let generator = "\(Files.parent(of: try Self.testProgram()))/nova-operations"
    let completion = try Completion.run(
      generator, arguments: ["--check", Guests.root], environment: [])
    #expect(completion.status == 0, "\(completion)")
  }

  /// The executable that runs, beside which SwiftPM puts the others.
  static func testProgram() throws -> String {
    try #require(CommandLine.arguments.first.flatMap { Files.resolve($0) })
  }
}
