// ReaderTests.swift — which files are refused, with which error at which place.

import NovaAssembler
import Testing

@testable import NovaWasm

@Suite struct ReaderTests {
  private typealias Bytes = WasmBytes

  private func error(_ bytes: [UInt8]) -> WasmError? {
    do throws(WasmError) {
      _ = try WasmImporter.module(from: bytes)
      return nil
    } catch {
      return error
    }
  }

  /// The error of a function of (i32, i32) → i32 with this code.
  private func error(code: [UInt8]) -> WasmError? { error(Bytes.module([Bytes.body(code)])) }

  /// Where the code of a module with one body and no locals begins.
  private var codeStart: Int { Bytes.module([Bytes.body([])]).count - 1 }

  /// An error of function 0, which has no name.
  private func inFunction(_ cause: WasmError.Cause, _ offset: Int) -> WasmError {
    WasmError(cause, at: offset, in: WasmError.Function(index: 0, name: nil))
  }

  @Test func `what is no WebAssembly is refused`() {
    #expect(error([]) == WasmError(.notWasm, at: 0))
    #expect(error([0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0]) == WasmError(.notWasm, at: 0))
    #expect(
      error([0, 0x61, 0x73, 0x6d, 13, 0, 1, 0]) == WasmError(.unknownVersion(0x1000d), at: 4))
  }

  @Test func `malformed sections are refused where they are`() {
    #expect(error(Bytes.header + [1]) == WasmError(.truncated, at: 9))
    #expect(error(Bytes.header + [1, 9, 0]) == WasmError(.truncated, at: 10))
    #expect(error(Bytes.header + [14, 0]) == WasmError(.unknownSection(14), at: 8))
    #expect(
      error(Bytes.header + [3, 1, 0, 1, 1, 0]) == WasmError(.sectionOrder(1), at: 11))
    #expect(error(Bytes.header + [1, 2, 0, 0]) == WasmError(.excessBytes(1), at: 11))
    #expect(
      error(Bytes.header + [1, 0x80, 0x80, 0x80, 0x80, 0x70])
        == WasmError(.malformedInteger, at: 9))
    #expect(error(Bytes.header + [0, 2, 1, 0xff]) == WasmError(.malformedName, at: 10))
    #expect(
      error(Bytes.header + Bytes.section(1, [[0x61]]))
        == WasmError(.malformedForm(0x61), at: 11))
    #expect(
      error(Bytes.header + Bytes.section(1, [Bytes.type([], [])]) + Bytes.section(3, [[0]]))
        == WasmError(.bodyCount(functions: 1, bodies: 0), at: 18))
    #expect(
      error(Bytes.header + Bytes.section(3, [[7]]))
        == WasmError(.indexOutOfRange(.type, index: 7, count: 0), at: 11))
  }

  @Test(
    arguments: [
      ([0xfd, 0x0c], WasmFeature.simd), ([0xfe, 0x00], .threads), ([0x06, 0x40], .exceptions),
      ([0x14, 0x00], .typedReferences),
    ] as [([UInt8], WasmFeature)])
  func `operations of later proposals are named`(code: [UInt8], feature: WasmFeature) {
    #expect(error(code: code) == inFunction(.unsupported(feature), codeStart))
  }

  @Test func `what is beyond version 2 is refused where the options say so`() throws {
    let memories = Bytes.header + Bytes.section(5, [[0, 1], [0, 1]])
    let sum = Bytes.header + Bytes.section(6, [[0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b]])
    #expect(error(memories) == nil && error(sum) == nil)
    var options = WasmImporter.Options()
    options.features = []
    #expect(throws: WasmError(.secondMemory, at: 13)) {
      try WasmImporter.module(from: memories, options: options)
    }
    #expect(throws: WasmError(.constantRequired, at: 17)) {
      try WasmImporter.module(from: sum, options: options)
    }
    #expect(
      error(Bytes.header + Bytes.section(5, [[4, 1]]))
        == WasmError(.unsupported(.memory64), at: 11))
    let imported = Bytes.section(2, [[1, 0x61, 1, 0x62, 3, 0x7f, 0]])
    #expect(
      error(
        Bytes.header + imported
          + Bytes.section(6, [[0x7f, 0, 0x23, 0, 0x41, 1, 0x6a, 0x0b]]))
        == WasmError(.unsupported(.computedConstant), at: 27))
  }

  @Test func `code that breaks the rules is refused`() {
    let start = codeStart
    #expect(error(code: [0xff]) == inFunction(.unknownOperation(0xff), start))
    #expect(error(code: [0xfc, 0x20]) == inFunction(.unknownOperation(0xfc20), start))
    #expect(error(code: [0x6a]) == inFunction(.missingValue, start))
    #expect(
      error(code: [0x42, 0, 0x45])
        == inFunction(.typeMismatch(expected: .i32, found: .i64), start + 2))
    #expect(error(code: [0x41, 0, 0x41, 0]) == inFunction(.excessValues(1), start + 4))
    #expect(error(code: [0x05]) == inFunction(.misplacedElse, start))
    #expect(error(code: [0x41, 0, 0x0b]) == inFunction(.excessBytes(1), start + 3))
    #expect(
      error(code: [0x20, 5])
        == inFunction(.indexOutOfRange(.local, index: 5, count: 2), start))
    // Behind what can't be passed, too.
    #expect(
      error(code: [0x00, 0x42, 0, 0x45])
        == inFunction(.typeMismatch(expected: .i32, found: .i64), start + 3))
    let functions = Bytes.module([Bytes.body([0xd2, 1]), Bytes.body([0x41, 0])])
    #expect(error(functions)?.cause == .undeclaredReference(1))
    #expect(
      error(code: [0x41, 0, 0x28, 3, 0])
        == inFunction(.alignment(exponent: 3, maximum: 2), start + 2))
    let global = Bytes.section(6, [[0x7f, 0, 0x41, 1, 0x0b]])
    let module =
      Bytes.header + Bytes.section(1, [Bytes.type([], [])]) + Bytes.section(3, [[0]]) + global
    #expect(
      error(module + Bytes.section(10, [Bytes.body([0x41, 0, 0x24, 0])]))
        == inFunction(.immutableGlobal(0), module.count + 7))
  }

  @Test func `an access may name the only memory`() throws {
    let file = Bytes.module([Bytes.body([0x20, 0, 0x28, 0x42, 0, 0])])
    #expect(error(file) == nil)
    var options = WasmImporter.Options()
    options.features = []
    #expect(
      throws: inFunction(.malformedForm(0x42), file.count - 4)
    ) { try WasmImporter.module(from: file, options: options) }
  }

  @Test func `an error names the function`() {
    let name: [UInt8] = [4, 0x6e, 0x61, 0x6d, 0x65, 1, 4, 1, 0, 1, 0x66]
    let file =
      Bytes.module([Bytes.body([0x6a])]) + [0] + Bytes.unsigned(name.count) + name
    #expect(error(file)?.function == WasmError.Function(index: 0, name: "f"))
    #expect(error(file)?.text.hasPrefix("function f (0), byte \(codeStart): the stack") == true)
  }

  @Test func `limits are kept`() {
    let count = WasmLimits.localCountMax + 1
    #expect(
      error(Bytes.module([Bytes.body([0x41, 0], localCount: count)]))
        == inFunction(.tooManyLocals(UInt64(count + 2)), codeStart - 1))
    // More values on the stack at once than a frame has registers.
    let values = BuilderLimits.registerCountMax + 1
    let code: [UInt8] =
      (0..<values).flatMap { _ in [0x20, 0, 0x67] as [UInt8] }
      + (1..<values).map { _ in 0x6a }
    let found = error(Bytes.module([Bytes.body(code)]))
    guard case .tooManyRegisters(let needed)? = found?.cause else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(needed >= BuilderLimits.registerCountMax)
  }

  @Test func `two exports of one name are refused`() {
    let type = Bytes.section(1, [Bytes.type([], [])]) + Bytes.section(3, [[0]])
    let exports = Bytes.section(7, [[1, 0x61, 0, 0], [1, 0x61, 0, 0]])
    #expect(
      error(Bytes.header + type + exports + Bytes.section(10, [Bytes.body([])]))
        == WasmError(.duplicateExport("a"), at: 25))
  }

  @Test func `constants of a loop are there for those who come from another loop`() throws {
    // block (loop: leave when a & 0x12345 is 0; a -= 1; again) end; loop: b += 0x23456; a += 1 …
    let code: [UInt8] =
      [0x02, 0x40, 0x03, 0x40, 0x20, 0, 0x41, 0xc5, 0xc6, 0x04, 0x71, 0x45, 0x0d, 1]
      + [0x20, 0, 0x41, 1, 0x6b, 0x21, 0, 0x0c, 0, 0x0b, 0x0b]
      + [0x03, 0x40, 0x20, 1, 0x41, 0xd6, 0xe8, 0x08, 0x6a, 0x41, 0xd6, 0xe8, 0x08, 0x73, 0x21, 1]
      + [0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, 3, 0x71, 0x0d, 0, 0x0b, 0x20, 1]
    let file = Bytes.module([Bytes.body(code)])
    var plain = WasmImporter.Options()
    plain.isOptimized = false
    plain.optimizer = nil
    for argument: UInt64 in [0, 1, 0x12345, 0xffff] {
      let results = try [WasmImporter.Options(), plain].map {
        Execution.run(try WasmImporter.module(from: file, options: $0), [argument, 5])
      }
      #expect(results[0] != .refused && results[0] == results[1])
    }
  }

  @Test func `progress rises to the code's end, and small files make none`() throws {
    // A hundred functions of 4000 bytes each.
    let body = Bytes.body([UInt8](repeating: 0x01, count: 4000) + [0x20, 0])
    let file = Bytes.module([[UInt8]](repeating: body, count: 100))
    var reports: [Int] = []
    let module = try WasmImporter.module(from: file) { done, total in
      #expect(total == file.count)
      reports.append(done)
    }
    #expect(try WasmImporter.module(from: file) == module)
    #expect(reports.count >= 4 && reports == reports.sorted() && reports.allSatisfy { $0 > 0 })
    #expect(reports.allSatisfy { $0 <= file.count })
    _ = try WasmImporter.module(from: Bytes.module([Bytes.body([0x20, 0])])) { _, _ in
      Issue.record("nobody wants to know")
    }
  }
}
