// RunningThread.swift — a system thread that runs a closure, and what such threads share in tests.
// Hosted. Imports NovaSystem, Synchronization.

import NovaSystem
import Synchronization

/// A thread that runs a closure; it must be joined.
@safe final class RunningThread {
  // Written by `startThread` and `joinThread`, freed after the join.
  private let record = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: 1)
  /// The number that the thread has.
  let number: Int

  /// Starts a thread that runs `body`.
  ///
  /// - Throws: `SystemError` of `.startThread`.
  init(stackByteCount: Int = 1 << 18, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let context = unsafe Unmanaged.passRetained(Body(body))
    do throws(SystemError) {
      // SAFETY: the record stays until `join`, the context until the thread took it.
      unsafe try System.startThread(
        record, stackByteCount: stackByteCount, context: context.toOpaque()
      ) { context in
        guard let context = unsafe context else { return }
        unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
      }
    } catch {
      unsafe context.release()
      unsafe record.deallocate()
      throw error
    }
    number = unsafe Int(record.pointee.number)
  }

  /// Waits for the thread's end; false when the time is over.
  func join(timeoutNanoseconds: Int64 = -1) -> Bool {
    // SAFETY: the tests join each thread until the answer is true, once.
    guard unsafe System.joinThread(record, timeoutNanoseconds: timeoutNanoseconds) else {
      return false
    }
    unsafe record.deallocate()
    return true
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// A number that threads add to.
final class Counter: Sendable {
  let value = Atomic<Int>(0)
}

/// Numbers that threads leave behind.
final class Numbers: Sendable {
  private let numbers = Mutex<[Int]>([])

  func add(_ number: Int) { numbers.withLock { $0.append(number) } }

  var sorted: [Int] { numbers.withLock { $0.sorted() } }
}

/// A word that threads sleep on, 0 at first.
@safe final class Gate: @unchecked Sendable {
  private let word = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)

  // SAFETY: the word lives as long as the gate, and an atomic is as large as its value.
  init() { unsafe word.initialize(to: Atomic(0)) }

  deinit { unsafe word.deallocate() }

  private var address: UnsafePointer<UInt32> {
    unsafe UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self)
  }

  /// One call of `System.wait`.
  func sleep(while expected: UInt32, timeoutNanoseconds: Int64 = -1) -> System.WaitOutcome {
    unsafe System.wait(on: address, while: expected, timeoutNanoseconds: timeoutNanoseconds)
  }

  /// Sleeps until the word is another than `expected`.
  func wait(while expected: UInt32) {
    while unsafe word.pointee.load(ordering: .acquiring) == expected {  // pairs with open
      _ = sleep(while: expected)
    }
  }

  /// Sets the word and wakes everybody.
  func open(_ value: UInt32) {
    unsafe word.pointee.store(value, ordering: .releasing)  // pairs with wait
    wake(.max)
  }

  /// One call of `System.wake`.
  @discardableResult
  func wake(_ count: UInt32) -> Int { unsafe System.wake(address, count: count) }
}
