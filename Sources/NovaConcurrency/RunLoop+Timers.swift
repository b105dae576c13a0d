// RunLoop+Timers.swift — set and cancel timers, from any thread; fire what is due.
// Freestanding. Imports nothing. Design: NovaCore.docc/RunLoop.md.

extension RunLoop {
  /// Calls `action` once, `nanoseconds` from now.
  ///
  /// - Returns: the timer's handle, for `cancel`.
  /// - Throws: `LoopError.timersExhausted`.
  /// - Complexity: O(log n) of n timers, without an allocation.
  @discardableResult
  public func after(
    nanoseconds: UInt64, _ action: sending @escaping TimerAction
  ) throws(LoopError) -> TimerHandle {
    try set(at: time(in: nanoseconds), period: 0, action)
  }

  /// Calls `action` once, when the loop's clock shows `time`; at once when it is past.
  ///
  /// - Returns: the timer's handle, for `cancel`.
  /// - Throws: `LoopError.timersExhausted`.
  /// - Complexity: as `after`.
  @discardableResult
  public func at(
    nanoseconds time: UInt64, _ action: sending @escaping TimerAction
  ) throws(LoopError) -> TimerHandle {
    try set(at: time, period: 0, action)
  }

  /// Calls `action` each `nanoseconds`, the first time so long from now, until it is cancelled.
  ///
  /// Firings are due at whole periods from the first: lateness does not add up. A loop that is late
  /// by whole periods calls once, and says how often in `TimerContext.dueCount`.
  ///
  /// - Returns: the timer's handle, for `cancel`.
  /// - Throws: `LoopError.timersExhausted`, or `.periodIsZero`.
  /// - Complexity: as `after`.
  @discardableResult
  public func every(
    nanoseconds: UInt64, _ action: sending @escaping TimerAction
  ) throws(LoopError) -> TimerHandle {
    guard nanoseconds > 0 else { throw .periodIsZero }
    return try set(at: time(in: nanoseconds), period: nanoseconds, action)
  }

  /// Cancels a timer; its action is dropped, and not called again.
  ///
  /// A periodic timer may be cancelled by its own action.
  ///
  /// - Throws: `LoopError.unknownTimer`, also when a timer that is not periodic fires right now.
  /// - Complexity: O(log n) of n timers.
  public func cancel(_ handle: TimerHandle) throws(LoopError) {
    lock.acquire()
    // SAFETY: the slot is checked before it is used, and the lock is held.
    guard unsafe handle.loop == control.pointee.number,
      unsafe handle.slot < UInt32(control.pointee.timerCountMax),
      unsafe timer(handle.slot).pointee.number == handle.number, handle.number != 0,
      unsafe timer(handle.slot).pointee.phase != .cancelled
    else {
      lock.release()
      throw .unknownTimer(handle)
    }
    trace(.timerCancelled, handle.number)
    let action: TimerAction?
    if unsafe timer(handle.slot).pointee.phase == .firing {
      unsafe timer(handle.slot).pointee.phase = .cancelled
      action = nil
    } else {
      _ = unsafe guarded.pointee.heap.remove(handle.slot)
      action = freeTimer(handle.slot)
    }
    lock.release()
    // What the action holds may end here, and use the loop.
    _ = consume action
    // The loop may have nothing left to wait for.
    if !isOnLoopThread { signal.raise() }
  }

  /// Timers that are set.
  public var timerCount: Int {
    lock.acquire()
    defer { lock.release() }
    // SAFETY: the control block lives as long as the reference, and the lock is held.
    return unsafe guarded.pointee.timerCount
  }

  private func time(in nanoseconds: UInt64) -> UInt64 {
    let (sum, overflow) = clock.now.addingReportingOverflow(
      min(nanoseconds, RunLoop.delayNanosecondsMax))
    return overflow ? .max : sum
  }

  private func set(
    at time: UInt64, period: UInt64, _ action: sending @escaping TimerAction
  ) throws(LoopError) -> TimerHandle {
    lock.acquire()
    // SAFETY: the control block lives as long as the reference, and the lock is held; the list of
    // the free holds slots within the storage.
    let head = unsafe guarded.pointee.freeTimer
    guard head != 0 else {
      lock.release()
      throw .timersExhausted(capacity: unsafe control.pointee.timerCountMax)
    }
    let slot = head - 1
    unsafe guarded.pointee.freeTimer = timer(slot).pointee.nextFree
    unsafe guarded.pointee.timerCount += 1
    unsafe guarded.pointee.timerNumber += 1
    let number = unsafe guarded.pointee.timerNumber
    unsafe timer(slot).pointee = TimerSlot(
      action: action, number: number, period: period, nextFree: 0, phase: .set)
    unsafe guarded.pointee.heap.insert(slot, at: time)
    let isFirst = unsafe guarded.pointee.heap.first?.item == slot
    trace(.timerSet, number)
    let handle = unsafe TimerHandle(loop: control.pointee.number, slot: slot, number: number)
    lock.release()
    if isFirst, !isOnLoopThread { signal.raise() }
    return handle
  }

