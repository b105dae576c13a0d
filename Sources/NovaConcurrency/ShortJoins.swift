// ShortJoins.swift — when a thief does more harm than good.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.

/// How many halves of joins in a row a worker has stolen that were not worth it.
///
/// Stealing one costs its caller more than a microsecond: the line of its deque, the wait for the
/// thief's end, and a call of the kernel if the thief slept. Who has stolen many shorter ones
/// leaves the callers alone for naps of `napNanoseconds`, until one was longer. Tasks do not count:
/// they have no caller that would run them itself.
struct ShortJoins {
  /// A half that takes less is not worth stealing.
  static var nanosecondsMin: Int64 { 1000 }
  /// So many in a row are many.
  static var countMax: Int { 8 }
  /// How long a nap is; a long half of a join waits so long at most before it is stolen.
  static var napNanoseconds: Int64 { 100_000 }
  /// After so many naps without finding anything, the worker sleeps until it is woken.
  static var napCountMax: Int { 8 }

  private var count = 0

  var areMany: Bool { count >= Self.countMax }

  /// Counts a stolen half that took so long.
  mutating func add(nanoseconds: Int64) {
    count = nanoseconds < Self.nanosecondsMin ? count + 1 : 0
  }
}
