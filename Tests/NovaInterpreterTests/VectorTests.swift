// VectorTests.swift — operations come to what was written by hand for them, by name, in every form.
// The table: qemu/programs/Sources/OperationChecks/OperationVectors.swift; guests run it as well.

import NovaBytecode
import NovaInterpreter
import OperationChecksHosted
import OperationTable
import TestSupport
import Testing

@Suite struct VectorTests {
  /// Groups of the reference page whose operations need a vector each.
  private static let groups = [
    "Moves and constants", "32-bit integers", "64-bit integers", "32-bit floats", "64-bit floats",
    "Conversions", "Loads", "Stores",
  ]

  private static func vectors() -> [OperationVector] {
    var all: [OperationVector] = []
    OperationVectors.forEach(
      unknown: { Issue.record("no operation is \(String(decoding: $0, as: UTF8.self))") },
      { all.append($0) })
    return all
  }

  private static func text(_ vector: OperationVector) -> String {
    let operands = vector.operands.map { String($0, radix: 16) }.joined(separator: " ")
    return "\(vector.operation.name) \(operands)"
  }

  @Test(arguments: [
    ExecutionMode(), ExecutionMode(isCharged: true), ExecutionMode(isObserved: true),
  ]) func `every form comes to what was written by hand`(mode: ExecutionMode) {
    let machine = Machine()
    var failures: [String] = []
    for vector in Self.vectors() {
      guard let (result, expected) = vector.failure(on: machine, mode: mode) else { continue }
      failures.append(
        "\(Self.text(vector)): \(result.outcome) \(result.registers.prefix(5)), wanted "
          + "\(expected.outcome) \(expected.registers.prefix(5))")
    }
    #expect(failures == [])
  }

  @Test func `every operation that computes has a vector`() {
    let covered = Set(Self.vectors().map { Int($0.operation.base.rawValue) })
    var missing: [String] = []
    for (title, numbers) in OperationTable.sections where Self.groups.contains(title) {
      for operation in OperationTable.operations
      where numbers.contains(operation.number) && !covered.contains(operation.number) {
        missing.append(operation.name)
      }
    }
    // A run of registers has no single result: below.
    #expect(missing == ["zero"], "write a vector in OperationVectors.swift")
    let titles = OperationTable.sections.map(\.title)
    #expect(Self.groups.allSatisfy(titles.contains))
  }

  @Test func `zero clears as many registers as it says`() {
    let machine = Machine()
    let before = (0..<UInt64(Machine.registerCount)).map { $0 + 100 }
    let result = machine.run([word(.zero, 3, 2), word(.ret0)], before)
    #expect(result.outcome == 0)
    #expect(result.registers == [100, 101, 102, 0, 0] + before[5...])
  }

  @Test(arguments: [
    OperationVector.Result.value(6), .trap(1), .stored(0, at: 0, byteCount: 1),
  ]) func `a vector that is wrong is found`(wrong: OperationVector.Result) {
    let machine = Machine()
    let right = OperationVector(operation: .i32Add, operands: [2, 3], result: .value(5))
    #expect(right.failure(on: machine, mode: ExecutionMode()) == nil)
    var vector = right
    vector.result = wrong
    #expect(vector.failure(on: machine, mode: ExecutionMode()) != nil)
  }

  @Test(arguments: GuestCPU.allCases) func `every CPU comes to what was written by hand`(
    cpu: GuestCPU
  ) throws {
    let completion = try Guests.run("operations", on: cpu, arguments: ["vectors"])
    #expect(completion.status == 0, "\(completion)")
    #expect(completion.output == "vectors \(Self.vectors().count) wrong 0\n")
  }
}
