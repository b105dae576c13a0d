// TailCallTests.swift — WebAssembly's tail calls: results of ours, and of wasmtime where it is.

import NovaModules
import NovaToolchain
import NovaWasm
import TestSupport
import Testing

private typealias Bytes = WasmBytes

/// A module whose function 0, `run`, takes an i32 and gives one.
struct TailProgram: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let bytes: [UInt8]

  /// - Parameters:
  ///   - description: what it shows.
  ///   - types: behind type 0, (i32) → i32.
  ///   - functions: their types and bodies.
  ///   - table: elements of table 0, functions by number; of table 1 in reverse.
  init(
    _ description: String, types: [[UInt8]], functions: [(type: UInt8, body: [UInt8])],
    table: [UInt8] = []
  ) {
    testDescription = description
    var bytes = Bytes.header + Bytes.section(1, [Bytes.type([0x7f], [0x7f])] + types)
    bytes += Bytes.section(3, functions.map { [$0.type] })
    let count = UInt8(table.count)
    bytes += Bytes.section(4, [[0x70, 0, count], [0x70, 0, count]])
    bytes += Bytes.section(7, [[3, 0x72, 0x75, 0x6e, 0, 0]])
    bytes += Bytes.section(
      9,
      [
        [0, 0x41, 0, 0x0b, count] + table,
        [2, 1, 0x41, 0, 0x0b, 0, count] + table.reversed(),
      ])
    self.bytes = bytes + Bytes.section(10, functions.map(\.body))
  }
}

@Suite struct TailCallTests {
  /// (i32, i32, i32) → i32, (i32 × 6) → i32, (i32) → (i32, i32), (f64, i64, f32, i32) → i32.
  private static let types = [
    Bytes.type([0x7f, 0x7f, 0x7f], [0x7f]), Bytes.type([UInt8](repeating: 0x7f, count: 6), [0x7f]),
    Bytes.type([0x7f], [0x7f, 0x7f]), Bytes.type([0x7c, 0x7e, 0x7d, 0x7f], [0x7f]),
  ]

  private static func get(_ locals: UInt8...) -> [UInt8] { locals.flatMap { [0x20, $0] } }
  private static func number(_ value: Int64) -> [UInt8] { [0x41] + Bytes.signed(value) }
  /// One less than `local`.
  private static func less(_ local: UInt8) -> [UInt8] { [0x20, local] + number(1) + [0x6b] }
  /// Returns `result` when `local` is 0.
  private static func end(_ local: UInt8, _ result: [UInt8]) -> [UInt8] {
    [0x20, local, 0x45, 0x04, 0x40] + result + [0x0f, 0x0b]
  }

  /// Fibonacci numbers: two arguments change places on the way.
  private static let fibonacci = TailProgram(
    "itself, arguments in a cycle", types: types,
    functions: [
      (0, Bytes.body(number(0) + number(1) + get(0) + [0x12, 1])),
      (1, Bytes.body(end(2, get(0)) + get(1, 0, 1) + [0x6a] + less(2) + [0x12, 1])),
    ])

  private static let mutual = TailProgram(
    "two functions in turn, from within blocks", types: types,
    functions: [
      (0, Bytes.body(get(0) + number(7) + number(3) + [0x12, 1])),
      (
        1,
        Bytes.body(
          // A value more than the call takes lies below its arguments.
          end(0, get(1)) + number(99) + [0x02, 0x40] + less(0) + get(1, 2) + [0x6a] + get(2)
            + [0x12, 2, 0x0b, 0x1a] + number(1))
      ),
      (
        1,
        Bytes.body(
          [0x03, 0x40] + get(0) + [0x04, 0x40] + less(0) + get(2) + number(1) + [0x6a] + get(1)
            + [0x12, 1, 0x0b, 0x0b] + get(1, 2) + [0x73])
      ),
    ])

