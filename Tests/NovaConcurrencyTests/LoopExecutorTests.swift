// LoopExecutorTests.swift — a run loop beside the executor's tasks: it ends with the last of them,
// helps, and is deterministic with them.

import Glibc
import NovaMemory
import NovaSystem
import TestSupport
import Testing

@testable import NovaConcurrency

@Suite(.serialized) struct LoopExecutorTests {
  /// A loop on the executor's clock.
  private func withLoop(
    _ configuration: TaskExecutor.Configuration, seed: UInt64? = nil,
    _ body: (TaskExecutor, RunLoop) throws -> Void
  ) throws {
    let arena = try Arena(byteCount: 1 << 20)
    try withExecutor(configuration) { executor in
      let loop = try RunLoop(
        memory: arena, clock: executor.clock, seed: seed, trace: executor.trace(ofWorker: 0))
      defer { unsafe loop.destroy(arena) }
      try body(executor, loop)
    }
    #expect(arena.stats.liveCount == 0)
  }

  @Test(arguments: configurations) func `the loop returns when the last task has ended`(
    configuration: TaskExecutor.Configuration
  ) throws {
    for _ in 0..<50 {
      try withLoop(configuration) { executor, loop in
        let done = Tally()
        for index in 0..<100 {
          _ = try executor.spawn { (worker: borrowing Worker) in
            done.add()
            // A task may spawn another one at its end.
            if index % 10 == 0 {
              do { _ = try executor.spawn { done.add() } } catch { Issue.record("\(error)") }
            }
          }
        }
        try loop.run(on: executor)
        #expect(done.count == 110 && executor.unfinishedTaskCount == 0)
      }
    }
  }

  @Test func `a loop that waits for a timer sleeps, and lets the workers sleep`() throws {
    try withLoop(.init(workerCount: 2)) { executor, loop in
      for _ in 0..<20 { try executor.spawn {}.join() }
      let before = executor.metrics.parkedCount
      let fired = Tally()
      _ = try loop.after(nanoseconds: 100_000_000) { _ in fired.add() }
      try loop.run(on: executor)
      #expect(fired.count == 1)
      #expect(executor.metrics.parkedCount - before < 50)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a loop is told of the end of the only task, whenever it falls asleep`() throws {
    // The task ends about when the loop decides to sleep; each round a little later.
    for round in 0..<1000 {
      try withLoop(.init(workerCount: 1)) { executor, loop in
        let done = Tally()
        let begun = Tally()
        _ = try executor.spawn {
          begun.add()
          for _ in 0..<(round % 300) { _ = done.count }
          done.add()
        }
        begun.waitUntil(1)
        try loop.run(on: executor)
        #expect(done.count == 1)
      }
    }
  }

  @Test(arguments: configurations) func `a task wakes a job, sets a timer and adds a job`(
    configuration: TaskExecutor.Configuration
  ) throws {
    try withLoop(configuration) { executor, loop in
      let journal = Journal()
      // The task may run before the first poll, too.
      let woken = Count()
      let job = try loop.add { _ in
        guard woken.value == 1 else { return .waitingForWake }
        journal.say("woken")
        return .idle
      }
      _ = try executor.spawn {
        do {
          woken.up()
          try loop.wake(job)
          try loop.after(nanoseconds: 3_000_000) { _ in journal.say("timer") }
          try loop.add { _ in
            journal.say("other")
            return .idle
          }
        } catch { journal.say("\(error)") }
      }
      try loop.run(on: executor)
      #expect(journal.text.sorted() == ["other", "timer", "woken"])
    }
  }

  @Test func `a job that only a task could wake stalls once the tasks are over`() throws {
    for workerCount in [0, 1] {
      try withLoop(.init(workerCount: workerCount)) { executor, loop in
        let job = try loop.add { _ in .waitingForWake }
        _ = try executor.spawn { _ = usleep(20_000) }
        #expect(throws: LoopError.stalled(waitingCount: 1, first: job)) {
          try loop.run(on: executor)
        }
        #expect(executor.unfinishedTaskCount == 0)
      }
    }
  }

