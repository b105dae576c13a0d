// PrunedParts.swift — parts of the runner that only some modules can reach, and which do.
// Hosted. Imports NovaBytecode. Design: Decisions/0017-a-module-as-a-program.md.

import NovaBytecode

/// Functions that are left out of a program whose modules cannot reach them.
struct PrunedPart: Sendable {
  /// Names as Swift mangles them, up to where a file's own part of the name begins.
  let functions: [String]
  /// What stands for them: a function of the runner.
  let standIn: StandIn
  let isNeeded: @Sendable (ModuleNeeds) -> Bool

  enum StandIn: String, CaseIterable {
    /// Says so, and ends the program.
    case leftOut = "nova_left_out"
    /// Answers false, as what stands for it does where there is nothing for it to do.
    case nothing = "nova_call_nothing"
  }

  private init(
    _ functions: [String], standIn: StandIn = .leftOut,
    isNeeded: @escaping @Sendable (ModuleNeeds) -> Bool
  ) {
    self.functions = functions
    self.standIn = standIn
    self.isNeeded = isNeeded
  }

  static let all = [
    PrunedPart([interpreter + "10callImport", program + "4bind"], isNeeded: { $0.hasImports }),
    PrunedPart(
      [
        "$e11NovaModules11LinkedTableC_2of2in", "$e11NovaModules11LinkedTableC4open",
        "$e11NovaModules14LinkedInstanceC13applyElements", "$e11NovaModules11LinkedTableC4grow",
        program + "10fillTables", program + "10openTables", program + "13applyElements",
      ], isNeeded: { $0.hasTables }),
    // A table may be there for others that are not.
    PrunedPart(
      [interpreter + "11tableEffect", program + "9growTable"],
      isNeeded: { $0.hasTableOperations }),
    PrunedPart([interpreter + "11callElement"], isNeeded: { $0.hasIndirectCalls }),
    PrunedPart(
      [
        "_swift_stdlib_strtod_clocale", "_swift_stdlib_strtof_clocale",
        "$e11NovaModules13WrittenNumberO5float", "$e6runner4LineV6append5float",
      ], isNeeded: { $0.exportsFloats }),
    PrunedPart([program + "10bindToPart"], isNeeded: { $0.hasSeveralModules }),
    // appendLine, whose second word is the type's.
    PrunedPart(["$e6runner4LineV06appendB0"], isNeeded: { $0.hasLines }),
    // A program without a loader has no handles that could be reclaimed.
    PrunedPart(
      ["$e10NovaMemory11HandleStoreV7reclaim"], standIn: .nothing,
      isNeeded: { $0.hasOutsideImports }),
    PrunedPart([program + "5child"], isNeeded: { $0.takesOptions }),
    PrunedPart(["$e6runner11openFolders"], isNeeded: { $0.hasFolders }),
    operation(.memoryGrow, [program + "10growMemory"]),
    operation(.memoryCopy, [interpreter + "10copyMemory"]),
    operation(.memoryFill, [interpreter + "10fillMemory"]),
    operation(.memoryInit, [interpreter + "16initializeMemory"]),
  ]

  private static let interpreter = "$e15NovaInterpreter16ExecutionContextV"
  private static let program = "$e6runner12PlainProgramV"

  /// What an operation does that its handler leaves to a function.
  private static func operation(_ operation: Operation, _ functions: [String]) -> PrunedPart {
    PrunedPart(functions, isNeeded: { $0.contains(operation.rawValue) })
  }

  /// What does a function of WASI: `fd_write` is the method `fdWrite`.
  static func wasi(_ function: String) -> PrunedPart {
    let words = function.split(separator: "_")
    let others = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
    let name = (words.first ?? "") + others.joined()
    return PrunedPart(
      ["$e8NovaWASI10WASISystemC\(name.utf8.count)\(name)yyAA8WASICallV"],
      isNeeded: { $0.wasiFunctions.contains(function) })
  }
}

/// What modules use: operations, and what sections they have.
struct ModuleNeeds {
  private var numbers: Set<UInt16> = []
  private(set) var hasImports = false
  /// Whether something is imported that is of no module of the program, nor of WASI.
  private(set) var hasOutsideImports = false
  /// Whether there are tables or element segments, or what works on them.
  private(set) var hasTables = false
  /// Whether there are operations on tables or on references.
  private(set) var hasTableOperations = false
  /// Whether there are calls through tables.
  private(set) var hasIndirectCalls = false
  /// Whether a function takes or gives floats across the program's command line.
  private(set) var exportsFloats = false