  /// Six arguments go round; the element's register is that of an argument.
  private static let wide = TailProgram(
    "many arguments through tables", types: types,
    functions: [
      (0, Bytes.body(get(0) + (1...5).flatMap { number($0 * 1000) } + [0x12, 1])),
      (
        2,
        Bytes.body(
          end(0, get(1, 2, 3, 4, 5) + [0x6b, 0x6a, 0x6b, 0x6a])
            + less(0) + get(2, 3, 4, 5, 1) + get(0) + number(1) + [0x71]
            + [0x13, 2, 0])
      ),
      (
        2,
        Bytes.body(
          end(0, get(5, 4, 3, 2, 1) + [0x6b, 0x6a, 0x6b, 0x6a])
            + less(0) + get(5, 1, 2, 3) + get(4) + number(17) + [0x6a] + get(0) + number(1)
            + [0x71, 0x13, 2, 1])
      ),
    ], table: [1, 2])

  private static let element = TailProgram(
    "a local as element, another function behind null and another type", types: types,
    functions: [
      (0, Bytes.body(get(0) + number(5) + number(6) + [0x12, 1])),
      (1, Bytes.body(get(2, 1, 0) + get(0) + [0x13, 1, 0])),
      (1, Bytes.body(get(0, 1, 2) + [0x6b, 0x6a])),
      (0, Bytes.body(get(0))),
    ], table: [2, 3, 2, 1])

  private static let several = TailProgram(
    "several results", types: types,
    functions: [
      (0, Bytes.body(get(0) + [0x10, 1, 0x6b])),
      (3, Bytes.body(get(0) + number(1) + [0x74, 0x12, 2])),
      (3, Bytes.body(get(0) + number(3) + [0x6c] + get(0))),
    ])

  private static let mixed = TailProgram(
    "floats and 64-bit integers", types: types,
    functions: [
      (
        0,
        Bytes.body(
          [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f] + [0x42, 3] + [0x43, 0, 0, 0x20, 0x40] + get(0)
            + [0x12, 1])
      ),
      (
        4,
        Bytes.body(
          [0x20, 3, 0x45, 0x04, 0x40, 0x20, 0, 0xaa, 0x20, 1, 0xa7, 0x6a, 0x20, 2, 0xa8, 0x6a]
            + [0x0f, 0x0b]
            // f64 + i64, i64 × 2, f32 of f64, count - 1
            + [0x20, 0, 0x20, 1, 0xb9, 0xa0] + [0x20, 1, 0x42, 2, 0x7e] + [0x20, 0, 0xb6]
            + less(3) + [0x12, 1])
      ),
    ])

  static let programs = [fibonacci, mutual, wide, element, several, mixed]

  private static let arguments: [Int32] = [0, 1, 2, 3, 4, 5, 13, 20]

  /// The result of `run`; nil for a trap.
  private static func run(
    _ bytes: [UInt8], _ argument: Int32, _ options: WasmImporter.Options = .init()
  ) throws -> Int32? {
    let module = try WasmImporter.module(from: bytes, options: options)
    let runtime = try NovaRuntime(
      from: RuntimeBootstrap.Builder().heap(byteCount: 16 << 20).workers(count: 0).build())
    let loader = try ModuleLoader(runtime)
    let limits = ModuleLimits(callDepth: 16)
    let instance = try loader.instantiate(
      try loader.load("module", copying: module.span), limits: limits)
    do throws(ModuleFailure) {
      let results = try instance.call("run", [.i32(argument)])
      guard case .i32(let value)? = results.first else { return nil }
      return value
    } catch {
      guard case .trapped = error else { throw error }
      return nil
    }
  }

  @Test(arguments: programs)
  func `each level of optimisation means the same`(program: TailProgram) throws {
    var plain = WasmImporter.Options()
    plain.isOptimized = false
    plain.optimizer = nil
    for argument in Self.arguments {
      let result = try Self.run(program.bytes, argument)
      #expect(try Self.run(program.bytes, argument, plain) == result, "of \(argument)")
    }
  }

