// AssemblyError.swift — what is wrong in a text, each with its place.
// Hosted. Imports NovaBytecode. In words: Diagnostic+Text.swift.

import NovaBytecode

/// Why a text is not a module: everything that was found, at least one.
public struct AssemblyError: Error, Equatable {
  /// In the order of their places.
  public var diagnostics: [Diagnostic]
}

/// One thing that is wrong in a text.
public struct Diagnostic: Equatable, Sendable {
  /// Where.
  public var span: TextSpan
  /// What.
  public var cause: DiagnosticCause
  /// A name that is known and looks like the one that is not.
  public var suggestion: String?
  /// What does what seems to be meant.
  public var remedy: String?

  init(
    span: TextSpan, cause: DiagnosticCause, suggestion: String? = nil, remedy: String? = nil
  ) {
    self.span = span
    self.cause = cause
    self.suggestion = suggestion
    self.remedy = remedy
  }
}

/// What names stand for in a text.
public enum SymbolKind: String, Sendable, CaseIterable {
  case type, function = "func", memory, table, global, data, element = "elem"
  case label, register

  /// In a sentence.
  public var noun: String {
    switch self {
    case .type, .memory, .table, .global, .label, .register: rawValue
    case .function: "function"
    case .data: "data segment"
    case .element: "element segment"
    }
  }
}

/// What can be wrong in a text.
public enum DiagnosticCause: Equatable, Sendable {
  /// The text is not UTF-8.
  case notUTF8
  /// A byte begins nothing that the grammar knows.
  case unexpectedCharacter(UInt8)
  /// A string does not end on its line.
  case unterminatedString
  /// A backslash is followed by nothing that it can escape.
  case badEscape
  /// Something else stands here; `wanted` in words.
  case expected(String)
  /// A name is a word that has a meaning of its own.
  case keyword(String)
  /// A statement goes on where it should end.
  case surplus
  /// No directive has this name.
  case unknownDirective(String)
  /// No operation has this name.
  case unknownOperation(String)
  /// No type of values has this name.
  case unknownValueType(String)
  /// Nothing of this kind has this name.
  case unknownName(SymbolKind, String)
  /// Something of this kind has this name already, since `firstLine`.
  case duplicateName(SymbolKind, String, firstLine: Int)
  /// There are only `count` of this kind.
  case indexOutOfRange(SymbolKind, UInt64, count: Int)
  /// What is named is imported, or is not, and the operation is for the others; `use` takes it.
  case wrongOwner(SymbolKind, isImported: Bool, use: String)
  /// The frame has only `count` registers, or the field of the operand names only so many.
  case registerOutOfRange(UInt64, count: Int)
  /// A function takes or gives more values than calls lay out.
  case tooManyValues(maximum: Int)
  /// A number does not fit its field.
  case numberOutOfRange(minimum: Int64, maximum: UInt64)
  /// A number cannot be read.
  case badNumber
  /// The operation has another count of operands.
  case operandCount(operation: String, expected: Int, found: Int)
  /// A directive or instruction stands where it cannot.
  case misplaced(String, Placement)
  /// A function begins and has no `.end`.
  case unfinishedFunction(String)
  /// Something is said twice that is said once; `firstLine` did.
  case repeated(String, firstLine: Int)
  /// The builder refuses it.
  case builder(BuilderError.Cause)
  /// The reader or the verifier refuses the module, in their words.
  case refused(String)
}

/// Where something may stand.
public enum Placement: Equatable, Sendable {
  /// Between `.func` and `.end`.
  case insideFunction
  /// Not between `.func` and `.end`.
  case outsideFunction
  /// Before the first instruction of a function.
  case beforeInstructions
}
