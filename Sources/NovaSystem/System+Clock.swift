// System+Clock.swift — the system's clocks, in nanoseconds.
// Freestanding. Imports NovaABI.

import NovaABI

extension System {
  /// Nanoseconds since some moment before the process started; never goes back.
  ///
  /// - Complexity: a system call in a freestanding program.
  public static var monotonicNanoseconds: Int64 { nanoseconds(of: NOVA_CLOCK_monotonic) }

  /// Nanoseconds since 1970-01-01 UTC; may jump when somebody sets the clock.
  ///
  /// - Complexity: a system call in a freestanding program.
  public static var wallNanoseconds: Int64 { nanoseconds(of: NOVA_CLOCK_wall) }

  /// Nanoseconds that the CPUs have spent on the process.
  public static var processNanoseconds: Int64 { nanoseconds(of: NOVA_CLOCK_process) }

  /// Nanoseconds that a CPU has spent on the calling thread.
  public static var threadNanoseconds: Int64 { nanoseconds(of: NOVA_CLOCK_thread) }

  /// The step of the monotonic clock, in nanoseconds.
  public static var clockStepNanoseconds: Int64 { nova_clock_resolution(NOVA_CLOCK_monotonic) }

  private static func nanoseconds(of clock: nova_clock) -> Int64 {
    let result = nova_clock(clock)
    precondition(result >= 0, "the system has no such clock")
    return result
  }
}
