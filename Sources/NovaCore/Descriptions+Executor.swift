// Descriptions+Executor.swift — the executor's errors in words, which needs the arena.
// Freestanding. Imports NovaConcurrency. Design: NovaCore.docc/Executor.md.

import NovaConcurrency

extension ExecutorError: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .full(let capacity):
      "all \(capacity) places for tasks are taken: join or drop handles, or raise taskCountMax"
    case .injectionFull(let capacity):
      "\(capacity) tasks of threads that are no workers already wait for one"
    case .shutDown:
      "the executor is being shut down, or is"
    case .workerCountOutOfRange(let requested, let maximum):
      "\(requested) extra workers are not within 0 to \(maximum)"
    case .taskCountOutOfRange(let requested, let maximum):
      "\(requested) tasks at once are not within 1 to \(maximum)"
    case .traceEventCountOutOfRange(let requested, let minimum, let maximum):
      "\(requested) trace events are neither 0 nor a power of two within \(minimum) to \(maximum)"
    case .memory(let error):
      "there is no memory for it: \(error)"
    case .thread(let worker, let error):
      "worker \(worker) got no thread: \(error)"
    case .threadsExhausted(let maximum):
      "all \(maximum) numbers for threads are taken"
    case .notOwner:
      "only the thread that made the executor can shut it down, outside of its tasks"
    case .workerNeverReturned(let worker):
      "the task on worker \(worker) has not returned in time"
    case .handlesOutstanding(let count):
      "\(count) tasks have neither been joined nor dropped"
    }
  }
}
