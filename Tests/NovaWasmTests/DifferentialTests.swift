// DifferentialTests.swift — random functions give the same at every level of optimisation, and in
// WasmKit.

import NovaAssembler
import NovaToolchain
import TestSupport
import Testing

@testable import NovaWasm

/// Makes random code of type (i32, i32) → i32 that ends: loops count down a local of their own.
struct RandomCode {
  private var random: SeededGenerator
  /// Parameters and locals that expressions read and statements set.
  static let variableCount = 6
  /// Behind them, one for each level of loops.
  static let loopLevelMax = 3

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func constant() -> [UInt8] {
    let values: [Int64] = [0, 1, -1, 7, 255, 65_535, 65_536, -32_768, 40_000, 1 << 30, -1 << 31]
    return [0x41] + WasmBytes.signed(values[pick(values.count)])
  }

  private mutating func address(_ depth: Int) -> [UInt8] {
    // Kept within the page, mostly.
    expression(depth) + [0x41] + WasmBytes.signed(0x7ffc) + [0x71]
  }

  mutating func expression(_ depth: Int) -> [UInt8] {
    if depth == 0 { return pick(3) == 0 ? constant() : [0x20, UInt8(pick(Self.variableCount))] }
    switch pick(11) {
    case 0...4:
      let operations: [UInt8] = Array(0x6a...0x78) + Array(0x46...0x4f) + [0x6a, 0x6a, 0x74, 0x71]
      return expression(depth - 1) + expression(depth - 1) + [operations[pick(operations.count)]]
    case 5: return expression(depth - 1) + [[0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1][pick(6)]]
    case 6:
      let loads: [UInt8] = [0x28, 0x2c, 0x2d, 0x2e, 0x2f]
      return address(depth - 1) + [loads[pick(5)], 0, UInt8(pick(100))]
    case 7: return expression(depth - 1) + expression(depth - 1) + expression(depth - 1) + [0x1b]
    case 8:
      // Through 64 bits and back.
      return expression(depth - 1) + [0xac] + expression(depth - 1) + [0xad]
        + [UInt8(0x7c + [0, 1, 2, 7, 8, 9, 10, 12][pick(8)]), 0xa7]
    case 9:
      // if (result i32)
      return expression(depth - 1) + [0x04, 0x7f] + expression(depth - 1) + [0x05]
        + expression(depth - 1) + [0x0b]
    default:
      // A tee in the middle of an expression.
      let variable = UInt8(pick(Self.variableCount))
      return [0x20, variable] + expression(depth - 1) + [0x22, variable, 0x6a]
    }
  }

  mutating func statements(_ count: Int, level: Int) -> [UInt8] {
    (0..<count).flatMap { _ in statement(level: level) }
  }

  private mutating func statement(level: Int) -> [UInt8] {
    switch pick(9) {
    case 0...3: return expression(2 + pick(2)) + [0x21, UInt8(pick(Self.variableCount))]
    case 4:
      let stores: [UInt8] = [0x36, 0x3a, 0x3b]
      return address(1) + expression(2) + [stores[pick(3)], 0, UInt8(pick(100))]
    case 5:
      return expression(2) + [0x04, 0x40] + statements(2, level: level) + [0x05]
        + statements(1, level: level) + [0x0b]
    case 6:
      // A block that may be left early.
      return [0x02, 0x40] + statements(1, level: level) + expression(1) + [0x0d, 0]
        + statements(1, level: level) + [0x0b]
    default:
      guard level < Self.loopLevelMax else { return [0x01] }
      let counter = UInt8(Self.variableCount + level)
      let start: [UInt8] = [0x41, UInt8(1 + pick(5)), 0x21, counter, 0x03, 0x40]
      let end: [UInt8] = [0x20, counter, 0x41, 0x7f, 0x6a, 0x22, counter, 0x0d, 0, 0x0b]
      return start + statements(2, level: level + 1) + end
    }
  }

  mutating func module() -> [UInt8] {
    let locals = Self.variableCount - 2 + Self.loopLevelMax
    let helper = WasmBytes.body(expression(3), localCount: Self.variableCount - 2)
    var code = statements(4, level: 0)
    // A call in the middle of an expression.
    code += expression(2) + expression(2) + expression(1) + [0x10, 1, 0x6a, 0x21, 2]
    code += statements(2, level: 0) + expression(3)
    code += (0..<Self.variableCount).flatMap { [0x20, UInt8($0), 0x73] as [UInt8] }
    return WasmBytes.module([WasmBytes.body(code, localCount: locals), helper])
  }
}

@Suite struct DifferentialTests {
  private static let arguments: [[UInt64]] = [
    [0, 0], [1, 2], [0xffff_ffff, 0x8000_0000], [77, 5],
  ]

  @Test func `every level of optimisation means the same`() throws {
    print("NOVA_SEED=\(TestSeed.value)")
    var code = RandomCode(seed: UInt64(TestSeed.value))
    var plain = WasmImporter.Options()
    plain.isOptimized = false
    plain.optimizer = nil
    var unfused = WasmImporter.Options()
    unfused.optimizer?.fuses = false
    for _ in 0..<100 {
      let file = code.module()
      let modules = try [plain, unfused, WasmImporter.Options()].map {
        try WasmImporter.module(from: file, options: $0)
      }
      for arguments in Self.arguments {
        let endings = modules.map { Execution.run($0, arguments) }
        #expect(endings[0] != .refused)
        #expect(endings[0] == endings[1] && endings[1] == endings[2], "\(file) of \(arguments)")
      }
    }
  }

  @Test func `WasmKit comes to the same`() throws {
    guard let wasmKit = findExecutable(named: "wasmkit") else { return }
    print("NOVA_SEED=\(TestSeed.value)")
    var code = RandomCode(seed: ~UInt64(TestSeed.value))
    let path = "\(Guests.root)/build/NovaWasmTests-\(TestSeed.value).wasm"
    try Files.makeFolder("\(Guests.root)/build")
    defer { Files.remove(path) }
    for _ in 0..<12 {
      let file = code.module()
      try Files.write(file, to: path)
      let ending = Execution.run(try WasmImporter.module(from: file), [77, 5])
      let request = ProcessRequest(wasmKit, ["run", path, "run", "i32:77", "i32:5"])
      let outcome = try run(request)
      if case .value(let value) = ending {
        #expect(outcome.outputText.contains("i32(\(value))"), "\(file)")
      } else {
        #expect(!outcome.isSuccess, "\(file)")
      }
    }
  }
}
