// FloatDigits.swift — the shortest decimal digits that name a float, by exact arithmetic.
// Freestanding. Imports nothing. Source: R. G. Burger, R. K. Dybvig, "Printing Floating-Point
// Numbers Quickly and Accurately", PLDI 1996, free-format algorithm.
//
// The standard library's way is faster, and larger than the rest of what prints.

/// A natural number below 2^1280, more than the largest that appears: 2^54 · 10^324.
struct Natural {
  private static let limbCount = 40
  // The limb of the lowest value first.
  private var limbs = InlineArray<40, UInt32>(repeating: 0)

  @inline(never) init(_ value: UInt64, shiftedLeft count: Int) {
    limbs[0] = UInt32(truncatingIfNeeded: value)
    limbs[1] = UInt32(truncatingIfNeeded: value >> 32)
    for _ in 0..<count { multiply(by: 2) }
  }

  @inline(never) mutating func multiply(by factor: UInt32) {
    var carry: UInt64 = 0
    for index in 0..<Self.limbCount {
      carry += UInt64(limbs[index]) * UInt64(factor)
      limbs[index] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
  }

  /// Adds `other`, or takes it away where `isTaken`; the result is not below 0.
  @inline(never) mutating func add(_ other: borrowing Natural, isTaken: Bool = false) {
    var carry: Int64 = 0
    for index in 0..<Self.limbCount {
      let limb = Int64(other.limbs[index])
      carry += Int64(limbs[index]) + (isTaken ? -limb : limb)
      limbs[index] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
  }

  /// Below zero, zero or above as it is less, as much or more than `other`.
  @inline(never) func order(_ other: borrowing Natural) -> Int {
    for index in (0..<Self.limbCount).reversed() where limbs[index] != other.limbs[index] {
      return limbs[index] < other.limbs[index] ? -1 : 1
    }
    return 0
  }
}

/// Digits of a finite float above 0: 0.d₁d₂… · 10^exponent.
struct FloatDigits {
  /// As ASCII; the first is not 0.
  private(set) var digits = InlineArray<20, UInt8>(repeating: 0)
  private(set) var count = 0
  private(set) var exponent = 0

  // The float's rest over the scale; half of what is between the float and its neighbours.
  private var rest: Natural
  private var scale: Natural
  private var above: Natural
  private var below: Natural
  private let isEven: Bool

  /// - Parameters:
  ///   - significand: the float is so many times 2^`power`.
  ///   - power: of 2.
  ///   - isLowest: whether the float below is half as far as the one above.
  init(_ significand: UInt64, power: Int, isLowest: Bool) {
    isEven = significand & 1 == 0
    let closer = isLowest ? 1 : 0
    rest = Natural(significand, shiftedLeft: max(power, 0) + 1 + closer)
    scale = Natural(1, shiftedLeft: max(-power, 0) + 1 + closer)
    above = Natural(1, shiftedLeft: max(power, 0) + closer)
    below = Natural(1, shiftedLeft: max(power, 0))
    while isHigh {
      scale.multiply(by: 10)
      exponent += 1
    }
    while true {
      grow()
      guard !isHigh else { break }
      exponent -= 1
    }
    while !append() { grow() }
  }

  /// Whether the number after the next digit is nearer to the float than to its neighbour.
  private var isHigh: Bool {
    @inline(never) get {
      var sum = rest
      sum.add(above)
      let order = sum.order(scale)
      return order > 0 || order == 0 && isEven
    }
  }

  @inline(never) private mutating func grow() {
    rest.multiply(by: 10)
    above.multiply(by: 10)
    below.multiply(by: 10)
  }

  /// Appends a digit; true when it was the last.
  private mutating func append() -> Bool {
    var digit = UInt8(ascii: "0")
    while rest.order(scale) >= 0 {
      rest.add(scale, isTaken: true)
      digit += 1
    }
    let order = rest.order(below)
    let isLow = order < 0 || order == 0 && isEven
    let isHigh = isHigh
    if isHigh {
      var twice = rest
      twice.add(rest)
      let half = twice.order(scale)
      if !isLow || half > 0 || half == 0 && digit & 1 == 1 { digit += 1 }
    }
    digits[count] = digit
    count += 1
    return isLow || isHigh
  }
}

extension Line {
  /// Appends a float as the standard library spells it.
  ///
  /// A function of its own, that a program is made without whose functions give no floats.
  @inline(never) mutating func append(
    float bits: UInt64, significandBitCount: Int, exponentBitCount: Int
  ) {
    let exponentMax = 1 << exponentBitCount - 1
    let fraction = bits & (1 << UInt64(significandBitCount) - 1)
    let biased = Int(bits >> UInt64(significandBitCount)) & exponentMax
    if biased == exponentMax, fraction != 0 { return append("nan") }
    if bits >> UInt64(significandBitCount + exponentBitCount) != 0 { append(UInt8(ascii: "-")) }
    if biased == exponentMax { return append("inf") }
    if biased == 0, fraction == 0 { return append("0.0") }
    let hidden: UInt64 = biased == 0 ? 0 : 1 << UInt64(significandBitCount)
    let power = max(biased, 1) - exponentMax / 2 - significandBitCount
    let number = FloatDigits(
      fraction | hidden, power: power, isLowest: fraction == 0 && biased > 1)
    // Whole numbers beyond those that are all there have an exponent.
    let isLarge = power > 1 || power == 1 && fraction != 0
    append(number, hasExponent: isLarge || number.exponent < -3)
  }

  private mutating func append(_ number: FloatDigits, hasExponent: Bool) {
    let pointPlace = hasExponent ? 1 : number.exponent
    if pointPlace <= 0 { append("0.") }
    for _ in min(pointPlace, 0)..<0 { append(UInt8(ascii: "0")) }
    for index in 0..<max(number.count, pointPlace) {
      if index == pointPlace, index > 0 { append(UInt8(ascii: ".")) }
      append(index < number.count ? number.digits[index] : UInt8(ascii: "0"))
    }
    if hasExponent {
      let exponent = number.exponent - 1
      append(exponent < 0 ? "e-" : "e+")
      if exponent.magnitude < 10 { append(UInt8(ascii: "0")) }
      append(abs(exponent))
    } else if number.count <= pointPlace {
      append(".0")
    }
  }
}
