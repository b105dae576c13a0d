// ExecutorCore+End.swift — what shutdown needs of the core: stillness, cancellation, counts.
// Freestanding. Imports NovaABI, NovaSystem. Design: NovaCore.docc/Executor.md.

import NovaABI
import NovaSystem

extension ExecutorCore {
  /// How long the owner sleeps between two looks while it waits for the workers.
  private static var lookNanoseconds: Int64 { 100_000 }

  /// Tasks that were spawned, over all workers.
  var spawnedCount: UInt64 { unsafe total { unsafe $0.pointee.spawned.current } }
  /// Tasks that are over.
  var finishedCount: UInt64 { unsafe total { unsafe $0.pointee.finished.current } }

  /// The sum of a count over all workers, those outside included; it wraps around.
  func total(_ count: (UnsafeMutablePointer<WorkerState>) -> UInt64) -> UInt64 {
    var sum: UInt64 = 0
    // SAFETY: the counts may be read by anyone.
    for index in 0...workerCount { unsafe sum &+= count(worker(index).state) }
    return sum
  }

  /// Whether every task that was spawned is over.
  ///
  /// Ends are counted first: a task whose end is seen has its children seen as spawned, so equal
  /// sums mean that nothing ran at the moment between.
  private var isStill: Bool {
    let finished = finishedCount
    return finished == spawnedCount
  }

  /// Tasks whose records are not free.
  var outstandingCount: Int {
    // SAFETY: the counts may be read by anyone.
    let freed = unsafe total { unsafe $0.pointee.freed.current }
    let returned = unsafe total { unsafe $0.pointee.returned.current }
    return Int(truncatingIfNeeded: spawnedCount &+ returned &- freed)
  }

  /// Waits until every task is over, or the time is; the owner only.
  func settle(deadline: Int64?) {
    // SAFETY: the owner's fields are the caller's.
    let hasThreads = unsafe state.pointee.startedCount > state.pointee.joinedCount
    let owner = worker(0)
    while true {
      // Whatever the owner keeps is for the others to take.
      while hasThreads, owner.deque.privateCount != 0, owner.deque.publish() { parking.notify() }
      if isStill { return }
      if let deadline, System.monotonicNanoseconds >= deadline { return }
      if hasThreads {
        parking.notify()
        // SAFETY: the number of joined threads does not change meanwhile: this only sleeps.
        var word: UInt32 = 0
        _ = unsafe nova_wait(&word, 0, Self.lookNanoseconds)
      } else if isDeterministic {
        step()
      } else {
        let next = owner.next()
        if next != 0 { owner.execute(next) }
      }
    }
  }

  /// Cancels what is left once all threads have ended; the owner only.
  func cancelRest() {
    let owner = worker(0)
    while true {
      let word = takeInjected()
      if word == 0 { break }
      owner.execute(word)
    }
    // Without their threads the deques are the owner's.
    for index in 0..<workerCount { worker(index).drain() }
  }

  /// Clears the calling thread's worker when it is this executor's.
  func forgetThread() {
    // SAFETY: the thread's record is its own.
    if unsafe nova_local().pointee.worker == UnsafeMutableRawPointer(worker(0).state) {
      unsafe nova_local().pointee.worker = nil
    }
  }

  // SAFETY: here and below, the state exists by the initialiser's promise.

  /// Tasks that fit at once.
  @usableFromInline
  var taskCapacity: Int { unsafe state.pointee.layout.taskCapacity }

  /// The worker that stands for every thread that is none.
  @usableFromInline
  var outside: WorkerReference { worker(workerCount) }

  /// Begins what only one thread outside of the workers may do at a time.
  @usableFromInline
  func lockOutside() { unsafe state.pointee.outsideLock.lock() }

  /// Ends it.
  @usableFromInline
  func unlockOutside() { unsafe state.pointee.outsideLock.unlock() }
}

extension WorkerReference {
  /// The thread of an extra worker.
  var threadRecord: UnsafeMutablePointer<ThreadRecord> {
    // SAFETY: the layout keeps a place for it between the state and the deque.
    unsafe (UnsafeMutableRawPointer(state) + ExecutorLayout.threadOffset)
      .assumingMemoryBound(to: ThreadRecord.self)
  }
}
