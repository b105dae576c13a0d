// SourceText.swift — a text's lines and columns.
// Hosted. Imports nothing.

/// A text as people see it: lines, and columns in characters.
public struct SourceText {
  private let bytes: [UInt8]
  // Where each line begins, and behind them one past the text's end.
  private let starts: [Int]

  /// A text in UTF-8.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    starts.append(bytes.count + 1)
    self.starts = starts
  }

  /// A line, from 1, without its end.
  public func line(_ number: Int) -> String {
    let (start, end) = range(number)
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The column of a byte on its line: characters before it, from 1.
  public func column(_ offset: Int, onLine number: Int) -> Int {
    let (start, end) = range(number)
    return String(decoding: bytes[start..<max(start, min(offset, end))], as: UTF8.self).count + 1
  }

  /// What stands at a place, as a sentence names it.
  func found(at span: TextSpan) -> String {
    guard span.end > span.start else { return "the line's end" }
    let text = String(decoding: bytes[span.start..<min(span.end, bytes.count)], as: UTF8.self)
    return text.first == "\"" ? "the string \(text)" : "'\(text)'"
  }

  /// What stands on a line, without blanks around it and without a comment.
  func statement(onLine number: Int) -> TextSpan {
    guard number > 0 else { return TextSpan(line: 1, start: 0, end: 0) }
    var (start, end) = range(number)
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0d]
    var isString = false
    for offset in start..<end {
      if bytes[offset] == UInt8(ascii: "\""), bytes[max(0, offset - 1)] != UInt8(ascii: "\\") {
        isString.toggle()
      }
      guard bytes[offset] == UInt8(ascii: ";"), !isString else { continue }
      end = offset
      break
    }
    while start < end, blanks.contains(bytes[start]) { start += 1 }
    while start < end, blanks.contains(bytes[end - 1]) { end -= 1 }
    return TextSpan(line: number, start: start, end: end)
  }

  /// The first byte that is not UTF-8.
  var firstInvalid: TextSpan? {
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    for index in 0..<starts.count - 1 {
      let (start, end) = range(index + 1)
      if String(validating: bytes[start..<end], as: UTF8.self) == nil {
        return TextSpan(line: index + 1, start: start, end: end)
      }
    }
    return TextSpan(line: 1, start: 0, end: 0)
  }

  private func range(_ number: Int) -> (start: Int, end: Int) {
    guard starts.indices.dropLast().contains(number - 1) else { return (0, 0) }
    return (starts[number - 1], starts[number] - 1)
  }
}
