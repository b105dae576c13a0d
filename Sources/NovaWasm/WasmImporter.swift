// WasmImporter.swift — a WebAssembly file in, a module in.
// Hosted. Imports NovaAssembler and NovaBytecode. Design: NovaCore.docc/WebAssembly.md.

import NovaAssembler
import NovaBytecode

/// Translates WebAssembly 2.0 into modules.
public enum WasmImporter {
  /// What a WebAssembly file begins with.
  public static let magic: [UInt8] = [0, 0x61, 0x73, 0x6d]

  /// What the translation does besides translating.
  public struct Options: Sendable {
    /// Whether the passes over moves, jumps and loops run.
    public var isOptimized = true
    /// Fusing and forwarding; nil for neither.
    public var optimizer: CodeOptimizer? = CodeOptimizer()
    /// What may be used beyond version 2.0; what is not in it is refused as version 2.0 says.
    public var features: WasmFeatures = .all

    /// Everything on.
    public init() {}
  }

  /// The module that does what the WebAssembly file `bytes` does.
  ///
  /// Functions keep their order, imported ones first; imports, exports, types, tables, memories,
  /// globals and segments keep theirs. Names of a name section become the functions' names,
  /// and a line table of DWARF says from which lines instructions come.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - options: what is translated, and how.
  ///   - progress: is called now and then with the bytes that are done, and all of them.
  /// - Returns: a module's file, as `ModuleBuilder` writes it; not verified.
  /// - Throws: `WasmError`: the file is malformed or invalid, or uses what is not translated, and
  ///   which of these.
  /// - Complexity: near O(n) in a file of n bytes; the passes over a function of b blocks and r
  ///   registers take O(b · r / 64), up to a bound beyond which it is translated without them.
  public static func module(
    from bytes: [UInt8], options: Options = Options(),
    progress: ((_ byteCount: Int, _ total: Int) -> Void)? = nil
  ) throws(WasmError) -> [UInt8] {
    try translation(of: bytes, options: options, progress: progress).module
  }

  /// A module, and what of the file it lacks that no module needs.
  public struct Translation: Sendable {
    /// The module's file.
    public let module: [UInt8]
    /// Why the file's line table was left out; null when it was not, or there is none.
    public let lineTableError: LineTableError?
  }

  /// As `module(from:options:progress:)`, and what was left out.
  ///
  /// - Throws: `WasmError`, as there.
  public static func translation(
    of bytes: [UInt8], options: Options = Options(),
    progress: ((_ byteCount: Int, _ total: Int) -> Void)? = nil
  ) throws(WasmError) -> Translation {
    let module = try WasmModule(reading: bytes, features: options.features)
    var (lines, lineTableError): (SourceLines?, LineTableError?) = (nil, nil)
    do throws(LineTableError) { lines = try LineTableReader.lines(of: module) } catch {
      lineTableError = error
    }
    var builder = ModuleBuilder()
    builder.contents.sourceFiles = lines?.files ?? []
    builder.optimizer = options.optimizer
    let typeIndices = module.types.map { builder.typeIndex($0.signature) }
    addDeclarations(of: module, to: &builder)
    for body in module.bodies.indices {
      _ = builder.declareFunction(
        module.functionType(module.importedFunctionCount + body).signature)
    }
    var workspace = CodeWorkspace.take()
    var lowered = LoweredFunction()
    var reported = 0
    for body in module.bodies.indices {
      let code = try code(of: body, of: module, options, typeIndices, lines, in: &lowered)
      do {
        try builder.finish(UInt32(body), code, in: &workspace)
      } catch {
        throw refusal(error, of: module)
      }
      let done = module.bodies[body].upperBound
      if let progress, done - reported >= progressByteCount {
        reported = done
        progress(done, bytes.count)
      }
    }
    CodeWorkspace.give(back: workspace)
    do {
      return Translation(module: try builder.finish(), lineTableError: lineTableError)
    } catch {
      throw refusal(error, of: module)
    }
  }

  /// Bytes from one report to the next, at least.
  private static let progressByteCount = 1 << 16

  private static func refusal(_ error: BuilderError, of module: WasmModule) -> WasmError {
    let function = error.function.map { module.errorFunction(Int($0)) }
    return WasmError(.module(error), at: module.bytes.count, in: function)
  }

  /// Own function number `body` as code; `function` has room for what is made on the way.
  private static func code(
    of body: Int, of module: WasmModule, _ options: Options, _ typeIndices: [UInt32],
    _ lines: SourceLines?, in function: inout LoweredFunction
  ) throws(WasmError) -> FunctionBuilder {
    let translator = try FunctionReader.read(body, of: module, in: &function.instructions)
    let type = translator.type
    function.read(translator)
    if options.isOptimized { function.optimize() } else { function.makeValid() }
    let named = module.errorFunction(module.importedFunctionCount + body)
    var emitter = CodeEmitter(
      module, &function, type, name: named.name, typeIndices: typeIndices, lines: lines)
    guard emitter.layout.registerCount < BuilderLimits.registerCountMax else {
      throw WasmError(
        .tooManyRegisters(emitter.layout.registerCount), at: module.bodies[body].lowerBound,
        in: named)
    }
    emitter.emitAll(function)
    return emitter.builder
  }

  private static func addDeclarations(of module: WasmModule, to builder: inout ModuleBuilder) {
    for wanted in module.imports {
      builder.add(wanted.module, wanted.name, wanted.wanted.wanted(module.types, &builder))
    }
    for table in module.tables[module.importedTableCount...] {
      builder.contents.tables.append(table.moduleTable)
    }
    for memory in module.memories[module.importedMemoryCount...] {
      builder.contents.memories.append(memory.limits)
    }
    for (type, value) in zip(module.globals[module.importedGlobalCount...], module.initialValues) {
      builder.contents.globals.append(
        ModuleGlobal(type.globalType, initial: value.constant(type.type)))
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

extension WasmImport.Wanted {
  /// The same in a module that has `types`.
  func wanted(
    _ types: [WasmFunctionType], _ builder: inout ModuleBuilder
  ) -> ModuleImport.Wanted {
    switch self {
    case .function(let type):
      .function(typeIndex: builder.typeIndex(types[type].signature))
    case .table(let table): .table(table.moduleTable)
    case .memory(let memory): .memory(memory.limits)
    case .global(let global): .global(global.globalType)
    }
  }
}

extension WasmTable {
  var moduleTable: ModuleTable { ModuleTable(elementType.valueType, range.limits) }
}

extension WasmGlobalType {
  var globalType: ModuleGlobalType { ModuleGlobalType(type.valueType, isMutable: isMutable) }
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
      .active(target: target, offset: offset.constant(.i32))
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
    case .global(let index): Constant(.global, UInt64(index))
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
