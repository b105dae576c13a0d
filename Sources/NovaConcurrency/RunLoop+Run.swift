// RunLoop+Run.swift — the loop itself: fire, poll, run tasks, sleep, and when to return.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/RunLoop.md.

import Synchronization

extension RunLoop {
  /// Polls jobs, fires timers and runs the executor's tasks until there is nothing left of them.
  ///
  /// A turn fires the timers that are due, polls each job that was ready when it began, and runs up
  /// to `tasksPerTurnMax` tasks: nobody who is ready waits longer than a turn. With a seed, what a
  /// turn does comes in an order that the seed draws. When nothing can go on, the thread sleeps
  /// until a timer is due, a job is woken, or the executor raises the loop's signal; virtual time
  /// jumps to the next timer instead.
  ///
  /// - Parameter executor: whose tasks count as work, and run here too.
  /// - Throws: `LoopError.alreadyRunning` or `.insideTask`; or `.stalled` when only jobs are left
  ///   that wait for a wake which nobody can give: no timer, no task, and no `WakeSource` is left.
  ///   The jobs stay; after a wake, `run` may be called again.
  public func run<Executor: LoopExecutor>(on executor: Executor) throws(LoopError) {
    guard !executor.isInsideTask else { throw .insideTask }
    // SAFETY: the control block lives as long as the reference.
    let wasRunning = unsafe control.pointee.isRunning.exchange(
      true, ordering: .acquiringAndReleasing)  // pairs with endRun
    guard !wasRunning else { throw .alreadyRunning }
    // One order of this, of a wake, and of the looks that each has at the other's: a thread that
    // still takes itself for the loop's has put its job into the list before it is looked at.
    unsafe control.pointee.thread.store(
      RunLoop.currentThread, ordering: .sequentiallyConsistent)  // pairs with isOnLoopThread
    executor.attach(signal)
    defer {
      executor.attach(nil)
      endRun()
    }
    while true {
      signal.consume()
      collectWoken()
      var isBusy = fireTimers()
      isBusy = turn(executor) || isBusy
      guard !isBusy else { continue }
      guard try waits(executor) else { return }
    }
  }

  /// Runs the loop without an executor.
  ///
  /// - Throws: as `run(on:)`.
  public func run() throws(LoopError) { try run(on: NoTasks()) }

  private func endRun() {
    // SAFETY: as above.
    unsafe control.pointee.isRunning.store(false, ordering: .releasing)  // pairs with run
  }

  /// One turn of ready jobs and tasks; false when there were none.
  private func turn<Executor: LoopExecutor>(_ executor: Executor) -> Bool {
    lock.acquire()
    // SAFETY: as above, and the lock is held.
    var jobsLeft = unsafe guarded.pointee.readyCount
    lock.release()
    var tasksLeft = RunLoop.tasksPerTurnMax
    var isBusy = false
    while jobsLeft > 0 || tasksLeft > 0 {
      // Without a seed, jobs come first: they are few, and drive what tasks wait for.
      let takesJob = jobsLeft > 0 && (tasksLeft == 0 || draw(below: 2) == 0)
      if takesJob {
        pollOne(among: jobsLeft)
        jobsLeft -= 1
        isBusy = true
      } else if executor.runTask() {
        tasksLeft -= 1
        isBusy = true
      } else {
        tasksLeft = 0
      }
    }
    return isBusy
  }

  /// Whether there is something to wait for; if so, waits.
  private func waits<Executor: LoopExecutor>(_ executor: Executor) throws(LoopError) -> Bool {
    // First the tasks: one that ends may add a job or set a timer before.
    let hasTasks = executor.unfinishedTaskCount > 0
    // SAFETY: as above.
    // pairs with WakeSource
    let hasSources = unsafe control.pointee.wakeSourceCount.load(ordering: .acquiring) > 0
    lock.acquire()
    let deadline = unsafe guarded.pointee.heap.first?.time
    let jobCount = unsafe guarded.pointee.jobCount
    let isReady = unsafe guarded.pointee.readyCount > 0
    lock.release()
    let isWoken = unsafe control.pointee.wokenHead.load(ordering: .relaxed) != 0
    if isReady || isWoken { return true }
    guard hasTasks || deadline != nil || jobCount > 0 else { return false }
    if let deadline, clock.isVirtual, !hasTasks {
      clock.advance(to: deadline)
      return true
    }
    if !hasTasks, deadline == nil, !hasSources { throw stall() }
    sleep(until: deadline, awaitsTasks: hasTasks, executor)
    return true
  }