  /// Gives a slot back and its action to the caller, who drops it without the lock.
  private func freeTimer(_ slot: UInt32) -> TimerAction? {
    // SAFETY: callers pass a slot within the storage and hold the lock.
    let action = unsafe timer(slot).pointee.action
    unsafe timer(slot).pointee = TimerSlot(
      action: nil, number: 0, period: 0, nextFree: guarded.pointee.freeTimer, phase: .free)
    unsafe guarded.pointee.freeTimer = slot + 1
    unsafe guarded.pointee.timerCount -= 1
    return action
  }

  func timer(_ slot: UInt32) -> UnsafeMutablePointer<TimerSlot> {
    // SAFETY: the storage holds a slot for each index below the capacity; all callers pass one.
    unsafe control.pointee.timers + Int(slot)
  }

  /// Records an event of a timer or job; the ring has one writer, the loop's thread.
  func trace(_ kind: TraceKind, _ number: UInt64) {
    // SAFETY: the control block lives as long as the reference; the ring is fixed.
    let ring = unsafe control.pointee.trace
    guard ring.isOn, isOnLoopThread else { return }
    ring.record(kind, subject: UInt32(truncatingIfNeeded: number), at: clock.now)
  }
}

// MARK: Firing, on the loop's thread

extension RunLoop {
  /// Fires the timers and readies the jobs that are due and were set before the call, in the order
  /// of their times, equal ones in the order in which they were set.
  ///
  /// - Returns: whether there was one.
  func fireTimers() -> Bool {
    var hasFired = false
    var now = clock.now
    lock.acquire()
    // SAFETY: the control block lives as long as the reference, and the lock is held around each
    // access to it.
    let limit = unsafe guarded.pointee.heap.order
    let timerCountMax = unsafe UInt32(control.pointee.timerCountMax)
    while let first = unsafe guarded.pointee.heap.first, first.time <= now,
      unsafe guarded.pointee.heap.wasSet(first, before: limit)
    {
      hasFired = true
      _ = unsafe guarded.pointee.heap.removeFirst()
      guard first.item < timerCountMax else {
        appendReady(first.item - timerCountMax)
        continue
      }
      now = fire(first.item, deadline: first.time, now: now)
    }
    lock.release()
    return hasFired
  }

  /// Calls the action of a timer that left the heap; holds the lock before and after.
  ///
  /// - Returns: the time after the call.
  private func fire(_ slot: UInt32, deadline: UInt64, now: UInt64) -> UInt64 {
    // SAFETY: the slot is within the storage, and the lock is held but during the action, when the
    // phase keeps the slot from everyone else.
    let number = unsafe timer(slot).pointee.number
    let period = unsafe timer(slot).pointee.period
    let handle = unsafe TimerHandle(loop: control.pointee.number, slot: slot, number: number)
    let dueCount = period == 0 ? 1 : (now - deadline) / period + 1
    let context = TimerContext(
      loop: self, timer: handle, now: now, deadline: deadline, dueCount: dueCount)
    clock.step()
    trace(.timerFired, number)
    if period == 0 {
      let action = freeTimer(slot)
      lock.release()
      action?(context)
    } else {
      unsafe timer(slot).pointee.phase = .firing
      let action = unsafe timer(slot).pointee.action
      lock.release()
      action?(context)
    }
    let end = clock.isVirtual ? clock.now : now
    lock.acquire()
    guard period != 0 else { return end }
    rearm(slot, deadline: deadline, period: period, dueCount: dueCount)
    return end
  }

  /// Sets a periodic timer again whose action was called, or frees it when it was cancelled.
  private func rearm(_ slot: UInt32, deadline: UInt64, period: UInt64, dueCount: UInt64) {
    // SAFETY: as above.
    if unsafe timer(slot).pointee.phase == .firing {
      let (distance, isFar) = period.multipliedReportingOverflow(by: dueCount)
      let (next, isBeyond) = deadline.addingReportingOverflow(distance)
      unsafe timer(slot).pointee.phase = .set
      unsafe guarded.pointee.heap.insert(slot, at: isFar || isBeyond ? .max : next)
    } else {
      let action = freeTimer(slot)
      lock.release()
      _ = consume action
      lock.acquire()
    }
  }
}
