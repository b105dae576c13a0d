// WorkerReference+Search.swift — which task a worker runs next, and what it does without one.
// Freestanding. Imports NovaABI, NovaSystem. Design: NovaCore.docc/Executor.md.

import NovaABI
import NovaSystem

extension WorkerReference {
  /// Every so many looks for a task, a worker takes injected and old tasks first: a power of two.
  ///
  /// In between it takes its own youngest, which a chain of tasks that spawn each other could keep
  /// it at for ever.
  static var fairnessInterval: UInt32 { 64 }

  /// The task to run next, or 0.
  func next() -> UInt {
    // SAFETY: the count is the worker's; it wraps around.
    let tick = unsafe state.pointee.tick &+ 1
    unsafe state.pointee.tick = tick
    if tick & (Self.fairnessInterval - 1) == 0 {
      let old = nextOld()
      if old != 0 { return old }
    }
    let own = pop()
    if own != 0 { return own }
    pauseAfterLeanSteals()
    return nextElsewhere()
  }

  /// A steal of fewer tasks than this is lean.
  private static var leanStealBound: UInt64 { 16 }
  /// The pause after lean steals grows to 2⁷ processor pauses, one or two microseconds.
  private static var leanStealMax: UInt32 { 7 }

  /// Waits a moment before the next steal when the last ones brought little.
  ///
  /// A steal costs its victim more than a small task does, whose line it takes away. Left alone for
  /// a moment, a victim that spawns small tasks has many to give at once, and one that joins them
  /// at once runs them itself.
  private func pauseAfterLeanSteals() {
    // SAFETY: the count is the worker's.
    let count = unsafe state.pointee.leanStealCount
    if count == 0 { return }
    var left = 1 << count
    while left != 0 {
      pauseProcessor()
      left -= 1
    }
  }

  /// The injected task that waits longest, or the oldest of the worker's own, or 0.
  @inline(never)
  private func nextOld() -> UInt {
    let injected = takeInjected()
    if injected != 0 { return injected }
    // A worker steals from itself what thieves would take next; that must be public first.
    if deque.privateCount != 0, deque.publish() { notify() }
    return deque.steal(from: deque) { notify() }
  }

  /// An injected task or another worker's, or 0.
  @inline(never)
  func nextElsewhere() -> UInt {
    let injected = takeInjected()
    if injected != 0 { return injected }
    let core = core
    guard core.workerCount > 1 else { return 0 }
    // SAFETY: the generator and the counts are the worker's.
    let first = unsafe state.pointee.random.next(below: core.workerCount)
    for offset in 0..<core.workerCount {
      let victim = (first + offset) % core.workerCount
      if victim == index { continue }
      let stolen = steal(from: core.worker(victim))
      if stolen != 0 { return stolen }
    }
    return 0
  }

  /// Steals from one victim: the oldest task, or 0; more may have come into the own deque.
  func steal(from victim: WorkerReference) -> UInt {
    let before = deque.privateCount &+ deque.publicCount
    let stolen = deque.steal(from: victim.deque) { notify() }
    guard stolen != 0 else { return 0 }
    let more = deque.privateCount &+ deque.publicCount &- before
    // Thieves may have taken of it already: then it counts as theirs alone.
    let count = 1 + UInt64(more <= WorkDeque.capacityMax ? more : 0)
    // SAFETY: the counts and the trace are the worker's.
    unsafe state.pointee.stolen.add(count)
    unsafe state.pointee.leanStealCount =
      count < Self.leanStealBound
      ? min(Self.leanStealMax, state.pointee.leanStealCount + 1) : 0
    unsafe state.pointee.trace.record(
      .stolen, subject: UInt32(victim.index), detail: UInt32(truncatingIfNeeded: count),
      at: core.now)
    return stolen
  }

  private func takeInjected() -> UInt {
    let word = core.takeInjected()
    // SAFETY: the count is the worker's.
    if word != 0 { unsafe state.pointee.injected.add(1) }
    return word
  }

  // MARK: - Without a task

  /// Whether there is anything to wake up for, in one order with whoever makes it.
  func seesWork(_ core: ExecutorCore) -> Bool {
    if core.hasInjected { return true }
    for other in 0..<core.workerCount where !core.worker(other).deque.isPublicEmpty {
      return true
    }
    return false
  }

