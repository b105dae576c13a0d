// Parser.swift — tokens to a module: statements, names, and going on after an error.
// Hosted. Imports NovaBytecode. The grammar: Assembly.md in the book.

import NovaBytecode

/// Ends a statement whose fault was noted.
struct StatementAbandoned: Error {}

/// Parses a text into a builder.
///
/// A first pass gives every name its index, so that text may use what comes later; a second one
/// makes the module. A fault ends its statement, and the next one is read.
struct Parser {
  let options: Assembler.Options
  let statements: [ArraySlice<Token>]
  var diagnostics: [Diagnostic]
  var symbols = Symbols()
  var builder = ModuleBuilder()
  /// What is left of the statement that is read.
  var rest: ArraySlice<Token> = []
  /// The line's end behind the statement, where nothing is left.
  var end: Token
  /// Index in `statements` of the one that is read.
  var statement = 0
  /// Where directives stand that may be there once.
  var firstLines: [String: Int] = [:]
  /// Where each export's name was given.
  var exportLines: [[UInt8]: Int] = [:]
  /// How many `.func`s were read in the second pass.
  var declaredFunctions = 0

  init(_ text: [UInt8], options: Assembler.Options) {
    self.options = options
    let (tokens, diagnostics) = Lexer.tokens(of: text)
    self.diagnostics = diagnostics
    end = tokens[tokens.count - 1]
    statements = Self.statements(tokens)
  }

  /// Lines with something in them, each with its end; one that ends with a comma goes on.
  private static func statements(_ tokens: [Token]) -> [ArraySlice<Token>] {
    var statements: [ArraySlice<Token>] = []
    var start = 0
    for (index, token) in tokens.enumerated() where token.kind == .lineEnd {
      let isContinued = index > start && tokens[index - 1].text == ","
      if isContinued, index + 1 < tokens.count { continue }
      if index > start { statements.append(tokens[start...index]) }
      start = index + 1
    }
    return statements
  }

  /// Reads everything.
  mutating func parse() {
    declare()
    statement = 0
    while statement < statements.count {
      begin(statements[statement])
      statement += 1
      do { try parseStatement() } catch { continue }
    }
  }

  /// Reads from the beginning of a statement.
  mutating func begin(_ tokens: ArraySlice<Token>) {
    rest = tokens.dropLast().filter { $0.kind != .lineEnd }[...]
    end = tokens[tokens.endIndex - 1]
  }

  private mutating func parseStatement() throws(StatementAbandoned) {
    let first = next
    guard first.kind == .directive else {
      if isLabel {
        throw fail(.misplaced(first.text, .insideFunction), at: first)
      }
      guard first.kind == .word, Operation(name: first.text) != nil else {
        throw fail(.expected("a directive, such as .func"), at: first)
      }
      throw fail(.misplaced(first.text, .insideFunction), at: first)
    }
    advance()
    if first.text == ".func" { return try parseFunction(first) }
    guard let directive = Self.directives[first.text] else {
      if FunctionParser.directives.contains(first.text) || first.text == ".end" {
        throw fail(.misplaced(first.text, .insideFunction), at: first)
      }
      let known = Array(Self.directives.keys) + FunctionParser.directives + [".func", ".end"]
      throw fail(
        .unknownDirective(first.text), at: first,
        suggestion: Suggestion.nearest(to: first.text, in: known.sorted()))
    }
    try directive(&self)
    try finishStatement()
  }
}

// Moving through a statement.
extension Parser {
  /// The next token; at the end the line's end.
  var next: Token { rest.first ?? end }

  /// Whether a label is next.
  var isLabel: Bool {
    guard rest.count >= 2, rest[rest.startIndex + 1].text == ":" else { return false }
    switch next.kind {
    case .word, .string: return true
    default: return false
    }
  }

  mutating func advance() { rest = rest.dropFirst() }

  /// Passes over a word or punctuation if it is next.
  mutating func accept(_ text: String) -> Bool {
    let token = next
    guard token.text == text, token.kind == .word || token.kind == .punctuation else {
      return false
    }
    advance()
    return true
  }

  mutating func expect(_ text: String) throws(StatementAbandoned) {
    guard accept(text) else { throw fail(.expected("'\(text)'"), at: next) }
  }

  /// Notes what is left of a statement that should have ended.
  mutating func finishStatement() throws(StatementAbandoned) {
    guard let first = rest.first, let last = rest.last else { return }
    throw fail(.surplus, at: first.span.through(last.span))
  }

  /// Notes a fault; the caller throws what it returns.
  mutating func fail(
    _ cause: DiagnosticCause, at token: Token, suggestion: String? = nil, remedy: String? = nil
  ) -> StatementAbandoned {
    fail(cause, at: token.span, suggestion: suggestion, remedy: remedy)
  }

  mutating func fail(
    _ cause: DiagnosticCause, at span: TextSpan, suggestion: String? = nil, remedy: String? = nil
  ) -> StatementAbandoned {
    note(cause, at: span, suggestion: suggestion, remedy: remedy)
    return StatementAbandoned()
  }

  /// Notes a fault that does not keep the statement from being read.
  mutating func note(
    _ cause: DiagnosticCause, at span: TextSpan, suggestion: String? = nil, remedy: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(span: span, cause: cause, suggestion: suggestion, remedy: remedy))
  }

  /// A string's bytes.
  mutating func string(_ wanted: String) throws(StatementAbandoned) -> [UInt8] {
    guard case .string(let bytes) = next.kind else {
      throw fail(.expected(wanted), at: next)
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw fail(.expected("a name in UTF-8"), at: next)
    }
    advance()
    return bytes
  }

  /// A name, bare or quoted, that is no keyword; null when something else is next.
  mutating func name() -> (name: [UInt8], span: TextSpan)? {
    switch next.kind {
    case .word where !Keyword.isKeyword(next.text):
      let token = next
      advance()
      return (Array(token.text.utf8), token.span)
    case .string(let bytes):
      let token = next
      advance()
      return (bytes, token.span)
    default:
      return nil
    }
  }

  /// A number with its sign.
  mutating func number() throws(StatementAbandoned) -> (number: Number, span: TextSpan) {
    let first = next
    let isNegative = accept("-")
    if !isNegative { _ = accept("+") }
    let token = next
    let isFloatWord = token.kind == .word && (token.text == "inf" || token.text == "nan")
    guard token.kind == .number || isFloatWord else { throw fail(.expected("a number"), at: token) }
    advance()
    return (Number(text: token.text, isNegative: isNegative), first.span.through(token.span))
  }

  /// A whole number between bounds, `minimum` at most 0.
  mutating func whole(
    from minimum: Int64 = 0, through maximum: UInt64
  ) throws(StatementAbandoned) -> UInt64 {
    let (number, span) = try number()
    if let value = number.value(from: minimum, through: maximum) { return value }
    guard number.magnitude == nil, !number.text.allSatisfy(\.isNumber) else {
      throw fail(.numberOutOfRange(minimum: minimum, maximum: maximum), at: span)
    }
    throw fail(.badNumber, at: span)
  }
}

/// Words that mean something besides names; a name that is one stands in quotes.
enum Keyword {
  static let words: Set<String> = [
    "i8", "i16", "i32", "i64", "f32", "f64", "funcref", "externref", "handle", "mut", "func",
    "table", "memory", "global", "at", "in", "passive", "declared", "null", "zero", "inf", "nan",
    "type",
  ]

  static func isKeyword(_ word: String) -> Bool { words.contains(word) }
}
