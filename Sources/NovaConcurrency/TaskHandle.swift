// TaskHandle.swift — the one who waits for a task, or wants it cancelled, or does not care.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.

/// Why a join has no value.
public enum JoinError<Failure: Error>: Error {
  /// The task was cancelled before it began.
  case cancelled
  /// The task threw.
  case failed(Failure)
}

extension JoinError: Equatable where Failure: Equatable {}

/// A spawned task.
///
/// Whoever has the handle joins the task, or drops the handle: the task runs all the same then, and
/// its result is destroyed. At the end of its executor all tasks are over, and the memory stays
/// until the last handle is gone.
@safe
@frozen
public struct TaskHandle<Value: Sendable & ~Copyable, Failure: Error>: ~Copyable,
  @unchecked Sendable
{
  // Unchecked: the record is touched as `Completion` says, from any thread.
  @usableFromInline let record: TaskRecord

  /// The handle of a record that was spawned.
  ///
  /// - Safety: the only one, and of the types that the record's work has.
  @unsafe
  @inlinable
  init(_ record: TaskRecord) { self.record = record }

  /// Whether the task is over: `join` would return at once.
  @inlinable
  public var isFinished: Bool { record.completion.isFinished }

  /// Wants the task cancelled.
  ///
  /// A task that has not begun will never run. One that runs sees it in `Worker.isCancelled`, and
  /// ends with a value or an error as it sees fit.
  ///
  /// - Returns: false when the task was over before.
  @discardableResult
  public borrowing func cancel() -> Bool { record.completion.requestCancel() }

  /// Waits for the task's end.
  ///
  /// A worker runs other tasks meanwhile, on the same stack; a thread that is no worker sleeps.
  ///
  /// - Returns: what the task made.
  /// - Throws: `JoinError.failed` with what the task threw, `.cancelled` when it never began.
  @inlinable
  public consuming func join() throws(JoinError<Failure>) -> Value {
    let core = record.core
    if let worker = core.current { return try join(on: worker) }
    record.completion.waitOutside()
    // What belongs to no worker is touched under the lock.
    core.lockOutside()
    defer { core.unlockOutside() }
    return try join(on: core.outside)
  }

  @inlinable
  @inline(__always)
  consuming func join(on worker: WorkerReference) throws(JoinError<Failure>) -> Value {
    let record = record
    discard self
    if !record.completion.isFinished { worker.help(until: record) }
    let outcome = record.completion.outcome
    let isBoxed = TaskRecord.resultIsBoxed(Value.self, Failure.self)
    // SAFETY: the run is over, and the handle is the only one that takes the result.
    if outcome == 0 {
      let value = unsafe record.place(of: Value.self, isBoxed: isBoxed).move()
      if isBoxed { unsafe worker.core.release(record.block) }
      worker.free(record)
      return value
    }
    if outcome == Completion.cancelled {
      worker.free(record)
      throw .cancelled
    }
    let error = unsafe record.place(of: Failure.self, isBoxed: isBoxed).move()
    if isBoxed { unsafe worker.core.release(record.block) }
    worker.free(record)
    throw .failed(error)
  }

  @inlinable
  deinit {
    guard record.completion.detach() else { return }
    let core = record.core
    record.destroyResult(Value.self, Failure.self, core)
    if let worker = core.current { return worker.free(record) }
    core.lockOutside()
    core.outside.free(record)
    core.unlockOutside()
  }
}
