// Clock.swift — the time of an executor: the system's, or a virtual one that only work moves on.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/RunLoop.md.

import NovaABI
import Synchronization

/// A cheap copyable reference to a clock that never goes back.
///
/// Virtual time begins at 0, moves on by `stepNanoseconds` with each scheduling decision and jumps
/// to the next timer when there is nothing else to do: the same moments on every machine.
@safe @frozen public struct Clock: @unchecked Sendable {
  /// Virtual nanoseconds that one scheduling decision takes.
  public static var stepNanoseconds: UInt64 { 1000 }

  /// The system's monotonic clock.
  public static var monotonic: Clock { Clock() }

  // Null for the system's clock; the word lives as long as the clock is used (promised to `init`).
  @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt64>>?

  @inlinable init() { unsafe word = nil }

  /// A virtual clock that shows 0.
  ///
  /// - Parameter word: 8 bytes, aligned to 8, that hold the time.
  /// - Safety: the word is the clock's alone as long as a copy of the reference is used.
  @unsafe public init(virtualTimeIn word: UnsafeMutableRawPointer) {
    unsafe self.word = word.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
    unsafe self.word?.initialize(to: Atomic(0))
  }

  /// Whether time is virtual.
  @inlinable public var isVirtual: Bool { unsafe word != nil }

  /// Nanoseconds since the clock's beginning, which for the system's is before the process.
  public var now: UInt64 {
    // SAFETY: the word lives as long as the clock, by the initialiser's promise.
    if let word = unsafe word { return unsafe word.pointee.load(ordering: .relaxed) }
    let result = nova_clock(NOVA_CLOCK_monotonic)
    precondition(result >= 0, "the system has no monotonic clock")
    return UInt64(result)
  }

  /// Moves virtual time on by one scheduling decision, up to the last moment that it can show; the
  /// system's time moves by itself.
  @inlinable
  public func step() {
    // SAFETY: as above.
    guard let word = unsafe word else { return }
    let (sum, isBeyond) = unsafe word.pointee.load(ordering: .relaxed).addingReportingOverflow(
      Clock.stepNanoseconds)
    unsafe word.pointee.store(isBeyond ? .max : sum, ordering: .relaxed)
  }

  /// Lets virtual time jump to `time`, unless it is past; the system's time stays as it is.
  public func advance(to time: UInt64) {
    // SAFETY: as above.
    guard let word = unsafe word else { return }
    // Not the atomic `max`, which Swift 6.3 compiles to a comparison of signed numbers.
    var seen = unsafe word.pointee.load(ordering: .relaxed)
    while seen < time {
      let (exchanged, original) = unsafe word.pointee.weakCompareExchange(
        expected: seen, desired: time, ordering: .relaxed)
      if exchanged { return }
      seen = original
    }
  }
}
