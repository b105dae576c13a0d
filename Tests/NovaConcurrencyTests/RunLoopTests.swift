// RunLoopTests.swift — jobs are polled as they ask, and the loop ends exactly when nothing is left.

import NovaMemory
import Testing

@testable import NovaConcurrency

@Suite struct RunLoopTests {
  /// Counts its polls down.
  private struct Countdown: LoopJob, ~Copyable {
    var left: Int
    let name: String
    let journal: Journal

    mutating func poll(_ context: LoopContext) -> LoopState {
      journal.say("\(name) \(left)")
      left -= 1
      return left == 0 ? .idle : .ready
    }

    deinit { journal.say("\(name) ends") }
  }

  @Test func `an empty loop returns at once`() throws {
    try withLoop { loop in
      try loop.run()
      #expect(loop.jobCount == 0 && loop.timerCount == 0 && loop.metrics.count == 0)
    }
  }

  @Test func `ready jobs take turns until they are idle`() throws {
    let journal = Journal()
    try withLoop { loop in
      try loop.add(Countdown(left: 3, name: "a", journal: journal))
      try loop.add(Countdown(left: 2, name: "b", journal: journal))
      #expect(loop.jobCount == 2)
      try loop.run()
      #expect(journal.text == ["a 3", "b 2", "a 2", "b 1", "b ends", "a 1", "a ends"])
      #expect(loop.jobCount == 0 && loop.metrics.count == 5)
    }
  }

  @Test func `a function is a job, and may add others`() throws {
    let journal = Journal()
    try withLoop { loop in
      try loop.add { context in
        journal.say("outer \(context.job.number)")
        do {
          try context.loop.add { context in
            journal.say("inner \(context.job.number)")
            return .idle
          }
        } catch { journal.say("\(error)") }
        return .idle
      }
      try loop.run()
    }
    #expect(journal.text == ["outer 1", "inner 2"])
  }

  @Test func `virtual time jumps to what a job waits for`() throws {
    try withLoop { loop in
      let journal = Journal()
      try loop.add { context in
        journal.say("\(context.now)")
        return journal.text.count == 3 ? .idle : .waiting(until: context.now + 5_000_000)
      }
      try loop.run()
      #expect(journal.text == ["1000", "5002000", "10003000"])
    }
  }

  @Test func `a wake before its time polls a waiting job`() throws {
    let journal = Journal()
    try withLoop { loop in
      let sleeper = try loop.add { context in
        journal.say("sleeper at \(context.now)")
        return context.now < 10_000 ? .waiting(until: 1_000_000_000) : .idle
      }
      try loop.after(nanoseconds: 50_000) { context in
        do { try context.loop.wake(sleeper) } catch { journal.say("\(error)") }
      }
      try loop.run()
      #expect(loop.clock.now < 1_000_000)
    }
    #expect(journal.text == ["sleeper at 1000", "sleeper at 52000"])
  }

  @Test func `jobs that nobody can wake stall the loop, which names the first`() throws {
    try withLoop { loop in
      let polls = Count()
      try loop.add { _ in .idle }
      let first = try loop.add { _ in polls.up() == 1 ? .waitingForWake : .idle }
      let second = try loop.add { _ in .waitingForWake }
      #expect(throws: LoopError.stalled(waitingCount: 2, first: first)) { try loop.run() }
      try loop.wake(first)
      #expect(throws: LoopError.stalled(waitingCount: 1, first: second)) { try loop.run() }
      #expect(polls.value == 2)
      try loop.remove(second)
      try loop.run()
      #expect(loop.jobCount == 0)
    }
  }

  @Test func `a handle is of one job of one loop`() throws {
    try withLoop { loop in
      let ended = try loop.add { _ in .idle }
      try loop.run()
      #expect(throws: LoopError.unknownJob(ended)) { try loop.wake(ended) }
      let next = try loop.add { _ in .idle }
      #expect(next.slot == ended.slot && next != ended)
      #expect(throws: LoopError.unknownJob(ended)) { try loop.remove(ended) }
      #expect(throws: LoopError.unknownJob(ended)) { try loop.metrics(of: ended) }
      let forged = JobHandle(loop: next.loop, slot: .max, number: 1)
      #expect(throws: LoopError.unknownJob(forged)) { try loop.wake(forged) }
      let nobody = JobHandle(loop: next.loop, slot: 3, number: 0)
      #expect(throws: LoopError.unknownJob(nobody)) { try loop.wake(nobody) }
      try withLoop { other in
        try other.add { _ in .idle }
        #expect(throws: LoopError.unknownJob(next)) { try other.wake(next) }
        #expect(throws: LoopError.unknownJob(next)) { try other.remove(next) }
      }
    }
  }

