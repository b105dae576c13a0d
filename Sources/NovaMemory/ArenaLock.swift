// ArenaLock.swift — one word that threads wait for: briefly on the CPU, then in the kernel.
// Freestanding. Imports NovaABI, NovaSystem, Synchronization. Design: NovaCore.docc/Memory.md.
// Source: Drepper, "Futexes are tricky", 2011.

import NovaABI
import NovaSystem
import Synchronization

/// A lock in memory that all threads share.
///
///     0 free    1 held    2 held, and others may wait in the kernel
@safe struct ArenaLock {
  /// Looks at the word before a thread sleeps, each after twice as many processor pauses as the one
  /// before: together some microseconds, longer than an operation takes, shorter than a sleep.
  ///
  /// Without pauses the word's line goes back and forth, and the holder waits for it, too.
  static var lookCountMax: Int { 10 }

  // Valid while the lock is used (promised to `init`).
  private let word: UnsafeMutablePointer<Atomic<UInt32>>

  /// - Safety: `word` must be valid while the lock is used.
  @unsafe init(_ word: UnsafeMutablePointer<Atomic<UInt32>>) { unsafe self.word = unsafe word }

  /// Waits until nobody else holds the lock.
  func acquire() {
    if tryAcquire() { return }
    acquireSlow()
  }

  /// Lets the next holder in; does nothing to a lock that was not taken, because the process had
  /// one thread.
  func release() {
    // SAFETY: the word is valid, as `init` was promised.
    guard unsafe word.pointee.load(ordering: .relaxed) != 0 else { return }
    // pairs with tryAcquire, acquireSlow
    guard unsafe word.pointee.exchange(0, ordering: .releasing) == 2 else { return }
    wake()
  }

  @inline(never)
  private func wake() {
    // SAFETY: the word is valid, as `init` was promised.
    unsafe System.wake(UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self))
  }

  private func tryAcquire() -> Bool {
    // SAFETY: the word is valid, as `init` was promised.
    unsafe word.pointee.load(ordering: .relaxed) == 0
      && word.pointee.compareExchange(
        expected: 0, desired: 1, ordering: .acquiring  // pairs with release
      ).exchanged
  }

  @inline(never)
  private func acquireSlow() {
    var pauseCount = 1
    for _ in 0..<ArenaLock.lookCountMax {
      for _ in 0..<pauseCount { nova_pause() }
      if tryAcquire() { return }
      pauseCount *= 2
    }
    // SAFETY: the word is valid, as `init` was promised.
    // pairs with release
    while unsafe word.pointee.exchange(2, ordering: .acquiring) != 0 {
      // Whatever ends the wait, the exchange looks again.
      _ = unsafe System.wait(
        on: UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self), while: 2)
    }
  }
}
