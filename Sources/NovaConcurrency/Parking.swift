// Parking.swift — where idle workers sleep, and how those who have work for them know.
// Freestanding. Imports nothing. Design: NovaCore.docc/WorkStealing.md.
// The rule that the last one who searches wakes the next is that of Go's scheduler (Vyukov,
// "Scalable Go Scheduler Design", 2012).

/// The place where the workers of one executor sleep.
///
/// One atomic word counts who sleeps, who searches and who was called, so that each change is one
/// operation:
///
///              beginSearch (1)          announce (2)           notify (4)
///     running ───────────────▶ searching ─────────▶ announced ───────────▶ called
///        ▲  endSearch (3)      │      ▲   cancel (5)   │                     │
///        └─────────────────────┘      └────────────────┘◀── sleep returns ───┘
///
/// A worker without work searches the others' deques; in vain, it announces that it will sleep (2),
/// looks once more everywhere with `WorkDeque.isPublicEmpty` (or an equal, sequentially consistent
/// load) and only then sleeps, or cancels (5) when it found something. Who makes work visible by a
/// sequentially consistent operation and calls `notify` afterwards either sees the announcement, or
/// the sleeper sees the work: no wake-up is lost.
///
/// While somebody searches, `notify` wakes nobody: the searcher will find the work or look again
/// after its announcement. In return the last one to end its search with success wakes the next
/// sleeper (3), which looks for what else there is.
///
/// The value is an address and may be copied. Any thread may call any function.
@safe
@frozen
public struct Parking {
  /// Bytes that it takes; a cache line pair of its own.
  public static var byteCount: Int { 128 }
  /// The storage's alignment.
  public static var alignment: Int { 128 }
  /// Workers at most.
  public static var workerCountMax: Int { 0xfff }

  @usableFromInline let storage: UnsafeMutableRawPointer

  /// The place at `storage`.
  ///
  /// - Parameter storage: `byteCount` bytes, zeroed before the first use, aligned to `alignment`.
  /// - Safety: they stay the place's for as long as any copy is used.
  @unsafe
  @inlinable
  @inline(__always)
  public init(at storage: UnsafeMutableRawPointer) {
    unsafe self.storage = storage
  }

  /// Begins to search for work (1).
  ///
  /// - Parameter searcherMax: how many may search at once; half of the workers is a good figure.
  /// - Returns: false when so many do already: the worker goes on to `announce(searching: false)`.
  public func beginSearch(searcherMax: Int) -> Bool {
    var current = state.load(.relaxed)
    while Self.searcherCount(current) < searcherMax {
      let change = state.compareExchange(
        expected: current, desired: current &+ Self.oneSearcher, .relaxed)
      if change.exchanged { return true }
      current = change.original
    }
    return false
  }

  /// Ends a search that found work (3), before the work is run.
  ///
  /// Wakes a sleeper when nobody else searches: there may be more work.
  public func endSearch() {
    // Relaxed: who announces later looks again, and sees what was visible to whoever was spared a
    // call by this search; who announced before is seen here.
    let before = state.add(0 &- Self.oneSearcher, .relaxed)
    if Self.searcherCount(before) == 1, Self.sleeperCount(before) != 0 { wakeOne() }
  }

  /// Ends a search without having looked (3): the worker looks for work after it, and calls
  /// `notify` if there is some.
  ///
  /// It wakes nobody itself. A worker that is awake in another's stead would call that one each
  /// time it falls asleep again, use the call up itself, and so on until the other gets a CPU.
  public func leaveSearch() {
    // Who was spared a call by this search made its work visible before; who comes later sees no
    // searcher.
    _ = state.add(0 &- Self.oneSearcher, .sequentiallyConsistent)  // pairs with notify
  }

  /// Says that the worker will sleep (2).
  ///
  /// It looks once more for work next, and calls `sleep` or `cancel`.
  ///
  /// - Parameter searching: whether `beginSearch` said true, or `sleep` or `cancel` returned, and
  ///   neither `endSearch` nor `leaveSearch` was called since.
  /// - Returns: what `sleep` is to be told: `notifyAll` wakes whoever announced before it.
  public func announce(searching: Bool) -> UInt32 {
    // pairs with notify, notifyAll
    Self.epoch(
      state.add(Self.oneSleeper &- (searching ? Self.oneSearcher : 0), .sequentiallyConsistent))
  }

  /// Takes an announcement back (5): the worker searches again.
  public func cancel() {
    var current = state.load(.relaxed)
    while true {
      // Without a sleeper left, somebody has called this one: the call is used up, and the caller
      // has counted it among the searchers.
      let desired =
        Self.sleeperCount(current) != 0
        ? current &- Self.oneSleeper &+ Self.oneSearcher : current &- Self.oneCall
      let change = state.compareExchange(expected: current, desired: desired, .relaxed)
      if change.exchanged { return }
      current = change.original
    }
  }

