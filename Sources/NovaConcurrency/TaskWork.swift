// TaskWork.swift — what a task does, as a value: no closure, no allocation.
// Freestanding. Imports NovaMemory. Design: NovaCore.docc/Executor.md.

import NovaMemory

/// The work of a task, with the values that it needs.
///
/// Up to `TaskExecutor.inlineByteCountMax` bytes lie in the task's record, larger ones in a block
/// of the executor's arena.
public protocol TaskWork: ~Copyable, Sendable {
  /// What it makes.
  associatedtype Value: Sendable & ~Copyable
  /// What it throws; `Never` when it does not.
  associatedtype Failure: Error

  /// Does the work, once.
  ///
  /// - Parameter worker: who runs it; spawns and joins through it cost no look-up.
  /// - Returns: what whoever joins the task gets.
  /// - Throws: what whoever joins the task gets as `JoinError.failed`.
  consuming func run(on worker: borrowing Worker) throws(Failure) -> Value
}

/// A closure as work; its captured values are where Swift's closures keep them.
@frozen
@usableFromInline
struct ClosureWork<Value: Sendable & ~Copyable, Failure: Error>: TaskWork, ~Copyable,
  @unchecked Sendable
{
  // Unchecked because `spawn` took it as a sending parameter: nobody else has what it captured.
  @usableFromInline let body: () throws(Failure) -> Value

  @inlinable
  init(_ body: consuming @escaping () throws(Failure) -> Value) { self.body = body }

  @inlinable
  consuming func run(on worker: borrowing Worker) throws(Failure) -> Value { try body() }
}

/// A closure that is told its worker as work.
@frozen
@usableFromInline
struct WorkerClosureWork<Value: Sendable & ~Copyable, Failure: Error>: TaskWork, ~Copyable,
  @unchecked Sendable
{
  // Unchecked for the same reason as `ClosureWork`.
  @usableFromInline let body: (borrowing Worker) throws(Failure) -> Value

  @inlinable
  init(_ body: consuming @escaping (borrowing Worker) throws(Failure) -> Value) { self.body = body }

  @inlinable
  consuming func run(on worker: borrowing Worker) throws(Failure) -> Value { try body(worker) }
}

// MARK: - From spawn to end

extension TaskRecord {
  /// Whether results of these types lie in a block beside the record.
  @inlinable
  @inline(__always)
  static func resultIsBoxed<Value: ~Copyable, Failure: Error>(
    _: Value.Type, _: Failure.Type
  ) -> Bool {
    !fits(Value.self) || !fits(Failure.self)
  }
}

extension TaskWork where Self: ~Copyable {
  /// Whether a block beside the record holds the work: it is too large, or the result will be.
  @inlinable static var isBoxed: Bool {
    !TaskRecord.fits(Self.self) || TaskRecord.resultIsBoxed(Value.self, Failure.self)
  }

  /// Bytes and alignment of the block.
  @inlinable static var blockByteCount: Int {
    let result =
      TaskRecord.resultIsBoxed(Value.self, Failure.self)
      ? max(MemoryLayout<Value>.size, MemoryLayout<Failure>.size) : 0
    return max(MemoryLayout<Self>.size, result)
  }
  @inlinable static var blockAlignment: Int {
    max(MemoryLayout<Self>.alignment, MemoryLayout<Value>.alignment)
  }

  /// Puts the work into a record, ready to be pushed.
  ///
  /// - Throws: when the work needs a block and the arena has none; the work is destroyed then.
  @inlinable
  @inline(__always)
  static func store(
    _ work: consuming Self, in record: TaskRecord, of core: ExecutorCore
  ) throws(MemoryError) {
    if isBoxed {
      unsafe record.block = try core.allocate(
        byteCount: blockByteCount, alignment: max(16, blockAlignment))
    }
    // SAFETY: the record is the caller's alone, and the place large enough.
    unsafe record.base.storeBytes(of: 0, as: UInt64.self)
    unsafe record.place(of: Self.self, isBoxed: isBoxed).initialize(to: work)
    unsafe record.setBody { record, worker in
      unsafe execute(
        TaskRecord(at: record),
        on: WorkerReference(at: worker.assumingMemoryBound(to: WorkerState.self)))
    }
  }

