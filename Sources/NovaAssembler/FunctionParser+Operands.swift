// FunctionParser+Operands.swift — instructions of the text, and what their operands may be.
// Hosted. Imports NovaBytecode. The grammar: Assembly.md in the book.

import NovaBytecode

extension Parser {
  /// Reads `OPERATION OPERAND, …`.
  mutating func parseInstruction(_ parser: inout FunctionParser) throws(StatementAbandoned) {
    let token = next
    guard token.kind == .word else { throw fail(.expected("an operation"), at: token) }
    guard let operation = Operation(name: token.text) else {
      throw fail(
        .unknownOperation(token.text), at: token, suggestion: nearestOperation(token.text))
    }
    advance()
    parser.function.textLine = UInt32(token.span.line)
    if options.recordsLines, !parser.saysLines {
      parser.function.comeFrom(SourcePlace(line: UInt32(token.span.line)))
    }
    if operation.base == .brTable { return try branchTable(operation, &parser) }
    let form = OperationForm.of(operation)
    try checkCount(operation, form, token)
    var operands: [Operand] = []
    for (index, field) in form.fields.enumerated() {
      try separate(form, index)
      // `[r1]` is `[r1 + 0]`.
      if case .offset? = form.address, index == 2, next.text == "]" {
        operands.append(.immediate(0))
        continue
      }
      if case .far? = form.address, index == 2, next.text == "]" {
        operands.append(.immediate(0))
        continue
      }
      operands.append(try operand(field, operation, parser))
    }
    if let address = form.address, address.operandCount + 1 == form.fields.count {
      try expect("]")
    }
    parser.function.emit(operation, operands)
  }

  /// Forwarded forms are written by `CodeOptimizer` and not offered.
  private func nearestOperation(_ name: String) -> String? {
    Suggestion.nearest(to: name, in: Operation.allBases.lazy.map(\.name))
  }

  /// Looks at how many operands there are before each is read, because that is what a reader of
  /// the message must know first.
  private mutating func checkCount(
    _ operation: Operation, _ form: OperationForm, _ token: Token
  ) throws(StatementAbandoned) {
    guard form.address == nil else { return }
    var depth = 0
    var found = rest.isEmpty ? 0 : 1
    for token in rest {
      if token.text == "(" { depth += 1 }
      if token.text == ")" { depth -= 1 }
      if token.text == ",", depth == 0 { found += 1 }
    }
    // A call's signature stands behind an arrow and may have commas without parentheses around.
    guard found != form.fields.count else { return }
    if let token = operandWithoutComma, found < form.fields.count {
      throw fail(.expected("',' before the next operand"), at: token)
    }
    throw fail(
      .operandCount(
        operation: operation.name, expected: form.fields.count, found: found),
      at: token,
      remedy: form.fields.isEmpty
        ? nil : "write \(operation.name) \(form.fields.map(\.noun).joined(separator: ", "))")
  }

  /// The first operand that follows another one directly.
  private var operandWithoutComma: Token? {
    for (token, next) in zip(rest, rest.dropFirst())
    where token.endsOperand && next.endsOperand { return next }
    return nil
  }

  /// What stands before operand `index`: a comma, or what an address has there.
  private mutating func separate(
    _ form: OperationForm, _ index: Int
  ) throws(StatementAbandoned) {
    guard index > 0 else { return }
    guard let address = form.address else { return try expect(",") }
    let position = index - 1
    switch position {
    case 0:
      try expect(",")
      try expect("[")
    case address.operandCount:
      try expect("]")
      try expect(",")
    default:
      if case .shifted = address, position == 1 { return try expect("<<") }
      // `[r1]` leaves the offset out, and the minus of `[r1 - 4]` belongs to the number.
      if next.text != "]", next.text != "-" { try expect("+") }
    }
  }

