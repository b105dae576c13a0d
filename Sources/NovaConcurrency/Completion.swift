// Completion.swift — how the end of a task meets whoever holds its handle.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.

/// The flags of a record: one side runs it, the other holds its handle.
///
///     runner                          holder
///     (1) finish  sets finished       (2) detach        sets detached
///                                     (3) announceWait  sets waiting, unless finished
///                                     (4) requestCancel sets cancelRequested, unless finished
///
/// Each side changes the word by one operation that tells what the other has done: whoever of (1)
/// and (2) comes second frees the record, and (1) wakes who announced (3) before it. The runner
/// touches nothing of the record after (1), unless it was detached.
///
/// The value is an address and may be copied.
@safe
@frozen
@usableFromInline
struct Completion {
  /// The record's run is over; the result, if any, is in place.
  @inlinable static var finished: UInt32 { 1 << 0 }
  /// It ended by throwing.
  @inlinable static var failed: UInt32 { 1 << 1 }
  /// It was not run.
  @inlinable static var cancelled: UInt32 { 1 << 2 }
  /// The holder wants it not to run, or to end early.
  @inlinable static var cancelRequested: UInt32 { 1 << 3 }
  /// There is no holder any more.
  @inlinable static var detached: UInt32 { 1 << 4 }
  /// The holder, a worker, sleeps or is about to.
  @inlinable static var waiting: UInt32 { 1 << 5 }
  /// The holder, a thread that is no worker, sleeps on this word or is about to.
  @inlinable static var waitingOutside: UInt32 { 1 << 6 }
  /// From the start: the record is a join's, on its caller's stack, and does not own its closure.
  @inlinable static var borrowed: UInt32 { 1 << 7 }

  @usableFromInline let flags: AtomicCell32

  /// The flags at `address`.
  ///
  /// - Safety: there lies a word, zero or `borrowed` at first, that lives until both sides are done
  ///   with it.
  @unsafe
  @inlinable
  @inline(__always)
  init(at address: UnsafeMutableRawPointer) {
    unsafe flags = AtomicCell32(at: address)
  }

  /// Whether the run is over; then its result is visible.
  @inlinable
  @inline(__always)
  var isFinished: Bool { flags.load(.acquiring) & Self.finished != 0 }  // pairs with finish

  /// How the run ended; only once `isFinished`.
  @inlinable
  @inline(__always)
  var outcome: UInt32 { flags.load(.relaxed) & (Self.failed | Self.cancelled) }

  /// Whether the holder wants an end.
  @inlinable
  var isCancelRequested: Bool { flags.load(.relaxed) & Self.cancelRequested != 0 }

  /// Whether the record is a join's.
  @inlinable
  var isBorrowed: Bool { flags.load(.relaxed) & Self.borrowed != 0 }

  /// Ends the run (1).
  ///
  /// - Parameter outcome: 0, `failed` or `cancelled`.
  /// - Returns: the flags before: the caller wakes whoever waits, and frees what is detached.
  @inlinable
  @inline(__always)
  func finish(_ outcome: UInt32) -> UInt32 {
    // Once only, so that adding sets the bits. Its release pairs with `isFinished`, its acquire
    // with `detach`, its place in the one order with `announceWait` and `Parking.announce`.
    // pairs with isFinished, detach, announceWait
    flags.add(Self.finished | outcome, .sequentiallyConsistent)
  }

  /// Gives the record up (2).
  ///
  /// - Returns: whether the run was over before: the caller frees the record.
  @inlinable
  func detach() -> Bool {
    // Once only, as `finish`.
    flags.add(Self.detached, .acquiringAndReleasing) & Self.finished != 0  // pairs with finish
  }

  /// Says that the holder will sleep (3); it looks at `isFinishedInOrder` again before it does.
  ///
  /// - Parameter kind: `waiting` or `waitingOutside`.
  /// - Returns: false when the run is over.
  @usableFromInline
  func announceWait(_ kind: UInt32) -> Bool {
    set(kind)
  }

  /// As `isFinished`, in one order with `finish` and with what `Parking` does.
  @usableFromInline
  var isFinishedInOrder: Bool {
    flags.load(.sequentiallyConsistent) & Self.finished != 0  // pairs with finish
  }

  /// Wants the run not to begin, or to end early (4).
  ///
  /// - Returns: false when it is over.
  @usableFromInline
  func requestCancel() -> Bool {
    set(Self.cancelRequested)
  }

  /// Sets a bit that may be set already, unless the run is over.
  private func set(_ bit: UInt32) -> Bool {
    // Relaxed: `finish` changes the same word, so that one of both comes first.
    var current = flags.load(.relaxed)
    while current & Self.finished == 0 {
      let change = flags.compareExchange(
        expected: current, desired: current | bit, .relaxed)
      if change.exchanged { return true }
      current = change.original
    }
    return false
  }

  /// Sleeps until the run is over, on the flags themselves: for a thread that is no worker.
  @usableFromInline
  func waitOutside() {
    while announceWait(Self.waitingOutside) {
      let current = flags.load(.relaxed)
      if current & Self.finished == 0 {
        _ = flags.wait(expected: current, timeoutNanoseconds: -1)
      }
    }
    _ = isFinished
  }

  /// Wakes whoever sleeps in `waitOutside`; the record may be gone, its address is but a name.
  @usableFromInline
  func wakeOutside() {
    flags.wake(count: 1)
  }
}
