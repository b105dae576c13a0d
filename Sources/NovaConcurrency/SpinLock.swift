// SpinLock.swift — mutual exclusion for a few instructions on rare paths.
// Freestanding. Imports NovaSystem, Synchronization.

import NovaSystem
import Synchronization

/// A lock that is held for a few instructions; who waits lets other threads run.
struct SpinLock: ~Copyable {
  /// Vain looks before the processor is given up, in case the holder waits for it.
  private static var lookMax: Int { 64 }

  private let word = Atomic<UInt32>(0)

  /// Waits until nobody holds the lock, and takes it.
  borrowing func lock() {
    var looks = 0
    // pairs with unlock
    while !word.weakCompareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged {
      looks += 1
      if looks % SpinLock.lookMax == 0 { System.yield() } else { pauseProcessor() }
    }
  }

  /// Lets the next one in.
  borrowing func unlock() {
    word.store(0, ordering: .releasing)  // pairs with lock
  }

  /// Runs `body` while nobody else runs one under this lock.
  borrowing func withLock<Result>(_ body: () -> Result) -> Result {
    lock()
    defer { unlock() }
    return body()
  }
}
