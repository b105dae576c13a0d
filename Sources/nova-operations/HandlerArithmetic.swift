// HandlerArithmetic.swift — rotations and float functions, once for each width.
// Hosted. Imports nothing. No function of libm is called: x86-64's first level has no rounding.

/// Swift text for both widths of integers and floats.
enum HandlerArithmetic {
  static let text =
    integers("UInt32") + integers("UInt64") + floats("Float", "0x1p23", 31, "0x7fc0_0000")
    + floats("Double", "0x1p52", 63, "0x7ff8_0000_0000_0000")

  private static func integers(_ type: String) -> String {
    """
    @inline(__always) private func rotatedLeft(_ x: \(type), _ y: \(type)) -> \(type) {
      (x &<< y) | (x &>> (0 &- y))
    }
    @inline(__always) private func rotatedRight(_ x: \(type), _ y: \(type)) -> \(type) {
      (x &>> y) | (x &<< (0 &- y))
    }

    """
  }

  // Adding and taking away 2 to the power of the fraction's width rounds to an integer, ties to
  // even, in the default rounding mode; larger magnitudes are integers already.
  private static func floats(
    _ type: String, _ whole: String, _ sign: Int, _ quiet: String
  ) -> String {
    """
    @inline(__always) private func negated(_ x: \(type)) -> \(type) {
      \(type)(bitPattern: x.bitPattern ^ 1 &<< \(sign))
    }
    @inline(__always) private func magnitude(_ x: \(type)) -> \(type) {
      \(type)(bitPattern: x.bitPattern & ~(1 &<< \(sign)))
    }
    @inline(__always) private func signed(_ x: \(type), as y: \(type)) -> \(type) {
      \(type)(bitPattern: x.bitPattern & ~(1 &<< \(sign)) | y.bitPattern & 1 &<< \(sign))
    }
    @inline(__always) private func roundedMagnitude(_ x: \(type)) -> \(type) {
      (magnitude(x) + \(whole)) - \(whole)
    }
    #if arch(riscv64)
      // No arithmetic here makes the NaN canonical: the compiler leaves out the addition of zero.
      @inline(__always) private func unrounded(_ x: \(type)) -> \(type) {
        let isNaN = magnitude(x).bitPattern > \(type).infinity.bitPattern
        return isNaN ? \(type)(bitPattern: \(quiet)) : x
      }
    #else
      @inline(__always) private func unrounded(_ x: \(type)) -> \(type) { x }
    #endif
    @inline(__always) private func nearest(_ x: \(type)) -> \(type) {
      if !(magnitude(x) < \(whole)) { return unrounded(x) }
      return signed(roundedMagnitude(x), as: x)
    }
    @inline(__always) private func truncated(_ x: \(type)) -> \(type) {
      if !(magnitude(x) < \(whole)) { return unrounded(x) }
      let rounded = roundedMagnitude(x)
      return signed(rounded > magnitude(x) ? rounded - 1 : rounded, as: x)
    }
    @inline(__always) private func floor(_ x: \(type)) -> \(type) {
      if !(magnitude(x) < \(whole)) { return unrounded(x) }
      let rounded = signed(roundedMagnitude(x), as: x)
      return signed(rounded > x ? rounded - 1 : rounded, as: x)
    }
    @inline(__always) private func ceiling(_ x: \(type)) -> \(type) {
      if !(magnitude(x) < \(whole)) { return unrounded(x) }
      let rounded = signed(roundedMagnitude(x), as: x)
      return signed(rounded < x ? rounded + 1 : rounded, as: x)
    }
    @inline(__always) private func minimum(_ x: \(type), _ y: \(type)) -> \(type) {
      if x < y { return x }
      if y < x { return y }
      return x == y ? \(type)(bitPattern: x.bitPattern | y.bitPattern) : x + y
    }
    @inline(__always) private func maximum(_ x: \(type), _ y: \(type)) -> \(type) {
      if x > y { return x }
      if y > x { return y }
      return x == y ? \(type)(bitPattern: x.bitPattern & y.bitPattern) : x + y
    }

    """
  }
}
