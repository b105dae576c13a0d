// JSON.swift — JSON text for machines; members keep their order, so that equal results are equal
// text.
// Hosted. Imports nothing. Source: RFC 8259. Addresses and hashes go as text: JSON's numbers lose
// bits past 2⁵³ in most readers.

/// A JSON value; objects keep the order in which they are written.
enum JSONValue {
  case text(String)
  case number(UInt64)
  /// So many thousandths, written with three decimals.
  case thousandths(UInt64)
  case truth(Bool)
  case null
  case list([JSONValue])
  case object([(String, JSONValue)])

  /// The value as text, two spaces deeper for each level, without a line break at the end.
  func rendered(indentation: Int = 0) -> String {
    let outer = String(repeating: "  ", count: indentation)
    let inner = outer + "  "
    switch self {
    case .text(let text): return Self.quoted(text)
    case .number(let number): return "\(number)"
    case .thousandths(let number): return Self.decimal(thousandths: number)
    case .truth(let truth): return "\(truth)"
    case .null: return "null"
    case .list(let values):
      if values.isEmpty { return "[]" }
      let body = values.map { inner + $0.rendered(indentation: indentation + 1) }
      return "[\n" + body.joined(separator: ",\n") + "\n\(outer)]"
    case .object(let members):
      if members.isEmpty { return "{}" }
      let body = members.map { name, value in
        inner + Self.quoted(name) + ": " + value.rendered(indentation: indentation + 1)
      }
      return "{\n" + body.joined(separator: ",\n") + "\n\(outer)}"
    }
  }

  /// The value as text on one line.
  var line: String {
    switch self {
    case .text, .number, .thousandths, .truth, .null: rendered()
    case .list(let values): "[" + values.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(Self.quoted($0)): \($1.line)" }.joined(separator: ", ") + "}"
    }
  }

  private static func decimal(thousandths: UInt64) -> String {
    let digits = "\(thousandths % 1000)"
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  /// A JSON string: quotes, backslashes and control characters escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
