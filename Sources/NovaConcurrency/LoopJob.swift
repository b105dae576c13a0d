// LoopJob.swift — a cooperative job: its poll function, its handle, its place in the loop.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/RunLoop.md.

import Synchronization

/// Work that the run loop polls until it answers `LoopState.idle`.
///
/// Its value lies in the run loop's own storage: at most `RunLoop.jobByteCountMax` bytes.
public protocol LoopJob: ~Copyable {
  /// Does a bounded piece of work, on the thread of the loop.
  ///
  /// - Parameter context: the loop, its time and the job's own handle.
  /// - Returns: when to poll again.
  mutating func poll(_ context: LoopContext) -> LoopState
}

/// What a poll function is told.
public struct LoopContext: Sendable {
  /// The loop that polls.
  public let loop: RunLoop
  /// The job that is polled.
  public let job: JobHandle
  /// Nanoseconds of the loop's clock when the poll began.
  public let now: UInt64
}

/// Names one job of one run loop; never another one later.
public struct JobHandle: Equatable, Hashable, Sendable {
  /// The run loop's number in this process.
  public let loop: UInt32
  /// The job's place.
  public let slot: UInt32
  /// Which job of the loop, counted from 1 in the order in which they were added.
  public let number: UInt64
}

/// How often and how long something was polled.
public struct PollMetrics: Equatable, Sendable {
  /// Polls that have ended.
  public internal(set) var count: UInt64 = 0
  /// Nanoseconds of them all.
  public internal(set) var totalNanoseconds: UInt64 = 0
  /// Nanoseconds of the longest.
  public internal(set) var maxNanoseconds: UInt64 = 0

  mutating func add(nanoseconds: UInt64) {
    count += 1
    totalNanoseconds += nanoseconds
    maxNanoseconds = max(maxNanoseconds, nanoseconds)
  }
}

/// What any thread touches of one place for a job; apart from what is changed under the lock.
@safe struct JobWake: ~Copyable {
  /// The job's number doubled, plus 1 while it is in the list of the woken.
  let state = Atomic<UInt64>(0)
  /// One more than the slot that follows in the list of the woken; 0 ends it.
  ///
  /// Whoever puts the slot into the list, then the loop's thread.
  let next = Atomic<UInt32>(0)
}

/// One place for a job.
///
/// Changes of `phase`, each by the loop's thread under the lock, and by any where said:
///
///     free ──1──▶ reserved ──2──▶ ready ──3──▶ polling ──4──▶ ready | waiting | free
///     waiting ──5──▶ ready      ready, polling, waiting ──6──▶ removed ──7──▶ free
///
/// 1 reserveJob (any thread), 2 publishJob (any thread), 3 takeReady, 4 settle, 5 collectWoken and
/// fireTimers, 6 remove (any thread), 7 whoever of 3, 4 and 5 meets it.
@safe @usableFromInline struct JobSlot: ~Copyable {
  enum Phase: UInt8 {
    case free, reserved, ready, polling, waiting, removed
  }

  @usableFromInline typealias Poll = (UnsafeMutableRawPointer, LoopContext) -> LoopState
  @usableFromInline typealias Destroy = (UnsafeMutableRawPointer) -> Void

  // Everything: under the loop's lock; the functions belong to the loop's thread once they
  // were published.
  var phase = Phase.free
  /// Whether it is in the ring of the ready, also when it was removed meanwhile.
  var isInRing = false
  /// One more than the next free slot; 0 ends the list.
  var nextFree: UInt32 = 0
  var number: UInt64 = 0
  var poll: Poll?
  var destroy: Destroy?
  /// A job that is a closure has this and neither of the two above.
  var closure: ((LoopContext) -> LoopState)?
  var metrics = PollMetrics()
}
