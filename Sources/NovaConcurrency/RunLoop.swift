// RunLoop.swift — jobs, timers and wakes of one thread: the reference, its limits, its storage.
// Freestanding. Imports NovaABI, NovaMemory, Synchronization. Design: NovaCore.docc/RunLoop.md.

import NovaABI
import NovaMemory
import Synchronization

/// Why a run loop refused; nothing has changed.
public enum LoopError: Error, Equatable, Sendable {
  /// A count of the configuration is outside of `minimum … maximum`.
  case jobCountOutOfRange(count: Int, minimum: Int, maximum: Int)
  /// A count of the configuration is outside of `minimum … maximum`.
  case timerCountOutOfRange(count: Int, minimum: Int, maximum: Int)
  /// There is no memory for the loop.
  case memory(MemoryError)
  /// All places for jobs are taken.
  case jobsExhausted(capacity: Int)
  /// All places for timers are taken.
  case timersExhausted(capacity: Int)
  /// A job's value is too large; a job that needs more keeps it elsewhere.
  case jobTooLarge(byteCount: Int, maximum: Int)
  /// The job has ended, was removed, or belongs to another loop.
  case unknownJob(JobHandle)
  /// The timer has fired, was cancelled, or belongs to another loop.
  case unknownTimer(TimerHandle)
  /// A periodic timer's period is 0.
  case periodIsZero
  /// `run` was called while it runs.
  case alreadyRunning
  /// `run` was called inside of a task of the executor whose tasks' ends it waits for.
  case insideTask
  /// `waitingCount` jobs, `first` the one added first among them, wait for a wake that no task, no
  /// timer and no wake source is left to give.
  case stalled(waitingCount: Int, first: JobHandle)
}

/// How much a run loop can hold.
public struct RunLoopConfiguration: Equatable, Sendable {
  /// Jobs at once, `1 … RunLoop.jobCountMax`.
  public var jobCountMax: Int
  /// Timers at once, `1 … RunLoop.timerCountMax`; deadlines of jobs need none.
  public var timerCountMax: Int

  /// Room for 64 jobs and 256 timers, or as said.
  public init(jobCountMax: Int = 64, timerCountMax: Int = 256) {
    self.jobCountMax = jobCountMax
    self.timerCountMax = timerCountMax
  }
}

/// What a run loop begins with: fixed values, and words that any thread touches at any time.
///
/// Nothing of it is changed but through its atomics: a change of one field is an access to all of
/// a value, and would overlap with another thread's look at it.
@safe struct RunLoopControl: ~Copyable {
  /// One more than the slot of the job woken last; 0 when the list is empty.
  let wokenHead = Atomic<UInt32>(0)
  /// Wake sources that live.
  let wakeSourceCount = Atomic<UInt32>(0)
  let isRunning = Atomic<Bool>(false)
  /// `nova_local` of the thread that runs the loop, or made it.
  let thread: Atomic<UnsafeMutableRawPointer?>

  let number: UInt32
  let jobCountMax: Int
  let timerCountMax: Int
  let jobs: UnsafeMutableRawPointer
  let timers: UnsafeMutablePointer<TimerSlot>
  let readyJobs: UnsafeMutablePointer<UInt32>
  let clock: Clock
  let trace: TraceRing
}

/// What is changed under the loop's lock only; it follows `RunLoopControl` in the storage.
@safe struct RunLoopGuarded: ~Copyable {
  /// Deadlines; items below `timerCountMax` are timers, those from there on are jobs.
  var heap: TimerHeap
  var freeJob: UInt32 = 0
  var freeTimer: UInt32 = 0
  var jobNumber: UInt64 = 0
  var timerNumber: UInt64 = 0
  /// Jobs that were added and whose places aren't free again.
  var jobCount = 0
  /// Timers that are set, or periodic and firing.
  var timerCount = 0
  /// The ring of ready jobs.
  var readyFirst = 0
  var readyCount = 0
  var metrics = PollMetrics()
}

/// What the loop's thread alone touches; it follows `RunLoopGuarded` in the storage.
@safe struct RunLoopOwn {
  /// Of the generator that draws who is next; nil without a seed.
  var random: UInt64?
}

/// A cheap copyable reference to one run loop: cooperative jobs, timers, and wakes from anywhere.
///
/// Any thread may use it; polls and timers' functions run on the thread that called `run`. What it
/// holds is bounded by its configuration, and lies in one block of memory.
@safe public struct RunLoop: @unchecked Sendable {
  /// The most jobs of a loop.
  public static var jobCountMax: Int { 1 << 16 }
  /// The most timers of a loop.
  public static var timerCountMax: Int { 1 << 20 }
  /// The largest value of a job.
  public static var jobByteCountMax: Int { 128 }
  /// Alignment of a job's value: no Swift value asks for more.
  static var jobAlignment: Int { 16 }
  /// The most tasks of the executor that run between two polls of a ready job.
  public static var tasksPerTurnMax: Int { 64 }
  /// The longest time that a timer can be set ahead: 292 years.
  public static var delayNanosecondsMax: UInt64 { UInt64(Int64.max) }

