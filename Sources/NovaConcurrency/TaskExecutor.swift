// TaskExecutor.swift — tasks on a fixed set of workers that steal from each other.
// Freestanding. Imports NovaABI, NovaMemory, NovaSystem. Design: NovaCore.docc/Executor.md.
// Sources: Blumofe & Leiserson, "Scheduling Multithreaded Computations by Work Stealing" (JACM 46,
// 1999); for the deques see WorkDeque.swift.

import NovaABI
import NovaMemory
import NovaSystem

/// A reference to one scheduler; as cheap to copy as a pointer.
///
/// The thread that made it is worker 0: it runs tasks while it joins one. Extra workers run them
/// all the time, each on a thread of its own, and sleep while there are none. Other threads may
/// spawn and join too.
///
/// Promises: a task that was spawned is begun at last, whatever else is spawned, as long as workers
/// look for tasks: each `fairnessInterval`-th look takes what waits longest. Work that a worker can
/// take wakes a sleeping one.
///
/// The reference may be used as long as the runtime that made the executor exists.
@safe
@frozen
public struct TaskExecutor: Sendable {
  @usableFromInline let core: ExecutorCore

  @inlinable
  init(core: ExecutorCore) { self.core = core }

  /// Who decides which task runs next.
  public enum Mode: Equatable, Sendable {
    /// The workers, each on a thread of its own.
    case parallel
    /// A generator (SplitMix64) that starts from `seed`; one thread plays all workers.
    case deterministic(seed: UInt64)
  }

  /// How an executor is made.
  public struct Configuration: Equatable, Sendable {
    /// Workers beside the owner: `0 … workerCountMax`.
    public var workerCount: Int
    /// Tasks that can exist at once, `1 … taskCountMax`; a finished one exists until it is joined.
    ///
    /// At least so many are accepted. Each takes 64 bytes, and 8 more for each worker.
    public var taskCountMax: Int
    /// Who decides which task runs next.
    public var mode: Mode
    /// Bytes of an extra worker's stack, on which joins nest.
    public var workerStackByteCount: Int
    /// Events that each worker's trace keeps: 0 for no trace, or a power of two.
    public var traceEventCountMax: Int

    /// A configuration; what is not said has the usual value.
    public init(
      workerCount: Int, taskCountMax: Int = 16384, mode: Mode = .parallel,
      workerStackByteCount: Int = 1 << 20, traceEventCountMax: Int = 0
    ) {
      self.workerCount = workerCount
      self.taskCountMax = taskCountMax
      self.mode = mode
      self.workerStackByteCount = workerStackByteCount
      self.traceEventCountMax = traceEventCountMax
    }

    /// The configuration that repeats a run.
    public init(replaying token: ReplayToken, taskCountMax: Int = 16384) {
      self.init(
        workerCount: token.workerCount, taskCountMax: taskCountMax,
        mode: .deterministic(seed: token.seed))
    }
  }

  /// The most extra workers.
  public static var workerCountMax: Int { Int(NOVA_WORKER_COUNT_MAX) }
  /// The most tasks that can be asked for.
  public static var taskCountMax: Int { 1 << 23 }
  /// Tasks of threads that are no workers that wait for one, at most: so many, or `taskCountMax`
  /// rounded up to a power of two where that is less.
  public static var injectionCountMax: Int { 4096 }
  /// Bytes of a task's values, its result or its error that lie in its record.
  public static var inlineByteCountMax: Int { TaskRecord.payloadByteCount }
  /// Every so many looks for a task, a worker takes what waits longest.
  public static var fairnessInterval: Int { Int(WorkerReference.fairnessInterval) }

  /// Extra workers.
  public var workerCount: Int { core.workerCount - 1 }
  /// Tasks that fit at once, reserves included.
  public var taskCapacity: Int { core.taskCapacity }
  /// The executor's clock: the system's, or virtual in deterministic mode.
  public var clock: Clock { core.clock }
  /// What repeats the run; nil in parallel mode.
  public var replayToken: ReplayToken? { core.replayToken }
}

