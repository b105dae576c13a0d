// LoopTimer.swift — a timer: its handle, what its function is told, its place in the loop.
// Freestanding. Imports nothing. Design: NovaCore.docc/RunLoop.md.

/// Names one timer of one run loop; never another one later.
public struct TimerHandle: Equatable, Hashable, Sendable {
  /// The run loop's number in this process.
  public let loop: UInt32
  /// The timer's place.
  public let slot: UInt32
  /// Which timer of the loop, counted from 1 in the order in which they were set.
  public let number: UInt64
}

/// What a timer's function is told.
public struct TimerContext: Sendable {
  /// The loop that fires.
  public let loop: RunLoop
  /// The timer that fires; one that is not periodic is gone already.
  public let timer: TimerHandle
  /// Nanoseconds of the loop's clock.
  public let now: UInt64
  /// When the timer was due.
  public let deadline: UInt64
  /// How many times a periodic timer was due since it fired last, this one included: above 1 when
  /// the loop was late by whole periods.
  public let dueCount: UInt64
}

/// A function that is called when a timer fires, on the thread of the loop.
public typealias TimerAction = (TimerContext) -> Void

/// One place for a timer; everything under the loop's lock.
struct TimerSlot {
  enum Phase: UInt8 {
    case free, set, firing, cancelled
  }

  var action: TimerAction?
  var number: UInt64
  /// Nanoseconds between two firings; 0 for a timer that fires once.
  var period: UInt64
  /// One more than the next free slot; 0 ends the list.
  var nextFree: UInt32
  var phase: Phase
}
