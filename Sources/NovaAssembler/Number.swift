// Number.swift — numbers in text, exact in both directions.
// Hosted. Imports nothing. Source: C17 6.4.4 for hexadecimal floats, IEEE 754-2019 5.12.

/// A number as it stands in text.
struct Number {
  /// The digits, without a sign.
  let text: String
  /// Whether a minus stands before them.
  let isNegative: Bool

  /// Whether it can only be a float: a point, an exponent, `inf` or `nan`.
  var isFloat: Bool {
    if text == "inf" || text.hasPrefix("nan") { return true }
    if text.contains(".") { return true }
    return text.hasPrefix("0x") ? text.contains("p") : text.contains("e")
  }

  /// The distance from zero; null when this is no whole number, or one of more than 64 bits.
  var magnitude: UInt64? {
    let plain = text.filter { $0 != "_" }
    guard plain.utf8.first != UInt8(ascii: "+") else { return nil }
    if plain.hasPrefix("0x") { return UInt64(plain.dropFirst(2), radix: 16) }
    if plain.hasPrefix("0b") { return UInt64(plain.dropFirst(2), radix: 2) }
    return UInt64(plain)
  }

  /// The number in two's complement of `bitCount` bits, signed or unsigned; null when it does not
  /// fit, or is no whole number.
  func bits(_ bitCount: Int) -> UInt64? {
    guard let magnitude else { return nil }
    let mask = UInt64.max >> UInt64(64 - bitCount)
    guard isNegative else { return magnitude <= mask ? magnitude : nil }
    return magnitude <= mask / 2 + 1 ? (0 &- magnitude) & mask : nil
  }

  /// The number between bounds, `minimum` at most 0; null when it is not, or no whole number.
  func value(from minimum: Int64, through maximum: UInt64) -> UInt64? {
    guard let magnitude else { return nil }
    guard isNegative else { return magnitude <= maximum ? magnitude : nil }
    return magnitude <= minimum.magnitude ? 0 &- magnitude : nil
  }

  /// The nearest number of 64 bits, as its bits; null when it cannot be read.
  var float64Bits: UInt64? {
    if let payload = nanPayload(significandBitCount: 52) {
      return payload | 0x7ff0_0000_0000_0000 | (isNegative ? 1 << 63 : 0)
    }
    guard !text.hasPrefix("nan"), let value = Double(text.filter { $0 != "_" }),
      value.isFinite || text == "inf"
    else { return nil }
    return (isNegative ? -value : value).bitPattern
  }

  /// The nearest number of 32 bits, as its bits; null when it cannot be read.
  var float32Bits: UInt64? {
    if let payload = nanPayload(significandBitCount: 23) {
      return payload | 0x7f80_0000 | (isNegative ? 1 << 31 : 0)
    }
    guard !text.hasPrefix("nan"), let value = Float(text.filter { $0 != "_" }),
      value.isFinite || text == "inf"
    else { return nil }
    return UInt64((isNegative ? -value : value).bitPattern)
  }

  /// What follows `nan:`, or the quiet bit alone for `nan`; null for everything else.
  private func nanPayload(significandBitCount: UInt64) -> UInt64? {
    if text == "nan" { return 1 << (significandBitCount - 1) }
    guard text.hasPrefix("nan:0x"), let payload = UInt64(text.dropFirst(6), radix: 16) else {
      return nil
    }
    return payload > 0 && payload < 1 << significandBitCount ? payload : nil
  }
}

/// `0x` and the digits.
func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

/// A number of 64 bits such that it is read back bit for bit.
func floatText(_ value: Double) -> String {
  if value.isNaN {
    let payload = value.bitPattern & (1 << 52 - 1)
    return (value.sign == .minus ? "-" : "") + "nan:" + hexadecimal(payload)
  }
  return value.isInfinite ? (value < 0 ? "-inf" : "inf") : "\(value)"
}

/// A number of 32 bits such that it is read back bit for bit.
func floatText(_ value: Float) -> String {
  if value.isNaN {
    let payload = UInt64(value.bitPattern & (1 << 23 - 1))
    return (value.sign == .minus ? "-" : "") + "nan:" + hexadecimal(payload)
  }
  return value.isInfinite ? (value < 0 ? "-inf" : "inf") : "\(value)"
}
