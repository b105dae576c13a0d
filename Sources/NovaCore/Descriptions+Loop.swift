// Descriptions+Loop.swift — the run loop's errors in words.
// Freestanding. Imports NovaConcurrency. Design: NovaCore.docc/RunLoop.md.

import NovaConcurrency

extension LoopError: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .jobCountOutOfRange(let count, let minimum, let maximum):
      "a run loop for \(count) jobs is not within \(minimum) to \(maximum)"
    case .timerCountOutOfRange(let count, let minimum, let maximum):
      "a run loop for \(count) timers is not within \(minimum) to \(maximum)"
    case .memory(let error):
      "there is no memory for the run loop: \(error)"
    case .jobsExhausted(let capacity):
      "all \(capacity) places for jobs are taken"
    case .timersExhausted(let capacity):
      "all \(capacity) places for timers are taken"
    case .jobTooLarge(let byteCount, let maximum):
      "a job's value has \(byteCount) bytes, above \(maximum); keep some of it elsewhere"
    case .unknownJob(let handle):
      "job \(handle.number) of run loop \(handle.loop) has ended, was removed, or is another loop's"
    case .unknownTimer(let handle):
      "timer \(handle.number) of run loop \(handle.loop) has fired, was cancelled, or is another "
        + "loop's"
    case .periodIsZero:
      "a periodic timer's period is 0"
    case .alreadyRunning:
      "the run loop runs already"
    case .insideTask:
      "a run loop that waits for all tasks' ends was run inside of one"
    case .stalled(let waitingCount, let first):
      "\(waitingCount) jobs wait for a wake that nobody can give; the first is job \(first.number)"
    }
  }
}
