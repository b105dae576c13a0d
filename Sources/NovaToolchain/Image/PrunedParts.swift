// PrunedParts.swift — parts of the runner that only some modules can reach, and which do.
// Hosted. Imports NovaBytecode. Design: Decisions/0017-a-module-as-a-program.md.

import NovaBytecode

/// Functions that are left out of a program whose modules cannot reach them.
struct PrunedPart: Sendable {
  /// Names as Swift mangles them, up to where a file's own part of the name begins.
  let functions: [String]
  /// What stands for them: a function of the runner.
  let standIn: String
  let isNeeded: @Sendable (ModuleNeeds) -> Bool

  private static let trap = "nova_left_out"
  private static let nothing = "nova_nothing"

  static let all = [
    PrunedPart(
      functions: [
        "$e11NovaModules12ModuleLinkerV4bind", "$e11NovaModules10ModuleCallCAARi_zrlE8callHost",
      ], standIn: trap, isNeeded: { $0.hasImports }),
    // A runtime without drivers: what is not there is never asked for.
    PrunedPart(
      functions: ["$e8NovaCore14DriverRegistryV15registerBuiltIn"], standIn: nothing,
      isNeeded: { $0.hasImports }),
    PrunedPart(
      functions: [
        "$e11NovaModules11LinkedTableC_2of2in", "$e11NovaModules11LinkedTableC4open",
        "$e11NovaModules14LinkedInstanceC13applyElements",
        "$e11NovaModules11LinkedTableC4grow",
        "$e15NovaInterpreter16ExecutionContextV11tableEffect",
      ], standIn: trap, isNeeded: { $0.hasTables }),
    PrunedPart(
      functions: [
        "$eSd16debugDescriptionSSvg", "$eSf16debugDescriptionSSvg", "_swift_stdlib_strtod_clocale",
        "_swift_stdlib_strtof_clocale",
      ], standIn: trap, isNeeded: { $0.exportsFloats }),
  ]
}

/// What modules use: operations, and what sections they have.
struct ModuleNeeds {
  private var numbers: Set<UInt16> = []
  private(set) var hasImports = false
  /// Whether there are tables or element segments, or operations on them or on references.
  private(set) var hasTables = false
  /// Whether a function takes or gives floats across the program's command line.
  private(set) var exportsFloats = false

  /// - Parameter modules: the bytes of verified modules.
  init(of modules: [[UInt8]]) { for module in modules { insert(module) } }

  private mutating func insert(_ module: [UInt8]) {
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
    if view.tableCount > 0 || view.elementSegments.count > 0 { hasTables = true }
    if Self.exportsFloats(view) { exportsFloats = true }
    var word = 0
    while word < view.codeWordCount {
      let instruction = view.codeWord(word)
      let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction))
      numbers.insert(operation.rawValue)
      if Self.tableOperations.contains(operation.base) { hasTables = true }
      word += operation.descriptor.wordCount
      if operation.base == .brTable { word += Self.branchTableWordCount(instruction) }
    }
  }

  /// What the interpreter does beside its handlers for tables, and for references to functions.
  private static let tableOperations: Set<Operation> = [
    .tableGet, .tableSet, .tableGrow, .tableCopy, .tableFill, .tableInit, .elemDrop, .refFunc,
    .refImport,
  ]

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
