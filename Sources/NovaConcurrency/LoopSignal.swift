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
///
/// Who changes something and then raises can't be missed: the loop consumes, looks at everything,
/// and sleeps only if nobody raised since.
@safe public struct LoopSignal: @unchecked Sendable {
  private static var none: UInt32 { 0 }
  private static var raised: UInt32 { 1 }
  private static var sleeping: UInt32 { 2 }

  // Part of a run loop's storage, which outlives every copy of the reference.
  let word: UnsafeMutablePointer<Atomic<UInt32>>

  init(_ word: UnsafeMutablePointer<Atomic<UInt32>>) { unsafe self.word = word }

  /// Makes the loop look at its queues and at the executor's, also when it is about to sleep.
  public func raise() {
    // SAFETY: the word lives as long as the run loop.
    let old = unsafe word.pointee.exchange(
      LoopSignal.raised, ordering: .acquiringAndReleasing)  // pairs with consume, sleep
    guard old == LoopSignal.sleeping else { return }
    _ = unsafe nova_wake(address, 1)
  }

  /// Takes the signal down; what was done before it was raised is visible now.
  func consume() {
    // SAFETY: as above.
    _ = unsafe word.pointee.exchange(
      LoopSignal.none, ordering: .acquiringAndReleasing)  // pairs with raise
  }

  /// Sleeps until the signal is raised.
  ///
  /// - Parameter nanoseconds: at most so long; forever when nil.
  func sleep(nanoseconds: UInt64?) {
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
