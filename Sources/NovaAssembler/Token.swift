// Token.swift — the words of assembly text and where they stand.
// Hosted. Imports nothing. The grammar: Assembly.md in the book.

/// A piece of the text: bytes `start ..< end` of its line `line`.
public struct TextSpan: Hashable, Sendable {
  /// Counts from 1.
  public var line: Int
  /// First byte, counted from the beginning of the text.
  public var start: Int
  /// One past the last byte.
  public var end: Int

  /// From the beginning of this to the end of `other`, on this one's line.
  func through(_ other: TextSpan) -> TextSpan {
    TextSpan(line: line, start: start, end: other.line == line ? max(end, other.end) : end)
  }
}

/// A word of the text.
struct Token: Equatable {
  enum Kind: Equatable {
    /// A name, an operation or a register.
    case word
    /// A directive's name with its dot.
    case directive
    /// Digits and what belongs to them; without a sign.
    case number
    /// The bytes of a string.
    case string([UInt8])
    /// One of `, : ( ) [ ] = + -`, `->` or `<<`.
    case punctuation
    /// The end of a line, or of the text.
    case lineEnd
  }

  var kind: Kind
  var span: TextSpan
  /// As it stands in the text; a string with its quotes.
  var text: String
}