  // In the block that `init` was given, which outlives every copy of the reference, after a line
  // of words that threads wait on.
  let control: UnsafeMutablePointer<RunLoopControl>

  /// Alignment of a loop's storage.
  public static var storageAlignment: Int { 64 }

  /// Bytes of a loop's storage.
  ///
  /// - Throws: `LoopError.jobCountOutOfRange` or `.timerCountOutOfRange`.
  public static func storageByteCount(
    for configuration: RunLoopConfiguration
  ) throws(LoopError) -> Int {
    try RunLoopLayout(configuration).byteCount
  }

  /// A loop without jobs and timers.
  ///
  /// - Parameters:
  ///   - storage: `storageByteCount(for:)` zero bytes, aligned to `storageAlignment`.
  ///   - configuration: how much the loop can hold.
  ///   - clock: the time of timers.
  ///   - seed: draws who of several ready jobs and tasks comes next; nil takes them in turn.
  ///   - trace: of the worker whose thread makes and runs the loop.
  /// - Throws: `LoopError.jobCountOutOfRange` or `.timerCountOutOfRange`.
  /// - Safety: the storage is the loop's alone until `destroy` has returned.
  @unsafe public init(
    storage: UnsafeMutableRawPointer, configuration: RunLoopConfiguration,
    clock: Clock = .monotonic, seed: UInt64? = nil, trace: TraceRing = .off
  ) throws(LoopError) {
    let layout = try RunLoopLayout(configuration)
    let words = unsafe storage.bindMemory(to: Atomic<UInt32>.self, capacity: 2)
    unsafe words.initialize(to: Atomic(0))
    unsafe (words + 1).initialize(to: Atomic(0))
    unsafe (storage + 8).bindMemory(to: Atomic<UnsafeMutableRawPointer?>.self, capacity: 1)
      .initialize(to: Atomic(nil))
    unsafe control = (storage + RunLoop.storageAlignment).bindMemory(
      to: RunLoopControl.self, capacity: 1)
    let itemCount = configuration.jobCountMax + configuration.timerCountMax
    let heap = unsafe TimerHeap(
      itemCount: itemCount, entries: storage + layout.entries, places: storage + layout.places)
    unsafe control.initialize(
      to: RunLoopControl(
        thread: Atomic(RunLoop.currentThread), number: RunLoop.nextNumber(),
        jobCountMax: configuration.jobCountMax,
        timerCountMax: configuration.timerCountMax, jobs: storage + layout.jobs,
        timers: (storage + layout.timers).bindMemory(
          to: TimerSlot.self, capacity: configuration.timerCountMax),
        readyJobs: (storage + layout.readyJobs).bindMemory(
          to: UInt32.self, capacity: configuration.jobCountMax),
        clock: clock, trace: trace))
    unsafe (UnsafeMutableRawPointer(control) + RunLoopLayout.guardedOffset).bindMemory(
      to: RunLoopGuarded.self, capacity: 1
    ).initialize(to: RunLoopGuarded(heap: heap))
    unsafe (UnsafeMutableRawPointer(control) + RunLoopLayout.ownOffset).bindMemory(
      to: RunLoopOwn.self, capacity: 1
    ).initialize(to: RunLoopOwn(random: seed))
    linkFreeSlots()
  }

  /// A loop in a block of `memory`; `destroy(_:)` with the same memory gives it back.
  ///
  /// - Throws: `LoopError.memory`, `.jobCountOutOfRange` or `.timerCountOutOfRange`.
  public init<Memory: MemoryContract & ~Copyable>(
    memory: borrowing Memory, configuration: RunLoopConfiguration = RunLoopConfiguration(),
    clock: Clock = .monotonic, seed: UInt64? = nil, trace: TraceRing = .off
  ) throws(LoopError) {
    let byteCount = try RunLoop.storageByteCount(for: configuration)
    let storage: UnsafeMutableRawPointer
    do throws(MemoryError) {
      unsafe storage = try memory.allocate(
        byteCount: byteCount, alignment: RunLoop.storageAlignment)
    } catch {
      throw .memory(error)
    }
    // SAFETY: the block was just lent, zeroed, with the size and alignment asked for.
    unsafe try self.init(
      storage: storage, configuration: configuration, clock: clock, seed: seed, trace: trace)
  }

  /// Drops all jobs and timers and gives the block back.
  ///
  /// - Safety: `memory` is the one that the loop was made in, and nobody uses a copy of the
  ///   reference or a wake source afterwards.
  @unsafe public func destroy<Memory: MemoryContract & ~Copyable>(_ memory: borrowing Memory) {
    unsafe destroy()
    unsafe memory.release(UnsafeMutableRawPointer(words))
  }

