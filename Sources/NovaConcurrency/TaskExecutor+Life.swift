// TaskExecutor+Life.swift — how an executor begins and ends: memory, threads, shutdown.
// Freestanding. Imports NovaABI, NovaMemory, NovaSystem. Design: NovaCore.docc/Executor.md.

import NovaABI
import NovaMemory
import NovaSystem

/// What happens at shutdown to tasks that have not begun.
public enum ShutdownPolicy: Equatable, Sendable {
  /// They are run, and what they spawn.
  case finish
  /// They are cancelled.
  case cancel
}

extension TaskExecutor {
  /// How long a worker has to return from the task that it runs once shutdown's time is over.
  public static var returnNanoseconds: Int64 { 50_000_000 }

  /// Makes an executor whose owner is the calling thread, and starts its threads.
  ///
  /// - Parameters:
  ///   - configuration: each value within its range.
  ///   - memory: where the executor lives; it must stay where it is until `release` said true.
  /// - Throws: `ExecutorError`; nothing is allocated or started then.
  package init(
    _ configuration: Configuration, memory: borrowing Arena
  ) throws(ExecutorError) {
    try TaskExecutor.check(configuration)
    guard let owner = System.threadNumber else {
      throw .threadsExhausted(maximum: System.threadCountMax)
    }
    let layout = ExecutorLayout(configuration)
    let state: UnsafeMutablePointer<ExecutorState>
    do throws(MemoryError) {
      unsafe state = try TaskExecutor.layOut(layout, configuration.mode, owner, memory)
    } catch {
      throw .memory(error)
    }
    unsafe core = ExecutorCore(at: state)
    // SAFETY: the thread's record is its own; the state lives until `release`.
    unsafe nova_local().pointee.worker = UnsafeMutableRawPointer(core.worker(0).state)
    if case .deterministic = configuration.mode { return }
    do throws(ExecutorError) {
      try startThreads(stackByteCount: configuration.workerStackByteCount)
    } catch {
      core.raisePhase(to: ExecutorPhase.stopping)
      core.parking.notifyAll()
      // Threads without a task return at once.
      _ = joinThreads(deadline: nil)
      core.raisePhase(to: ExecutorPhase.ended)
      core.forgetThread()
      unsafe TaskExecutor.giveBack(state)
      throw error
    }
  }

  private static func check(_ configuration: Configuration) throws(ExecutorError) {
    guard (0...workerCountMax).contains(configuration.workerCount) else {
      throw .workerCountOutOfRange(
        requested: configuration.workerCount, maximum: workerCountMax)
    }
    guard (1...taskCountMax).contains(configuration.taskCountMax) else {
      throw .taskCountOutOfRange(requested: configuration.taskCountMax, maximum: taskCountMax)
    }
    let events = configuration.traceEventCountMax
    let range = TraceRing.eventCountMin...TraceRing.eventCountMax
    guard events == 0 || range.contains(events) && events & (events - 1) == 0 else {
      throw .traceEventCountOutOfRange(
        requested: events, minimum: range.lowerBound, maximum: range.upperBound)
    }
  }

  /// Allocates the executor's three blocks and fills them.
  @unsafe
  private static func layOut(
    _ layout: ExecutorLayout, _ mode: Mode, _ owner: Int, _ memory: borrowing Arena
  ) throws(MemoryError) -> UnsafeMutablePointer<ExecutorState> {
    // SAFETY: the blocks are the executor's alone until `giveBack`.
    let shared = try unsafe memory.allocate(
      byteCount: layout.sharedByteCount, alignment: WorkDeque.alignment)
    let workers: UnsafeMutableRawPointer
    let slabs: UnsafeMutableRawPointer
    do throws(MemoryError) {
      unsafe workers = try memory.allocate(
        byteCount: layout.workersByteCount, alignment: WorkDeque.alignment)
    } catch {
      unsafe memory.release(shared)
      throw error
    }
    do throws(MemoryError) {
      unsafe slabs = try memory.allocate(
        byteCount: layout.slabsByteCount, alignment: TaskRecord.slabByteCount)
    } catch {
      unsafe memory.release(workers)
      unsafe memory.release(shared)
      throw error
    }
    unsafe precondition(
      MemoryLayout<ExecutorState>.size <= ExecutorLayout.arenaOffset
        && MemoryLayout<Arena>.size <= ExecutorLayout.parkingOffset - ExecutorLayout.arenaOffset
        && MemoryLayout<WorkerState>.size <= ExecutorLayout.threadOffset
        && MemoryLayout<ThreadRecord>.size
          <= ExecutorLayout.dequeOffset - ExecutorLayout.threadOffset,
      "the parts of an executor overlap")
    // SAFETY: an arena is a reference to its store, and outlives the executor; the alias is only
    // borrowed and never deinitialised.
    unsafe withUnsafePointer(to: memory) { original in
      unsafe (shared + ExecutorLayout.arenaOffset).copyMemory(
        from: original, byteCount: MemoryLayout<Arena>.size)
    }
    let state = unsafe shared.bindMemory(to: ExecutorState.self, capacity: 1)
    unsafe state.initialize(
      to: ExecutorState(
        layout: layout, mode: mode, ownerNumber: owner, shared: shared, workers: workers,
        slabs: slabs))
    for index in 0...layout.workerCount { unsafe layOutWorker(index, of: state) }
    return unsafe state
  }