  @Test func `a removed job is not polled again, and its value is destroyed`() throws {
    let journal = Journal()
    try withLoop { loop in
      let ready = try loop.add(Countdown(left: 9, name: "ready", journal: journal))
      let waiting = try loop.add { [mortal = Mortal("waiting", journal)] context in
        withExtendedLifetime(mortal) {}
        return .waiting(until: 1_000_000)
      }
      try loop.add { context in
        do {
          if context.now < 100_000 {
            try context.loop.remove(ready)
            return .waiting(until: 200_000)
          }
          try context.loop.remove(waiting)
          try context.loop.remove(context.job)
        } catch { journal.say("\(error)") }
        return .ready
      }
      try loop.run()
      #expect(throws: LoopError.unknownJob(ready)) { try loop.remove(ready) }
      #expect(loop.clock.now < 1_000_000)
      #expect(loop.jobCount == 0)
    }
    #expect(journal.text == ["ready 9", "ready ends", "waiting ends"])
  }

  @Test func `a removed place is free again for another job`() throws {
    try withLoop(RunLoopConfiguration(jobCountMax: 1, timerCountMax: 1)) { loop in
      for _ in 0..<100 {
        let job = try loop.add { _ in .waitingForWake }
        #expect(throws: LoopError.jobsExhausted(capacity: 1)) { try loop.add { _ in .idle } }
        try loop.wake(job)
        try loop.remove(job)
        try loop.run()
      }
    }
  }

  @Test func `what is dropped with the loop is destroyed`() throws {
    let journal = Journal()
    try withLoop { loop in
      try loop.add(Countdown(left: 1, name: "job", journal: journal))
      try loop.after(nanoseconds: 1) { [mortal = Mortal("timer", journal)] _ in
        withExtendedLifetime(mortal) {}
      }
    }
    #expect(journal.text.sorted() == ["job ends", "timer ends"])
  }

  @Test func `values have an upper size`() throws {
    struct Large: LoopJob {
      var words = InlineArray<17, UInt64>(repeating: 0)
      mutating func poll(_ context: LoopContext) -> LoopState { .idle }
    }
    try withLoop { loop in
      #expect(throws: LoopError.jobTooLarge(byteCount: 136, maximum: 128)) {
        try loop.add(Large())
      }
      #expect(loop.jobCount == 0)
    }
  }

  @Test func `a configuration out of range makes no loop`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let tooMany = RunLoopConfiguration(jobCountMax: 65537, timerCountMax: 1)
    #expect(throws: LoopError.jobCountOutOfRange(count: 65537, minimum: 1, maximum: 65536)) {
      _ = try RunLoop(memory: arena, configuration: tooMany)
    }
    let none = RunLoopConfiguration(jobCountMax: 1, timerCountMax: 0)
    #expect(throws: LoopError.timerCountOutOfRange(count: 0, minimum: 1, maximum: 1 << 20)) {
      _ = try RunLoop(memory: arena, configuration: none)
    }
    let large = RunLoopConfiguration(jobCountMax: 65536, timerCountMax: 1)
    do {
      _ = try RunLoop(memory: arena, configuration: large)
      Issue.record("a loop was made beyond its memory")
    } catch {
      guard case .memory(.capacityExceeded) = error else { throw error }
    }
    #expect(arena.stats.liveCount == 0)
  }

  @Test func `a loop does not run inside itself`() throws {
    let journal = Journal()
    try withLoop { loop in
      try loop.add { context in
        do throws(LoopError) { try context.loop.run() } catch {
          journal.say("\(error == .alreadyRunning)")
        }
        return .idle
      }
      try loop.run()
      try loop.run()
    }
    #expect(journal.text == ["true"])
  }

  @Test func `polls are counted and timed`() throws {
    try withLoop { loop in
      let job = try loop.add { context in
        context.loop.clock.advance(to: context.now + 700)
        return context.now < 4000 ? .ready : .waitingForWake
      }
      #expect(throws: LoopError.stalled(waitingCount: 1, first: job)) { try loop.run() }
      let metrics = try loop.metrics(of: job)
      #expect(metrics.count == 3 && metrics.totalNanoseconds == 2100)
      #expect(metrics.maxNanoseconds == 700)
      #expect(loop.metrics == metrics)
    }
  }
}
