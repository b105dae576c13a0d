// SeededGenerator.swift — numbers that a seed gives again.
// Hosted. Imports nothing. Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
// Generators", OOPSLA 2014.

/// SplitMix64, for random tests; seed it with `TestSeed.value`.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Numbers that `seed` fixes.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15  // wrapping is the method's
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
