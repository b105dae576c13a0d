// OperationVectors.swift — what operations come to, written by hand, by name: integers and moves.
// Freestanding and hosted. Imports nothing. Sources: WebAssembly 2.0, section 4.3; two's
// complement. How a line is read: OperationVectors+Forms.swift.

/// Vectors that owe nothing to the trees that handlers are made from.
///
/// A line begins with a name; lines that begin with blanks go on with it. `x y = r` are operands in
/// the text's order and the result, hexadecimal bits of registers and immediates; `!` is a trap.
/// Of a comparison the result says whether its branch is taken. Operations of 32 bits are given
/// registers with an upper half now and then, which they must not see.
public enum OperationVectors {
  static let tables: [StaticString] = [
    moves, integers32, integers64, comparisons32, comparisons64, floats32, floats64,
    floatComparisons, conversionsToIntegers, saturations, conversionsToFloats, loads, stores,
  ]

  private static let moves: StaticString = """
    mov: 123456789abcdef0 = 123456789abcdef0, 0 = 0, ffffffffffffffff = ffffffffffffffff
    mov.float: 7ff0000000000001 = 7ff0000000000001, deadbeef7f800001 = deadbeef7f800001
    const32: ffffffff = ffffffff, 80000000 = 80000000, 7 = 7
    const32_s: ffffffff = ffffffffffffffff, 80000000 = ffffffff80000000, 7fffffff = 7fffffff
    const64: 123456789abcdef0 = 123456789abcdef0, ffffffffffffffff = ffffffffffffffff
    f32.const: 7f800001 = 7f800001, bf800000 = bf800000
    f64.const: 7ff0000000000001 = 7ff0000000000001, 8000000000000000 = 8000000000000000
    select: 1 2 0 = 2, 1 2 1 = 1, 1 2 80000000 = 1, 1 2 ffffffff00000000 = 2
      123456789abcdef0 2 ffffffff = 123456789abcdef0
    select.float: 3ff0000000000000 7ff0000000000001 0 = 7ff0000000000001
      7ff0000000000001 0 2 = 7ff0000000000001, 1 2 ffffffff00000000 = 2
    ref.is_null: 0 = 1, 100000001 = 0, 100000000 = 0
    br_if: 0 = 0, 1 = 1, 80000000 = 1, ffffffff00000000 = 0
    br_unless: 0 = 1, 1 = 0, 80000000 = 0, ffffffff00000000 = 1

    """

  private static let integers32: StaticString = """
    i32.add: 7fffffff 1 = 80000000, ffffffff 1 = 0, 12345678 ffffffff00000001 = 12345679
      5 fffffffb = 0, 0 ffff8000 = ffff8000, abcdef0180000000 80000000 = 0
    i32.sub: 0 1 = ffffffff, 80000000 1 = 7fffffff, 5 7 = fffffffe, 100000000 0 = 0
    i32.mul: ffffffff ffffffff = 1, 10000 10000 = 0, 7fffffff 2 = fffffffe
      12345 fffffff9 = fff8091d, 100000003 4 = c
    i32.and: f0f0f0f0 ff00ff00 = f000f000, ffffffff fffffff0 = fffffff0, ffffffffffffffff f = f
    i32.or: f0f0f0f0 0f000000 = fff0f0f0, 0 ffffffff = ffffffff, ffffffff00000001 2 = 3
    i32.xor: ffff0000 ff00ff00 = ffff00, 5 ffffffff = fffffffa, ffffffff00000001 1 = 0
    i32.shl: 1 1f = 80000000, 1 20 = 1, 80000001 1 = 2, 1 ffffffff = 80000000, 3 0 = 3
    i32.shr_s: 80000000 1f = ffffffff, 80000000 20 = 80000000, 7fffffff 1e = 1
      fffffff8 2 = fffffffe, 40000000 ffffffff = 0, ffffffff7fffffff 1 = 3fffffff
    i32.shr_u: 80000000 1f = 1, ffffffff 21 = 7fffffff, 80000000 ffffffe1 = 40000000
      ffffffff80000000 4 = 8000000
    i32.rotl: 80000001 1 = 3, 12345678 8 = 34567812, abcd 20 = abcd, 1 ffffffff = 80000000
      1 0 = 1
    i32.rotr: 1 1 = 80000000, 12345678 8 = 78123456, abcd 0 = abcd, 80000000 ffffffff = 1
    i32.div_s: 7 fffffffe = fffffffd, fffffff9 2 = fffffffd, fffffff9 fffffffe = 3
      80000000 1 = 80000000, 80000000 2 = c0000000, 80000000 ffffffff = !overflow
      1 0 = !zero, 80000000 0 = !zero, 1 ffffffff00000000 = !zero, 600000008 2 = 4
    i32.div_u: ffffffff 2 = 7fffffff, 80000000 ffffffff = 0, fffffff9 fffffff9 = 1
      7 0 = !zero, 7 100000000 = !zero
    i32.rem_s: fffffff9 2 = ffffffff, 7 fffffffe = 1, 80000000 ffffffff = 0
      80000000 3 = fffffffe, 1 0 = !zero
    i32.rem_u: ffffffff 10 = f, 80000000 ffffffff = 80000000, fffffff9 7 = 4, 5 0 = !zero
    i32.clz: 0 = 20, 1 = 1f, 80000000 = 0, ffff = 10, ffffffff00000000 = 20
    i32.ctz: 0 = 20, 80000000 = 1f, 8 = 3, ffffffff = 0, ffffffff00000000 = 20
    i32.popcnt: 0 = 0, ffffffff = 20, 80000001 = 2, ffffffff00000007 = 3
    i32.extend8_s: 80 = ffffff80, 7f = 7f, ffffff00 = 0, 1ff = ffffffff
    i32.extend16_s: 8000 = ffff8000, 7fff = 7fff, 12340000 = 0, 1ffff = ffffffff

    """