  /// Drops all jobs and timers; the storage is the caller's again.
  ///
  /// - Safety: nobody uses a copy of the reference or a wake source afterwards.
  @unsafe public func destroy() {
    precondition(
      unsafe !control.pointee.isRunning.load(ordering: .relaxed), "a loop that runs can't end")
    dropAll()
    unsafe own.deinitialize(count: 1)
    unsafe guarded.deinitialize(count: 1)
    unsafe control.deinitialize(count: 1)
  }

  /// The clock of the loop's timers.
  public var clock: Clock {
    // SAFETY: the control block lives as long as the reference, by the initialiser's promise.
    unsafe control.pointee.clock
  }

  /// Where the loop records what it does.
  public var trace: TraceRing {
    // SAFETY: as above.
    unsafe control.pointee.trace
  }

  /// Tells the loop to look at everything again.
  public var signal: LoopSignal {
    // SAFETY: as above.
    unsafe LoopSignal(words)
  }

  /// What is under `lock`.
  var guarded: UnsafeMutablePointer<RunLoopGuarded> {
    // SAFETY: `init` bound it behind the control block.
    unsafe (UnsafeMutableRawPointer(control) + RunLoopLayout.guardedOffset)
      .assumingMemoryBound(to: RunLoopGuarded.self)
  }

  /// What is the loop's thread's.
  var own: UnsafeMutablePointer<RunLoopOwn> {
    // SAFETY: as above.
    unsafe (UnsafeMutableRawPointer(control) + RunLoopLayout.ownOffset)
      .assumingMemoryBound(to: RunLoopOwn.self)
  }

  var lock: LoopLock {
    // SAFETY: as above.
    unsafe LoopLock(words + 1)
  }

  /// The words that threads wait on: the signal's, the lock's.
  private var words: UnsafeMutablePointer<Atomic<UInt32>> {
    // SAFETY: `init` bound them in front of the control block.
    unsafe (UnsafeMutableRawPointer(control) - RunLoop.storageAlignment)
      .assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  /// Whether the calling thread is the loop's: it sees what it changed without a signal.
  var isOnLoopThread: Bool {
    // SAFETY: as above; only addresses are compared.
    // pairs with run
    unsafe control.pointee.thread.load(ordering: .sequentiallyConsistent) == RunLoop.currentThread
  }

  /// What tells the calling thread from the others.
  static var currentThread: UnsafeMutableRawPointer? {
    // SAFETY: the result is only compared.
    unsafe UnsafeMutableRawPointer(nova_local())
  }

  private static let numbers = Atomic<UInt32>(0)

  /// The number of a new loop; never one that another had.
  private static func nextNumber() -> UInt32 {
    let (_, number) = numbers.add(1, ordering: .relaxed)
    return number
  }
}

/// Where the parts of a loop's storage lie, in bytes from its start.
private struct RunLoopLayout {
  /// Of `RunLoopGuarded` from `RunLoopControl`: on a line of its own.
  static var guardedOffset: Int { roundedUp(MemoryLayout<RunLoopControl>.size) }
  /// Of `RunLoopOwn` from `RunLoopControl`; beside what its thread touches most.
  static var ownOffset: Int { guardedOffset + MemoryLayout<RunLoopGuarded>.stride }

  let entries: Int
  let places: Int
  let jobs: Int
  let timers: Int
  let readyJobs: Int
  let byteCount: Int

  init(_ configuration: RunLoopConfiguration) throws(LoopError) {
    let jobCount = configuration.jobCountMax
    let timerCount = configuration.timerCountMax
    guard jobCount >= 1, jobCount <= RunLoop.jobCountMax else {
      throw .jobCountOutOfRange(count: jobCount, minimum: 1, maximum: RunLoop.jobCountMax)
    }
    guard timerCount >= 1, timerCount <= RunLoop.timerCountMax else {
      throw .timerCountOutOfRange(count: timerCount, minimum: 1, maximum: RunLoop.timerCountMax)
    }
    var end = 0
    func place(_ byteCount: Int) -> Int {
      let begin = end
      end = RunLoopLayout.roundedUp(end + byteCount)
      return begin
    }
    _ = place(
      RunLoop.storageAlignment + RunLoopLayout.ownOffset + MemoryLayout<RunLoopOwn>.size)
    entries = place(TimerHeap.entriesByteCount(itemCount: jobCount + timerCount))
    places = place(TimerHeap.placesByteCount(itemCount: jobCount + timerCount))
    jobs = place(jobCount * RunLoop.jobStride)
    timers = place(timerCount * MemoryLayout<TimerSlot>.stride)
    readyJobs = place(jobCount * MemoryLayout<UInt32>.stride)
    byteCount = end
  }

  private static func roundedUp(_ byteCount: Int) -> Int {
    (byteCount + RunLoop.storageAlignment - 1) & ~(RunLoop.storageAlignment - 1)
  }
}
