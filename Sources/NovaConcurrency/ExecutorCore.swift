// ExecutorCore.swift — the shared side of an executor: workers, slabs, injected tasks, blocks.
// Freestanding. Imports NovaABI, NovaMemory, NovaSystem, Synchronization.
// Design: NovaCore.docc/Executor.md.

import NovaABI
import NovaMemory
import NovaSystem
import Synchronization

/// The address of an executor's shared state; may be copied, any thread may use it.
@safe
@frozen
@usableFromInline
struct ExecutorCore: @unchecked Sendable {
  @usableFromInline let state: UnsafeMutablePointer<ExecutorState>

  /// The core at `state`.
  ///
  /// - Safety: its executor has not given its memory back.
  @unsafe
  @inlinable
  init(at state: UnsafeMutablePointer<ExecutorState>) { unsafe self.state = state }

  // SAFETY, for each access below: the initialiser's caller promises that the state exists; the
  // fields say who may touch them when.

  var workerCount: Int { unsafe state.pointee.layout.workerCount }
  var parking: Parking { unsafe state.pointee.parking }
  @usableFromInline
  var phase: UInt32 {
    // SAFETY: as told above.
    unsafe state.pointee.phase.load(ordering: .sequentiallyConsistent)  // pairs with raisePhase
  }
  var isDeterministic: Bool {
    // SAFETY: as told above.
    if case .deterministic = unsafe state.pointee.mode { return true }
    return false
  }

  /// Worker `index`; `workerCount` is everybody who is no worker.
  func worker(_ index: Int) -> WorkerReference {
    // SAFETY: as told above; the block holds as many workers, and that one.
    unsafe WorkerReference(
      at: (state.pointee.workers + index * state.pointee.layout.workerByteCount)
        .assumingMemoryBound(to: WorkerState.self))
  }

  /// Goes forward to a phase; stays where it is further on.
  func raisePhase(to phase: UInt32) {
    // SAFETY: as told above.
    // pairs with phase
    _ = unsafe state.pointee.phase.max(phase, ordering: .sequentiallyConsistent)
  }

  // MARK: - Who calls

  /// The worker that the calling thread is; nil when it is none.
  @inlinable
  @inline(__always)
  var current: WorkerReference? {
    // SAFETY: the thread's record lives as long as the thread, and holds the address of a worker
    // whose executor is not over, or null.
    if let worker = unsafe nova_local().pointee.worker {
      let found = unsafe WorkerReference(at: worker.assumingMemoryBound(to: WorkerState.self))
      if unsafe found.state.pointee.core == state { return found }
    }
    return owner
  }

  /// The owner's worker when the calling thread is the owner, though it may run for another
  /// executor at the moment.
  @inline(never)
  @usableFromInline
  var owner: WorkerReference? {
    // SAFETY: as told above.
    guard unsafe System.threadNumber == state.pointee.ownerNumber else { return nil }
    return unsafe worker(state.pointee.virtualWorker)
  }

  // MARK: - Injected tasks

  /// Whether another record may be injected; only a holder of the outside's lock makes it false.
  @usableFromInline
  var hasInjectionRoom: Bool { injectedDepth < injectionCapacity }

  /// Records that may be injected at once.
  @usableFromInline
  var injectionCapacity: Int {
    // SAFETY: as told above.
    unsafe state.pointee.layout.injectionCapacity
  }

  /// Hands a record to whichever worker looks next; there is room for it.
  @usableFromInline
  func inject(_ word: UInt) {
    // SAFETY: as told above, and the lock is held; the ring's capacity is a power of two.
    unsafe state.pointee.injectionLock.withLock {
      let capacity = injectionCapacity
      let count = unsafe Int(state.pointee.injectedCount.load(ordering: .relaxed))
      precondition(count < capacity, "a record was injected without room")
      let end = unsafe Int(state.pointee.injectionHead.load(ordering: .relaxed)) + count
      unsafe state.pointee.injectionRing[end & (capacity - 1)] = word
      unsafe state.pointee.injectedCount.store(
        UInt32(count + 1), ordering: .sequentiallyConsistent)  // pairs with hasInjected
    }
    parking.notify()
    raiseSignal()
  }

  /// Whether there are injected tasks, in one order with `inject` and what `Parking` does.
  var hasInjected: Bool {
    // SAFETY: as told above.
    unsafe state.pointee.injectedCount.load(ordering: .sequentiallyConsistent) != 0
  }

  /// The injected task that waits longest, or 0.
  func takeInjected() -> UInt {
    // SAFETY: as in `inject`.
    guard unsafe state.pointee.injectedCount.load(ordering: .relaxed) != 0 else { return 0 }
    return unsafe state.pointee.injectionLock.withLock {
      let count = unsafe state.pointee.injectedCount.load(ordering: .relaxed)
      guard count != 0 else { return 0 }
      let head = unsafe state.pointee.injectionHead.load(ordering: .relaxed)
      let mask = UInt32(injectionCapacity - 1)
      // The head wraps around; the mask divides 2³².
      unsafe state.pointee.injectionHead.store(head &+ 1, ordering: .relaxed)
      unsafe state.pointee.injectedCount.store(count - 1, ordering: .sequentiallyConsistent)
      return unsafe state.pointee.injectionRing[Int(head & mask)]
    }
  }

  // MARK: - Blocks beside records

  /// Lends a block of the executor's arena.
  @usableFromInline
  func allocate(
    byteCount: Int, alignment: Int
  ) throws(MemoryError) -> UnsafeMutableRawPointer {
    // SAFETY: whoever made the executor keeps the arena as long as its memory.
    try unsafe state.pointee.arena.pointee.allocate(byteCount: byteCount, alignment: alignment)
  }

  /// Takes a block back.
  ///
  /// - Safety: `allocate` lent it, and nobody uses it any more.
  @unsafe
  @usableFromInline
  func release(_ block: UnsafeMutableRawPointer) {
    unsafe state.pointee.arena.pointee.release(block)
  }
}