  private static let integers64: StaticString = """
    i64.add: 7fffffffffffffff 1 = 8000000000000000, ffffffffffffffff 1 = 0
      ffffffff 1 = 100000000, 0 ffffffffffff8000 = ffffffffffff8000
    i64.sub: 0 1 = ffffffffffffffff, 100000000 1 = ffffffff
      8000000000000000 1 = 7fffffffffffffff
    i64.mul: ffffffffffffffff ffffffffffffffff = 1, 100000000 100000000 = 0
      123456789 fffffffffffffff9 = fffffff8091a2b41, 100000001 7fff = 7fff00007fff
    i64.and: f0f0f0f0f0f0f0f0 ff00ff00ff00ff00 = f000f000f000f000
      ffffffffffffffff fffffffffffffff0 = fffffffffffffff0, ffffffffffffffff 7f = 7f
    i64.or: f0f0f0f000000000 f000000 = f0f0f0f00f000000, 0 ffffffffffffffff = ffffffffffffffff
    i64.xor: ffff0000ffff0000 ff00ff00ff00ff00 = ffff0000ffff00
      5 ffffffffffffffff = fffffffffffffffa
    i64.shl: 1 3f = 8000000000000000, 1 40 = 1, 1 ffffffffffffffff = 8000000000000000
      1 20 = 100000000, 8000000000000001 1 = 2
    i64.shr_s: 8000000000000000 3f = ffffffffffffffff, 8000000000000000 40 = 8000000000000000
      7fffffffffffffff 3e = 1, 80000000 1f = 1
    i64.shr_u: 8000000000000000 3f = 1, ffffffffffffffff 41 = 7fffffffffffffff
      ffffffff00000000 20 = ffffffff
    i64.rotl: 8000000000000001 1 = 3, 123456789abcdef0 10 = 56789abcdef01234
      1 ffffffffffffffff = 8000000000000000, abcd 40 = abcd, 80000000 1 = 100000000
    i64.rotr: 1 1 = 8000000000000000, 123456789abcdef0 10 = def0123456789abc, abcd 40 = abcd
      1 ffffffffffffffff = 2
    i64.div_s: 7 fffffffffffffffe = fffffffffffffffd, 8000000000000000 2 = c000000000000000
      100000000 ffffffff = 1, 8000000000000000 ffffffffffffffff = !overflow
      80000000 ffffffffffffffff = ffffffff80000000, 1 0 = !zero, 8000000000000000 0 = !zero
    i64.div_u: ffffffffffffffff 2 = 7fffffffffffffff, 8000000000000000 ffffffffffffffff = 0
      100000000 10000 = 10000, 7 0 = !zero
    i64.rem_s: fffffffffffffff9 2 = ffffffffffffffff, 7 fffffffffffffffe = 1
      8000000000000000 ffffffffffffffff = 0, 1 0 = !zero
    i64.rem_u: ffffffffffffffff 10 = f, 8000000000000000 ffffffffffffffff = 8000000000000000
      100000005 100000000 = 5, 5 0 = !zero
    i64.clz: 0 = 40, 1 = 3f, 8000000000000000 = 0, ffffffff = 20
    i64.ctz: 0 = 40, 8000000000000000 = 3f, 100000000 = 20, 1 = 0
    i64.popcnt: 0 = 0, ffffffffffffffff = 40, 8000000000000001 = 2, 100000001 = 2
    i64.extend8_s: 80 = ffffffffffffff80, 7f = 7f, ffffff00 = 0
    i64.extend16_s: 8000 = ffffffffffff8000, 7fff = 7fff, 12340000 = 0
    i64.extend32_s: 80000000 = ffffffff80000000, 123456787fffffff = 7fffffff, ffffffff00000000 = 0

    """

