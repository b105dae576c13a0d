// VirtualClock.swift — time and random numbers that are the same in every run.
// Freestanding. Imports nothing. Design: NovaCore.docc/WASI.md.
// Source: Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014).

/// Time that goes on by one step with each look at it, and otherwise only while somebody sleeps.
struct VirtualClock {
  /// Nanoseconds that each look takes; the clock's resolution.
  static var stepNanoseconds: UInt64 { 1000 }
  /// What the wall clock shows at the start: 2000-01-01 00:00:00 UTC, in nanoseconds since 1970.
  static var wallStart: UInt64 { 946_684_800_000_000_000 }

  /// Since the start.
  private var elapsed: UInt64 = 0

  /// Looks at the clock: nanoseconds since the start.
  mutating func now() -> UInt64 {
    advance(by: Self.stepNanoseconds)
    return elapsed
  }

  /// Lets time go by; it stands at its end, 584 years after the start.
  mutating func advance(by nanoseconds: UInt64) {
    let (sum, overflows) = elapsed.addingReportingOverflow(nanoseconds)
    elapsed = overflows ? .max : sum
  }
}

/// SplitMix64 from a fixed seed, as bytes.
struct VirtualRandom {
  /// The state before the first number.
  static var seed: UInt64 { 0 }

  private var state = seed

  /// The next number; all sums and products wrap around, by the algorithm.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