  @unsafe
  private static func layOutWorker(_ index: Int, of core: UnsafeMutablePointer<ExecutorState>) {
    // SAFETY: the block holds this worker's part, which nobody else knows yet.
    let layout = unsafe core.pointee.layout
    let isOutside = index == layout.workerCount
    let worker = unsafe core.pointee.workers + index * layout.workerByteCount
    let isDeterministic = unsafe core.pointee.mode != .parallel
    var trace = TraceRing.off
    if !isOutside {
      let isAlone = layout.workerCount == 1 && !isDeterministic
      _ = unsafe WorkDeque(
        layingOut: worker + ExecutorLayout.dequeOffset, capacity: layout.dequeCapacity,
        publicMin: isAlone ? 0 : ExecutorLayout.publicMin)
      if layout.traceEventCount > 0 {
        unsafe trace = TraceRing(
          storage: worker + layout.traceOffset, eventCount: layout.traceEventCount,
          worker: UInt32(index))
      }
    }
    unsafe worker.bindMemory(to: WorkerState.self, capacity: 1).initialize(
      to: WorkerState(
        core: core, index: index, isOutside: isOutside,
        isSpecial: isOutside || isDeterministic, trace: trace))
  }

  /// Gives the three blocks back.
  @unsafe
  private static func giveBack(_ state: UnsafeMutablePointer<ExecutorState>) {
    // SAFETY: no thread uses them any more; the state's own block is the last, through a copy of
    // the alias's address that stays valid while it is released.
    let core = unsafe ExecutorCore(at: state)
    unsafe core.release(state.pointee.slabs)
    unsafe core.release(state.pointee.workers)
    unsafe core.release(UnsafeMutableRawPointer(state))
  }

  private func startThreads(stackByteCount: Int) throws(ExecutorError) {
    for index in 1..<max(1, core.workerCount) {
      let worker = core.worker(index)
      do throws(SystemError) {
        // SAFETY: the worker's state stays until its thread was joined.
        try unsafe System.startThread(
          worker.threadRecord, stackByteCount: stackByteCount,
          context: UnsafeMutableRawPointer(worker.state)
        ) { context in
          // SAFETY: the context is the worker's state, as given above.
          let state = unsafe context.unsafelyUnwrapped.assumingMemoryBound(to: WorkerState.self)
          unsafe WorkerReference(at: state).run()
        }
      } catch {
        throw .thread(worker: index, error)
      }
      unsafe core.state.pointee.startedCount = index
    }
  }

  // MARK: - The end

  /// Ends the executor's tasks and threads.
  ///
  /// Called again after it threw `workerNeverReturned`, it tries again; after it returned, it does
  /// nothing. Handles can still be joined and dropped afterwards.
  ///
  /// With extra workers the owner only waits, so that no task can keep it; without, it runs what is
  /// left itself and sees the time between two tasks.
  ///
  /// - Parameters:
  ///   - policy: what happens to tasks that have not begun.
  ///   - timeoutNanoseconds: how long to wait at most; forever when negative. Once it is over, what
  ///     has not begun is cancelled, and what runs has `returnNanoseconds` left to return.
  /// - Throws: `ExecutorError.notOwner` on another thread, or in a task; `.workerNeverReturned`.
  public func shutdown(
    policy: ShutdownPolicy = .finish, timeoutNanoseconds: Int64 = -1
  ) throws(ExecutorError) {
    // SAFETY: the owner's fields are read by the owner, which is checked first.
    guard unsafe System.threadNumber == core.state.pointee.ownerNumber,
      unsafe core.worker(core.state.pointee.virtualWorker).state.pointee.currentTask == nil
    else { throw .notOwner }
    if core.phase == ExecutorPhase.ended { return }
    let deadline =
      timeoutNanoseconds < 0
      ? nil : System.monotonicNanoseconds.addingReportingOverflow(timeoutNanoseconds).partialValue
    let first = policy == .finish ? ExecutorPhase.finishing : ExecutorPhase.cancelling
    // Under the lock, so that no thread outside is still at handing a task over.
    core.lockOutside()
    core.raisePhase(to: first)
    core.unlockOutside()
    core.settle(deadline: deadline)
    core.raisePhase(to: ExecutorPhase.stopping)
    core.parking.notifyAll()
    // Without it a task that takes no time would count as one that never returns.
    let last = deadline.map {
      max($0, System.monotonicNanoseconds &+ TaskExecutor.returnNanoseconds)
    }
    if let stuck = joinThreads(deadline: last) { throw .workerNeverReturned(worker: stuck) }
    core.cancelRest()
    core.raisePhase(to: ExecutorPhase.ended)
    core.forgetThread()
  }

  /// Waits for each thread's end; the first worker that has not returned in time, or nil.
  private func joinThreads(deadline: Int64?) -> Int? {
    // SAFETY: the counts are the owner's, and the threads between them were started.
    while unsafe core.state.pointee.joinedCount < core.state.pointee.startedCount {
      let index = unsafe core.state.pointee.joinedCount + 1
      let rest = deadline.map { max(0, $0 - System.monotonicNanoseconds) } ?? -1
      guard
        unsafe System.joinThread(
          core.worker(index).threadRecord, timeoutNanoseconds: rest)
      else { return index }
      unsafe core.state.pointee.joinedCount = index
    }
    return nil
  }

  /// Gives the executor's memory back to the arena; after `shutdown` has returned.
  ///
  /// - Throws: `ExecutorError.handlesOutstanding`; the memory stays then.
  /// - Safety: no copy of the reference may be used afterwards.
  @unsafe
  package func release() throws(ExecutorError) {
    precondition(core.phase == ExecutorPhase.ended, "an executor that runs is released")
    // Under the lock, so that no thread outside is still at freeing a record.
    core.lockOutside()
    let outstanding = core.outstandingCount
    core.unlockOutside()
    guard outstanding == 0 else { throw .handlesOutstanding(count: outstanding) }
    unsafe TaskExecutor.giveBack(core.state)
  }
}
