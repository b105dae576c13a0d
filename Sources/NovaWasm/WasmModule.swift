// WasmModule.swift — what a WebAssembly file says, section by section, before its code is read.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 2.5 "Modules".

/// A value type, by WebAssembly's byte.
public enum WasmValueType: UInt8, Error, Sendable {
  case i32 = 0x7f
  case i64 = 0x7e
  case f32 = 0x7d
  case f64 = 0x7c
  case funcref = 0x70
  case externref = 0x6f

  var isReference: Bool { self == .funcref || self == .externref }

  /// From 1 on, for where few bits hold it.
  var number: UInt8 {
    switch self {
    case .i32: 1
    case .i64: 2
    case .f32: 3
    case .f64: 4
    case .funcref: 5
    case .externref: 6
    }
  }

  /// The type of a number; null when none has it.
  init?(number: UInt8) {
    switch number {
    case 1: self = .i32
    case 2: self = .i64
    case 3: self = .f32
    case 4: self = .f64
    case 5: self = .funcref
    case 6: self = .externref
    default: return nil
    }
  }
}

/// The types of a function's or a block's parameters and results.
struct WasmFunctionType: Hashable {
  var parameters: [WasmValueType]
  var results: [WasmValueType]

  /// No values.
  static let none = WasmFunctionType(parameters: [], results: [])

  /// A result of each value type, in the order of the types' numbers.
  static let single = (UInt8(1)...6).map { number in
    WasmFunctionType(parameters: [], results: [WasmValueType(number: number)].compactMap { $0 })
  }
}

/// What a file wants of others; each is also the first of its index space.
struct WasmImport {
  enum Wanted {
    /// By index of the type.
    case function(Int)
    case table(WasmTable)
    case memory(WasmRange)
    case global(WasmGlobalType)
  }

  let module: String
  let name: String
  let wanted: Wanted
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

struct WasmGlobalType {
  let type: WasmValueType
  let isMutable: Bool
}

/// A value that is known when the module is instantiated.
enum WasmConstant: Equatable {
  case bits(UInt64)
  case function(UInt32)
  case null
  /// The value of an imported global that never changes.
  case global(UInt32)
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
  case active(target: UInt32, offset: WasmConstant)
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

/// Custom sections that tell of source lines, by their names.
enum DebugSection: String {
  case lines = ".debug_line"
  case strings = ".debug_str"
  case lineStrings = ".debug_line_str"
}

/// A file's sections; function bodies are only located.
///
/// Index spaces hold imported things first.
struct WasmModule {
  let bytes: [UInt8]
  let features: WasmFeatures
  var types: [WasmFunctionType] = []
  var imports: [WasmImport] = []
  /// Type of every function.
  var functionTypes: [Int] = []
  var tables: [WasmTable] = []
  var memories: [WasmRange] = []
  var globals: [WasmGlobalType] = []
  var importedFunctionCount = 0
  var importedTableCount = 0
  var importedMemoryCount = 0
  var importedGlobalCount = 0
  /// Initial values of own globals.
  var initialValues: [WasmConstant] = []
  var exports: [WasmExport] = []
  var start: UInt32?
  var elements: [WasmElementSegment] = []
  /// Where the locals and the code of own functions lie in the file.
  var bodies: [Range<Int>] = []
  var data: [WasmDataSegment] = []
  /// How many data segments are announced before the code.
  var dataCount: Int?
  var functionNames: [Int: String] = [:]
  /// Where the code section's content lies in the file.
  var code = 0..<0
  /// Where the content of custom sections lies that lines are read from.
  var debugSections: [DebugSection: Range<Int>] = [:]
  /// Functions that are named outside of code, so that code may make references to them.
  var declaredReferences: Set<UInt32> = []

  func functionType(_ function: Int) -> WasmFunctionType { types[functionTypes[function]] }

  /// The values that a block takes and gives.
  func functionType(of block: BlockType) -> WasmFunctionType {
    switch block {
    case .empty: .none
    case .value(let type): .single[Int(type.number) - 1]
    case .function(let index): types[Int(index)]
    }
  }

  /// A function as errors name it.
  func errorFunction(_ index: Int) -> WasmError.Function {
    WasmError.Function(index: index, name: functionNames[index])
  }

  /// Throws unless `index` names one of `count`.
  static func check(
    _ index: UInt32, of space: WasmIndexSpace, count: Int, offset: Int
  ) throws(WasmError) {
    guard Int(index) < count else {
      throw WasmError(.indexOutOfRange(space, index: index, count: count), at: offset)
    }
  }
}
