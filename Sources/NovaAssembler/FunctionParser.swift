// FunctionParser.swift — what stands between `.func` and `.end`.
// Hosted. Imports NovaBytecode. Operands: FunctionParser+Operands.swift; grammar: Assembly.md.

import NovaBytecode

/// Parses one function.
struct FunctionParser {
  static let directives = [".registers", ".window", ".reg", ".line"]

  var function: FunctionBuilder
  /// Names of registers, with the line that gave each.
  var registers: [[UInt8]: (number: UInt16, line: Int)] = [:]
  /// Labels of the whole function.
  var labels: [[UInt8]: (label: Label, line: Int)] = [:]
  /// The next register that `.reg` gives a name.
  var nextRegister: Int
  var registersLine: Int?
  var windowLine: Int?
  /// Whether `.line` says where code comes from.
  var saysLines = false

  init(_ signature: FunctionSignature) {
    function = FunctionBuilder(signature: signature)
    nextRegister = signature.parameters.count
  }
}

extension Parser {
  /// Reads `.func [NAME] SIGNATURE`, statements, `.end`.
  mutating func parseFunction(_ directive: Token) throws(StatementAbandoned) {
    let nameToken = next
    let name = name()?.name
    let body = functionBody()
    var parser: FunctionParser
    let index: UInt32
    do throws(StatementAbandoned) {
      let (typeIndex, names) = try typeUse()
      parser = FunctionParser(builder.contents.types[Int(typeIndex)])
      parser.function.firstTextLine = UInt32(directive.span.line)
      index = builder.declareFunction(typeIndex: typeIndex)
      for (register, token, name) in names {
        nameRegister(UInt16(register), name, token, &parser)
      }
      try finishStatement()
    } catch {
      // Without a signature nothing in the function has a meaning.
      statement = body.next
      throw error
    }
    if !body.isEnded {
      let text = name.map { String(decoding: $0, as: UTF8.self) } ?? "\(declaredFunctions)"
      note(.unfinishedFunction(text), at: directive.span.through(nameToken.span))
    }
    placeLabels(body.statements, &parser)
    for tokens in body.statements {
      begin(tokens)
      do { try parseLine(&parser) } catch { continue }
    }
    statement = body.next
    declaredFunctions += 1
    builder.define(index, parser.function)
  }

  /// The statements up to `.end`, or to the next `.func` or the text's end where it is missing.
  private func functionBody() -> (
    statements: ArraySlice<ArraySlice<Token>>, next: Int, isEnded: Bool
  ) {
    var last = statement
    while last < statements.count {
      let first = statements[last].first?.text
      if first == ".end" { return (statements[statement..<last], last + 1, true) }
      if first == ".func" { break }
      last += 1
    }
    return (statements[statement..<last], last, false)
  }

  /// Makes a label for every one that stands in the function, so that branches go forward too.
  private mutating func placeLabels(
    _ body: ArraySlice<ArraySlice<Token>>, _ parser: inout FunctionParser
  ) {
    for tokens in body {
      begin(tokens)
      while isLabel {
        let token = next
        advance()
        advance()
        let name: [UInt8] =
          if case .string(let bytes) = token.kind { bytes } else { Array(token.text.utf8) }
        if let first = parser.labels[name] {
          let text = String(decoding: name, as: UTF8.self)
          note(.duplicateName(.label, text, firstLine: first.line), at: token.span)
          continue
        }
        let label = parser.function.makeLabel()
        parser.labels[name] = (label, token.span.line)
        if isKept(token) { parser.function.labelNames[label] = name }
      }
    }
  }

  private mutating func parseLine(_ parser: inout FunctionParser) throws(StatementAbandoned) {
    while isLabel {
      let token = next
      advance()
      advance()
      let name: [UInt8] =
        if case .string(let bytes) = token.kind { bytes } else { Array(token.text.utf8) }
      guard let (label, line) = parser.labels[name], line == token.span.line else { continue }
      parser.function.place(label)
    }
    guard !rest.isEmpty else { return }
    let first = next
    guard first.kind != .directive else { return try parseDirective(first, &parser) }
    try parseInstruction(&parser)
    try finishStatement()
  }

