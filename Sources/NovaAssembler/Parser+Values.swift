// Parser+Values.swift — types, limits, constants, references and bytes within a statement.
// Hosted. Imports NovaBytecode. The grammar: Assembly.md in the book.

import NovaBytecode

extension ValueType {
  static let all: [ValueType] = [.i32, .i64, .f32, .f64, .funcref, .externref, .handle]

  static func named(_ word: String) -> ValueType? { all.first { $0.text == word } }

  /// As text spells it.
  var text: String { "\(name)" }
}

extension Parser {
  mutating func valueType() throws(StatementAbandoned) -> ValueType {
    let token = next
    guard let type = ValueType.named(token.text) else {
      guard token.kind == .word else { throw fail(.expected("a type, such as i32"), at: token) }
      throw fail(
        .unknownValueType(token.text), at: token,
        suggestion: Suggestion.nearest(to: token.text, in: ValueType.all.map(\.text)))
    }
    advance()
    return type
  }

  mutating func referenceType() throws(StatementAbandoned) -> ValueType {
    let token = next
    let type = try valueType()
    guard type.isReference else { throw fail(.expected("funcref or externref"), at: token) }
    return type
  }

  /// Reads `(TYPES) [-> TYPES]`.
  ///
  /// Parameters have names where `NAME: TYPE` stands; several results stand in parentheses.
  mutating func signature() throws(StatementAbandoned) -> (
    FunctionSignature, names: [(index: Int, token: Token, name: [UInt8])]
  ) {
    var signature = FunctionSignature()
    var names: [(index: Int, token: Token, name: [UInt8])] = []
    try expect("(")
    while !accept(")") {
      if !signature.parameters.isEmpty { try expect(",") }
      let token = next
      if isLabel, token.kind == .word, Keyword.isKeyword(token.text) {
        // The name is taken as it was meant, so that its uses are no faults.
        note(.keyword(token.text), at: token.span)
        advance()
        names.append((signature.parameters.count, token, Array(token.text.utf8)))
        try expect(":")
      } else if isLabel, let (name, span) = name() {
        if token.kind == .word, registerNumber(token.text) != nil {
          throw fail(.expected("a name other than a register's own"), at: span)
        }
        names.append((signature.parameters.count, token, name))
        try expect(":")
      }
      let type = try valueType()
      guard signature.parameters.count < FormatLimits.parameterCountMax else {
        throw fail(.tooManyValues(maximum: FormatLimits.parameterCountMax), at: token)
      }
      signature.parameters.append(type)
    }
    guard accept("->") else { return (signature, names) }
    guard accept("(") else {
      signature.results = [try valueType()]
      return (signature, names)
    }
    while !accept(")") {
      if !signature.results.isEmpty { try expect(",") }
      let token = next
      let type = try valueType()
      guard signature.results.count < FormatLimits.parameterCountMax else {
        throw fail(.tooManyValues(maximum: FormatLimits.parameterCountMax), at: token)
      }
      signature.results.append(type)
    }
    return (signature, names)
  }

  /// A signature, or `type WHICH`.
  mutating func typeUse() throws(StatementAbandoned) -> (
    index: UInt32, names: [(index: Int, token: Token, name: [UInt8])]
  ) {
    if accept("type") { return (try reference(.type), []) }
    let (signature, names) = try signature()
    return (builder.typeIndex(signature), names)
  }

  /// Reads `MINIMUM [MAXIMUM]`.
  mutating func limits(_ most: UInt64) throws(StatementAbandoned) -> SizeLimits {
    let minimum = try whole(through: most)
    _ = accept(",")
    guard !rest.isEmpty else { return SizeLimits(minimum: minimum) }
    let token = next
    let maximum = try whole(through: most)
    guard minimum <= maximum else {
      throw fail(.numberOutOfRange(minimum: Int64(clamping: minimum), maximum: most), at: token)
    }
    return SizeLimits(minimum: minimum, maximum: maximum)
  }

  mutating func globalType() throws(StatementAbandoned) -> ModuleGlobalType {
    let isMutable = accept("mut")
    return ModuleGlobalType(try valueType(), isMutable: isMutable)
  }