  private func sleep<Executor: LoopExecutor>(
    until deadline: UInt64?, awaitsTasks: Bool, _ executor: Executor
  ) {
    let now = clock.now
    if let deadline, deadline <= now { return }
    // SAFETY: as above; the ring is the loop thread's.
    let ring = unsafe control.pointee.trace
    ring.record(.parked, at: now)
    // A virtual clock that waits for another thread's task moves when that is done.
    executor.sleep(
      on: signal, nanoseconds: clock.isVirtual ? nil : deadline.map { $0 - now },
      awaitsTasks: awaitsTasks)
    ring.record(.woken, at: clock.now)
  }

  private func stall() -> LoopError {
    lock.acquire()
    defer { lock.release() }
    // SAFETY: as above; slots are within the storage, and the lock is held.
    var first = unsafe JobHandle(loop: control.pointee.number, slot: 0, number: .max)
    for slot in 0..<UInt32(unsafe control.pointee.jobCountMax) {
      let number = unsafe job(slot).pointee.number
      guard unsafe job(slot).pointee.phase == .waiting, number < first.number else { continue }
      first = JobHandle(loop: first.loop, slot: slot, number: number)
    }
    return .stalled(waitingCount: unsafe guarded.pointee.jobCount, first: first)
  }

  /// A number that the seed draws, or 0.
  private func draw(below bound: Int) -> Int {
    // SAFETY: as above; the generator is the loop thread's.
    guard let state = unsafe own.pointee.random else { return 0 }
    var random = SplitMix64(seed: state)
    let number = random.next(below: bound)
    unsafe own.pointee.random = random.state
    return number
  }
}

// MARK: Polling

extension RunLoop {
  /// Readies the jobs that were woken, in the order in which they were.
  private func collectWoken() {
    // SAFETY: the list holds slots within the storage, each once.
    // pairs with enlistWoken
    var next = unsafe control.pointee.wokenHead.exchange(0, ordering: .sequentiallyConsistent)
    guard next != 0 else { return }
    // The list begins with the slot woken last; reversed by the link that only its members use.
    var reversed: UInt32 = 0
    while next != 0 {
      let wake = unsafe wake(of: next - 1)
      let following = unsafe wake.pointee.next.load(ordering: .relaxed)
      unsafe wake.pointee.next.store(reversed, ordering: .relaxed)
      reversed = next
      next = following
    }
    while reversed != 0 {
      let index = reversed - 1
      reversed = unsafe wake(of: index).pointee.next.load(ordering: .relaxed)
      settleWake(index)
    }
  }

  private func settleWake(_ index: UInt32) {
    // SAFETY: the slot is within the storage; from here on it may be woken anew, so that the poll
    // that follows sees what was done before each wake so far.
    let slot = unsafe job(index)
    // pairs with enlistWoken
    _ = unsafe wake(of: index).pointee.state.bitwiseAnd(~1, ordering: .acquiringAndReleasing)
    lock.acquire()
    trace(.jobWoken, unsafe slot.pointee.number)
    switch unsafe slot.pointee.phase {
    case .waiting:
      _ = unsafe guarded.pointee.heap.remove(item(ofJob: index))
      appendReady(index)
      lock.release()
    case .removed where unsafe !slot.pointee.isInRing:
      lock.release()
      end(index)
    case .free, .reserved, .ready, .polling, .removed:
      lock.release()
    }
  }

  /// Polls one of the first `count` ready jobs.
  private func pollOne(among count: Int) {
    let index = takeReady(place: draw(below: count))
    // SAFETY: the slot is within the storage; while it is `polling`, its functions and value are
    // this thread's.
    let slot = unsafe job(index)
    lock.acquire()
    guard unsafe slot.pointee.phase != .removed else {
      lock.release()
      end(index)
      return
    }
    unsafe slot.pointee.phase = .polling
    let number = unsafe slot.pointee.number
    lock.release()
    clock.step()
    let begin = clock.now
    // SAFETY: as above; the ring is the loop thread's.
    let ring = unsafe control.pointee.trace
    let subject = UInt32(truncatingIfNeeded: number)
    ring.record(.jobPollStarted, subject: subject, at: begin)
    let handle = unsafe JobHandle(loop: control.pointee.number, slot: index, number: number)
    let context = LoopContext(loop: self, job: handle, now: begin)
    let state: LoopState
    if let poll = unsafe slot.pointee.poll {
      state = unsafe poll(jobValue(index), context)
    } else if let closure = unsafe slot.pointee.closure {
      state = closure(context)
    } else {
      preconditionFailure("a job without a function is ready")
    }
    let end = clock.now
    ring.record(
      .jobPollFinished, subject: subject, detail: TracePollResult(state).rawValue, at: end)
    settle(index, state, nanoseconds: end - begin)
  }