  private mutating func operand(
    _ field: OperationForm.Field, _ operation: Operation, _ parser: FunctionParser
  ) throws(StatementAbandoned) -> Operand {
    switch field.kind {
    case .register:
      if next.kind == .number || next.text == "-" {
        throw fail(
          .expected("a register, such as r0"), at: next,
          remedy: numberTaker(operation, field).map { "\($0) takes a number there" })
      }
      return .register(try register(field, parser))
    case .label: return .label(try label(parser))
    case .immediate:
      if next.kind == .word, names(next, parser) {
        let taker =
          field.role == .memoryOffset
          ? variant(operation, ".indexed").map { "\($0) adds two registers" }
          : registerTaker(operation).map { "\($0) takes a register there" }
        throw fail(.expected("a number"), at: next, remedy: taker)
      }
      return .bits(try immediate(field, operation))
    case .index:
      if next.kind == .word, names(next, parser), !isKnown(next.text, field.role) {
        throw fail(
          .expected("a \(field.noun)"), at: next, remedy: "'\(next.text)' is a register")
      }
      return .index(try index(field.role))
    }
  }

  /// Whether something of the kind that an operand names has this name.
  private func isKnown(_ name: String, _ role: OperandRole) -> Bool {
    let kind: SymbolKind =
      switch role {
      case .function, .import: .function
      case .global, .importedGlobal: .global
      case .type: .type
      case .memory: .memory
      case .table: .table
      case .data: .data
      default: .element
      }
    return symbols.index(kind, Array(name.utf8)) != nil
  }

  /// The name of the operation that takes a register in the place of a number.
  private func registerTaker(_ operation: Operation) -> String? {
    let name = operation.base.name
    if ["const32", "const64"].contains(name) { return "mov" }
    guard name.hasSuffix("i"), Operation(name: String(name.dropLast())) != nil else { return nil }
    return String(name.dropLast())
  }

  /// Whether a word is a register, by number or name.
  private func names(_ token: Token, _ parser: FunctionParser) -> Bool {
    registerNumber(token.text) != nil || parser.registers[Array(token.text.utf8)] != nil
  }

  /// The name of the operation that takes a number in the place of a register.
  private func numberTaker(_ operation: Operation, _ field: OperationForm.Field) -> String? {
    if operation.base == .mov { return field.role == .readInt ? "const32" : nil }
    let name = operation.base.name + "i"
    guard let taker = Operation(name: name) else { return nil }
    let other = OperationForm.of(taker).fields.first { $0.bitOffset == field.bitOffset }
    return other?.kind == .immediate ? name : nil
  }

  /// The name of the operation that does the same with another kind of address.
  private func variant(_ operation: Operation, _ ending: String) -> String? {
    let name = operation.base.name + ending
    return Operation(name: name) == nil ? nil : name
  }

  /// Reads `r0`, `r1`, …, or a name.
  private mutating func register(
    _ field: OperationForm.Field, _ parser: FunctionParser
  ) throws(StatementAbandoned) -> UInt16 {
    let token = next
    var number: Int
    switch token.kind {
    case .word:
      if let given = registerNumber(token.text) {
        number = given
      } else {
        number = try namedRegister(Array(token.text.utf8), token, parser)
      }
    case .string(let bytes):
      number = try namedRegister(bytes, token, parser)
    default:
      throw fail(.expected("a register, such as r0"), at: token)
    }
    advance()
    let count = min(Int(field.maximum) + 1, Int(parser.function.registerCount ?? .max))
    guard number < count else {
      throw fail(.registerOutOfRange(UInt64(number), count: count), at: token)
    }
    return UInt16(number)
  }

  private mutating func namedRegister(
    _ name: [UInt8], _ token: Token, _ parser: FunctionParser
  ) throws(StatementAbandoned) -> Int {
    if let found = parser.registers[name] { return Int(found.number) }
    let text = String(decoding: name, as: UTF8.self)
    let known = parser.registers.keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
    throw fail(
      .unknownName(.register, text), at: token,
      suggestion: Suggestion.nearest(to: text, in: known))
  }

  private mutating func label(_ parser: FunctionParser) throws(StatementAbandoned) -> Label {
    let token = next
    let name: [UInt8]
    switch token.kind {
    case .word: name = Array(token.text.utf8)
    case .string(let bytes): name = bytes
    default: throw fail(.expected("a label"), at: token)
    }
    guard let found = parser.labels[name] else {
      let text = String(decoding: name, as: UTF8.self)
      let known = parser.labels.keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
      throw fail(
        .unknownName(.label, text), at: token,
        suggestion: Suggestion.nearest(to: text, in: known))
    }
    advance()
    return found.label
  }

