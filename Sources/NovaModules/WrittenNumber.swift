// WrittenNumber.swift — numbers as people write them, by the type that is wanted.
// Freestanding. Imports NovaBytecode; the standard library's stubs (crt/parse.c) round floats.
// Source of the floats' syntax: ISO C23 7.24.1.5; of `nan:0x…`: WebAssembly 2.0, section 6.3.2.

import NovaBytecode

@_extern(c, "_swift_stdlib_strtod_clocale")
private func parseDouble(
  _ text: UnsafePointer<UInt8>, _ result: UnsafeMutablePointer<Double>
) -> UnsafePointer<UInt8>?

@_extern(c, "_swift_stdlib_strtof_clocale")
private func parseFloat(
  _ text: UnsafePointer<UInt8>, _ result: UnsafeMutablePointer<Float>
) -> UnsafePointer<UInt8>?

/// Numbers as people write them.
public enum WrittenNumber {
  /// Digits, or 0x and hexadecimal digits; nil for anything else, and for more than 64 bits.
  public static func magnitude(_ text: Span<UInt8>, from start: Int = 0) -> UInt64? {
    let isHexadecimal = isHexadecimal(text, from: start)
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

  /// A magnitude; behind it perhaps K, M or G, for 1024 and its powers.
  public static func size(_ text: Span<UInt8>) -> UInt64? {
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

  /// A value of `type`; nil when the text spells none.
  ///
  /// Integers are decimal or `0x…`, of either sign, and fit signed or unsigned; references are
  /// magnitudes. Floats are decimal or hexadecimal, finite, and rounded to the nearest; or `inf`,
  /// `nan`, `nan:0x…` with that payload.
  public static func value(_ text: Span<UInt8>, _ type: ValueType) -> ModuleValue? {
    switch type {
    case .i32: integer(text, bitCount: 32).map { ModuleValue(.i32, bits: $0 & 0xffff_ffff) }
    case .i64: integer(text, bitCount: 64).map { ModuleValue(.i64, bits: $0) }
    case .f32: float(text, significandBitCount: 23).map { ModuleValue(.f32, bits: $0) }
    case .f64: float(text, significandBitCount: 52).map { ModuleValue(.f64, bits: $0) }
    case .funcref, .externref, .handle: magnitude(text).map { ModuleValue(type, bits: $0) }
    }
  }

  private static func isHexadecimal(_ text: Span<UInt8>, from start: Int) -> Bool {
    text.count - start > 2 && text[start] == UInt8(ascii: "0")
      && text[start + 1] | 0x20 == UInt8(ascii: "x")
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// Whether a sign stands first, and where what follows it begins.
  private static func sign(_ text: Span<UInt8>) -> (isNegative: Bool, start: Int) {
    guard text.count > 0 else { return (false, 0) }
    let isNegative = text[0] == UInt8(ascii: "-")
    return (isNegative, isNegative || text[0] == UInt8(ascii: "+") ? 1 : 0)
  }

  /// The bits of an integer of so many bits, signed or not.
  private static func integer(_ text: Span<UInt8>, bitCount: Int) -> UInt64? {
    let (isNegative, start) = sign(text)
    guard let magnitude = magnitude(text, from: start) else { return nil }
    let half: UInt64 = 1 << UInt64(bitCount - 1)
    if isNegative { return magnitude <= half ? 0 &- magnitude : nil }
    return bitCount == 64 || magnitude < 2 * half ? magnitude : nil
  }

  /// The bits of a float with so many bits behind the point, of 32 or 64 bits in all.
  ///
  /// A function of its own, that a program is made without whose functions take no floats.
  @inline(never) private static func float(
    _ text: Span<UInt8>, significandBitCount: UInt64
  ) -> UInt64? {
    let (isNegative, start) = sign(text)
    let isDouble = significandBitCount == 52
    let infinity: UInt64 = isDouble ? 0x7ff0_0000_0000_0000 : 0x7f80_0000
    let signBit: UInt64 = isNegative ? 1 << (isDouble ? 63 : 31) : 0
    if isWord("inf", text, from: start) { return infinity | signBit }
    if isWord("nan", text, from: start) {
      return infinity | 1 << (significandBitCount - 1) | signBit
    }
    if text.count > start + 4, isWord("nan:", text.extracting(0..<start + 4), from: start) {
      guard isHexadecimal(text, from: start + 4),
        let payload = magnitude(text, from: start + 4), payload > 0,
        payload < 1 << significandBitCount
      else { return nil }
      return infinity | payload | signBit
    }
    // What the parser takes besides (words, space) is spelled above or not at all.
    guard text.count > start, digit(text[start]).map({ $0 < 10 }) ?? false else { return nil }
    let bits = isDouble ? doubleBits(text, from: start) : floatBits(text, from: start)
    guard let bits, bits < infinity else { return nil }
    return bits | signBit
  }

  private static func isWord(_ word: StaticString, _ text: Span<UInt8>, from start: Int) -> Bool {
    guard text.count - start == word.utf8CodeUnitCount else { return false }
    for index in 0..<word.utf8CodeUnitCount {
      // SAFETY: the index is below the literal's count.
      guard unsafe text[start + index] == word.utf8Start[index] else { return false }
    }
    return true
  }

  private static func doubleBits(_ text: Span<UInt8>, from start: Int) -> UInt64? {
    var value: Double = 0
    // SAFETY: a zero ends the bytes, where the parser stops at the latest.
    let isWhole = unsafe withTerminated(text, from: start) { first, end in
      unsafe parseDouble(first, &value) == end
    }
    return isWhole ? value.bitPattern : nil
  }

  private static func floatBits(_ text: Span<UInt8>, from start: Int) -> UInt64? {
    var value: Float = 0
    // SAFETY: as above.
    let isWhole = unsafe withTerminated(text, from: start) { first, end in
      unsafe parseFloat(first, &value) == end
    }
    return isWhole ? UInt64(value.bitPattern) : nil
  }

  /// Calls `body` with a copy of the text from `start` on, and where it ends, with a zero.
  private static func withTerminated(
    _ text: Span<UInt8>, from start: Int,
    _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Bool
  ) -> Bool {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count - start + 1)
    for index in start..<text.count { bytes.append(text[index]) }
    bytes.append(0)
    let count = bytes.count - 1
    // SAFETY: the array lives as long as the call, which keeps none of it.
    return unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return false }
      return unsafe body(first, first + count)
    }
  }
}
