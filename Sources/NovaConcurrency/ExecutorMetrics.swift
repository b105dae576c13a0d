// ExecutorMetrics.swift — what an executor's workers have done so far, in counts.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Executor.md.

import Synchronization

/// Counts over all workers, from the executor's beginning; each only grows but the depth.
///
/// Each is right at some moment during the read, and not all at the same one, unless nothing runs.
public struct ExecutorMetrics: Equatable, Sendable {
  /// Tasks that were handed over.
  public internal(set) var spawnedCount: UInt64 = 0
  /// Tasks that ran to their end, by a value or an error.
  public internal(set) var runCount: UInt64 = 0
  /// Tasks that were cancelled before they began.
  public internal(set) var cancelledCount: UInt64 = 0
  /// Tasks and halves of joins that a worker took from another.
  public internal(set) var stolenCount: UInt64 = 0
  /// Tasks taken that threads had handed over that are no workers.
  public internal(set) var injectedCount: UInt64 = 0
  /// Times that a worker went to sleep.
  public internal(set) var parkedCount: UInt64 = 0
  /// Tasks and halves of joins that wait now and that any worker may take.
  public internal(set) var queueDepth: Int = 0

  /// No counts.
  public init() {}
}

extension TaskExecutor {
  /// What all workers have done so far.
  ///
  /// - Complexity: O(workers); the workers are not held up.
  public var metrics: ExecutorMetrics {
    var sum = ExecutorMetrics()
    for index in 0...core.workerCount { core.worker(index).add(to: &sum) }
    sum.queueDepth += core.injectedDepth
    return sum
  }

  /// What one worker has done so far.
  ///
  /// - Parameter worker: 0 for the owner, `1 … workerCount` for the others; `workerCount + 1` for
  ///   all threads that are no workers.
  /// - Returns: its counts.
  public func metrics(ofWorker worker: Int) -> ExecutorMetrics {
    precondition((0...core.workerCount).contains(worker), "the executor has no such worker")
    var counts = ExecutorMetrics()
    core.worker(worker).add(to: &counts)
    return counts
  }

  /// The trace of one worker; off when the configuration asked for none.
  ///
  /// - Parameter worker: 0 for the owner, `1 … workerCount` for the others.
  /// - Returns: the events that it keeps.
  public func trace(ofWorker worker: Int) -> TraceRing {
    precondition((0..<core.workerCount).contains(worker), "the executor has no such worker")
    // SAFETY: the trace never changes, and lies in the executor's memory.
    return unsafe core.worker(worker).state.pointee.trace
  }
}

extension ExecutorCore {
  /// Injected tasks that wait.
  var injectedDepth: Int {
    // SAFETY: the state exists, by the initialiser's promise.
    Int(unsafe state.pointee.injectedCount.load(ordering: .relaxed))
  }
}

extension WorkerReference {
  /// Adds the worker's counts; any thread may.
  func add(to sum: inout ExecutorMetrics) {
    // SAFETY: the counts may be read by anyone. Ends are read first, so that none is missing in
    // what was spawned.
    let finished = unsafe state.pointee.finished.current
    let cancelled = unsafe state.pointee.cancelled.current
    sum.cancelledCount &+= cancelled
    sum.runCount &+= finished > cancelled ? finished &- cancelled : 0
    sum.spawnedCount &+= unsafe state.pointee.spawned.current
    sum.stolenCount &+= unsafe state.pointee.stolen.current
    sum.injectedCount &+= unsafe state.pointee.injected.current
    sum.parkedCount &+= unsafe state.pointee.parked.current
    if !isOutside { sum.queueDepth += Int(deque.publicCount) }
  }
}
