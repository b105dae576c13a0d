// Printable.swift — text for a terminal, without what would move its cursor.
// Hosted. Imports nothing. Source: Unicode 15, section 23.1, "Control Codes".

/// `text` with U+FFFD in the place of control characters.
///
/// Names of files and of what modules hold are chosen by others.
///
/// - Parameters:
///   - text: any.
///   - keepsLines: whether tabs and the ends of lines stay.
/// - Returns: the text, as long as it was.
public func printable(_ text: String, keepsLines: Bool = false) -> String {
  func isKept(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 9, 10: keepsLines
    case 0..<32, 127..<160: false
    default: true
    }
  }
  guard !text.unicodeScalars.allSatisfy(isKept) else { return text }
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { result.append(isKept(scalar) ? scalar : "\u{fffd}") }
  return String(result)
}
