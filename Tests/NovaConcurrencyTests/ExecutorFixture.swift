// ExecutorFixture.swift — an executor for one test, and work for its tasks.

import NovaConcurrency
import NovaMemory
import NovaSystem
import Synchronization
import Testing

/// An error with a number.
struct Refusal: Error, Equatable {
  let number: Int
}

/// Gives its number back, or throws it when it is negative.
struct Echo: TaskWork {
  let number: Int

  consuming func run(on worker: borrowing Worker) throws(Refusal) -> Int {
    if number < 0 { throw Refusal(number: number) }
    return number
  }
}

/// A count that tasks share.
final class Tally: Sendable {
  private let word = Atomic<Int>(0)

  var count: Int { word.load(ordering: .sequentiallyConsistent) }
  func add(_ count: Int = 1) { word.wrappingAdd(count, ordering: .sequentiallyConsistent) }
  func waitUntil(_ count: Int) { while self.count < count { System.yield() } }
}

/// Counts how many of it are alive.
final class Guest: Sendable {
  let tally: Tally
  init(_ tally: Tally) {
    self.tally = tally
    tally.add()
  }
  deinit { tally.add(-1) }
}

/// Runs `body` with an executor, ends it, and finds its arena empty.
func withExecutor(
  _ configuration: TaskExecutor.Configuration, arenaByteCount: Int = 64 << 20,
  _ body: (TaskExecutor) throws -> Void
) throws {
  let arena = try Arena(byteCount: arenaByteCount)
  let executor = try TaskExecutor(configuration, memory: arena)
  do {
    try body(executor)
  } catch {
    try executor.shutdown(policy: .cancel)
    try unsafe executor.release()
    throw error
  }
  try executor.shutdown()
  let metrics = executor.metrics
  #expect(metrics.runCount + metrics.cancelledCount == metrics.spawnedCount)
  #expect(metrics.queueDepth == 0)
  try unsafe executor.release()
  #expect(arena.stats.liveCount == 0, "the executor kept memory")
}

/// What a join says.
func outcome<Value, Failure: Error>(
  _ handle: consuming TaskHandle<Value, Failure>
) -> Result<Value, JoinError<Failure>> {
  do throws(JoinError<Failure>) {
    return .success(try handle.join())
  } catch {
    return .failure(error)
  }
}

/// The sum of the first Fibonacci way, by joins.
func fibonacci(_ worker: borrowing Worker, _ number: Int) -> Int {
  if number < 2 { return number }
  let (first, second) = worker.join(
    { fibonacci($0, number - 1) }, { fibonacci($0, number - 2) })
  return first + second
}

/// Configurations that every promise is to hold in.
let configurations: [TaskExecutor.Configuration] = [
  .init(workerCount: 0), .init(workerCount: 1), .init(workerCount: 3),
  .init(workerCount: 0, mode: .deterministic(seed: 1)),
  .init(workerCount: 2, mode: .deterministic(seed: 2)),
  .init(workerCount: 3, mode: .deterministic(seed: 3), traceEventCountMax: 64),
  .init(workerCount: 1, traceEventCountMax: 1024),
]

/// What a join of a task without a value throws.
func outcomeOfVoid<Failure: Error>(
  _ handle: consuming TaskHandle<Void, Failure>
) -> JoinError<Failure>? {
  do throws(JoinError<Failure>) {
    try handle.join()
    return nil
  } catch {
    return error
  }
}

/// A thread that is no worker, and what it makes.
@safe final class HostThread: @unchecked Sendable {
  private let body: @Sendable () -> Void
  // SAFETY: the record is the thread's until `join`, which frees it.
  private let record = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: 1)

  /// Starts a thread that runs `body`.
  init(_ body: @escaping @Sendable () -> Void) throws {
    self.body = body
    // SAFETY: the object is kept until the thread has taken it.
    try unsafe System.startThread(
      record, stackByteCount: 1 << 20, context: Unmanaged.passRetained(self).toOpaque()
    ) { context in
      let thread = unsafe Unmanaged<HostThread>.fromOpaque(context.unsafelyUnwrapped)
      unsafe thread.takeRetainedValue().body()
    }
  }

  /// Waits for its end.
  func join() {
    // SAFETY: `init` started it, and it is joined once.
    _ = unsafe System.joinThread(record)
    unsafe record.deallocate()
  }
}