  /// What is imported of WASI.
  private(set) var wasiFunctions: Set<String> = []
  /// Whether the program looks for options among its words; those of a command are its module's.
  private(set) var takesOptions = true
  private(set) var hasSeveralModules = false
  /// Whether a module tells the lines of its source.
  private(set) var hasLines = false
  /// Whether folders are granted through WASI.
  private(set) var hasFolders = false

  /// - Parameters:
  ///   - modules: the bytes of verified modules, the program's own first.
  ///   - names: by which they import each other.
  ///   - grants: what they are granted through WASI.
  init(of modules: [[UInt8]], named names: Set<String>, _ grants: WASIGrants?) {
    hasSeveralModules = modules.count > 1
    hasFolders = grants.map { !$0.folders.isEmpty } ?? false
    for module in modules { insert(module, names) }
  }

  private var isFirst = true

  /// Whether there is what commands of WASI are called by, a function that takes nothing, and
  /// nothing to be called before.
  private static func exportsStart(_ view: ModuleView) -> Bool {
    guard let export = view.export(named: PoolBytes("_start")),
      view.export(named: PoolBytes("_initialize")) == nil
    else { return false }
    return export.kind == ExternalKind.function.rawValue
      && view.functionType(view.typeIndex(ofFunction: Int(export.index))).parameterCount == 0
  }

  private static func text(_ bytes: PoolBytes) -> String {
    // SAFETY: the bytes stay where they are for the copy.
    unsafe String(decoding: bytes.buffer, as: UTF8.self)
  }

  private mutating func insert(_ module: [UInt8], _ names: Set<String>) {
    let copy = UnsafeMutableRawBufferPointer.allocate(
      byteCount: module.count, alignment: ModuleBytes.alignment)
    defer { unsafe copy.deallocate() }
    unsafe copy.copyBytes(from: module)
    // SAFETY: the copy stays until the end, when nothing is left that was made from it.
    let bytes = unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(copy))
    guard let view = try? ModuleReader.read(bytes) else {
      preconditionFailure("a module that was verified is one that can be read")
    }
    if view.imports.count > 0 { hasImports = true }
    for index in 0..<view.imports.count {
      let name = Self.text(view.string(view.imports[index].module))
      if names.contains(name) { continue }
      if name == WASIGrants.moduleName {
        wasiFunctions.insert(Self.text(view.string(view.imports[index].name)))
      } else {
        hasOutsideImports = true
      }
    }
    if isFirst, !wasiFunctions.isEmpty, Self.exportsStart(view) { takesOptions = false }
    isFirst = false
    if view.tableCount > 0 || view.elementSegments.count > 0 { hasTables = true }
    if view.lines.count > 0 { hasLines = true }
    if Self.exportsFloats(view) { exportsFloats = true }
    var word = 0
    while word < view.codeWordCount {
      let instruction = view.codeWord(word)
      let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction))
      numbers.insert(operation.rawValue)
      if Self.tableOperations.contains(operation.base) {
        (hasTables, hasTableOperations) = (true, true)
      }
      if Self.indirectCalls.contains(operation.base) { hasIndirectCalls = true }
      word += operation.descriptor.wordCount
      if operation.base == .brTable { word += Self.branchTableWordCount(instruction) }
    }
  }

  /// What the interpreter does beside its handlers for tables, and for references to functions.
  private static let tableOperations: Set<Operation> = [
    .tableGet, .tableSet, .tableGrow, .tableCopy, .tableFill, .tableInit, .elemDrop, .refFunc,
    .refImport,
  ]

  private static let indirectCalls: Set<Operation> = [.callIndirect, .callIndirectFar]

  private static func exportsFloats(_ view: ModuleView) -> Bool {
    (0..<view.exports.count).contains { index in
      let export = view.exports[index]
      guard export.kind == ExternalKind.function.rawValue else { return false }
      let type = view.functionType(view.typeIndex(ofFunction: Int(export.index)))
      let types =
        (0..<type.parameterCount).map { type.parameter($0) }
        + (0..<type.resultCount).map { type.result($0) }
      return types.contains { $0 == .f32 || $0 == .f64 }
    }
  }

  /// Two targets a word; their number less one is field B.
  private static func branchTableWordCount(_ instruction: UInt64) -> Int {
    (Int(instruction >> 32 & 0xffff) + 2) / 2
  }

  /// Whether the interpreter needs the handler of this operation.
  func contains(_ number: UInt16) -> Bool {
    let operation = Operation(rawValue: number)
    return numbers.contains(number) || operation.descriptor.flags.contains(.internal)
  }
}
