// WrittenNumberTests.swift — each spelling has one value, to the last bit, or none.

import NovaModules
import Testing

@Suite struct WrittenNumberTests {
  private func bits(_ text: String, _ type: ValueType) -> UInt64? {
    WrittenNumber.value(Array(text.utf8).span, type)?.bits
  }

  @Test(
    arguments: [
      ("0", 0), ("-1", 0xffff_ffff), ("+7", 7), ("0x2A", 42), ("-0x1", 0xffff_ffff),
      ("2147483648", 0x8000_0000), ("-2147483648", 0x8000_0000), ("4294967295", 0xffff_ffff),
    ] as [(String, UInt64)])
  func `integers fit signed or unsigned`(text: String, expected: UInt64) {
    #expect(bits(text, .i32) == expected)
    let wide = text.hasPrefix("-") ? expected | 0xffff_ffff_0000_0000 : expected
    #expect(bits(text, .i64) == wide)
  }

  @Test(arguments: [
    "", "-", "+", "0x", "1.5", " 1", "1 ", "--1", "+-1", "4294967296", "-2147483649", "1_000", "a",
  ])
  func `what is no i32 is refused`(text: String) { #expect(bits(text, .i32) == nil) }

  @Test func `the ends of i64`() {
    #expect(bits("18446744073709551615", .i64) == .max)
    #expect(bits("-9223372036854775808", .i64) == 1 << 63)
    #expect(bits("18446744073709551616", .i64) == nil)
    #expect(bits("-9223372036854775809", .i64) == nil)
  }

  // The hard ones: halfway between two floats, the least and the greatest, and long decimals.
  @Test(
    arguments: [
      ("0", 0), ("-0", 0x8000_0000_0000_0000), ("1.5", 0x3ff8_0000_0000_0000),
      ("0.1", 0x3fb9_9999_9999_999a), ("1e23", 0x44b5_2d02_c7e1_4af6),
      ("9007199254740993", 0x4340_0000_0000_0000), ("9007199254740995", 0x4340_0000_0000_0002),
      ("4.9406564584124654e-324", 1), ("2.4703282292062327e-324", 0),
      ("2.4703282292062328e-324", 1), ("2.2250738585072011e-308", 0x000f_ffff_ffff_ffff),
      ("1.7976931348623157e308", 0x7fef_ffff_ffff_ffff), ("-3e-2", 0xbf9e_b851_eb85_1eb8),
      ("0x1.8p+1", 0x4008_0000_0000_0000), ("0x1p-1074", 1), ("inf", 0x7ff0_0000_0000_0000),
      ("-inf", 0xfff0_0000_0000_0000), ("nan", 0x7ff8_0000_0000_0000),
      ("-nan", 0xfff8_0000_0000_0000), ("nan:0x123", 0x7ff0_0000_0000_0123),
    ] as [(String, UInt64)])
  func `a float is the nearest`(text: String, expected: UInt64) {
    #expect(bits(text, .f64) == expected)
  }

  @Test(
    arguments: [
      ("0.1", 0x3dcc_cccd), ("16777217", 0x4b80_0000), ("16777219", 0x4b80_0002),
      // Rounded once: by way of a double it would be 0x3f80_0000.
      ("1.00000005960464477540", 0x3f80_0001), ("1e-45", 1), ("3.4028235e38", 0x7f7f_ffff),
      ("-inf", 0xff80_0000), ("nan:0x7fffff", 0x7fff_ffff),
    ] as [(String, UInt64)])
  func `a short float is rounded once`(text: String, expected: UInt64) {
    #expect(bits(text, .f32) == expected)
  }

  @Test(arguments: [
    "", "-", ".", ".5", "1e", "1e999", "-1e999", "infinity", "INF", "nan(1)", "snan", "nan:0",
    "nan:0x0", "nan:0x10000000000000", "nan:123", " 1", "1 ", "0x", "1f", "1.5.2", "--1",
  ])
  func `what is no float is refused`(text: String) {
    #expect(bits(text, .f64) == nil)
    #expect(bits(text, .f32) == nil)
  }

  @Test func `references are magnitudes, and sizes have units`() {
    #expect(bits("0x10", .externref) == 16)
    #expect(bits("-1", .handle) == nil)
    for (text, size) in [("64K", 65536), ("1M", 1 << 20), ("2G", 2 << 30), ("7", 7)] {
      #expect(WrittenNumber.size(Array(text.utf8).span) == UInt64(size))
    }
    for text in ["", "K", "1T", "0x10000000000000000", "17179869184G"] {
      #expect(WrittenNumber.size(Array(text.utf8).span) == nil)
    }
  }
}
