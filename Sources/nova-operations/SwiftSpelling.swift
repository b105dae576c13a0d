// SwiftSpelling.swift — kinds, fields and operators as generated Swift spells them.
// Hosted. Imports OperationTable.

import OperationTable

extension Kind {
  var swift: String {
    switch self {
    case .i32: "UInt32"
    case .i64: "UInt64"
    case .f32: "Float"
    case .f64: "Double"
    }
  }

  var signedSwift: String { self == .i32 ? "Int32" : "Int64" }
}

extension Place {
  /// The field, zero-extended to `UInt`.
  var index: String { "u\(bitCount)(pc &+ \(bitOffset / 8))" }
  /// The field, sign-extended to `Int`.
  var signed: String { "s\(bitCount)(pc &+ \(bitOffset / 8))" }
}

extension Access {
  /// The value at an address that was checked.
  func loaded(_ place: String) -> String {
    let bits = byteCount * 8
    switch kind {
    case .f32: return "loadFloat(\(place))"
    case .f64: return "Double(bitPattern: load64(\(place)))"
    case .i32, .i64:
      guard isSigned else {
        return bits == kind.bitCount
          ? "load\(bits)(\(place))" : "\(kind.swift)(load\(bits)(\(place)))"
      }
      return "\(kind.swift)(bitPattern: "
        + "\(kind.signedSwift)(Int\(bits)(bitPattern: load\(bits)(\(place)))))"
    }
  }
}

extension Comparison {
  func swift(_ kind: Kind, _ left: String, _ right: String) -> String {
    let (x, y) =
      isSigned
      ? (
        "\(kind.signedSwift)(bitPattern: \(left))", "\(kind.signedSwift)(bitPattern: \(right))"
      ) : (left, right)
    switch self {
    case .equal: return "(\(x) == \(y))"
    case .notEqual: return "(\(x) != \(y))"
    case .lessSigned, .lessUnsigned, .less: return "(\(x) < \(y))"
    case .lessOrEqualSigned, .lessOrEqualUnsigned, .lessOrEqual: return "(\(x) <= \(y))"
    case .greaterSigned, .greaterUnsigned: return "(\(x) > \(y))"
    case .greaterOrEqualSigned, .greaterOrEqualUnsigned: return "(\(x) >= \(y))"
    case .notLess: return "!(\(x) < \(y))"
    case .notLessOrEqual: return "!(\(x) <= \(y))"
    }
  }

  private var isSigned: Bool {
    [.lessSigned, .lessOrEqualSigned, .greaterSigned, .greaterOrEqualSigned].contains(self)
  }
}

extension UnaryOperator {
  func swift(_ kind: Kind, _ operand: String) -> String {
    switch self {
    case .countLeadingZeros:
      "\(kind.swift)(truncatingIfNeeded: (\(operand)).leadingZeroBitCount)"
    case .countTrailingZeros:
      "\(kind.swift)(truncatingIfNeeded: (\(operand)).trailingZeroBitCount)"
    case .populationCount: "\(kind.swift)(truncatingIfNeeded: (\(operand)).nonzeroBitCount)"
    case .extend8: extended(kind, 8, operand)
    case .extend16: extended(kind, 16, operand)
    case .extend32: extended(kind, 32, operand)
    case .negate: "negated(\(operand))"
    case .absolute: "magnitude(\(operand))"
    case .squareRoot: "(\(operand)).squareRoot()"
    case .ceiling: "ceiling(\(operand))"
    case .floor: "floor(\(operand))"
    case .truncate: "truncated(\(operand))"
    case .nearest: "nearest(\(operand))"
    }
  }

  private func extended(_ kind: Kind, _ bits: Int, _ operand: String) -> String {
    "\(kind.swift)(bitPattern: \(kind.signedSwift)(Int\(bits)(truncatingIfNeeded: \(operand))))"
  }
}

extension BinaryOperator {
  /// Those that never trap.
  func swift(_ kind: Kind, _ x: String, _ y: String) -> String {
    let signed = kind.signedSwift
    switch self {
    case .add: return kind.isFloat ? "(\(x) + \(y))" : "(\(x) &+ \(y))"
    case .subtract: return kind.isFloat ? "(\(x) - \(y))" : "(\(x) &- \(y))"
    case .multiply: return kind.isFloat ? "(\(x) * \(y))" : "(\(x) &* \(y))"
    case .divide: return "(\(x) / \(y))"
    case .and: return "(\(x) & \(y))"
    case .or: return "(\(x) | \(y))"
    case .exclusiveOr: return "(\(x) ^ \(y))"
    case .shiftLeft: return "(\(x) &<< \(y))"
    case .shiftRightUnsigned: return "(\(x) &>> \(y))"
    case .shiftRightSigned:
      return "\(kind.swift)(bitPattern: "
        + "\(signed)(bitPattern: \(x)) &>> \(signed)(bitPattern: \(y)))"
    case .rotateLeft: return "rotatedLeft(\(x), \(y))"
    case .rotateRight: return "rotatedRight(\(x), \(y))"
    case .minimum: return "minimum(\(x), \(y))"
    case .maximum: return "maximum(\(x), \(y))"
    case .copySign: return "signed(\(x), as: \(y))"
    case .divideSigned, .divideUnsigned, .remainderSigned, .remainderUnsigned:
      preconditionFailure("a division traps")
    }
  }
}

/// What an integer kind can hold, as comparisons of floats that are exact.
struct Bounds {
  let from: Kind
  let to: Kind
  let isSigned: Bool

  private var bits: Int { to.bitCount }
  private var integer: String { isSigned ? to.signedSwift : to.swift }

  /// 2 to the power of the first value that is too large.
  private var upper: String {
    switch (bits, isSigned) {
    case (32, true): "0x1p31"
    case (32, false): "0x1p32"
    case (64, true): "0x1p63"
    default: "0x1p64"
    }
  }

  func holds(_ x: String) -> String {
    guard isSigned else { return "(\(x) > -1 && \(x) < \(upper))" }
    // Values between -2³¹-1 and -2³¹ truncate to what fits.
    // The next value below -2⁶³ is what the compiler compares with as well.
    let lower = bits == 32 ? "-2147483649" : "-0x1.0000000000001p63"
    return "(\(x) > \(lower) && \(x) < \(upper))"
  }

  /// The operand as f64, which holds every f32.
  func widened(_ operand: String) -> String { from == .f32 ? "Double(\(operand))" : operand }

  func converted(_ x: String) -> String {
    isSigned ? "\(to.swift)(bitPattern: \(integer)(\(x)))" : "\(integer)(\(x))"
  }

  /// For what `holds` refuses: the bound on its side, or 0 for NaN.
  func nearest(_ x: String) -> String {
    let (least, most) =
      isSigned
      ? ("1 &<< \(bits - 1)", "\(to.swift).max &>> 1") : ("0", "\(to.swift).max")
    return "(\(x) != \(x) ? 0 : \(x) < 0 ? \(least) : \(most))"
  }
}