  /// Looks for a task, sleeping if need be, until there is one or `isOver` says so.
  ///
  /// - Parameters:
  ///   - isOver: asked in one order with whoever makes it true and wakes the sleepers then.
  ///   - willSleep: called before the worker announces its sleep.
  /// - Returns: a task, or 0 when it is over.
  @inline(never)
  func search(isOver: () -> Bool, willSleep: () -> Void) -> UInt {
    let core = core
    return core.parking.search(
      // Half of the workers, and at least one.
      searcherMax: (core.workerCount + 1) / 2, look: { nextElsewhere() }, isOver: isOver,
      seesWork: { seesWork(core) }, willSleep: willSleep,
      sleeps: { begins in
        // SAFETY: the counts and the trace are the worker's.
        if begins {
          unsafe state.pointee.parked.add(1)
          core.raiseSignalWhenStill()
          unsafe state.pointee.trace.record(.parked, at: core.now)
        } else {
          unsafe state.pointee.trace.record(.woken, at: core.now)
        }
      })
  }

  /// Runs other tasks until a record's run is over.
  @inline(never)
  @usableFromInline
  func help(until completion: Completion) {
    if isOutside { return completion.waitOutside() }
    if core.isDeterministic { return core.runSchedule(until: completion) }
    while !completion.isFinished {
      var word = next()
      if word == 0 {
        word = search(
          isOver: { completion.isFinishedInOrder },
          willSleep: { _ = completion.announceWait(Completion.waiting) })
      }
      if word != 0 { execute(word) }
    }
  }

  /// Runs other tasks until one is over; ends the program where it never can be.
  @inline(never)
  @usableFromInline
  func help(until record: TaskRecord) {
    if isBelow(record) {
      core.failReplay("a task joins one that waits below it on the same stack")
    }
    help(until: record.completion)
  }

  /// Whether a task waits for the calling one, on the same stack.
  ///
  /// - Complexity: O(tasks on the stack).
  private func isBelow(_ record: TaskRecord) -> Bool {
    // SAFETY: the tasks on a worker's stack run, so that their records are not free, and each says
    // what it interrupted.
    var task = unsafe state.pointee.currentTask
    while let other = unsafe task {
      if unsafe other == record.base { return true }
      unsafe task = TaskRecord(at: other).next
    }
    return false
  }

  // MARK: - The thread

  /// What an extra worker's thread runs: tasks until the executor stops.
  func run() {
    // SAFETY: the thread's record is its own, and the state outlives the thread.
    unsafe nova_local().pointee.worker = UnsafeMutableRawPointer(state)
    let core = core
    var shortJoins = ShortJoins()
    while true {
      var word = shortJoins.areMany ? nap(core) : next()
      if word == 0 {
        word = search(isOver: { core.phase >= ExecutorPhase.stopping }, willSleep: {})
        if word == 0 { break }
      }
      if isJoin(word) {
        let begin = System.monotonicNanoseconds
        execute(word)
        shortJoins.add(nanoseconds: System.monotonicNanoseconds - begin)
      } else {
        execute(word)
        shortJoins = ShortJoins()
      }
      if core.phase >= ExecutorPhase.stopping { drain() }
    }
    unsafe nova_local().pointee.worker = nil
  }

  /// Whether a record is a join's, which its caller runs itself if nobody else does.
  private func isJoin(_ word: UInt) -> Bool {
    // SAFETY: a word of a deque is the address of a record that nobody has run.
    unsafe Completion(at: UnsafeMutableRawPointer(bitPattern: word).unsafelyUnwrapped).isBorrowed
  }

  /// Leaves the others alone for a while, then steals; a task, or 0 after some looks in vain.
  ///
  /// Nobody wakes a worker that naps: to those who join short work that costs more than the work.
  private func nap(_ core: ExecutorCore) -> UInt {
    var looks = 0
    while looks < ShortJoins.napCountMax, core.phase < ExecutorPhase.stopping {
      var word: UInt32 = 0
      // SAFETY: the word lives for the call, and nobody else knows it: this only sleeps.
      _ = unsafe System.wait(
        on: &word, while: 0, timeoutNanoseconds: ShortJoins.napNanoseconds)
      let own = pop()
      if own != 0 { return own }
      let found = nextElsewhere()
      if found != 0 { return found }
      looks += 1
    }
    return 0
  }

  /// Runs what lies in the own deque; what has not begun is cancelled in that phase.
  func drain() {
    while true {
      let word = pop()
      if word == 0 { return }
      execute(word)
    }
  }

  /// Wakes whoever a record's flags say waits for its end.
  @inline(never)
  @usableFromInline
  func wakeWaiters(_ flags: UInt32, _ completion: Completion) {
    if flags & Completion.waiting != 0 { core.parking.notifyAll() }
    if flags & Completion.waitingOutside != 0 { completion.wakeOutside() }
  }
}
