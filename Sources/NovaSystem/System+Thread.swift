// System+Thread.swift — threads: start, join, number, and the CPUs they run on.
// Freestanding. Imports NovaABI. Design: NovaCore.docc/Embedded.md.

import NovaABI

/// A started thread, the starter's memory: it stays at one address until the thread was joined.
public typealias ThreadRecord = nova_thread

/// A function without captures that a thread runs.
public typealias ThreadEntry = @convention(c) (_ context: UnsafeMutableRawPointer?) -> Void

extension System {
  /// Threads that exist at once, the first one included.
  @inlinable
  public static var threadCountMax: Int { Int(NOVA_THREAD_COUNT_MAX) }

  /// The bytes that a thread's stack may have; a partial page counts as one.
  @inlinable
  public static var threadStackByteCounts: ClosedRange<Int> {
    Int(NOVA_THREAD_STACK_BYTE_COUNT_MIN)...Int(NOVA_THREAD_STACK_BYTE_COUNT_MAX)
  }

  /// Starts a thread that calls `entry(context)` on a zeroed stack of its own between guards.
  ///
  /// Every signal but the faults' is blocked in it. It takes the lowest number that is free.
  ///
  /// - Parameters:
  ///   - record: where the thread is kept; overwritten.
  ///   - stackByteCount: within `threadStackByteCounts`.
  ///   - context: handed to `entry`.
  ///   - entry: what the thread runs; it ends when the function returns.
  /// - Throws: `SystemError` of `.startThread`: `EINVAL` for a stack out of range, `EAGAIN` beyond
  ///   `threadCountMax` or the system's own limit, `ENOMEM` without room for the stack, `EEXIST`
  ///   when its fixed address is taken under a strict address policy. There is no thread then.
  /// - Safety: `record` must stay where it is, and `context` be valid, until the thread was joined.
  @unsafe
  public static func startThread(
    _ record: UnsafeMutablePointer<ThreadRecord>, stackByteCount: Int,
    context: UnsafeMutableRawPointer?, _ entry: @escaping ThreadEntry
  ) throws(SystemError) {
    // SAFETY: promised by the caller; a negative size is far above the largest stack in C.
    let result = unsafe nova_thread_start(record, stackByteCount, entry, context)
    _ = try SystemError.check(result, of: .startThread)
  }

  /// Waits until a thread has ended, and gives its stack and its number back.
  ///
  /// - Parameters:
  ///   - record: as `startThread` left it; once true was returned it is the caller's again.
  ///   - timeoutNanoseconds: how long to wait at most; forever when negative.
  /// - Returns: false when the time is over and the thread still runs.
  /// - Safety: `record` must be of a thread that was started and not joined yet.
  @unsafe
  public static func joinThread(
    _ record: UnsafeMutablePointer<ThreadRecord>, timeoutNanoseconds: Int64 = -1
  ) -> Bool {
    unsafe nova_thread_join(record, timeoutNanoseconds) == 0
  }

  /// The calling thread's number, `1 … threadCountMax`, another for each living thread and used
  /// again after its end; nil when all are taken.
  ///
  /// - Complexity: O(1), a load; a hosted thread that `startThread` did not start takes a lock when
  ///   it asks for the first time.
  @inlinable
  public static var threadNumber: Int? {
    // SAFETY: the thread's own record lives as long as the thread.
    let known = unsafe nova_local().pointee.number
    let number = known != 0 ? known : nova_thread_register()
    return number != 0 ? Int(number) : nil
  }

  /// True while the process has never had a second thread: plain operations are atomic then.
  @inlinable
  public static var isSingleThreaded: Bool { nova_single_threaded() }

  /// Lets another thread run.
  @inlinable
  public static func yield() { nova_yield() }

  /// The CPUs that the process may run on; at least 1.
  ///
  /// - Complexity: a system call.
  public static var processorCount: Int { Int(nova_processor_count()) }
}
