// WrittenNumber.swift — numbers from the command line's bytes, by the type that is wanted.
// Freestanding. Imports NovaModules; crt for floats. Source of their syntax: ISO C23 7.24.1.5.

import NovaModules

@_extern(c, "_swift_stdlib_strtod_clocale")
private func parseDouble(
  _ text: UnsafePointer<UInt8>, _ result: UnsafeMutablePointer<Double>
) -> UnsafePointer<UInt8>?

@_extern(c, "_swift_stdlib_strtof_clocale")
private func parseFloat(
  _ text: UnsafePointer<UInt8>, _ result: UnsafeMutablePointer<Float>
) -> UnsafePointer<UInt8>?

/// Numbers as people write them.
enum WrittenNumber {
  /// Digits, or 0x and hexadecimal digits; nil for anything else, and for more than 64 bits.
  static func magnitude(_ text: Span<UInt8>, from start: Int = 0) -> UInt64? {
    let isHexadecimal =
      text.count - start > 2 && text[start] == UInt8(ascii: "0")
      && text[start + 1] | 0x20 == UInt8(ascii: "x")
    let radix: UInt64 = isHexadecimal ? 16 : 10
    var index = isHexadecimal ? start + 2 : start
    guard index < text.count else { return nil }
    var value: UInt64 = 0
    while index < text.count {
      guard let digit = digit(text[index]), digit < radix else { return nil }
      let (product, overflows) = value.multipliedReportingOverflow(by: radix)
      let (sum, exceeds) = product.addingReportingOverflow(digit)
      guard !overflows, !exceeds else { return nil }
      value = sum
      index += 1
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// A magnitude; behind it perhaps K, M or G, for 1024 and its powers.
  static func size(_ text: Span<UInt8>) -> UInt64? {
    guard text.count > 0 else { return nil }
    let shift: UInt64
    switch text[text.count - 1] {
    case UInt8(ascii: "K"): shift = 10
    case UInt8(ascii: "M"): shift = 20
    case UInt8(ascii: "G"): shift = 30
    default: return magnitude(text)
    }
    guard let number = magnitude(text.extracting(0..<text.count - 1)) else { return nil }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflows ? nil : bytes
  }

  /// The bits of an integer of so many bits, signed or not.
  private static func integer(_ text: Span<UInt8>, bitCount: Int) -> UInt64? {
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    guard let magnitude = magnitude(text, from: isNegative ? 1 : 0) else { return nil }
    let half: UInt64 = 1 << UInt64(bitCount - 1)
    if isNegative { return magnitude <= half ? 0 &- magnitude : nil }
    return bitCount == 64 || magnitude < 2 * half ? magnitude : nil
  }

  /// An argument as a value of `type`; nil when it is none, or when no word can say one.
  static func value(ofArgument index: Int, _ type: ValueType) -> ModuleValue? {
    let text = ProgramArguments.current[index]
    switch type {
    case .i32:
      return integer(text, bitCount: 32).map { .i32(Int32(truncatingIfNeeded: $0)) }
    case .i64: return integer(text, bitCount: 64).map { .i64(Int64(bitPattern: $0)) }
    case .f32:
      var value: Float = 0
      // SAFETY: an argument's bytes are followed by a zero, where the parser stops at the latest.
      let isWhole = unsafe text.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return false }
        return unsafe parseFloat(start, &value) == start + bytes.count
      }
      return isWhole ? .f32(value) : nil
    case .f64:
      var value: Double = 0
      // SAFETY: as above.
      let isWhole = unsafe text.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return false }
        return unsafe parseDouble(start, &value) == start + bytes.count
      }
      return isWhole ? .f64(value) : nil
    case .funcref, .externref, .handle: return nil
    }
  }
}
