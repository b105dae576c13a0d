// Reference.swift — the operators of WebAssembly 2.0, section 4.3, told another way than handlers.
// Hosted. Imports Glibc for the rounding functions and OperationTable for the operators' names.

import Glibc
import OperationTable

/// Operators over bits; results of 32 bits have a zero upper half.
enum Reference {
  static let overflow = TreeTrap(kind: 2)

  private static func signed(_ bits: UInt64, _ kind: Kind) -> Int64 {
    kind == .i32 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
  }

  private static func trimmed(_ value: Int128, _ kind: Kind) -> UInt64 {
    kind == .i32
      ? UInt64(UInt32(truncatingIfNeeded: value)) : UInt64(truncatingIfNeeded: value)
  }

  static func extended(_ bits: UInt64, _ count: Int, _ kind: Kind) -> UInt64 {
    let low = bits & (count == 64 ? .max : 1 << UInt64(count) - 1)
    let isNegative = low >> UInt64(count - 1) & 1 != 0
    return trimmed(Int128(low) - (isNegative ? Int128(1) << Int128(count) : 0), kind)
  }

  private static func double(_ bits: UInt64, _ kind: Kind) -> Double {
    kind == .f32 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits)
  }

  /// The bits of a result that IEEE 754 computed, rounded once more for f32.
  ///
  /// For `+ - × ÷ √` of f32 a detour by f64 rounds as well as f32 does (Figueroa 1995).
  private static func made(_ value: Double, _ kind: Kind) -> UInt64 {
    guard !value.isNaN else { return kind == .f32 ? 0x7fc0_0000 : 0x7ff8_0000_0000_0000 }
    return kind == .f32 ? UInt64(Float(value).bitPattern) : value.bitPattern
  }

  static func unary(_ operation: UnaryOperator, _ kind: Kind, _ bits: UInt64) -> UInt64 {
    let sign: UInt64 = kind.bitCount == 32 ? 1 << 31 : 1 << 63
    switch operation {
    case .countLeadingZeros:
      let first = (0..<kind.bitCount).first { bits >> UInt64(kind.bitCount - 1 - $0) & 1 != 0 }
      return UInt64(first ?? kind.bitCount)
    case .countTrailingZeros:
      return UInt64((0..<kind.bitCount).first { bits >> UInt64($0) & 1 != 0 } ?? kind.bitCount)
    case .populationCount: return UInt64((0..<kind.bitCount).count { bits >> UInt64($0) & 1 != 0 })
    case .extend8: return extended(bits, 8, kind)
    case .extend16: return extended(bits, 16, kind)
    case .extend32: return extended(bits, 32, kind)
    case .negate: return bits ^ sign
    case .absolute: return bits & ~sign
    case .squareRoot: return made(Glibc.sqrt(double(bits, kind)), kind)
    case .ceiling: return made(Glibc.ceil(double(bits, kind)), kind)
    case .floor: return made(Glibc.floor(double(bits, kind)), kind)
    case .truncate: return made(Glibc.trunc(double(bits, kind)), kind)
    case .nearest: return made(Glibc.nearbyint(double(bits, kind)), kind)
    }
  }

  static func binary(
    _ operation: BinaryOperator, _ kind: Kind, _ left: UInt64, _ right: UInt64
  ) throws(TreeTrap) -> UInt64 {
    guard !kind.isFloat else { return float(operation, kind, left, right) }
    let (x, y) = (Int128(left), Int128(right))
    let (sx, sy) = (Int128(signed(left, kind)), Int128(signed(right, kind)))
    let count = Int128(right % UInt64(kind.bitCount))
    let width = Int128(kind.bitCount)
    switch operation {
    case .add: return trimmed(x + y, kind)
    case .subtract: return trimmed(x - y, kind)
    case .multiply: return trimmed(Int128(truncatingIfNeeded: UInt128(left) * UInt128(right)), kind)
    case .and: return left & right
    case .or: return left | right
    case .exclusiveOr: return left ^ right
    case .shiftLeft: return trimmed(x << count, kind)
    case .shiftRightSigned: return trimmed(sx >> count, kind)
    case .shiftRightUnsigned: return trimmed(x >> count, kind)
    case .rotateLeft: return trimmed(x << count | x >> (width - count), kind)
    case .rotateRight: return trimmed(x >> count | x << (width - count), kind)
    case .divideSigned, .divideUnsigned, .remainderSigned, .remainderUnsigned:
      guard right != 0 else { throw TreeTrap(kind: 1) }
      switch operation {
      case .divideUnsigned: return trimmed(x / y, kind)
      case .remainderUnsigned: return trimmed(x % y, kind)
      case .remainderSigned: return trimmed(sx % sy, kind)
      default:
        let quotient = sx / sy
        guard quotient < Int128(1) << (width - 1) else { throw overflow }
        return trimmed(quotient, kind)
      }
    default: preconditionFailure("\(operation) is for floats")
    }
  }

  private static func float(
    _ operation: BinaryOperator, _ kind: Kind, _ left: UInt64, _ right: UInt64
  ) -> UInt64 {
    let sign: UInt64 = kind == .f32 ? 1 << 31 : 1 << 63
    let (x, y) = (double(left, kind), double(right, kind))
    switch operation {
    case .add: return made(x + y, kind)
    case .subtract: return made(x - y, kind)
    case .multiply: return made(x * y, kind)
    case .divide: return made(x / y, kind)
    case .minimum, .maximum:
      guard !x.isNaN, !y.isNaN else { return made(.nan, kind) }
      let isMinimum = operation == .minimum
      if x == 0, y == 0 {
        return isMinimum ? (left | right) & sign : left & right & sign
      }
      return (x < y) == isMinimum ? left : right
    case .copySign: return left & ~sign | right & sign
    default: preconditionFailure("\(operation) is for integers")
    }
  }

  static func holds(
    _ comparison: Comparison, _ kind: Kind, _ left: UInt64, _ right: UInt64
  ) -> Bool {
    let floats: Kind = kind == .f32 ? .f32 : .f64
    let (x, y) = (double(left, floats), double(right, floats))
    let (sx, sy) = kind.isFloat ? (0, 0) : (signed(left, kind), signed(right, kind))
    switch comparison {
    case .equal: return kind.isFloat ? x == y : left == right
    case .notEqual: return kind.isFloat ? x != y : left != right
    case .lessSigned: return sx < sy
    case .lessUnsigned: return left < right
    case .lessOrEqualSigned: return sx <= sy
    case .lessOrEqualUnsigned: return left <= right
    case .greaterSigned: return sx > sy
    case .greaterUnsigned: return left > right
    case .greaterOrEqualSigned: return sx >= sy
    case .greaterOrEqualUnsigned: return left >= right
    case .less: return x < y
    case .lessOrEqual: return x <= y
    case .notLess: return !(x < y)
    case .notLessOrEqual: return !(x <= y)
    }
  }

  static func convert(
    _ conversion: Conversion, _ from: Kind, _ to: Kind, _ bits: UInt64
  ) throws(TreeTrap) -> UInt64 {
    switch conversion {
    case .wrap: return bits & 0xffff_ffff
    case .extendSigned: return extended(bits, 32, .i64)
    case .extendUnsigned, .reinterpret: return bits
    case .demote, .promote: return made(double(bits, from), to)
    // Rounded once, from the exact integer.
    case .convertSigned:
      let value = signed(bits, from)
      return to == .f32 ? UInt64(Float(value).bitPattern) : Double(value).bitPattern
    case .convertUnsigned:
      return to == .f32 ? UInt64(Float(bits).bitPattern) : Double(bits).bitPattern
    case .truncateSigned, .truncateUnsigned, .saturateSigned, .saturateUnsigned:
      let isSigned = [.truncateSigned, .saturateSigned].contains(conversion)
      let traps = [.truncateSigned, .truncateUnsigned].contains(conversion)
      let value = double(bits, from)
      guard !value.isNaN else {
        if traps { throw TreeTrap(kind: 3) }
        return 0
      }
      let width = Int128(to.bitCount)
      let least = isSigned ? -(Int128(1) << (width - 1)) : 0
      let most = (Int128(1) << (isSigned ? width - 1 : width)) - 1
      let integer = abs(value) < 1e30 ? Int128(value) : value < 0 ? least - 1 : most + 1
      if traps, integer < least || integer > most { throw overflow }
      return trimmed(min(max(integer, least), most), to)
    }
  }
}
