// Lexer.swift — text to words; what is no word is told of and passed over.
// Hosted. Imports nothing. The grammar: Assembly.md in the book.

/// Cuts text into tokens.
struct Lexer {
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private(set) var tokens: [Token] = []
  private(set) var diagnostics: [Diagnostic] = []

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The tokens of a text, the last a line's end, and what is wrong with it.
  static func tokens(of text: [UInt8]) -> (tokens: [Token], diagnostics: [Diagnostic]) {
    var lexer = Lexer(text)
    lexer.run()
    return (lexer.tokens, lexer.diagnostics)
  }

  private mutating func run() {
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\n"):
        append(.lineEnd, from: offset, to: offset)
        offset += 1
        line += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        offset += 1
      case UInt8(ascii: ";"):
        offset = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      case UInt8(ascii: "\""):
        string()
      case _ where isDigit(byte):
        number()
      case _ where isWordStart(byte):
        word(.word)
      case UInt8(ascii: ".") where offset + 1 < bytes.count && isWordStart(bytes[offset + 1]):
        word(.directive)
      default:
        punctuation()
      }
    }
    append(.lineEnd, from: offset, to: offset)
  }

  private mutating func append(_ kind: Token.Kind, from start: Int, to end: Int) {
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    tokens.append(
      Token(kind: kind, span: TextSpan(line: line, start: start, end: end), text: text))
  }

  private mutating func diagnose(_ cause: DiagnosticCause, from start: Int, to end: Int) {
    diagnostics.append(
      Diagnostic(span: TextSpan(line: line, start: start, end: end), cause: cause))
  }

  private mutating func punctuation() {
    let start = offset
    let next = offset + 1 < bytes.count ? bytes[offset + 1] : 0
    switch bytes[offset] {
    case UInt8(ascii: "-") where next == UInt8(ascii: ">"),
      UInt8(ascii: "<") where next == UInt8(ascii: "<"):
      offset += 2
      append(.punctuation, from: start, to: offset)
    case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "="), UInt8(ascii: "+"),
      UInt8(ascii: "-"):
      offset += 1
      append(.punctuation, from: start, to: offset)
    default:
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xc0 == 0x80 { offset += 1 }
      diagnose(.unexpectedCharacter(bytes[start]), from: start, to: offset)
      // What follows may be another language's comment: one message for it is enough.
      offset = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    }
  }

  private mutating func word(_ kind: Token.Kind) {
    let start = offset
    offset += 1
    while offset < bytes.count, isWordPart(bytes[offset]) { offset += 1 }
    if bytes[start..<offset].elementsEqual("nan".utf8), bytes[offset...].starts(with: ":0x".utf8) {
      offset += 3
      while offset < bytes.count, isWordPart(bytes[offset]) { offset += 1 }
      return append(.number, from: start, to: offset)
    }
    append(kind, from: start, to: offset)
  }

  private mutating func number() {
    let start = offset
    let isHexadecimal = bytes[offset...].starts(with: "0x".utf8)
    while offset < bytes.count {
      let byte = bytes[offset]
      guard isWordPart(byte) else {
        break
      }
      offset += 1
      // The sign of an exponent belongs to the number.
      let isExponent =
        byte | 0x20 == (isHexadecimal ? UInt8(ascii: "p") : UInt8(ascii: "e"))
      if isExponent, offset < bytes.count,
        bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "+")
      {
        offset += 1
      }
    }
    append(.number, from: start, to: offset)
  }

  private mutating func string() {
    let start = offset
    var value: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return append(.string(value), from: start, to: offset)
      case UInt8(ascii: "\n"):
        return diagnose(.unterminatedString, from: start, to: offset)
      case UInt8(ascii: "\\"):
        escape(&value)
      default:
        value.append(byte)
        offset += 1
      }
    }
    diagnose(.unterminatedString, from: start, to: offset)
  }

  /// `\n \t \r \0 \\ \" \xHH`; another one is told of and left out.
  private mutating func escape(_ value: inout [UInt8]) {
    let start = offset
    let letter = offset + 1 < bytes.count ? bytes[offset + 1] : UInt8(ascii: "\n")
    offset += 2
    switch letter {
    case UInt8(ascii: "n"): value.append(0x0a)
    case UInt8(ascii: "t"): value.append(0x09)
    case UInt8(ascii: "r"): value.append(0x0d)
    case UInt8(ascii: "0"): value.append(0)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): value.append(letter)
    case UInt8(ascii: "x"):
      let digits = String(decoding: bytes[offset...].prefix(2), as: UTF8.self)
      let isPlain = digits.utf8.allSatisfy { isDigit($0) || (0x61...0x66).contains($0 | 0x20) }
      guard digits.utf8.count == 2, isPlain, let byte = UInt8(digits, radix: 16) else {
        return diagnose(.badEscape, from: start, to: offset)
      }
      offset += 2
      value.append(byte)
    default:
      offset = min(offset, bytes.count)
      if letter == UInt8(ascii: "\n") { offset = start + 1 }
      diagnose(.badEscape, from: start, to: offset)
    }
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isWordStart(_ byte: UInt8) -> Bool {
  (0x61...0x7a).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
}

private func isWordPart(_ byte: UInt8) -> Bool {
  isWordStart(byte) || isDigit(byte) || byte == UInt8(ascii: ".")
}

/// Whether `name` can stand in text as a word; other names stand in quotes.
func isWord(_ name: [UInt8]) -> Bool {
  guard let first = name.first, isWordStart(first) else { return false }
  return name.allSatisfy(isWordPart)
}
