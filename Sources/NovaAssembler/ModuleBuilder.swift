// ModuleBuilder.swift — makes modules without text.
// Hosted. Imports NovaBytecode. Design: Assembly.md in the book.

import NovaBytecode

/// Builds a module: declare what it imports and holds, build functions, ask for the bytes.
///
/// Indices count imports first, then what the module itself has, each kind by itself. Types are
/// kept once each. Nothing is checked before `finish` but what the signatures say; what `finish`
/// gives is a well-formed file, and `Verifier` says whether it may run.
public struct ModuleBuilder: Sendable {
  /// Everything but the code; change freely what has no function here.
  public var contents = ModuleContents()
  /// Whether the code is optimised when the module is finished.
  public var optimizer: CodeOptimizer?
  private var typeIndices: [FunctionSignature: UInt32] = [:]
  // Null: declared, and not built yet.
  private var functions: [FunctionBuilder?] = []
  private var functionTypes: [UInt32] = []
  // Functions that `finish(_:_:)` has made words of, and what else is known of them.
  private var finishedFunctions: [UInt32: FunctionContents] = [:]
  private var finishedNames: [ModuleName] = []
  private var makesTailCalls = false
  private var callSignatures: CallSignatures?

  /// A module that holds nothing.
  public init() {}

  /// The index of the type that is this signature; it is added once.
  public mutating func typeIndex(_ signature: FunctionSignature) -> UInt32 {
    if let index = typeIndices[signature] { return index }
    contents.types.append(signature)
    let index = UInt32(contents.types.count - 1)
    typeIndices[signature] = index
    return index
  }

  /// Adds a type even where there is an equal one; of equal ones the first is found by
  /// `typeIndex`.
  mutating func appendType(_ signature: FunctionSignature) {
    contents.types.append(signature)
    if typeIndices[signature] == nil {
      typeIndices[signature] = UInt32(contents.types.count - 1)
    }
  }

  /// Sets a place for a function aside whose type has this index.
  mutating func declareFunction(typeIndex: UInt32) -> UInt32 {
    functionTypes.append(typeIndex)
    functions.append(nil)
    return UInt32(functions.count - 1)
  }

  /// Wants a function; gives its number among imported functions.
  @discardableResult
  public mutating func importFunction(
    _ module: String, _ name: String, _ signature: FunctionSignature
  ) -> UInt32 {
    add(module, name, .function(typeIndex: typeIndex(signature)))
  }

  /// Wants something; gives its number among imports of its kind.
  @discardableResult
  public mutating func add(
    _ module: String, _ name: String, _ wanted: ModuleImport.Wanted
  ) -> UInt32 {
    let index = UInt32(contents.importCount(wanted.kind))
    contents.imports.append(
      ModuleImport(module: Array(module.utf8), name: Array(name.utf8), wanted: wanted))
    return index
  }

  /// Sets a place for a function aside, so that calls can name it before it is built.
  ///
  /// - Returns: its number among the module's own functions.
  public mutating func declareFunction(_ signature: FunctionSignature) -> UInt32 {
    declareFunction(typeIndex: typeIndex(signature))
  }

  /// Gives a declared function its code.
  public mutating func define(_ function: UInt32, _ builder: FunctionBuilder) {
    precondition(
      contents.types[Int(functionTypes[Int(function)])] == builder.signature,
      "a function has the signature it was declared with")
    functions[Int(function)] = builder
  }

  /// Gives a declared function its code and makes its words at once, so that no more than those
  /// are kept of it; everything that it calls is declared and imported.
  ///
  /// - Parameters:
  ///   - function: what `declareFunction` gave.
  ///   - builder: its code.
  ///   - workspace: what the passes know and have room for.
  /// - Throws: `BuilderError`, as `finish`.
  package mutating func finish(
    _ function: UInt32, _ builder: consuming FunctionBuilder, in workspace: inout CodeWorkspace
  ) throws(BuilderError) {
    let signatures = callSignatures ?? CallSignatures(contents, ownFunctionTypes: functionTypes)
    callSignatures = signatures
    makesTailCalls = makesTailCalls || builder.makesTailCalls
    var lines = CodeLines(isKept: false)
    finishedFunctions[function] = try builder.finished(
      number: UInt32(signatures.importedFunctionTypes.count) + function,
      typeIndex: functionTypes[Int(function)], signatures: signatures, optimizer: optimizer,
      names: &finishedNames, lines: &lines, in: &workspace)
  }