  /// What something holds before code runs.
  mutating func constant(of type: ValueType) throws(StatementAbandoned) -> Constant {
    if accept("global") { return Constant(.global, UInt64(try reference(.global))) }
    switch type {
    case .i32: return Constant(.i32, try integerBits(32))
    case .i64: return Constant(.i64, try integerBits(64))
    case .f32: return Constant(.f32, try floatBits(32))
    case .f64: return Constant(.f64, try floatBits(64))
    case .funcref, .externref, .handle:
      if accept("null") { return Constant(.null) }
      guard type == .funcref, accept("func") else {
        let wanted = type == .funcref ? "null, global or func" : "null or global"
        throw fail(.expected(wanted), at: next)
      }
      return Constant(.function, UInt64(try reference(.function)))
    }
  }

  mutating func integerBits(_ bitCount: Int) throws(StatementAbandoned) -> UInt64 {
    let (number, span) = try number()
    guard number.magnitude != nil else { throw fail(.badNumber, at: span) }
    guard let bits = number.bits(bitCount) else {
      throw fail(
        .numberOutOfRange(
          minimum: -1 << Int64(bitCount - 1), maximum: .max >> UInt64(64 - bitCount)),
        at: span)
    }
    return bits
  }

  mutating func floatBits(_ bitCount: Int) throws(StatementAbandoned) -> UInt64 {
    let (number, span) = try number()
    guard let bits = bitCount == 32 ? number.float32Bits : number.float64Bits else {
      throw fail(.badNumber, at: span)
    }
    return bits
  }

  /// Reads `at CONSTANT [in WHICH]`, `passive` or `declared`.
  mutating func placement(_ kind: SymbolKind) throws(StatementAbandoned) -> SegmentPlacement {
    if accept("passive") { return .passive }
    if accept("declared") { return .declared }
    guard accept("at") else { throw fail(.expected("'at', 'passive' or 'declared'"), at: next) }
    let offset = try constant(of: .i32)
    let target = accept("in") ? try reference(kind) : 0
    _ = accept(":")
    return .active(target: target, offset: offset)
  }

  /// A name or an index, imports counted.
  mutating func reference(_ kind: SymbolKind) throws(StatementAbandoned) -> UInt32 {
    let token = next
    let count = symbols.counts[kind, default: 0]
    if token.kind == .number {
      let (number, span) = try number()
      guard let index = number.magnitude else { throw fail(.badNumber, at: span) }
      let isKnown = kind == .type ? index < builder.contents.types.count : index < count
      guard isKnown else { throw fail(.indexOutOfRange(kind, index, count: count), at: span) }
      return UInt32(index)
    }
    let name: [UInt8]
    switch token.kind {
    case .word: name = Array(token.text.utf8)
    case .string(let bytes): name = bytes
    default: throw fail(.expected("the name or index of a \(kind.noun)"), at: token)
    }
    guard let index = symbols.index(kind, name) else {
      throw fail(
        .unknownName(kind, String(decoding: name, as: UTF8.self)), at: token,
        suggestion: symbols.nearest(kind, to: name))
    }
    advance()
    return index
  }

  /// Strings and numbers up to the statement's end, and on following lines that begin with one.
  mutating func bytes() throws(StatementAbandoned) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      while !rest.isEmpty {
        try item(&bytes)
        _ = accept(",")
      }
      guard statement < statements.count, let first = statements[statement].first,
        isItem(first)
      else { return bytes }
      begin(statements[statement])
      statement += 1
    }
  }

  private func isItem(_ token: Token) -> Bool {
    if case .string = token.kind { return true }
    return ["i8", "i16", "i32", "i64", "f32", "f64", "zero"].contains(token.text)
  }

  private mutating func item(_ bytes: inout [UInt8]) throws(StatementAbandoned) {
    let token = next
    if case .string(let value) = token.kind {
      advance()
      bytes += value
      return
    }
    guard isItem(token) else {
      throw fail(.expected("bytes: a string, i8, i16, i32, i64, f32, f64 or zero"), at: token)
    }
    advance()
    if token.text == "zero" {
      // No more than a file can have, whatever else it holds.
      let most = max(0, FormatLimits.fileByteCountMax - bytes.count)
      let count = try whole(through: UInt64(most))
      bytes += repeatElement(0, count: Int(count))
      return
    }
    let bitCount = Int(token.text.dropFirst()) ?? 8
    while true {
      let value =
        try token.text.hasPrefix("f") ? floatBits(bitCount) : integerBits(bitCount)
      for shift in stride(from: 0, to: bitCount, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
      }
      let following = rest.dropFirst().first
      guard next.text == ",", following?.kind == .number || following?.text == "-" else { return }
      advance()
    }
  }
}