  @Test func `a loop that has nothing to do helps with tasks that others spawn`() throws {
    try withLoop(.init(workerCount: 1)) { executor, loop in
      let begun = Tally()
      _ = try executor.spawn {
        begun.add()
        // The loop's thread sleeps by now.
        _ = usleep(50_000)
        for _ in 0..<64 {
          do { _ = try executor.spawn { _ = usleep(2000) } } catch { Issue.record("\(error)") }
        }
      }
      // The other worker has it.
      begun.waitUntil(1)
      try loop.run(on: executor)
      #expect(executor.metrics(ofWorker: 0).runCount > 8)
      #expect(executor.metrics(ofWorker: 1).runCount > 8)
    }
  }

  @Test(.enabled(if: !isSanitized, "the sanitizer's own work is CPU time"))
  func `a loop that waits for a long task uses no CPU, and neither do the workers`() throws {
    try withLoop(.init(workerCount: 2)) { executor, loop in
      let begun = Tally()
      _ = try executor.spawn {
        begun.add()
        _ = usleep(400_000)
      }
      begun.waitUntil(1)
      var before = timespec()
      var after = timespec()
      #expect(unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before) == 0)
      try loop.run(on: executor)
      #expect(unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after) == 0)
      let used =
        (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec
      #expect(used < 100_000_000, "\(used) ns of CPU time in 400 ms")
    }
  }

  @Test func `a job woken by outside threads while tasks run is polled each time`() throws {
    try withLoop(.init(workerCount: 1)) { executor, loop in
      let roundCount = 2000
      let said = Count()
      let seen = Count()
      let errors = Journal()
      let job = try loop.add { _ in
        while seen.value < said.value { seen.up() }
        return seen.value == roundCount ? .idle : .waitingForWake
      }
      // Keeps a worker busy, so that the loop sleeps among the workers.
      let keeper = Count()
      let begun = Tally()
      _ = try executor.spawn {
        begun.add()
        while keeper.value == 0 { _ = usleep(1000) }
      }
      begun.waitUntil(1)
      try beside(1) { _ in
        for round in 1...roundCount {
          said.up()
          do { try loop.wake(job) } catch { errors.say("\(error)") }
          while seen.value < round { sched_yield() }
        }
        keeper.up()
      } main: {
        try loop.run(on: executor)
      }
      #expect(seen.value == roundCount && errors.text == [])
    }
  }

  @Test func `with a seed tasks, jobs and timers come in the same order each time`() throws {
    func run(seed: UInt64) throws -> (text: [String], events: [TraceEvent]) {
      let journal = Journal()
      var events: [TraceEvent] = []
      let configuration = TaskExecutor.Configuration(
        workerCount: 2, mode: .deterministic(seed: seed), traceEventCountMax: 1024)
      try withLoop(configuration, seed: seed) { executor, loop in
        for name in ["a", "b", "c"] {
          let polls = Count()
          try loop.add { context in
            journal.say("\(name) at \(context.now)")
            do {
              _ = try executor.spawn { journal.say("task of \(name)") }
            } catch { journal.say("\(error)") }
            return polls.up() == 3 ? .idle : .waiting(until: context.now + 20_000)
          }
        }
        try loop.every(nanoseconds: 15_000) { context in
          journal.say("tick at \(context.now)")
          do {
            if context.deadline == 45_000 { try context.loop.cancel(context.timer) }
          } catch { journal.say("\(error)") }
        }
        try loop.run(on: executor)
        for worker in 0...2 {
          let ring = executor.trace(ofWorker: worker)
          events += ring.readable.compactMap { ring.event(at: $0) }
        }
      }
      return (journal.text, events)
    }
    var texts: Set<[String]> = []
    for seed in 1...10 as ClosedRange<UInt64> {
      let first = try run(seed: seed)
      let second = try run(seed: seed)
      #expect(first.text == second.text && first.events == second.events)
      #expect(first.text.count == 9 + 9 + 3)
      texts.insert(first.text)
    }
    #expect(texts.count == 10)
  }

  @Test(arguments: configurations) func `a loop refuses to run inside of a task`(
    configuration: TaskExecutor.Configuration
  ) throws {
    try withLoop(configuration) { executor, loop in
      let handle = try executor.spawn { (worker: borrowing Worker) throws(LoopError) in
        try loop.run(on: executor)
      }
      #expect(outcomeOfVoid(handle) == .failed(.insideTask))
      try loop.run(on: executor)
    }
  }
}