  @Test(arguments: programs) func `wasmtime comes to the same`(program: TailProgram) throws {
    let wasmtime = "\(Guests.root)/build/bench/bytecode/wasmtime"
    guard Files.exists(wasmtime) else {
      print("skipped: there is no \(wasmtime); Benchmarks/Bytecode/build-peers brings it")
      return
    }
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/tail.wasm"
    try Files.write(program.bytes, to: path)
    for argument in Self.arguments {
      let outcome = try NovaToolchain.run(ProcessRequest(wasmtime, [path, "\(argument)"]))
      let words = outcome.outputText.split(separator: " ")
      let expected = outcome.isSuccess ? words.first.flatMap { Int32($0) } : nil
      #expect(outcome.isSuccess == (expected != nil))
      #expect(try Self.run(program.bytes, argument) == expected, "of \(argument)")
    }
  }

  @Test func `a million tail calls fit where sixteen calls do`() throws {
    #expect(try Self.run(Self.mutual.bytes, 1_000_001) != nil)
    #expect(try Self.run(Self.wide.bytes, 1_000_000) != nil)
  }

  @Test func `a function of the host or of another module may take the frame`() throws {
    // run imports two functions of (i32) → i32, and calls one by its argument's lowest bit.
    let bytes =
      Bytes.header + Bytes.section(1, [Bytes.type([0x7f], [0x7f])])
      + Bytes.section(
        2,
        [
          [1, 0x68, 1, 0x66, 0, 0],  // h.f
          [1, 0x6d, 3, 0x72, 0x75, 0x6e, 0, 0],  // m.run
        ])
      + Bytes.section(3, [[0]]) + Bytes.section(7, [[3, 0x72, 0x75, 0x6e, 0, 2]])
      + Bytes.section(
        10,
        [
          Bytes.body(
            Self.get(0) + Self.number(1) + [0x71, 0x04, 0x40] + Self.get(0) + [0x12, 0, 0x0b]
              + Self.get(0) + [0x12, 1])
        ])
    let runtime = try NovaRuntime(
      from: RuntimeBootstrap.Builder().heap(byteCount: 16 << 20).workers(count: 0).build())
    let loader = try ModuleLoader(runtime)
    try loader.addFunction("h", "f", ModuleFunctionType(parameters: [.i32], results: [.i32])) {
      call in
      guard case .i32(let value) = call.argument(0) else { return }
      call.setResult(0, .i32(value &* 10))
    }
    let other = try WasmImporter.module(from: Self.fibonacci.bytes)
    try loader.load("m", copying: other.span)
    let module = try WasmImporter.module(from: bytes)
    let instance = try loader.instantiate(try loader.load("module", copying: module.span))
    #expect(try instance.call("run", [.i32(7)]) == [.i32(70)])
    #expect(try instance.call("run", [.i32(20)]) == [.i32(6765)])
  }

  @Test func `other results, and a missing argument, are refused`() throws {
    func cause(_ body: [UInt8]) -> WasmError.Cause? {
      let bytes = TailProgram(
        "", types: Self.types, functions: [(0, Bytes.body(body)), (3, Bytes.body([0, 0]))]
      ).bytes
      do throws(WasmError) {
        _ = try WasmImporter.module(from: bytes)
        return nil
      } catch { return error.cause }
    }
    #expect(cause(Self.get(0) + [0x12, 1]) == .tailCallResults)
    #expect(cause(Self.get(0) + Self.number(0) + [0x13, 3, 0]) == .tailCallResults)
    #expect(cause([0x12, 0]) == .missingValue)
    #expect(cause([0x12, 9]) == .indexOutOfRange(.function, index: 9, count: 2))
    var options = WasmImporter.Options()
    options.features.remove(.tailCalls)
    #expect {
      _ = try WasmImporter.module(from: Self.fibonacci.bytes, options: options)
    } throws: { ($0 as? WasmError)?.cause == .unsupported(.tailCalls) }
  }
}
