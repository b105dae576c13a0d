// ExecutorState.swift — what the workers of one executor share, and where it lies in memory.
// Freestanding. Imports NovaMemory, Synchronization. Design: NovaCore.docc/Executor.md.

import NovaMemory
import NovaSystem
import Synchronization

/// How far an executor is on its way from start to end; it only goes forward.
enum ExecutorPhase {
  /// Everything is accepted.
  static var running: UInt32 { 0 }
  /// Only tasks that run may spawn.
  static var finishing: UInt32 { 1 }
  /// Nothing may be spawned; what has not begun is cancelled.
  static var cancelling: UInt32 { 2 }
  /// As before, and workers end once their own deque is empty.
  static var stopping: UInt32 { 3 }
  /// All threads have ended.
  static var ended: UInt32 { 4 }
}

/// The shared record of an executor; the first of its memory.
@safe
@usableFromInline
struct ExecutorState: ~Copyable {
  // The owner's, and first: to change a field is, for the thread sanitizer, to change what lies at
  // the state's address.
  /// Threads that were started and not joined: workers 1 … `startedCount`.
  var startedCount = 0
  /// Workers that were joined.
  var joinedCount = 0
  /// In deterministic mode, the worker that the thread is at the moment.
  var virtualWorker: Int = 0
  var random: SplitMix64
  /// The run loop that the owner is in; others read it under `signalLock`.
  var signal: LoopSignal?

  // Constant from the start.
  let layout: ExecutorLayout
  /// An alias of the arena that `TaskExecutor.init` was given; never deinitialised.
  let arena: UnsafeMutablePointer<Arena>
  let workers: UnsafeMutableRawPointer
  let slabs: UnsafeMutableRawPointer
  let injectionRing: UnsafeMutablePointer<UInt>
  let parking: Parking
  let mode: TaskExecutor.Mode
  /// The time of the trace: virtual in deterministic mode.
  let clock: Clock
  /// The thread that made the executor and is worker 0.
  let ownerNumber: Int

  /// Of `ExecutorPhase`.
  let phase: Atomic<UInt32>

  // Under the lock.
  let recordLock: SpinLock
  /// Slabs in use.
  let slabCount: Atomic<Int>
  /// The address of the first record of the first spare magazine, or 0.
  let magazines: Atomic<UInt>

  // Under the lock, but that the count may be read without.
  let injectionLock: SpinLock
  let injectedCount: Atomic<UInt32>
  let injectionHead: Atomic<UInt32>
  /// Taken by threads that are no workers: their task records and counts are worker `workerCount`.
  let outsideLock: SpinLock

  /// Whether there is a signal.
  let hasSignal: Atomic<Bool>
  /// Whether the signal's owner sleeps until the last task has ended.
  let awaitsStillness: Atomic<Bool>
  let signalLock: SpinLock

  init(
    layout: ExecutorLayout, mode: TaskExecutor.Mode, ownerNumber: Int,
    shared: UnsafeMutableRawPointer, workers: UnsafeMutableRawPointer,
    slabs: UnsafeMutableRawPointer
  ) {
    self.layout = layout
    self.mode = mode
    self.ownerNumber = ownerNumber
    unsafe self.workers = workers
    unsafe self.slabs = slabs
    // SAFETY: the layout keeps these places apart within the block of shared memory.
    unsafe arena = (shared + ExecutorLayout.arenaOffset).assumingMemoryBound(to: Arena.self)
    unsafe parking = Parking(at: shared + ExecutorLayout.parkingOffset)
    unsafe injectionRing = (shared + ExecutorLayout.injectionOffset)
      .bindMemory(to: UInt.self, capacity: layout.injectionCapacity)
    phase = Atomic(ExecutorPhase.running)
    recordLock = SpinLock()
    injectionLock = SpinLock()
    injectedCount = Atomic(0)
    outsideLock = SpinLock()
    hasSignal = Atomic(false)
    awaitsStillness = Atomic(false)
    signalLock = SpinLock()
    slabCount = Atomic(0)
    magazines = Atomic(0)
    injectionHead = Atomic(0)
    var seed: UInt64 = 0
    var clock = Clock.monotonic
    if case .deterministic(let chosen) = mode {
      seed = chosen
      unsafe clock = Clock(virtualTimeIn: shared + ExecutorLayout.clockOffset)
    }
    self.clock = clock
    random = SplitMix64(seed: seed)
  }
}

/// Where the parts of an executor lie: three blocks of the arena.
struct ExecutorLayout {
  static var arenaOffset: Int { 1024 }
  static var parkingOffset: Int { 1152 }
  static var clockOffset: Int { parkingOffset + Parking.byteCount }
  static var injectionOffset: Int { clockOffset + 128 }
  /// Public tasks that a worker keeps for thieves, at least, as long as it has any.
  static var publicMin: UInt32 { 4 }
  /// A worker's state lies this far before its thread's record and its deque.
  static var threadOffset: Int { 640 }
  static var dequeOffset: Int { 768 }

  /// Workers, the owner included.
  let workerCount: Int
  let slabCountMax: Int
  let dequeCapacity: UInt32
  let injectionCapacity: Int
  let traceEventCount: Int

  var sharedByteCount: Int {
    Self.injectionOffset + injectionCapacity * MemoryLayout<UInt>.stride
  }
  var traceOffset: Int {
    (Self.dequeOffset + WorkDeque.byteCount(capacity: dequeCapacity) + 127) & ~127
  }
  /// From one worker to the next.
  var workerByteCount: Int {
    guard traceEventCount > 0 else { return traceOffset }
    return (traceOffset + TraceRing.storageByteCount(eventCount: traceEventCount) + 127) & ~127
  }
  /// All workers, and the one for threads that are none, which has no deque.
  var workersByteCount: Int { workerCount * workerByteCount + Self.dequeOffset }
  var slabsByteCount: Int { slabCountMax * TaskRecord.slabByteCount }
  /// Tasks that exist at once, at most.
  var taskCapacity: Int { slabCountMax * TaskRecord.countPerSlab }

  init(_ configuration: TaskExecutor.Configuration) {
    workerCount = configuration.workerCount + 1
    // Each worker may keep a slab and two magazines that nobody else can use.
    let kept =
      workerCount == 1
      ? 0 : (workerCount + 1) * (TaskRecord.countPerSlab + 2 * RecordCache.magazineCount)
    let records = configuration.taskCountMax + kept
    slabCountMax = (records + TaskRecord.countPerSlab - 1) / TaskRecord.countPerSlab
    var capacity = WorkDeque.capacityMin
    while Int(capacity) < slabCountMax * TaskRecord.countPerSlab { capacity &<<= 1 }
    dequeCapacity = capacity
    var injections = 1
    while injections < min(configuration.taskCountMax, TaskExecutor.injectionCountMax) {
      injections *= 2
    }
    injectionCapacity = injections
    traceEventCount = configuration.traceEventCountMax
  }
}
