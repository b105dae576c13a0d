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

extension JoinError: CustomStringConvertible where Failure: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .cancelled: "the task was cancelled before it began"
    case .failed(let error): "the task failed: \(error)"
    }
  }
}

extension ReplayToken: LosslessStringConvertible {
  /// `seed=SEED,workers=WORKERS`, both decimal: what a failing run prints, and `init` reads.
  public var description: String { "seed=\(seed),workers=\(workerCount)" }

  /// The token that `text` describes; nil unless it has that form, and both are in their ranges.
  public init?(_ text: String) {
    var rest = text.utf8[...]
    guard let seed = ReplayToken.number(after: "seed=", in: &rest),
      let workers = ReplayToken.number(after: ",workers=", in: &rest), rest.isEmpty,
      workers <= UInt64(TaskExecutor.workerCountMax)
    else { return nil }
    self.init(seed: seed, workerCount: Int(workers))
  }

  /// Takes a label and a decimal number off the front of `text`; nil when they are not there.
  private static func number(after label: String, in text: inout Substring.UTF8View) -> UInt64? {
    guard text.starts(with: label.utf8) else { return nil }
    text = text.dropFirst(label.utf8.count)
    var number: UInt64?
    while let digit = text.first, digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
      let (product, isTooLarge) = (number ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !isTooLarge, !overflows else { return nil }
      number = sum
      text = text.dropFirst()
    }
    return number
  }
}
