// MathInputs.swift — operands for mathematics functions, and a digest of what came of them.
// Freestanding and hosted: a guest and its test draw the same operands from the same seed.
// Imports nothing. Source of the digest: FNV-1a, 64 bits.

/// A sequence of operands: special values, every magnitude, near ties and near each other.
public struct MathInputs {
  private var state: UInt64

  /// How many operands, or tuples of them, one digest covers.
  public static let count = 20_000

  /// The sequence that `seed` names.
  public init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  /// The next 64 bits (Marsaglia's xorshift, Vigna's multiplier).
  public mutating func word() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_f491_4f6c_dd1d
  }

  /// The next double; now and then close to `neighbour` or to its opposite.
  public mutating func double(near neighbour: Double = 1) -> Double {
    let kind = word()
    let sign = word() & 1 << 63
    switch kind >> 60 {
    case 0...2: return special(Int(kind & 0xffff), sign)
    case 3...6:  // around the integers: 2^-4 to 2^56
      return Double(bitPattern: sign | word() >> 12 | (1019 + (kind & 0xffff) % 60) << 52)
    case 7, 8:  // halves and other short fractions
      return Double(Int64(bitPattern: word()) >> Int64(20 + kind % 44)) * 0.5
    case 9, 10: return Double(bitPattern: neighbour.bitPattern ^ sign ^ (kind & 3))
    case 11: return Double(bitPattern: sign | word() >> 12 | (kind & 0xffff) % 120 << 52)
    default: return Double(bitPattern: word())
    }
  }

  /// The next float, drawn likewise.
  public mutating func float(near neighbour: Float = 1) -> Float {
    let kind = word()
    let wide = word()
    let sign = UInt32(wide >> 63) << 31
    let fraction = UInt32(wide & 0x7f_ffff)
    switch kind >> 60 {
    case 0...2: return Float(bitPattern: Self.specials32[Int(kind & 0xffff) % 16] | sign)
    case 3...6: return Float(bitPattern: sign | fraction | UInt32(123 + (kind & 0xffff) % 30) << 23)
    case 7, 8: return Float(Int32(truncatingIfNeeded: wide) >> Int32(kind % 31)) * 0.5
    case 9, 10: return Float(bitPattern: neighbour.bitPattern ^ sign ^ UInt32(kind & 3))
    case 11: return Float(bitPattern: sign | fraction | UInt32((kind & 0xffff) % 30) << 23)
    default: return Float(bitPattern: UInt32(truncatingIfNeeded: wide))
    }
  }

  /// The next number as text: digits before and after a point, and an exponent, decimal or binary.
  public mutating func text() -> String {
    let kind = word()
    let sign = (kind >> 32) & 1 == 0 ? "" : "-"
    let whole = word() >> (kind % 64)
    let fraction = word() >> ((kind >> 8) % 64)
    if kind >> 60 < 4 {
      let exponent = Int((kind >> 16) % 2300) - 1150
      let digits = String(whole, radix: 16) + "." + String(fraction, radix: 16)
      return sign + "0x" + digits + "p" + String(exponent)
    }
    let exponent = kind >> 60 < 10 ? Int((kind >> 16) % 60) - 30 : Int((kind >> 16) % 720) - 370
    return sign + String(whole) + "." + String(fraction) + "e" + String(exponent)
  }

  private func special(_ index: Int, _ sign: UInt64) -> Double {
    Double(bitPattern: Self.specials64[index % 18] | sign)
  }

  private static let specials64: InlineArray<18, UInt64> = [
    0, 1, 2, 0x000f_ffff_ffff_ffff, 0x0010_0000_0000_0000, 0x3fdf_ffff_ffff_ffff,
    0x3fe0_0000_0000_0000, 0x3ff0_0000_0000_0000, 0x3ff8_0000_0000_0000, 0x4004_0000_0000_0000,
    0x4008_0000_0000_0000, 0x432f_ffff_ffff_ffff, 0x4330_0000_0000_0000, 0x4330_0000_0000_0001,
    0x7fef_ffff_ffff_ffff, 0x7ff0_0000_0000_0000, 0x7ff0_0000_0000_0001, 0x7ff8_0000_0000_0000,
  ]
  private static let specials32: InlineArray<16, UInt32> = [
    0, 1, 0x7f_ffff, 0x80_0000, 0x3eff_ffff, 0x3f00_0000, 0x3f80_0000, 0x3fc0_0000, 0x4020_0000,
    0x4aff_ffff, 0x4b00_0000, 0x4b00_0001, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000,
  ]
}

/// A digest of bit patterns.
public struct Digest {
  /// The digest of what was added so far.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The digest of nothing.
  public init() {}

  /// Adds one bit pattern.
  public mutating func add(_ bits: UInt64) { value = (value ^ bits) &* 0x100_0000_01b3 }
}

/// The digest of `function` over `seed`'s doubles; each function has operands of its own.
public func digest64(_ seed: UInt64, _ function: (Double, Double, Double) -> UInt64) -> UInt64 {
  var inputs = MathInputs(seed: seed)
  var digest = Digest()
  for _ in 0..<MathInputs.count {
    let first = inputs.double()
    let second = inputs.double(near: first)
    let opposite = -(first * second).nextUp  // with it fma cancels
    let cancels = inputs.word() & 3 == 0 && !opposite.isNaN
    let third = inputs.double(near: first)
    digest.add(function(first, second, cancels ? opposite : third))
  }
  return digest.value
}

/// The digest of `function` over `seed`'s floats.
public func digest32(_ seed: UInt64, _ function: (Float, Float, Float) -> UInt32) -> UInt64 {
  var inputs = MathInputs(seed: seed)
  var digest = Digest()
  for _ in 0..<MathInputs.count {
    let first = inputs.float()
    let second = inputs.float(near: first)
    let opposite = -(first * second).nextUp
    let cancels = inputs.word() & 3 == 0 && !opposite.isNaN
    let third = inputs.float(near: first)
    digest.add(UInt64(function(first, second, cancels ? opposite : third)))
  }
  return digest.value
}

/// The digest of what `parse` reads from `seed`'s texts.
public func digestTexts(_ seed: UInt64, _ parse: (String) -> UInt64) -> UInt64 {
  var inputs = MathInputs(seed: seed)
  var digest = Digest()
  for _ in 0..<MathInputs.count { digest.add(parse(inputs.text())) }
  return digest.value
}

/// A number's bits; for every NaN the same.
public func bits(_ value: Double) -> UInt64 { value.isNaN ? .max : value.bitPattern }

/// A number's bits; for every NaN the same.
public func bits(_ value: Float) -> UInt32 { value.isNaN ? .max : value.bitPattern }

/// A number's bits; for every NaN the same.
public func bits(_ value: Float16) -> UInt16 { value.isNaN ? .max : value.bitPattern }
