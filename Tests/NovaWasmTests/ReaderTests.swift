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

  @Test func `what is no WebAssembly is refused`() {
    #expect(error([]) == .notWasm)
    #expect(error([0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0]) == .notWasm)
    #expect(error([0, 0x61, 0x73, 0x6d, 13, 0, 1, 0]) == .unsupportedVersion(0x1000d))
  }

  @Test func `malformed sections are refused where they are`() {
    #expect(error(Bytes.header + [1]) == .truncated(offset: 9))
    #expect(error(Bytes.header + [1, 9, 0]) == .truncated(offset: 8))
    #expect(error(Bytes.header + [14, 0]) == .unknownSection(id: 14, offset: 8))
    #expect(
      error(Bytes.header + [3, 1, 0, 1, 1, 0]) == .sectionOrder(id: 1, offset: 11))
    #expect(error(Bytes.header + [1, 2, 0, 0]) == .sectionLength(id: 1, offset: 8))
    #expect(
      error(Bytes.header + [1, 0x80, 0x80, 0x80, 0x80, 0x70]) == .malformedInteger(offset: 9))
    #expect(error(Bytes.header + [0, 2, 1, 0xff]) == .malformedName(offset: 10))
    #expect(
      error(Bytes.header + Bytes.section(1, [[0x61]])) == .malformedForm(byte: 0x61, offset: 11))
    #expect(
      error(Bytes.header + Bytes.section(1, [Bytes.type([], [])]) + Bytes.section(3, [[0]]))
        == .bodyCount(functions: 1, bodies: 0))
    #expect(
      error(Bytes.header + Bytes.section(3, [[7]]))
        == .indexOutOfRange(.type, index: 7, count: 0, offset: 11))
  }

  @Test(
    arguments: [
      ([0xfd, 0x0c], WasmFeature.simd), ([0xfe, 0x00], .threads), ([0x06, 0x40], .exceptions),
      ([0x12, 0x00], .tailCalls), ([0x14, 0x00], .typedReferences),
    ] as [([UInt8], WasmFeature)])
  func `operations of later proposals are named`(code: [UInt8], feature: WasmFeature) {
    #expect(error(code: code) == .unsupported(feature, offset: codeStart))
  }

  @Test func `declarations that are not translated are named`() {
    func imported(_ description: [UInt8]) -> WasmError? {
      error(Bytes.header + Bytes.section(2, [[1, 0x61, 1, 0x62] + description]))
    }
    #expect(imported([1, 0x70, 0, 0]) == .unsupported(.importedTable, offset: 15))
    #expect(imported([2, 0, 1]) == .unsupported(.importedMemory, offset: 15))
    #expect(imported([3, 0x7f, 0]) == .unsupported(.importedGlobal, offset: 15))
    #expect(
      error(Bytes.header + Bytes.section(5, [[4, 1]])) == .unsupported(.memory64, offset: 11))
    #expect(
      error(Bytes.header + Bytes.section(5, [[0, 1], [0, 1]]))
        == .unsupported(.multipleMemories, offset: 13))
    #expect(
      error(Bytes.header + Bytes.section(6, [[0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b]]))
        == .unsupported(.computedConstant, offset: 13))
  }

  @Test func `code that breaks the types is refused`() {
    let start = codeStart
    #expect(error(code: [0xff]) == .unknownOperation(0xff, offset: start))
    #expect(error(code: [0xfc, 0x20]) == .unknownOperation(0xfc20, offset: start))
    #expect(error(code: [0x6a]) == .stackUnderflow(function: 0, offset: start))
    #expect(
      error(code: [0x42, 0, 0x45])
        == .typeMismatch(function: 0, offset: start + 2, expected: .i32, found: .i64))
    #expect(
      error(code: [0x41, 0, 0x41, 0]) == .stackOverflow(function: 0, offset: start + 4))
    #expect(error(code: [0x05]) == .malformedControl(function: 0, offset: start))
    #expect(
      error(code: [0x20, 5]) == .indexOutOfRange(.local, index: 5, count: 2, offset: start))
    let global = Bytes.section(6, [[0x7f, 0, 0x41, 1, 0x0b]])
    let module =
      Bytes.header + Bytes.section(1, [Bytes.type([], [])]) + Bytes.section(3, [[0]]) + global
    #expect(
      error(module + Bytes.section(10, [Bytes.body([0x41, 0, 0x24, 0])]))
        == .immutableGlobal(function: 0, offset: module.count + 7, global: 0))
  }

  @Test func `limits are kept`() {
    let count = WasmLimits.localCountMax + 1
    #expect(
      error(Bytes.module([Bytes.body([0x41, 0], localCount: count)]))
        == .tooManyLocals(function: 0, count: count))
    // More values on the stack at once than a frame has registers.
    let values = BuilderLimits.registerCountMax + 1
    let code: [UInt8] =
      (0..<values).flatMap { _ in [0x20, 0, 0x67] as [UInt8] }
      + (1..<values).map { _ in 0x6a }
    let found = error(Bytes.module([Bytes.body(code)]))
    guard case .tooManyRegisters(function: 0, let needed)? = found else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(needed >= BuilderLimits.registerCountMax)
  }

  @Test func `two exports of one name are the builder's error`() {
    let type = Bytes.section(1, [Bytes.type([], [])]) + Bytes.section(3, [[0]])
    let exports = Bytes.section(7, [[1, 0x61, 0, 0], [1, 0x61, 0, 0]])
    let found = error(Bytes.header + type + exports + Bytes.section(10, [Bytes.body([])]))
    guard case .module(let cause)? = found else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(cause.cause == .duplicateExport([0x61]))
  }
}
