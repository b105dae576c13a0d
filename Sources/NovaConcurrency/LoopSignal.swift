// LoopSignal.swift — how any thread tells the run loop's thread that there is something to look at.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/RunLoop.md.

import NovaABI
import Synchronization

/// A cheap copyable reference to a run loop's doorbell.
///
///     none ──1──▶ raised        1 raise
///     raised ──2──▶ none        2 consume
///     none ──3──▶ sleeping      3 sleep, refused when raised
///     sleeping ──4──▶ raised    4 raise, which also wakes the thread
///     sleeping ──5──▶ none      5 sleep, at its time's end
///     none ──6──▶ parked        6 enterParking: as 3, among the executor's sleepers
///     parked ──7──▶ raised      7 raise, which also wakes those
///
/// Who changes something and then raises can't be missed: the loop consumes, looks at everything,
/// and sleeps only if nobody raised since.
@safe public struct LoopSignal: @unchecked Sendable {
  private static var none: UInt32 { 0 }
  private static var raised: UInt32 { 1 }
  private static var sleeping: UInt32 { 2 }
  private static var parked: UInt32 { 3 }

  // Part of a run loop's storage, which outlives every copy of the reference.
  let word: UnsafeMutablePointer<Atomic<UInt32>>

  init(_ word: UnsafeMutablePointer<Atomic<UInt32>>) { unsafe self.word = word }

  /// Makes the loop look at its queues and at the executor's, also when it is about to sleep.
  public func raise() {
    // SAFETY: the word lives as long as the run loop.
    let old = unsafe word.pointee.exchange(
      LoopSignal.raised, ordering: .sequentiallyConsistent)  // pairs with consume, sleep, isRaised
    if old == LoopSignal.sleeping {
      _ = unsafe nova_wake(address, 1)
    } else if old == LoopSignal.parked,
      let storage = unsafe parkingStorage.pointee.load(ordering: .relaxed)
    {
      // SAFETY: the loop wrote the place before it became parked. Others may have woken it since,
      // and it may write the place again; the executor lives as long as the loop can park in it.
      unsafe Parking(at: storage).notifyAll()
    }
  }

  /// Takes the signal down; what was done before it was raised is visible now.
  func consume() {
    // SAFETY: as above.
    _ = unsafe word.pointee.exchange(
      LoopSignal.none, ordering: .acquiringAndReleasing)  // pairs with raise
  }

  /// Sleeps on the loop's thread until the signal is raised.
  ///
  /// - Parameter nanoseconds: at most so long; forever when nil.
  public func sleep(nanoseconds: UInt64?) {
    // SAFETY: as above.
    let entered = unsafe word.pointee.compareExchange(
      expected: LoopSignal.none, desired: LoopSignal.sleeping,
      ordering: .acquiringAndReleasing)  // pairs with raise
    guard entered.exchanged else { return }
    let timeout = nanoseconds.map { Int64(clamping: $0) } ?? -1
    _ = unsafe nova_wait(address, LoopSignal.sleeping, timeout)
    // The loop looks at everything after this, as after a wake for no reason.
    consume()
  }

  /// Says that the loop's thread will sleep in `parking`, where `raise` wakes it then.
  ///
  /// It announces itself there next, looks at `isRaised`, sleeps or not, and consumes.
  ///
  /// - Returns: false when the signal is raised already.
  func enterParking(at storage: UnsafeMutableRawPointer) -> Bool {
    // SAFETY: as above; who raised before may still read it.
    unsafe parkingStorage.pointee.store(storage, ordering: .relaxed)
    return unsafe word.pointee.compareExchange(
      expected: LoopSignal.none, desired: LoopSignal.parked,
      ordering: .sequentiallyConsistent
    ).exchanged  // pairs with raise
  }

  /// Whether somebody raised since `consume`, in one order with `raise` and what `Parking` does.
  var isRaised: Bool {
    // SAFETY: as above.
    // pairs with raise
    unsafe word.pointee.load(ordering: .sequentiallyConsistent) == LoopSignal.raised
  }

  /// Where the executor's sleepers are; after the words that threads wait on.
  private var parkingStorage: UnsafeMutablePointer<Atomic<UnsafeMutableRawPointer?>> {
    // SAFETY: the loop's storage has a line of its own for all of these.
    unsafe (UnsafeMutableRawPointer(word) + 8)
      .assumingMemoryBound(to: Atomic<UnsafeMutableRawPointer?>.self)
  }

  private var address: UnsafePointer<UInt32> {
    // SAFETY: an atomic of 32 bits is those 32 bits.
    unsafe UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self)
  }
}

/// A lock that a run loop's short steps hold; nothing of the user's runs under it.
///
/// 0 free, 1 held, 2 held and waited for. Source: Ulrich Drepper, "Futexes Are Tricky", mutex 2.
@safe struct LoopLock {
  // Part of a run loop's storage, which outlives every copy.
  private let word: UnsafeMutablePointer<Atomic<UInt32>>

  init(_ word: UnsafeMutablePointer<Atomic<UInt32>>) { unsafe self.word = word }

  func acquire() {
    // SAFETY: the word lives as long as the run loop.
    // pairs with release
    let taken = unsafe word.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring)
    guard !taken.exchanged else { return }
    while unsafe word.pointee.exchange(2, ordering: .acquiring) != 0 {  // pairs with release
      _ = unsafe nova_wait(address, 2, -1)
    }
  }

  func release() {
    // SAFETY: as above.
    // pairs with acquire
    guard unsafe word.pointee.exchange(0, ordering: .releasing) == 2 else { return }
    _ = unsafe nova_wake(address, 1)
  }

  private var address: UnsafePointer<UInt32> {
    // SAFETY: an atomic of 32 bits is those 32 bits.
    unsafe UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self)
  }
}
