// System+Futex.swift — threads that sleep until a word changes.
// Freestanding. Imports NovaABI.
// Source: Franke, Russell & Kirkwood, "Fuss, Futexes and Furwocks" (2002); futex(2).

import NovaABI

extension System {
  /// Why `wait` returned.
  public enum WaitOutcome: Equatable, Sendable {
    /// `wake` was called, or nothing happened: look at the word again.
    case woken
    /// The word was not the expected one; nobody waited.
    case changed
    /// The time is over.
    case timedOut
  }

  /// Sleeps while `word` is `expected`, until woken.
  ///
  /// The comparison and falling asleep are one step: a `wake` after the word changed is not missed.
  ///
  /// - Parameters:
  ///   - word: written by atomic operations.
  ///   - expected: the value to sleep at.
  ///   - timeoutNanoseconds: how long to sleep at most; forever when negative.
  /// - Returns: why it returned.
  /// - Safety: `word` must be valid for the call.
  /// - Complexity: a system call.
  @unsafe
  public static func wait(
    on word: UnsafePointer<UInt32>, while expected: UInt32, timeoutNanoseconds: Int64 = -1
  ) -> WaitOutcome {
    switch unsafe nova_wait(word, expected, timeoutNanoseconds) {
    case 0: .woken
    case -Int64(NOVA_EAGAIN): .changed
    case -Int64(NOVA_ETIMEDOUT): .timedOut
    default: preconditionFailure("the system does not wait on this address")
    }
  }

  /// Wakes up to `count` threads that wait on `word`.
  ///
  /// - Returns: how many it woke.
  /// - Safety: `word` is not read, but its address is the queue's name: it must not have been given
  ///   to somebody else who waits for another reason and does not look again.
  /// - Complexity: a system call.
  @unsafe @discardableResult
  public static func wake(_ word: UnsafePointer<UInt32>, count: UInt32 = 1) -> Int {
    Int(unsafe nova_wake(word, count))
  }
}
