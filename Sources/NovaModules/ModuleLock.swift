// ModuleLock.swift — mutual exclusion for the short tables of a loader.
// Freestanding. Imports NovaSystem, Synchronization.

import NovaSystem
import Synchronization

/// A lock that is held while a name or a type is looked up; who waits lets other threads run.
struct ModuleLock: ~Copyable {
  private let word = Atomic<UInt32>(0)

  /// Runs `body` while nobody else runs one under this lock.
  borrowing func withLock<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // pairs with the store below
    while word.exchange(1, ordering: .acquiring) != 0 { System.yield() }
    defer { word.store(0, ordering: .releasing) }  // pairs with the exchange above
    return try body()
  }
}