  private mutating func immediate(
    _ field: OperationForm.Field, _ operation: Operation
  ) throws(StatementAbandoned) -> UInt64 {
    let (number, span) = try number()
    let isFloat = number.isFloat || operation.takesFloat
    if isFloat, field.role == .bits, field.bitCount >= 32 {
      let bits = field.bitCount == 32 ? number.float32Bits : number.float64Bits
      guard let bits else { throw fail(.badNumber, at: span) }
      return bits
    }
    guard number.magnitude != nil else { throw fail(.badNumber, at: span) }
    guard let value = number.value(from: field.minimum, through: field.maximum) else {
      throw fail(
        .numberOutOfRange(minimum: field.minimum, maximum: field.maximum), at: span,
        remedy: field.role == .memoryOffset ? offsetTaker(operation, number) : nil)
    }
    return value
  }

  /// What takes an offset that does not fit.
  private func offsetTaker(_ operation: Operation, _ number: Number) -> String? {
    if number.isNegative {
      return variant(operation, ".wrapping").map { "\($0) takes \(Int16.min) to \(Int16.max)" }
    }
    return variant(operation, ".wide").map { "\($0) takes up to \(UInt32.max)" }
  }

  /// The index that an instruction has for what is named.
  private mutating func index(_ role: OperandRole) throws(StatementAbandoned) -> UInt32 {
    let token = next
    switch role {
    case .type:
      guard token.text == "(" else { return try reference(.type) }
      let (signature, _) = try signature()
      return builder.typeIndex(signature)
    case .function: return try ownIndex(.function, isImported: false)
    case .import: return try ownIndex(.function, isImported: true)
    case .global: return try ownIndex(.global, isImported: false)
    case .importedGlobal: return try ownIndex(.global, isImported: true)
    case .memory: return try reference(.memory)
    case .table: return try reference(.table)
    case .data: return try reference(.data)
    default: return try reference(.element)
    }
  }

  /// Instructions count what is imported and what is the module's own from 0 each.
  private mutating func ownIndex(
    _ kind: SymbolKind, isImported: Bool
  ) throws(StatementAbandoned) -> UInt32 {
    let token = next
    let index = try reference(kind)
    let importedCount = UInt32(symbols.importedCounts[kind, default: 0])
    guard (index < importedCount) == isImported else {
      let operation =
        kind == .function
        ? (isImported ? "call or ref.func" : "call_import or ref.import")
        : (isImported ? "global.get or global.set" : "global.get.far or global.set.far")
      throw fail(.wrongOwner(kind, isImported: index < importedCount, use: operation), at: token)
    }
    return isImported ? index : index - importedCount
  }

  /// Reads `br_table REGISTER, LABEL, …`: the last for all other values.
  private mutating func branchTable(
    _ operation: Operation, _ parser: inout FunctionParser
  ) throws(StatementAbandoned) {
    let form = OperationForm.of(.brTable)
    let index = try register(form.fields[0], parser)
    var targets: [Label] = []
    repeat {
      try expect(",")
      targets.append(try label(parser))
    } while !rest.isEmpty
    parser.function.emitBranchTable(operation, index: Register(index), targets: targets)
  }
}

extension OperationForm.Field {
  /// What stands there, in a word.
  fileprivate var noun: String {
    switch role {
    case .import: "imported function"
    case .importedGlobal: "imported global"
    case .data: "data segment"
    case .element: "element segment"
    case .function, .global, .type, .memory, .table: "\(role)"
    case .branch: "label"
    case .windowBase: "window"
    case .readInt, .readFloat, .writeInt, .writeFloat, .updateInt, .updateFloat, .writeRange:
      "register"
    case .signed, .unsigned, .bits, .memoryOffset, .count: "number"
    }
  }
}

extension Token {
  /// Whether another operand can't follow it without a comma between.
  fileprivate var endsOperand: Bool {
    switch kind {
    case .word, .number, .string: true
    default: false
    }
  }
}

extension Operation {
  /// Whether numbers of its immediate are floats, with a point or without.
  var takesFloat: Bool { base == .f32Const || base == .f64Const }
}