  /// Adds a function; gives its number among the module's own.
  @discardableResult
  public mutating func add(_ builder: FunctionBuilder) -> UInt32 {
    let index = declareFunction(builder.signature)
    functions[Int(index)] = builder
    return index
  }

  /// Gives something to others under a name; `index` counts imports first.
  public mutating func export(_ name: String, _ kind: ExternalKind, _ index: UInt32) {
    contents.exports.append(ModuleExport(name: Array(name.utf8), kind: kind, index: index))
  }

  /// Everything with its code; functions that were only declared are an error.
  public func finishedContents() throws(BuilderError) -> ModuleContents {
    try finishedContentsWithLines().contents
  }

  /// The same, and where each function's words come from in a text.
  func finishedContentsWithLines() throws(BuilderError) -> (
    contents: ModuleContents, lines: CodeLines
  ) {
    var finished = contents
    groupImports(&finished)
    let signatures = CallSignatures(finished, ownFunctionTypes: functionTypes)
    let importedCount = UInt32(finished.importCount(.function))
    var lines = CodeLines()
    finished.names += finishedNames
    if makesTailCalls || functions.contains(where: { $0?.makesTailCalls ?? false }) {
      finished.features |= ModuleFeature.tailCalls.bit
    }
    var workspace = CodeWorkspace.take()
    for (index, function) in functions.enumerated() {
      let number = importedCount + UInt32(index)
      if let known = finishedFunctions[UInt32(index)] {
        finished.functions.append(known)
        lines.functions.append((line: 0, words: []))
        continue
      }
      guard let function else { throw BuilderError(.emptyFunction, function: number) }
      finished.functions.append(
        try function.finished(
          number: number, typeIndex: functionTypes[index], signatures: signatures,
          optimizer: optimizer, names: &finished.names, lines: &lines, in: &workspace))
    }
    CodeWorkspace.give(back: workspace)
    return (finished, lines)
  }

  /// The module's file.
  ///
  /// - Throws: `BuilderError`, with the function and the instruction where there is one.
  public func finish() throws(BuilderError) -> [UInt8] { try finishedContents().fileBytes() }

  /// Imports stand in the order of their kinds; each kind keeps its own order, and so its indices.
  private func groupImports(_ contents: inout ModuleContents) {
    let kinds: [ExternalKind] = [.function, .table, .memory, .global]
    contents.imports = kinds.flatMap { kind in
      contents.imports.filter { $0.wanted.kind == kind }
    }
  }
}

/// How many values calls take and give, by what they name.
struct CallSignatures {
  let types: [FunctionSignature]
  let importedFunctionTypes: [UInt32]
  let ownFunctionTypes: [UInt32]
  /// How many values each type takes and gives.
  let counts: [(parameters: UInt32, results: UInt32)]

  init(_ contents: ModuleContents, ownFunctionTypes: [UInt32]) {
    types = contents.types
    counts = types.map { (UInt32($0.parameters.count), UInt32($0.results.count)) }
    importedFunctionTypes = contents.imports.compactMap {
      if case .function(let typeIndex) = $0.wanted { typeIndex } else { nil }
    }
    self.ownFunctionTypes = ownFunctionTypes
  }
}

/// From which lines of a text the words of functions come.
struct CodeLines {
  /// For each own function the line of its `.func` and, ascending, the word at which each
  /// instruction begins with its line.
  var functions: [(line: UInt32, words: [(word: Int, line: UInt32)])] = []
  /// Whether there is a text.
  var isKept = true

  /// The line of a word of an own function; 0 when there is none.
  func line(function: Int, word: Int) -> UInt32 {
    guard functions.indices.contains(function) else { return 0 }
    let words = functions[function].words
    return words.last { $0.word <= word }?.line ?? functions[function].line
  }
}