  private static let comparisons32: StaticString = """
    i32.eq: 80000000 7fffffff = 0, 5 5 = 1, 1234567800000005 5 = 1, ffff8000 ffff8000 = 1
      7fff ffff7fff = 0, ffffffff ffffffff = 1, 8000 ffff8000 = 0
    i32.ne: 80000000 7fffffff = 1, 5 5 = 0, 1234567800000005 5 = 0, ffff8000 ffff8000 = 0
      8000 ffff8000 = 1
    i32.lt_s: 80000000 7fffffff = 1, 5 5 = 0, 1 ffffffff = 0, 2 3 = 1, ffffffff00000002 3 = 1
      ffffffff 0 = 1
    i32.lt_u: 80000000 7fffffff = 0, 5 5 = 0, 1 ffffffff = 1, 2 3 = 1, fffffffe ffffffff = 1
      ffffffff00000002 3 = 1
    i32.le_s: 80000000 7fffffff = 1, 5 5 = 1, 1 ffffffff = 0, 3 2 = 0, ffffffff ffffffff = 1
    i32.le_u: 80000000 7fffffff = 0, 5 5 = 1, 1 ffffffff = 1, 3 2 = 0, 100000000 0 = 1
    i32.gt_s: 80000000 7fffffff = 0, 5 5 = 0, 1 ffffffff = 1, 2 3 = 0, 100000000 0 = 0
    i32.gt_u: 80000000 7fffffff = 1, 5 5 = 0, 1 ffffffff = 0, 3 2 = 1, 100000000 0 = 0
    i32.ge_s: 80000000 7fffffff = 0, 5 5 = 1, 1 ffffffff = 1, 2 3 = 0, 7fff ffff8000 = 1
    i32.ge_u: 80000000 7fffffff = 1, 5 5 = 1, 1 ffffffff = 0, 2 3 = 0, 7fff ffff8000 = 0

    """

  private static let comparisons64: StaticString = """
    i64.eq: 8000000000000000 7fffffffffffffff = 0, 5 5 = 1, 100000005 5 = 0
      ffffffffffff8000 ffffffffffff8000 = 1, ffffffff ffffffffffffffff = 0
    i64.ne: 8000000000000000 7fffffffffffffff = 1, 5 5 = 0, 100000005 5 = 1
    i64.lt_s: 8000000000000000 7fffffffffffffff = 1, 5 5 = 0, 1 ffffffffffffffff = 0, 2 3 = 1
      100000002 3 = 0, ffffffff ffffffffffffffff = 0
    i64.lt_u: 8000000000000000 7fffffffffffffff = 0, 5 5 = 0, 1 ffffffffffffffff = 1
      100000002 3 = 0, 2 3 = 1
    i64.le_s: 8000000000000000 7fffffffffffffff = 1, 5 5 = 1, 1 ffffffffffffffff = 0
      100000000 1 = 0
    i64.le_u: 8000000000000000 7fffffffffffffff = 0, 5 5 = 1, 1 ffffffffffffffff = 1
      100000000 1 = 0
    i64.gt_s: 8000000000000000 7fffffffffffffff = 0, 5 5 = 0, 1 ffffffffffffffff = 1
      100000000 1 = 1
    i64.gt_u: 8000000000000000 7fffffffffffffff = 1, 5 5 = 0, 1 ffffffffffffffff = 0
      100000000 1 = 1
    i64.ge_s: 8000000000000000 7fffffffffffffff = 0, 5 5 = 1, 1 ffffffffffffffff = 1, 2 3 = 0
    i64.ge_u: 8000000000000000 7fffffffffffffff = 1, 5 5 = 1, 1 ffffffffffffffff = 0, 2 3 = 0

    """
}
