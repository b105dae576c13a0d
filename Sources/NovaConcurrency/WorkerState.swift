// WorkerState.swift — what belongs to one worker: its records, counts and thread.
// Freestanding. Imports NovaABI, NovaSystem, Synchronization. Design: NovaCore.docc/Executor.md.

import NovaABI
import NovaSystem
import Synchronization

/// A count that one thread raises and any thread reads.
@usableFromInline
@frozen
struct Counter: ~Copyable {
  @usableFromInline let value: Atomic<UInt64>

  init() { value = Atomic(0) }

  /// Adds; the owner only.
  @inlinable
  @inline(__always)
  borrowing func add(_ count: UInt64) {
    // Releasing, so that who sees a task's end counted sees its children counted as spawned.
    // pairs with current
    value.store(value.load(ordering: .relaxed) &+ count, ordering: .releasing)
  }

  /// The count at some moment during the call.
  @inlinable
  var current: UInt64 { value.load(ordering: .acquiring) }  // pairs with add
}

/// One worker; its thread's record lies `ExecutorLayout.threadOffset` bytes on, its deque
/// `dequeOffset`, its trace behind that.
@safe
@usableFromInline
struct WorkerState: ~Copyable {
  // The worker's own, and first: to change a field is, for the thread sanitizer, to change what
  // lies at the state's address.
  /// The record of the task that was begun last and runs.
  @usableFromInline var currentTask: UnsafeMutableRawPointer?

  // Constant from the start.
  @usableFromInline let core: UnsafeMutablePointer<ExecutorState>
  /// 0 is the owner of the executor; the last is everybody who is no worker.
  @usableFromInline let index: Int
  /// Whether joins take the long way: in deterministic mode, and outside of the workers.
  @usableFromInline let isSpecial: Bool
  @usableFromInline let isOutside: Bool
  @usableFromInline let trace: TraceRing

  // The worker's own.
  /// Looks for a task so far.
  var tick: UInt32 = 0
  var random: SplitMix64
  /// Halves of others' joins that run here; counted while there is a trace.
  var stolenJoinDepth: UInt32 = 0
  /// Steals in a row that brought few tasks, up to `WorkerReference.leanStealMax`.
  var leanStealCount: UInt32 = 0
  @usableFromInline var records: RecordCache

  // Raised by the worker, read by anyone.
  @usableFromInline let spawned = Counter()
  @usableFromInline let finished = Counter()
  @usableFromInline let cancelled = Counter()
  let stolen = Counter()
  let parked = Counter()
  let injected = Counter()
  @usableFromInline let freed = Counter()
  /// Records that went back without having been a task.
  let returned = Counter()

  init(
    core: UnsafeMutablePointer<ExecutorState>, index: Int, isOutside: Bool, isSpecial: Bool,
    trace: TraceRing
  ) {
    // SAFETY: the core outlives its workers; nothing is read.
    unsafe self.core = core
    self.index = index
    self.isOutside = isOutside
    self.isSpecial = isSpecial
    self.trace = trace
    unsafe currentTask = nil
    random = SplitMix64(seed: UInt64(index))
    records = RecordCache()
  }
}

/// The free records that one worker has at hand.
@safe
@usableFromInline
@frozen
struct RecordCache {
  /// Records that change hands between workers at once.
  @inlinable static var magazineCount: Int { 256 }

  /// The free record to take next.
  @usableFromInline var first: UnsafeMutableRawPointer?
  @usableFromInline var count = 0
  /// A whole magazine beside.
  @usableFromInline var spare: UnsafeMutableRawPointer?
  /// Records of the worker's slab that were never used.
  @usableFromInline var fresh: UnsafeMutableRawPointer?
  @usableFromInline var freshCount = 0

  @inlinable init() {}
}
