// ModelRandom.swift — numbers that a seed determines, the same on every CPU.
// Hosted and freestanding. Imports nothing. Source: Steele, Lea, Flood, OOPSLA 2014 (SplitMix64).

/// Random numbers for a run.
public struct ModelRandom {
  private var state: UInt64

  /// Numbers that `seed` determines.
  public init(seed: UInt64) { state = seed }

  /// 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15  // wrapping is the method's
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number in `0 ..< bound`; the remainder's slight preference for small ones does no harm here.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "no number is below \(bound)")
    return Int(next() % UInt64(bound))
  }

  /// True once in `count` times.
  public mutating func isOneIn(_ count: Int) -> Bool { below(count) == 0 }
}

/// A running digest of what a contract answered.
///
/// Source: Fowler, Noll, Vo, FNV-1a, by words of 64 bits.
public struct ModelDigest {
  /// What was added so far, in 64 bits.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Adds a number.
  public mutating func add(_ number: UInt64) {
    value = (value ^ number) &* 0x0000_0100_0000_01b3  // wrapping is the method's
    value ^= value >> 29
  }

  /// Adds a number.
  public mutating func add(_ number: Int) { add(UInt64(truncatingIfNeeded: number)) }
}
