// WasmImporter.swift — a WebAssembly file in, a module in.
// Hosted. Imports NovaAssembler and NovaBytecode. Design: NovaCore.docc/WebAssembly.md.

import NovaAssembler
import NovaBytecode

/// Translates WebAssembly 2.0 into modules.
public enum WasmImporter {
  /// What the translation does besides translating.
  public struct Options: Sendable {
    /// Whether the passes over moves, jumps and loops run.
    public var isOptimized = true
    /// Fusing and forwarding; nil for neither.
    public var optimizer: CodeOptimizer? = CodeOptimizer()

    /// Everything on.
    public init() {}
  }

  /// The module that does what the WebAssembly file `bytes` does.
  ///
  /// Functions keep their order, imported ones first; exports, types, tables, globals and segments
  /// keep theirs. Names of a name section become the functions' names.
  ///
  /// - Returns: a module's file, as `ModuleBuilder` writes it; not verified.
  /// - Throws: `WasmError`: the file is malformed or invalid, or uses what is not translated yet,
  ///   and which of these.
  /// - Complexity: O(n · b) at worst in a function of n instructions and b nested loops.
  public static func module(
    from bytes: [UInt8], options: Options = Options()
  ) throws(WasmError) -> [UInt8] {
    let module = try WasmModule(reading: bytes)
    var builder = ModuleBuilder()
    builder.optimizer = options.optimizer
    for type in module.types { _ = builder.typeIndex(type.signature) }
    try addDeclarations(of: module, to: &builder)
    for body in module.bodies.indices {
      _ = builder.declareFunction(module.functionType(module.imports.count + body).signature)
    }
    for body in module.bodies.indices {
      builder.define(UInt32(body), try function(body, of: module, options, builder))
    }
    do {
      return try builder.finish()
    } catch {
      throw .module(error)
    }
  }

  private static func function(
    _ body: Int, of module: WasmModule, _ options: Options, _ builder: ModuleBuilder
  ) throws(WasmError) -> FunctionBuilder {
    var translator = FunctionTranslator(module, body: body)
    try translator.translate()
    var function = LoweredFunction(translator)
    if options.isOptimized { function.optimize() } else { function.makeValid() }
    let number = module.imports.count + body
    var emitter = CodeEmitter(
      module, function, translator.type, name: module.functionNames[number],
      typeIndices: builder.typeIndices(of: module))
    guard emitter.layout.registerCount < BuilderLimits.registerCountMax else {
      throw .tooManyRegisters(function: number, count: emitter.layout.registerCount)
    }
    emitter.emitAll()
    return emitter.builder
  }

  private static func addDeclarations(
    of module: WasmModule, to builder: inout ModuleBuilder
  ) throws(WasmError) {
    for wanted in module.imports {
      builder.importFunction(wanted.module, wanted.name, module.types[wanted.type].signature)
    }
    for table in module.tables {
      builder.contents.tables.append(ModuleTable(table.elementType.valueType, table.range.limits))
    }
    for memory in module.memories { builder.contents.memories.append(memory.limits) }
    for global in module.globals {
      builder.contents.globals.append(
        ModuleGlobal(
          ModuleGlobalType(global.type.valueType, isMutable: global.isMutable),
          initial: global.initial.constant(global.type)))
    }
    for export in module.exports {
      builder.export(export.name, export.kind.externalKind, export.index)
    }
    builder.contents.startFunction = module.start
    for segment in module.elements {
      builder.contents.elementSegments.append(
        ElementSegment(
          segment.mode.placement, type: segment.elementType.valueType,
          items: segment.elements.map { $0.constant(segment.elementType) }))
    }
    for segment in module.data {
      builder.contents.dataSegments.append(
        DataSegment(segment.mode.placement, bytes: Array(segment.bytes)))
    }
  }
}

extension ModuleBuilder {
  /// The builder's index of each of `module`'s types, of which equal ones become one.
  func typeIndices(of module: WasmModule) -> [UInt32] {
    var builder = self
    return module.types.map { builder.typeIndex($0.signature) }
  }
}

extension WasmRange {
  var limits: SizeLimits { SizeLimits(minimum: minimum, maximum: maximum ?? SizeLimits.none) }
}

extension WasmExportKind {
  var externalKind: ExternalKind {
    switch self {
    case .function: .function
    case .table: .table
    case .memory: .memory
    case .global: .global
    }
  }
}

extension WasmSegmentMode {
  var placement: SegmentPlacement {
    switch self {
    case .active(let target, let offset):
      .active(target: target, offset: Constant(.i32, offset))
    case .passive: .passive
    case .declarative: .declared
    }
  }
}

extension WasmConstant {
  func constant(_ type: WasmValueType) -> Constant {
    switch self {
    case .function(let index): Constant(.function, UInt64(index))
    case .null: Constant(.null)
    case .bits(let bits):
      switch type {
      case .i32: Constant(.i32, bits)
      case .i64: Constant(.i64, bits)
      case .f32: Constant(.f32, bits)
      case .f64: Constant(.f64, bits)
      case .funcref, .externref: Constant(.null)
      }
    }
  }
}
