// VirtualClock.swift — time that is the same in every run.
// Freestanding. Imports nothing. Design: NovaCore.docc/WASI.md.

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
