// SplitMix64.swift — the generator behind the choice of victims, deterministic schedules and WASI's
// random bytes.
// Freestanding. Imports nothing.
// Source: Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014).

/// SplitMix64: 64 bits of state, period 2⁶⁴; the same numbers on every CPU.
@usableFromInline
package struct SplitMix64 {
  /// The seed, plus the golden gamma for each number drawn.
  @usableFromInline package var state: UInt64

  @usableFromInline
  package init(seed: UInt64) { state = seed }

  /// The next number; all sums and products wrap around, by the algorithm.
  @usableFromInline
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number in `0 ..< bound`, which is above 0; off uniform by at most bound / 2⁶⁴.
  mutating func next(below bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
