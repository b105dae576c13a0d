// LoopThreadTests.swift — wakes, jobs and timers from other threads: none is lost.

import Glibc
import NovaMemory
import TestSupport
import Testing

@testable import NovaConcurrency

@Suite(.serialized) struct LoopThreadTests {
  @Test func `each wake from another thread is followed by a poll that sees it`() throws {
    let roundCount = 20_000
    let said = Count()
    let polls = Journal()
    let seen = Count()
    try withLoop(isVirtual: false) { loop in
      let job = try loop.add { _ in
        while seen.value < said.value { seen.up() }
        return seen.value == roundCount ? .idle : .waitingForWake
      }
      var source: WakeSource? = loop.makeWakeSource()
      try beside(1) { _ in
        for round in 1...roundCount {
          said.up()
          do { try loop.wake(job) } catch { polls.say("\(round): \(error)") }
          // The next wake comes after the poll: a lost one would hang here.
          while seen.value < round { sched_yield() }
        }
      } main: {
        try loop.run()
      }
      source = nil
      #expect(source == nil && seen.value == roundCount && polls.text == [])
    }
  }

  @Test func `many threads wake, add, set and cancel at once, and everything is done`() throws {
    let threadCount = 3
    let roundCount = 4000
    let done = Count()
    let errors = Journal()
    let configuration = RunLoopConfiguration(jobCountMax: 8, timerCountMax: 8)
    try withLoop(configuration, isVirtual: false) { loop in
      let ended = Count()
      let keeper = try loop.add { _ in ended.value == threadCount ? .idle : .waitingForWake }
      let holders = (0..<threadCount).map { _ in Holder(loop.makeWakeSource()) }
      try beside(threadCount) { index in
        var cancelled = 0
        for round in 0..<roundCount {
          do throws(LoopError) {
            switch (round + index) % 4 {
            case 0: try loop.add { _ in done.up() > 0 ? .idle : .ready }
            case 1: try loop.after(nanoseconds: 1000) { _ in done.up() }
            case 2:
              // Far ahead: this thread and not the loop ends it.
              try loop.cancel(loop.after(nanoseconds: 1 << 60) { _ in errors.say("fired") })
              cancelled += 1
            default:
              try loop.wake(keeper)
              cancelled += 1
            }
          } catch {
            switch error {
            // What the loop frees makes room again.
            case .jobsExhausted, .timersExhausted: sched_yield()
            default: errors.say("\(error)")
            }
            cancelled += 1
          }
        }
        for _ in 0..<cancelled { done.up() }
        ended.up()
        // Another thread's wake may have shown the keeper all of them: it has ended then.
        try? loop.wake(keeper)
        holders[index].drop()
      } main: {
        try loop.run()
      }
      #expect(errors.text == [] && done.value == threadCount * roundCount)
      #expect(loop.jobCount == 0 && loop.timerCount == 0)
    }
  }

  @Test func `a wake by the loop's maker is seen while another thread begins to run it`() throws {
    for _ in 0..<200 {
      let seen = Count()
      try withLoop(isVirtual: false) { loop in
        let said = Count()
        let job = try loop.add { _ in
          seen.up()
          return said.value == 1 ? .idle : .waitingForWake
        }
        let source = loop.makeWakeSource()
        let errors = Journal()
        try beside(1) { _ in
          do { try loop.run() } catch { errors.say("\(error)") }
        } main: {
          said.up()
          // The first poll may have seen it, and the job has ended then. A lost wake would hang.
          do throws(LoopError) {
            try source.wake(job)
          } catch {
            #expect(error == .unknownJob(job))
          }
        }
        #expect(errors.text == [] && seen.value > 0 && loop.jobCount == 0)
      }
    }
  }

  @Test(.enabled(if: !isSanitized, "the sanitizer's own work is CPU time"))
  func `a loop waits as long as a wake source lives, without using the CPU`() throws {
    let errors = Journal()
    try withLoop(isVirtual: false) { loop in
      let job = try loop.add { _ in .waitingForWake }
      let source = loop.makeWakeSource()
      let holder = Holder(consume source)
      let begin = (wall: loop.clock.now, cpu: threadNanoseconds())
      try beside(1) { _ in
        usleep(300_000)
        holder.drop()
      } main: {
        #expect(throws: LoopError.stalled(waitingCount: 1, first: job)) { try loop.run() }
        let wall = loop.clock.now - begin.wall
        let cpu = threadNanoseconds() - begin.cpu
        #expect(wall >= 250_000_000)
        #expect(cpu < wall / 20, "\(cpu) ns of CPU time in \(wall) ns")
      }
    }
    #expect(errors.text == [])
  }

  /// Keeps a source until it is dropped, from any thread.
  private final class Holder: @unchecked Sendable {
    private var source: WakeSource?

    init(_ source: consuming WakeSource) { self.source = consume source }

    func drop() { source = nil }
  }

  private func threadNanoseconds() -> UInt64 {
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    #expect(result == 0)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
