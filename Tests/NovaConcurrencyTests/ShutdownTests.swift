// ShutdownTests.swift — how an executor ends: finished, cancelled, or by a worker that never does.

import NovaConcurrency
import NovaMemory
import NovaSystem
import Testing

@Suite struct ShutdownTests {
  @Test(arguments: configurations) func `finishing runs all that was spawned and what it spawns`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    let tally = Tally()
    try withExecutor(configuration) { executor in
      for _ in 0..<50 {
        _ = try executor.spawn { (worker) throws(ExecutorError) in
          _ = try worker.spawn { tally.add() }
          tally.add()
        }
      }
      try executor.shutdown(policy: .finish)
      #expect(tally.count == 100)
      #expect(executor.metrics.runCount == 100)
    }
  }

  @Test(arguments: configurations) func `cancelling runs nothing that has not begun`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    let living = Tally()
    try withExecutor(configuration) { executor in
      for _ in 0..<200 {
        let guest = Guest(living)
        _ = try executor.spawn { (worker) in (worker.isCancelled, guest) }
      }
      try executor.shutdown(policy: .cancel)
      #expect(executor.metrics.runCount + executor.metrics.cancelledCount == 200)
      if configuration.workerCount == 0, configuration.mode == .parallel {
        #expect(executor.metrics.cancelledCount == 200)
      }
    }
    #expect(living.count == 0)
  }

  @Test(arguments: configurations) func `after the end nothing is spawned, and handles still work`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    try withExecutor(configuration) { executor in
      let first = try executor.spawn(Echo(number: 1))
      let second = try executor.spawn(Echo(number: 2))
      try executor.shutdown(policy: .finish)
      try executor.shutdown(policy: .cancel)
      #expect(throws: ExecutorError.shutDown) { _ = try executor.spawn(Echo(number: 3)) }
      #expect(throws: ExecutorError.handlesOutstanding(count: 2)) { try unsafe executor.release() }
      #expect(outcome(first) == .success(1))
      drop(second)
      let (one, two) = executor.join({ _ in 1 }, { _ in 2 })
      #expect(one == 1 && two == 2)
    }
  }

  @Test func `cancelling reaches a task that runs`() throws {
    let begun = Tally()
    try withExecutor(.init(workerCount: 1)) { executor in
      let handle = try executor.spawn { (worker: borrowing Worker) -> Int in
        begun.add()
        while !worker.isCancelled { System.yield() }
        return 9
      }
      begun.waitUntil(1)
      try executor.shutdown(policy: .cancel)
      #expect(outcome(handle) == .success(9))
    }
  }

  @Test func `a worker that does not return is named, keeps the memory, and may return later`()
    throws
  {
    let arena = try Arena(byteCount: 64 << 20)
    let executor = try TaskExecutor(.init(workerCount: 2), memory: arena)
    let begun = Tally()
    let gate = Tally()
    let handle = try executor.spawn { (worker: borrowing Worker) -> Int in
      begun.add()
      gate.waitUntil(1)
      return worker.index
    }
    begun.waitUntil(1)
    let waiting = try executor.spawn { 7 }
    while executor.metrics.runCount < 1 { System.yield() }
    let error = #expect(throws: ExecutorError.self) {
      try executor.shutdown(policy: .finish, timeoutNanoseconds: 20_000_000)
    }
    guard case .workerNeverReturned(let worker) = error else {
      Issue.record("a stuck worker was not reported but \(String(describing: error))")
      return
    }
    #expect(throws: ExecutorError.workerNeverReturned(worker: worker)) {
      try executor.shutdown(policy: .cancel, timeoutNanoseconds: 0)
    }
    #expect(throws: ExecutorError.shutDown) { _ = try executor.spawn { 1 } }
    #expect(arena.stats.liveCount > 0)
    gate.add()
    try executor.shutdown()
    #expect(outcome(handle) == .success(worker))
    #expect(outcome(waiting) == .success(7))
    try unsafe executor.release()
    #expect(arena.stats.liveCount == 0)
  }

  @Test func `only the owner, outside of tasks, shuts down`() throws {
    try withExecutor(.init(workerCount: 1)) { executor in
      let inTask = try executor.spawn { () throws(ExecutorError) in try executor.shutdown() }
      #expect(outcomeOfVoid(inTask) == .failed(.notOwner))
      let refused = Tally()
      try HostThread {
        #expect(throws: ExecutorError.notOwner) { try executor.shutdown() }
        refused.add()
      }.join()
      #expect(refused.count == 1)
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a half of a join is its task's, whichever worker runs it`(seed: UInt64) throws {
    let configuration = TaskExecutor.Configuration(
      workerCount: 2, mode: .deterministic(seed: seed))
    // Each half spawns while tasks are finished.
    try withExecutor(configuration) { executor in
      let handle = try executor.spawn { (worker) throws(ExecutorError) -> Int in
        let half = { @Sendable (worker: borrowing Worker) throws(ExecutorError) -> Int in
          outcome(try worker.spawn { 1 }) == .success(1) ? 1 : 0
        }
        let (first, second) = try worker.join(half, half)
        return first + second
      }
      try executor.shutdown(policy: .finish)
      #expect(outcome(handle) == .success(2))
    }
  }

  @Test(arguments: [0, 1, 2]) func `tasks that spawn for ever end with their time`(
    workerCount: Int
  ) throws {
    struct Forever: TaskWork {
      func run(on worker: borrowing Worker) throws(ExecutorError) {
        _ = try worker.spawn(Forever())
      }
    }
    try withExecutor(.init(workerCount: workerCount)) { executor in
      _ = try executor.spawn(Forever())
      try executor.shutdown(policy: .finish, timeoutNanoseconds: 20_000_000)
    }
  }

  private func drop<Value, Failure: Error>(_ handle: consuming TaskHandle<Value, Failure>) {}
}