// MARK: - Spawning

extension TaskExecutor {
  /// Hands work to the executor, to be run once.
  ///
  /// - Parameter work: is moved into the task; destroyed when the task is refused.
  /// - Returns: whom to join.
  /// - Throws: `ExecutorError.full`, `.injectionFull`, `.shutDown` or `.memory`.
  /// - Complexity: O(1), without an allocation when the work and its result fit into
  ///   `inlineByteCountMax`.
  @inlinable
  public func spawn<Work: TaskWork & ~Copyable>(
    _ work: consuming Work
  ) throws(ExecutorError) -> TaskHandle<Work.Value, Work.Failure> {
    let worker = core.current ?? core.outside
    if worker.isSpecial { return try worker.spawnSpecial(work) }
    return try worker.spawn(work)
  }

  /// Hands a closure to the executor, to be run once.
  ///
  /// - Parameter body: with everything that it captured, it is the task's from now on.
  /// - Returns: whom to join.
  /// - Throws: as `spawn` of work.
  @inlinable
  public func spawn<Value: Sendable & ~Copyable, Failure: Error>(
    _ body: consuming sending @escaping () throws(Failure) -> Value
  ) throws(ExecutorError) -> TaskHandle<Value, Failure> {
    try spawn(ClosureWork(consume body))
  }

  /// Hands a closure to the executor that is told the worker that runs it.
  ///
  /// - Parameter body: with everything that it captured, it is the task's from now on.
  /// - Returns: whom to join.
  /// - Throws: as `spawn` of work.
  @inlinable
  public func spawn<Value: Sendable & ~Copyable, Failure: Error>(
    _ body: consuming sending @escaping (borrowing Worker) throws(Failure) -> Value
  ) throws(ExecutorError) -> TaskHandle<Value, Failure> {
    try spawn(WorkerClosureWork(consume body))
  }

  /// Runs two closures, perhaps at the same time; see `Worker.join`.
  ///
  /// On a thread that is no worker both run there, one after the other.
  @inlinable
  public func join<First, Second: Sendable, Failure: Error>(
    _ first: (borrowing Worker) throws(Failure) -> First,
    _ second: @Sendable (borrowing Worker) throws(Failure) -> Second
  ) throws(Failure) -> (First, Second) {
    // SAFETY: the worker is the calling thread's.
    let worker = unsafe Worker(core.current ?? core.outside)
    return try worker.join(first, second)
  }

  /// Calls a closure for each index of a range, perhaps at the same time; see `Worker.parallelFor`.
  ///
  /// On a thread that is no worker all calls are made there, in order.
  @inlinable
  public func parallelFor<Failure: Error>(
    _ range: Range<Int>, grain: Int = 1, _ body: @Sendable (Int) throws(Failure) -> Void
  ) throws(Failure) {
    // SAFETY: the worker is the calling thread's.
    let worker = unsafe Worker(core.current ?? core.outside)
    try worker.parallelFor(range, grain: grain, body)
  }

  /// Calls a closure for parts of a range, perhaps at the same time; see
  /// `Worker.parallelForRanges`.
  @inlinable
  public func parallelForRanges<Failure: Error>(
    _ range: Range<Int>, grain: Int, _ body: @Sendable (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    // SAFETY: the worker is the calling thread's.
    let worker = unsafe Worker(core.current ?? core.outside)
    try worker.parallelForRanges(range, grain: grain, body)
  }

  /// Runs at most `countMax` tasks on the calling worker, those that wait already.
  ///
  /// - Returns: how many it ran; 0 when it found none, and on a thread that is no worker.
  @discardableResult
  public func runPending(countMax: Int = 1) -> Int {
    guard let worker = core.current else { return 0 }
    var count = 0
    while count < countMax {
      if core.isDeterministic {
        guard core.step() else { break }
      } else {
        let word = worker.next()
        guard word != 0 else { break }
        worker.execute(word)
      }
      count += 1
    }
    return count
  }
}