  private mutating func parseDirective(
    _ first: Token, _ parser: inout FunctionParser
  ) throws(StatementAbandoned) {
    advance()
    let isCode = !parser.function.instructions.isEmpty
    switch first.text {
    case ".registers":
      if isCode { throw fail(.misplaced(first.text, .beforeInstructions), at: first) }
      if let line = parser.registersLine {
        throw fail(.repeated(first.text, firstLine: line), at: first)
      }
      parser.registersLine = first.span.line
      let count = try whole(through: UInt64(BuilderLimits.registerCountMax))
      parser.function.registerCount = UInt16(count)
    case ".window":
      if isCode { throw fail(.misplaced(first.text, .beforeInstructions), at: first) }
      if let line = parser.windowLine {
        throw fail(.repeated(first.text, firstLine: line), at: first)
      }
      parser.windowLine = first.span.line
      try window(&parser)
    case ".reg":
      repeat { try registerName(&parser) } while accept(",")
    case ".line":
      try line(first, &parser)
    default:
      if Self.directives[first.text] != nil || first.text == ".func" {
        throw fail(.misplaced(first.text, .outsideFunction), at: first)
      }
      throw fail(
        .unknownDirective(first.text), at: first,
        suggestion: Suggestion.nearest(to: first.text, in: FunctionParser.directives + [".end"]))
    }
    try finishStatement()
  }

  /// Reads `.window rN`, or `.window NAME, …`: the next registers, where calls make windows.
  private mutating func window(_ parser: inout FunctionParser) throws(StatementAbandoned) {
    let token = next
    if token.kind == .word, let number = registerNumber(token.text) {
      guard number <= BuilderLimits.registerCountMax else {
        throw fail(
          .registerOutOfRange(UInt64(number), count: BuilderLimits.registerCountMax + 1), at: token)
      }
      parser.function.windowBase = UInt16(number)
      return advance()
    }
    parser.function.windowBase = UInt16(clamping: parser.nextRegister)
    repeat { try registerName(&parser) } while accept(",")
  }

  /// Reads `NAME`, or `NAME = rN`.
  private mutating func registerName(_ parser: inout FunctionParser) throws(StatementAbandoned) {
    let token = next
    if token.kind == .word, Keyword.isKeyword(token.text) {
      // The name is taken as it was meant, so that its uses are no faults.
      note(.keyword(token.text), at: token.span)
      advance()
      let number = UInt16(clamping: parser.nextRegister)
      parser.registers[Array(token.text.utf8)] = (number, token.span.line)
      parser.nextRegister += 1
      return
    }
    guard let (name, span) = name() else {
      throw fail(.expected("a name for a register"), at: token)
    }
    if token.kind == .word, registerNumber(token.text) != nil {
      throw fail(.expected("a name other than a register's own"), at: token)
    }
    var number = parser.nextRegister
    if accept("=") {
      let register = next
      guard let given = registerNumber(register.text) else {
        throw fail(.expected("a register, such as r5"), at: register)
      }
      advance()
      number = given
    }
    guard number < BuilderLimits.registerCountMax else {
      throw fail(
        .registerOutOfRange(UInt64(number), count: BuilderLimits.registerCountMax), at: span)
    }
    nameRegister(UInt16(number), name, token, &parser)
    parser.nextRegister = max(parser.nextRegister, number + 1)
  }

  private mutating func nameRegister(
    _ number: UInt16, _ name: [UInt8], _ token: Token, _ parser: inout FunctionParser
  ) {
    if let first = parser.registers[name] {
      let text = String(decoding: name, as: UTF8.self)
      return note(.duplicateName(.register, text, firstLine: first.line), at: token.span)
    }
    parser.registers[name] = (number, token.span.line)
    guard isKept(token), parser.function.registerNames[number] == nil else { return }
    parser.function.registerNames[number] = name
  }

  /// Reads `.line LINE [COLUMN [FILE]]`.
  private mutating func line(
    _ first: Token, _ parser: inout FunctionParser
  ) throws(StatementAbandoned) {
    let line = UInt32(try whole(through: UInt64(UInt32.max)))
    var (column, file): (UInt32, UInt32) = (0, 0)
    if !rest.isEmpty { column = UInt32(try whole(through: UInt64(UInt32.max))) }
    let fileToken = next
    if !rest.isEmpty { file = UInt32(try whole(through: UInt64(UInt32.max))) }
    let fileCount = statements.count { $0.first?.text == ".file" }
    guard fileCount > 0 else {
      throw fail(.refused("there is no .file \"NAME\" of which the lines could be"), at: first)
    }
    guard file < fileCount else {
      throw fail(.numberOutOfRange(minimum: 0, maximum: UInt64(fileCount - 1)), at: fileToken)
    }
    parser.saysLines = true
    parser.function.comeFrom(SourcePlace(file: file, line: line, column: column))
  }
}

/// The number of `r0`, `r1`, …; null for other words, and beyond what an integer holds.
func registerNumber(_ word: String) -> Int? {
  guard word.first == "r", word.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) else {
    return nil
  }
  return Int(word.dropFirst())
}
