// TaskExecutor+Loop.swift — the executor beside a run loop that its owner is in.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/RunLoop.md.

import Synchronization

extension TaskExecutor: LoopExecutor {
  /// Tasks that were spawned and are not over.
  public var unfinishedTaskCount: Int { core.unfinishedCount }

  /// Whether the calling thread is inside of one of the executor's tasks.
  public var isInsideTask: Bool {
    // SAFETY: the field is the calling thread's own worker's.
    guard let worker = core.current else { return false }
    return unsafe worker.state.pointee.currentTask != nil
  }

  /// Runs one task on the calling worker.
  ///
  /// - Returns: false when there is none that it could run now.
  public func runTask() -> Bool { runPending() == 1 }

  /// From now on raises `signal` when a task comes from outside of the workers, and when the
  /// last task has ended; with nil, no longer.
  ///
  /// What a worker spawns needs no signal: it, or one that it wakes, runs it.
  public func attach(_ signal: LoopSignal?) { core.attach(signal) }

  /// Sleeps among the workers, so that a task which needs one wakes it; without extra workers on
  /// the signal alone.
  public func sleep(on signal: LoopSignal, nanoseconds: UInt64?, awaitsTasks: Bool) {
    guard core.workerCount > 1, !core.isDeterministic, let worker = core.current else {
      return signal.sleep(nanoseconds: nanoseconds)
    }
    worker.sleep(on: signal, nanoseconds: nanoseconds, awaitsTasks: awaitsTasks)
  }
}

extension WorkerReference {
  /// Sleeps until there is work to be seen, the signal is raised, or the time is over.
  fileprivate func sleep(on signal: LoopSignal, nanoseconds: UInt64?, awaitsTasks: Bool) {
    let core = core
    let parking = core.parking
    // SAFETY: the executor's memory outlives the loop's run, which is on this thread.
    guard unsafe signal.enterParking(at: parking.storage) else { return }
    // Only a loop that awaits tasks is told of the last one's end: told each time that a worker
    // finds nothing, it would wake that worker in turn, and so on.
    // SAFETY: as above; the announcement orders the flag before what it looks at next.
    // pairs with raiseSignalWhenStill
    unsafe core.state.pointee.awaitsStillness.store(awaitsTasks, ordering: .relaxed)
    let epoch = parking.announce(searching: false)
    if signal.isRaised || seesWork(core) || awaitsTasks && core.unfinishedCount == 0 {
      parking.cancel()
    } else {
      // SAFETY: the counts are the worker's.
      unsafe state.pointee.parked.add(1)
      parking.sleep(
        since: epoch, timeoutNanoseconds: nanoseconds.map { Int64(clamping: $0) } ?? -1)
    }
    signal.consume()
    // Awake, it counts as a searcher. The loop takes one task next; others may be needed for more.
    parking.leaveSearch()
    if seesWork(core) { parking.notify() }
  }
}

extension ExecutorCore {
  /// Tasks that were spawned and are not over; at least those at the beginning of the call.
  var unfinishedCount: Int {
    let finished = finishedCount
    return Int(truncatingIfNeeded: spawnedCount &- finished)
  }

  func attach(_ signal: LoopSignal?) {
    // SAFETY: the state exists, by the initialiser's promise; the signal is under its lock, so that
    // once it is detached nobody raises it any more.
    unsafe state.pointee.signalLock.withLock { unsafe state.pointee.signal = signal }
    // pairs with raiseSignal
    unsafe state.pointee.hasSignal.store(signal != nil, ordering: .sequentiallyConsistent)
  }

  /// Raises the signal of a loop that awaits tasks when none is left; for a worker that has
  /// announced its sleep, so that of those who end the last tasks the last one sees all ended.
  ///
  /// The loop stores what it awaits before its own announcement and counts after it: of the loop
  /// and the worker, whoever announces last sees what the other did before.
  func raiseSignalWhenStill() {
    // SAFETY: as in `attach`; the announcements order the flag.
    // pairs with sleep
    guard unsafe state.pointee.awaitsStillness.load(ordering: .relaxed), unfinishedCount == 0
    else { return }
    // Once is enough, and the flag goes first: a loop that sets it again is woken yet.
    unsafe state.pointee.awaitsStillness.store(false, ordering: .relaxed)
    raiseSignal()
  }

  /// Raises the signal, if there is one.
  func raiseSignal() {
    // SAFETY: as in `attach`.
    // pairs with attach
    guard unsafe state.pointee.hasSignal.load(ordering: .sequentiallyConsistent) else { return }
    unsafe state.pointee.signalLock.withLock { unsafe state.pointee.signal?.raise() }
  }
}
