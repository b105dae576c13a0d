// Worker.swift — who runs a task, as the task sees it: spawn, join, cancellation without look-ups.
// Freestanding. Imports NovaMemory. Design: NovaCore.docc/Executor.md.

import NovaMemory

/// The worker that runs the code it is handed to.
///
/// Only borrowed, so that nobody keeps it beyond the task; it belongs to the thread.
@safe
@frozen
public struct Worker: ~Copyable {
  @usableFromInline let reference: WorkerReference

  /// The worker for a task's run.
  ///
  /// - Safety: only the worker's thread may have it.
  @unsafe
  @inlinable
  @inline(__always)
  init(_ reference: WorkerReference) { self.reference = reference }

  /// 0 for the executor's owner, `1 … workerCount` for the extra workers; `workerCount + 1` on a
  /// thread that is no worker.
  public var index: Int { reference.index }

  /// The executor that the worker belongs to.
  public var executor: TaskExecutor { TaskExecutor(core: reference.core) }

  /// Whether the task begun last on this worker was cancelled, or all are.
  ///
  /// A task that runs long asks now and then, and ends as it sees fit.
  public var isCancelled: Bool {
    if reference.cancelsAll { return true }
    // SAFETY: the record of a task that runs is not free.
    guard let task = unsafe reference.state.pointee.currentTask else { return false }
    return unsafe Completion(at: task).isCancelRequested
  }

  /// Spawns work; see `TaskExecutor.spawn`.
  @inlinable
  public borrowing func spawn<Work: TaskWork & ~Copyable>(
    _ work: consuming Work
  ) throws(ExecutorError) -> TaskHandle<Work.Value, Work.Failure> {
    if reference.isSpecial { return try reference.spawnSpecial(work) }
    return try reference.spawn(work)
  }

  /// Spawns a closure; see `TaskExecutor.spawn`.
  @inlinable
  public borrowing func spawn<Value: Sendable & ~Copyable, Failure: Error>(
    _ body: consuming sending @escaping () throws(Failure) -> Value
  ) throws(ExecutorError) -> TaskHandle<Value, Failure> {
    try spawn(ClosureWork(consume body))
  }

  /// Spawns a closure that is told its worker; see `TaskExecutor.spawn`.
  @inlinable
  public borrowing func spawn<Value: Sendable & ~Copyable, Failure: Error>(
    _ body: consuming sending @escaping (borrowing Worker) throws(Failure) -> Value
  ) throws(ExecutorError) -> TaskHandle<Value, Failure> {
    try spawn(WorkerClosureWork(consume body))
  }

  /// Waits for a task's end, running others meanwhile; see `TaskHandle.join`.
  @inlinable
  public borrowing func join<Value: Sendable & ~Copyable, Failure: Error>(
    _ handle: consuming TaskHandle<Value, Failure>
  ) throws(JoinError<Failure>) -> Value {
    try handle.join(on: reference)
  }
}

extension WorkerReference {
  @inlinable
  @inline(__always)
  func spawn<Work: TaskWork & ~Copyable>(
    _ work: consuming Work
  ) throws(ExecutorError) -> TaskHandle<Work.Value, Work.Failure> {
    let record = try makeRecord(work)
    if !push(record.word) { execute(record.word) }
    // SAFETY: the only handle of a record that was just made, of this work.
    return unsafe TaskHandle(record)
  }

  /// Takes a record and puts work into it.
  @inlinable
  @inline(__always)
  func makeRecord<Work: TaskWork & ~Copyable>(
    _ work: consuming Work
  ) throws(ExecutorError) -> TaskRecord {
    let core = core
    if core.phase != 0 { try requireSpawning() }
    guard let record = takeRecord() else { throw .full(capacity: core.taskCapacity) }
    do throws(MemoryError) {
      try Work.store(work, in: record, of: core)
    } catch {
      giveBack(record)
      throw .memory(error)
    }
    // SAFETY: the counts and the trace are the worker's.
    unsafe state.pointee.spawned.add(1)
    if unsafe state.pointee.trace.isOn { traceSpawn(record) }
    return record
  }

  /// Spawns in deterministic mode, or from outside of the workers.
  @inlinable
  @inline(never)
  func spawnSpecial<Work: TaskWork & ~Copyable>(
    _ work: consuming Work
  ) throws(ExecutorError) -> TaskHandle<Work.Value, Work.Failure> {
    if isOutside { return try spawnOutside(work) }
    let record = try makeRecord(work)
    if !push(record.word) { execute(record.word) }
    // SAFETY: the only handle of a record that was just made, of this work.
    let handle: TaskHandle<Work.Value, Work.Failure> = unsafe TaskHandle(record)
    core.schedulingPoint()
    return handle
  }

  /// Spawns for a thread that is no worker: under a lock, through the queue of injected tasks.
  @inlinable
  func spawnOutside<Work: TaskWork & ~Copyable>(
    _ work: consuming Work
  ) throws(ExecutorError) -> TaskHandle<Work.Value, Work.Failure> {
    core.lockOutside()
    defer { core.unlockOutside() }
    guard core.hasInjectionRoom else {
      throw .injectionFull(capacity: core.injectionCapacity)
    }
    let record = try makeRecord(work)
    core.inject(record.word)
    // SAFETY: the only handle of a record that was just made, of this work.
    return unsafe TaskHandle(record)
  }

  /// Frees a record that no task was made of.
  @inline(never)
  @usableFromInline
  func giveBack(_ record: TaskRecord) {
    free(record)
    // SAFETY: the count is the worker's; together they stay level.
    unsafe state.pointee.returned.add(1)
  }

  /// Whether a task may be spawned in a phase other than `running`.
  @inline(never)
  @usableFromInline
  func requireSpawning() throws(ExecutorError) {
    // SAFETY: the field is the worker's.
    let isInTask = unsafe state.pointee.currentTask != nil
    if core.phase == ExecutorPhase.finishing, isInTask { return }
    throw .shutDown
  }

  @inline(never)
  @usableFromInline
  func traceSpawn(_ record: TaskRecord) {
    // SAFETY: the trace and the count are the worker's; the number wraps around at 2³².
    let number = unsafe UInt32(truncatingIfNeeded: state.pointee.spawned.current)
    record.number = number &* UInt32(core.workerCount + 1) &+ UInt32(index)
    let depth = isOutside ? 0 : deque.privateCount &+ deque.publicCount
    unsafe state.pointee.trace.record(
      .taskSpawned, subject: record.number, detail: depth, at: core.now)
  }
}