  /// Takes the ready job at `place` out of the ring; those before it move up.
  private func takeReady(place: Int) -> UInt32 {
    lock.acquire()
    defer { lock.release() }
    // SAFETY: as above, and the lock is held; `place` is below the count, which others only raise.
    let capacity = unsafe control.pointee.jobCountMax
    let ring = unsafe control.pointee.readyJobs
    let first = unsafe guarded.pointee.readyFirst
    let slot = unsafe ring[(first + place) % capacity]
    var moved = place
    while moved > 0 {
      unsafe ring[(first + moved) % capacity] = ring[(first + moved - 1) % capacity]
      moved -= 1
    }
    unsafe guarded.pointee.readyFirst = (first + 1) % capacity
    unsafe guarded.pointee.readyCount -= 1
    unsafe job(slot).pointee.isInRing = false
    return slot
  }

  /// Does as a poll answered.
  private func settle(_ index: UInt32, _ state: LoopState, nanoseconds: UInt64) {
    lock.acquire()
    // SAFETY: as above, and the lock is held.
    let slot = unsafe job(index)
    unsafe slot.pointee.metrics.add(nanoseconds: nanoseconds)
    unsafe guarded.pointee.metrics.add(nanoseconds: nanoseconds)
    guard unsafe slot.pointee.phase != .removed else {
      lock.release()
      end(index)
      return
    }
    switch state {
    case .idle:
      unsafe slot.pointee.phase = .removed
      lock.release()
      end(index)
      return
    case .ready:
      appendReady(index)
    case .waiting(let time):
      unsafe slot.pointee.phase = .waiting
      unsafe guarded.pointee.heap.insert(item(ofJob: index), at: time)
    case .waitingForWake:
      unsafe slot.pointee.phase = .waiting
    }
    lock.release()
  }

  /// Destroys a removed job's value and frees its place.
  private func end(_ index: UInt32) {
    // SAFETY: nobody but the loop's thread reaches what a removed slot holds, which is in no list.
    let slot = unsafe job(index)
    trace(.jobRemoved, unsafe slot.pointee.number)
    dropValue(index)
    lock.acquire()
    unsafe slot.pointee.number = 0
    // The slot may be in the list of the woken; it stays there, for nobody.
    // pairs with enlistWoken
    _ = unsafe wake(of: index).pointee.state.bitwiseAnd(1, ordering: .acquiringAndReleasing)
    unsafe slot.pointee.phase = .free
    unsafe slot.pointee.nextFree = guarded.pointee.freeJob
    unsafe guarded.pointee.freeJob = index + 1
    unsafe guarded.pointee.jobCount -= 1
    lock.release()
  }

  private func dropValue(_ index: UInt32) {
    // SAFETY: a job has either a closure, or a value with the function that destroys it.
    let slot = unsafe job(index)
    if let destroy = unsafe slot.pointee.destroy { unsafe destroy(jobValue(index)) }
    unsafe slot.pointee.poll = nil
    unsafe slot.pointee.destroy = nil
    unsafe slot.pointee.closure = nil
  }

  /// Links all places into the lists of the free; the storage is new.
  func linkFreeSlots() {
    // SAFETY: the storage is the loop's, and nobody else knows it yet.
    let jobCount = unsafe UInt32(control.pointee.jobCountMax)
    for index in 0..<jobCount {
      unsafe wake(of: index).initialize(to: JobWake())
      unsafe job(index).initialize(to: JobSlot())
      unsafe job(index).pointee.nextFree = index + 1 < jobCount ? index + 2 : 0
    }
    unsafe guarded.pointee.freeJob = 1
    let timerCount = unsafe UInt32(control.pointee.timerCountMax)
    for index in 0..<timerCount {
      let next = index + 1 < timerCount ? index + 2 : 0
      unsafe timer(index).initialize(
        to: TimerSlot(action: nil, number: 0, period: 0, nextFree: next, phase: .free))
    }
    unsafe guarded.pointee.freeTimer = 1
  }

  /// Drops everything that jobs and timers hold.
  func dropAll() {
    // SAFETY: nobody else uses the loop any more.
    for index in 0..<(unsafe UInt32(control.pointee.jobCountMax)) {
      dropValue(index)
      unsafe job(index).deinitialize(count: 1)
      unsafe wake(of: index).deinitialize(count: 1)
    }
    unsafe control.pointee.timers.deinitialize(count: control.pointee.timerCountMax)
  }
}

extension TracePollResult {
  /// What a poll answered, as the trace says it.
  init(_ state: LoopState) {
    switch state {
    case .idle: self = .idle
    case .ready: self = .ready
    case .waiting: self = .waiting
    case .waitingForWake: self = .waitingForWake
    }
  }
}
