// LoopDescriptionTests.swift — the run loop's errors say what is wrong, with every number.

import NovaCore
import NovaMemory
import Testing

@testable import NovaConcurrency

@Suite struct LoopDescriptionTests {
  private static let job = JobHandle(loop: 3, slot: 1, number: 7)
  private static let timer = TimerHandle(loop: 3, slot: 1, number: 9)

  @Test(
    arguments: [
      (
        LoopError.jobCountOutOfRange(count: 0, minimum: 1, maximum: 9),
        "a run loop for 0 jobs is not within 1 to 9"
      ),
      (
        .timerCountOutOfRange(count: 10, minimum: 1, maximum: 9),
        "a run loop for 10 timers is not within 1 to 9"
      ),
      (
        .memory(.capacityExceeded(requested: 5, available: 4, capacity: 6)),
        "there is no memory for the run loop: "
          + "5 bytes requested, the largest free block holds 4 of 6"
      ),
      (.jobsExhausted(capacity: 4), "all 4 places for jobs are taken"),
      (.timersExhausted(capacity: 4), "all 4 places for timers are taken"),
      (
        .jobTooLarge(byteCount: 200, maximum: 128),
        "a job's value has 200 bytes, above 128; keep some of it elsewhere"
      ),
      (
        .unknownJob(job), "job 7 of run loop 3 has ended, was removed, or is another loop's"
      ),
      (
        .unknownTimer(timer),
        "timer 9 of run loop 3 has fired, was cancelled, or is another loop's"
      ),
      (.periodIsZero, "a periodic timer's period is 0"),
      (.alreadyRunning, "the run loop runs already"),
      (.insideTask, "a run loop that waits for all tasks' ends was run inside of one"),
      (
        .stalled(waitingCount: 2, first: job),
        "2 jobs wait for a wake that nobody can give; the first is job 7"
      ),
    ] as [(LoopError, String)])
  func `an error is one line of words`(error: LoopError, words: String) {
    #expect("\(error)" == words)
  }
}
