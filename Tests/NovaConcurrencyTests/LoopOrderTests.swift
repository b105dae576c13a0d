// LoopOrderTests.swift — a seed fixes who is next, and the trace says what happened.

import Glibc
import NovaMemory
import TestSupport
import Testing

@testable import NovaConcurrency

@Suite struct LoopOrderTests {
  /// Tasks that run one after the other, and count down.
  private struct Tasks: LoopExecutor {
    let left: Count
    let taskCount: Int
    let journal: Journal

    var unfinishedTaskCount: Int { taskCount - left.value }
    var isInsideTask: Bool { false }

    func runTask() -> Bool {
      guard left.value < taskCount else { return false }
      journal.say("task \(left.up())")
      return true
    }

    func attach(_ signal: LoopSignal?) { journal.say(signal == nil ? "detached" : "attached") }

    func sleep(on signal: LoopSignal, nanoseconds: UInt64?, awaitsTasks: Bool) {
      signal.sleep(nanoseconds: nanoseconds)
    }
  }

  /// What a few jobs, timers and tasks do, and the trace of it.
  private func run(seed: UInt64?) throws -> (text: [String], events: [TraceEvent]) {
    let journal = Journal()
    let tasks = Tasks(left: Count(), taskCount: 6, journal: journal)
    let events = try withLoop(seed: seed, traceEventCount: 256) { loop in
      for name in ["a", "b", "c", "d"] {
        let polls = Count()
        try loop.add { context in
          journal.say("\(name) at \(context.now)")
          return polls.up() == 3 ? .idle : .waiting(until: 500_000)
        }
      }
      try loop.after(nanoseconds: 500_000) { _ in journal.say("timer") }
      try loop.run(on: tasks)
      let ring = loop.trace
      return ring.readable.compactMap { ring.event(at: $0) }
    }
    return (journal.text, events)
  }

  @Test func `without a seed everyone takes turns`() throws {
    let text = try run(seed: nil).text
    #expect(
      text.map { $0.prefix { $0 != " " } }.joined(separator: " ")
        == "attached a b c d task task task task task task timer a b c d a b c d detached")
  }

  @Test func `equal seeds give equal runs, different ones different orders`() throws {
    var texts: Set<[String]> = []
    for seed in 0..<20 as Range<UInt64> {
      let first = try run(seed: seed)
      let second = try run(seed: seed)
      #expect(first.text == second.text)
      #expect(first.events == second.events)
      #expect(first.text.count == 2 + 12 + 1 + 6)
      texts.insert(first.text)
    }
    #expect(texts.count > 15)
  }

  @Test func `the trace tells of each job, poll and timer`() throws {
    let events = try run(seed: 7).events
    func count(_ kind: TraceKind) -> Int { events.count { $0.kind == kind } }
    #expect(count(.jobAdded) == 4 && count(.jobRemoved) == 4)
    #expect(count(.jobPollStarted) == 12 && count(.jobPollFinished) == 12)
    #expect(count(.timerSet) == 1 && count(.timerFired) == 1)
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
    var polled: UInt32?
    for event in events {
      switch event.kind {
      case .jobPollStarted:
        #expect(polled == nil)
        polled = event.subject
      case .jobPollFinished:
        #expect(polled == event.subject)
        polled = nil
      default: break
      }
    }
  }

  @Test func `between two polls of a ready job at most so many tasks run`() throws {
    let journal = Journal()
    let tasks = Tasks(left: Count(), taskCount: 1000, journal: journal)
    try withLoop { loop in
      try loop.add { _ in
        journal.say("poll")
        return tasks.unfinishedTaskCount == 0 ? .idle : .ready
      }
      try loop.run(on: tasks)
    }
    let between = journal.text.split(separator: "poll")
    #expect(between.dropFirst().dropLast(2).allSatisfy { $0.count == RunLoop.tasksPerTurnMax })
    #expect(between.count == 1 + (1000 + 63) / 64 + 1)
  }

  @Test func `a loop that waits for tasks elsewhere ends when the last one raises its signal`()
    throws
  {
    /// One task, which another thread ends.
    final class Elsewhere: LoopExecutor, @unchecked Sendable {
      let ended = Count()
      let attached = Count()
      private var signal: LoopSignal?
      var unfinishedTaskCount: Int { 1 - ended.value }
      var isInsideTask: Bool { false }
      func runTask() -> Bool { false }
      func attach(_ signal: LoopSignal?) {
        guard let signal else { return }
        self.signal = signal
        attached.up()
      }
      func sleep(on signal: LoopSignal, nanoseconds: UInt64?, awaitsTasks: Bool) {
        signal.sleep(nanoseconds: nanoseconds)
      }
      func end() {
        while attached.value == 0 { sched_yield() }
        usleep(20_000)
        ended.up()
        signal?.raise()
      }
    }
    let elsewhere = Elsewhere()
    try withLoop(isVirtual: false) { loop in
      try beside(1) { _ in
        elsewhere.end()
      } main: {
        try loop.run(on: elsewhere)
      }
    }
    #expect(elsewhere.unfinishedTaskCount == 0)
  }
}
