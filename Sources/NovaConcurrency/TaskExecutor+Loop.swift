// TaskExecutor+Loop.swift — the executor beside a run loop that its owner is in.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/RunLoop.md.

import Synchronization

extension TaskExecutor: LoopExecutor {
  /// Tasks that were spawned and are not over.
  public var unfinishedTaskCount: Int { core.unfinishedCount }

  /// Runs one task on the calling worker.
  ///
  /// - Returns: false when there is none that it could run now.
  public func runTask() -> Bool { runPending() == 1 }

  /// From now on raises `signal` when a task comes from outside of the workers, and when a worker
  /// has found nothing more to do; with nil, no longer.
  ///
  /// What a worker spawns needs no signal: it, or one that it wakes, runs it.
  public func attach(_ signal: LoopSignal?) { core.attach(signal) }
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

  /// Raises the signal, if there is one.
  func raiseSignal() {
    // SAFETY: as in `attach`.
    // pairs with attach
    guard unsafe state.pointee.hasSignal.load(ordering: .sequentiallyConsistent) else { return }
    unsafe state.pointee.signalLock.withLock { unsafe state.pointee.signal?.raise() }
  }
}