  /// Runs the record's work on a worker, or cancels it.
  @inlinable
  static func execute(_ record: TaskRecord, on worker: WorkerReference) {
    // SAFETY: `store` put the work here, and this is the record's only run.
    let place = unsafe record.place(of: Self.self, isBoxed: isBoxed)
    let keepsBlock = TaskRecord.resultIsBoxed(Value.self, Failure.self)
    if record.completion.isCancelRequested || worker.cancelsAll {
      unsafe place.deinitialize(count: 1)
      if isBoxed { unsafe worker.core.release(record.block) }
      worker.cancel(record)
      return
    }
    let outer = unsafe worker.begin(record)
    do throws(Failure) {
      let work = unsafe place.move()
      if isBoxed, !keepsBlock { unsafe worker.core.release(record.block) }
      let value = try work.run(on: unsafe Worker(worker))
      unsafe record.place(of: Value.self, isBoxed: keepsBlock).initialize(to: value)
      let before = unsafe worker.end(record, 0, outer: outer)
      if before & Completion.detached != 0 {
        record.destroyResult(Value.self, Failure.self, worker.core)
        worker.free(record)
      }
    } catch {
      unsafe record.place(of: Failure.self, isBoxed: keepsBlock).initialize(to: error)
      let before = unsafe worker.end(record, Completion.failed, outer: outer)
      if before & Completion.detached != 0 {
        record.destroyResult(Value.self, Failure.self, worker.core)
        worker.free(record)
      }
    }
  }
}

extension TaskRecord {
  /// Destroys the result of a run that is over, and gives back its block.
  @inlinable
  func destroyResult<Value: ~Copyable, Failure: Error>(
    _: Value.Type, _: Failure.Type, _ core: ExecutorCore
  ) {
    let isBoxed = Self.resultIsBoxed(Value.self, Failure.self)
    // SAFETY: the run is over, as its outcome says, and the caller is the result's only user.
    switch completion.outcome {
    case Completion.cancelled: return
    case Completion.failed: unsafe place(of: Failure.self, isBoxed: isBoxed).deinitialize(count: 1)
    default: unsafe place(of: Value.self, isBoxed: isBoxed).deinitialize(count: 1)
    }
    if isBoxed { unsafe core.release(block) }
  }
}

extension WorkerReference {
  /// Whether what has not begun is cancelled.
  @inlinable
  var cancelsAll: Bool { core.phase >= 2 }

  /// Begins a task; what ran before on this worker.
  @inlinable
  @inline(__always)
  func begin(_ record: TaskRecord) -> UnsafeMutableRawPointer? {
    // SAFETY: the fields are the worker's.
    let outer = unsafe state.pointee.currentTask
    unsafe state.pointee.currentTask = record.base
    unsafe record.next = outer
    if unsafe state.pointee.trace.isOn { traceStart(record) }
    return unsafe outer
  }

  /// Ends the task begun last.
  ///
  /// - Returns: the flags before.
  @inlinable
  @inline(__always)
  func end(
    _ record: TaskRecord, _ outcome: UInt32, outer: UnsafeMutableRawPointer?
  ) -> UInt32 {
    // SAFETY: the fields are the worker's.
    unsafe state.pointee.currentTask = outer
    if unsafe state.pointee.trace.isOn { traceEnd(record, outcome) }
    let completion = record.completion
    let before = completion.finish(outcome)
    unsafe state.pointee.finished.add(1)
    if before & (Completion.waiting | Completion.waitingOutside) != 0 {
      wakeWaiters(before, completion)
    }
    return before
  }

  /// Ends a task that was not run.
  @inline(never)
  @usableFromInline
  func cancel(_ record: TaskRecord) {
    // SAFETY: the counts and the trace are the worker's.
    unsafe state.pointee.trace.record(.taskCancelled, subject: record.number, at: core.now)
    let completion = record.completion
    let before = completion.finish(Completion.cancelled)
    unsafe state.pointee.cancelled.add(1)
    unsafe state.pointee.finished.add(1)
    if before & (Completion.waiting | Completion.waitingOutside) != 0 {
      wakeWaiters(before, completion)
    }
    if before & Completion.detached != 0 { free(record) }
  }

  @inline(never)
  @usableFromInline
  func traceStart(_ record: TaskRecord) {
    // SAFETY: the trace is the worker's.
    unsafe state.pointee.trace.record(.taskStarted, subject: record.number, at: core.now)
  }

  @inline(never)
  @usableFromInline
  func traceEnd(_ record: TaskRecord, _ outcome: UInt32) {
    let kind: TraceKind = outcome == 0 ? .taskFinished : .taskFailed
    // SAFETY: the trace is the worker's.
    unsafe state.pointee.trace.record(kind, subject: record.number, at: core.now)
  }
}
