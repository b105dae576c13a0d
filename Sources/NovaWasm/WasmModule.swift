// WasmModule.swift — what a WebAssembly file says, section by section, before its code is read.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 5.5 "Modules".

/// A value type, by WebAssembly's byte.
public enum WasmValueType: UInt8, Error, Sendable {
  case i32 = 0x7f
  case i64 = 0x7e
  case f32 = 0x7d
  case f64 = 0x7c
  case funcref = 0x70
  case externref = 0x6f

  var isReference: Bool { self == .funcref || self == .externref }
}

/// The types of a function's or a block's parameters and results.
struct WasmFunctionType: Hashable {
  var parameters: [WasmValueType]
  var results: [WasmValueType]
}

/// An imported function.
struct WasmImport {
  let module: String
  let name: String
  let type: Int
}

/// How much a memory (in pages) or a table (in elements) holds at first and at most.
struct WasmRange {
  let minimum: UInt64
  let maximum: UInt64?
}

struct WasmTable {
  let elementType: WasmValueType
  let range: WasmRange
}

/// A value that is known before the module runs; references name a function or are null.
enum WasmConstant: Equatable {
  case bits(UInt64)
  case function(UInt32)
  case null
}

struct WasmGlobal {
  let type: WasmValueType
  let isMutable: Bool
  let initial: WasmConstant
}

enum WasmExportKind: UInt8 {
  case function, table, memory, global
}

struct WasmExport {
  let name: String
  let kind: WasmExportKind
  let index: UInt32
}

/// Elements or bytes: copied at instantiation, kept for `*.init`, or only declared.
enum WasmSegmentMode: Equatable {
  case active(target: UInt32, offset: UInt64)
  case passive
  case declarative
}

struct WasmElementSegment {
  let mode: WasmSegmentMode
  let elementType: WasmValueType
  let elements: [WasmConstant]
}

struct WasmDataSegment {
  let mode: WasmSegmentMode
  let bytes: ArraySlice<UInt8>
}

/// A function's locals (parameters not included) and where its code lies in the file.
struct WasmBody {
  let locals: [WasmValueType]
  let code: Range<Int>
}

/// A file's sections.
struct WasmModule {
  let bytes: [UInt8]
  var types: [WasmFunctionType] = []
  var imports: [WasmImport] = []
  /// Type of every function: the imported ones first.
  var functionTypes: [Int] = []
  var tables: [WasmTable] = []
  var memories: [WasmRange] = []
  var globals: [WasmGlobal] = []
  var exports: [WasmExport] = []
  var start: UInt32?
  var elements: [WasmElementSegment] = []
  var bodies: [WasmBody] = []
  var data: [WasmDataSegment] = []
  var functionNames: [Int: String] = [:]

  func functionType(_ function: Int) -> WasmFunctionType { types[functionTypes[function]] }

  /// Throws unless `index` names one of `count`.
  static func check(
    _ index: UInt32, of space: WasmIndexSpace, count: Int, offset: Int
  ) throws(WasmError) {
    guard Int(index) < count else {
      throw .indexOutOfRange(space, index: index, count: count, offset: offset)
    }
  }
}