  /// Sleeps until somebody calls, or the time is over; the worker searches then.
  ///
  /// A worker that was called sees what its caller did before.
  ///
  /// A call of one worker may be used up by another, which announced later and is awake: it looks
  /// for the work in its stead. A call of all cannot: it is for whoever announced before it.
  ///
  /// - Parameters:
  ///   - epoch: what `announce` returned.
  ///   - timeoutNanoseconds: forever when negative.
  /// - Returns: false when the time is over.
  @discardableResult
  public func sleep(since epoch: UInt32, timeoutNanoseconds: Int64) -> Bool {
    while true {
      let current = state.load(.relaxed)
      if Self.callCount(current) != 0 {
        let change = state.compareExchange(
          expected: current, desired: current &- Self.oneCall, .acquiring)  // pairs with wakeOne
        if change.exchanged { return true }
        continue
      }
      if Self.epoch(current) != epoch {
        _ = state.load(.acquiring)  // pairs with notifyAll
        cancel()
        return true
      }
      let half = UInt32(truncatingIfNeeded: current)
      if !state.waitOnLowHalf(expected: half, timeoutNanoseconds: timeoutNanoseconds) {
        cancel()
        return false
      }
    }
  }

  /// Wakes one sleeper, unless none sleeps or somebody searches.
  ///
  /// Call it after work became visible by a sequentially consistent operation.
  ///
  /// - Complexity: one load when nobody is to be woken.
  @inlinable
  @inline(__always)
  public func notify() {
    let current = state.load(.sequentiallyConsistent)  // pairs with announce, leaveSearch
    if Self.sleeperCount(current) != 0, Self.searcherCount(current) == 0 { wakeOne() }
  }

  /// Wakes all who announced before, searcher or not: at shutdown, and for who waits for more than
  /// work.
  ///
  /// They take themselves off the count of sleepers.
  public func notifyAll() {
    var current = state.load(.sequentiallyConsistent)  // pairs with announce
    // Who was called but has not used its call up may yet lose it to somebody who announces later.
    while Self.sleeperCount(current) != 0 || Self.callCount(current) != 0 {
      let change = state.compareExchange(
        expected: current, desired: Self.nextEpoch(current), .releasing)  // pairs with sleep
      if change.exchanged { return state.wakeOnLowHalf(count: UInt32(Self.workerCountMax)) }
      current = change.original
    }
  }

  /// Workers that have announced and were not called yet.
  public var sleeperCount: Int { Self.sleeperCount(state.load(.relaxed)) }

  /// Calls one sleeper (4), which counts as a searcher from now on.
  @inline(never)
  @usableFromInline
  func wakeOne() {
    var current = state.load(.relaxed)
    while Self.sleeperCount(current) != 0, Self.searcherCount(current) == 0 {
      let change = state.compareExchange(
        expected: current, desired: Self.calling(1, in: current),
        .releasing)  // pairs with sleep
      if change.exchanged { return state.wakeOnLowHalf(count: 1) }
      current = change.original
    }
  }
}

// MARK: - Layout

extension Parking {
  @inlinable
  @inline(__always)
  var state: AtomicCell64 {
    // SAFETY: the storage was promised to `init`.
    unsafe AtomicCell64(at: storage)
  }

  // The word: bits 0 … 11 calls that nobody has used up yet and bits 12 … 31 how often all were
  // called, where sleepers wait; bits 32 … 47 sleepers; bits 48 … 63 searchers.

  @inlinable static var oneCall: UInt64 { 1 }
  @inlinable static var oneSleeper: UInt64 { 1 << 32 }
  @inlinable static var oneSearcher: UInt64 { 1 << 48 }

  @inlinable
  static func callCount(_ state: UInt64) -> Int { Int(state & 0xfff) }

  @inlinable
  static func sleeperCount(_ state: UInt64) -> Int { Int(state >> 32 & 0xffff) }

  @inlinable
  static func searcherCount(_ state: UInt64) -> Int { Int(state >> 48) }

  /// How often all were called; wraps around at 2²⁰, which nobody falls asleep over.
  @inlinable
  static func epoch(_ state: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: state) >> 12
  }

  static func nextEpoch(_ state: UInt64) -> UInt64 {
    let half = UInt32(truncatingIfNeeded: state) &+ 0x1000
    return state & ~0xffff_ffff | UInt64(half)
  }

  static func calling(_ count: Int, in state: UInt64) -> UInt64 {
    state &+ UInt64(count) &* (oneCall &+ oneSearcher &- oneSleeper)
  }
}
