// RunLoop+Jobs.swift — add, wake, remove and count jobs, from any thread.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/RunLoop.md.

import Synchronization

extension RunLoop {
  /// Adds a job; it is polled soon.
  ///
  /// - Parameter job: its value moves into the loop, and is destroyed there.
  /// - Returns: the job's handle, for `wake` and `remove`.
  /// - Throws: `LoopError.jobsExhausted` or `.jobTooLarge`.
  /// - Complexity: O(1), without an allocation.
  @inlinable
  @discardableResult
  public func add<Job: LoopJob & ~Copyable>(
    _ job: consuming sending Job
  ) throws(LoopError) -> JobHandle {
    let handle = try reserveJob(
      byteCount: MemoryLayout<Job>.size, alignment: MemoryLayout<Job>.alignment)
    // SAFETY: the reserved place is nobody else's, and large enough as `reserveJob` checked; the
    // two functions are called with its address only.
    unsafe jobValue(handle.slot).bindMemory(to: Job.self, capacity: 1).initialize(to: job)
    unsafe publishJob(
      handle, poll: { unsafe $0.assumingMemoryBound(to: Job.self).pointee.poll($1) },
      destroy: { unsafe $0.assumingMemoryBound(to: Job.self).deinitialize(count: 1) })
    return handle
  }

  /// Adds a job that is a function; it is called soon, and again when it says.
  ///
  /// - Parameter poll: as `LoopJob.poll`.
  /// - Returns: the job's handle, for `wake` and `remove`.
  /// - Throws: `LoopError.jobsExhausted`.
  @discardableResult
  public func add(
    _ poll: sending @escaping (LoopContext) -> LoopState
  ) throws(LoopError) -> JobHandle {
    let handle = try reserveJob(byteCount: 0, alignment: 1)
    // SAFETY: a reserved place is nobody else's.
    unsafe job(handle.slot).pointee.closure = poll
    unsafe publishJob(handle, poll: nil, destroy: nil)
    return handle
  }

  /// Lets a job be polled soon, from any thread; the job that is polled is polled again.
  ///
  /// What was done before the wake is visible to the poll. Several wakes before a poll are one.
  ///
  /// - Throws: `LoopError.unknownJob`.
  /// - Complexity: O(1), without a lock.
  public func wake(_ handle: JobHandle) throws(LoopError) {
    guard try enlistWoken(handle) else { return }
    if !isOnLoopThread { signal.raise() }
  }

  /// Removes a job; it is not polled again, and its value is destroyed on the loop's thread before
  /// that polls again or `run` returns.
  ///
  /// - Throws: `LoopError.unknownJob`.
  public func remove(_ handle: JobHandle) throws(LoopError) {
    lock.acquire()
    guard let slot = unsafe liveJob(handle) else {
      lock.release()
      throw .unknownJob(handle)
    }
    // SAFETY: the slot is within the storage, and the lock is held.
    if unsafe slot.pointee.phase == .waiting {
      _ = unsafe guarded.pointee.heap.remove(item(ofJob: handle.slot))
    }
    unsafe slot.pointee.phase = .removed
    lock.release()
    // The list of the woken leads to the removed, too. A job that ended meanwhile is gone anyway.
    if (try? enlistWoken(handle)) == true, !isOnLoopThread { signal.raise() }
  }

  /// Jobs that were added and have neither ended nor left.
  public var jobCount: Int {
    lock.acquire()
    defer { lock.release() }
    // SAFETY: the control block lives as long as the reference, and the lock is held.
    return unsafe guarded.pointee.jobCount
  }

  /// How often and how long a job was polled.
  ///
  /// - Throws: `LoopError.unknownJob`.
  public func metrics(of handle: JobHandle) throws(LoopError) -> PollMetrics {
    lock.acquire()
    defer { lock.release() }
    guard let slot = unsafe liveJob(handle) else { throw .unknownJob(handle) }
    // SAFETY: the slot is within the storage, and the lock is held.
    return unsafe slot.pointee.metrics
  }

  /// How often and how long all jobs were polled, those that have ended included.
  public var metrics: PollMetrics {
    lock.acquire()
    defer { lock.release() }
    // SAFETY: as above.
    return unsafe guarded.pointee.metrics
  }
}

// MARK: Places

extension RunLoop {
  /// Where a slot's value begins.
  private static var jobHeaderByteCount: Int {
    (jobOffset + MemoryLayout<JobSlot>.size + jobAlignment - 1) & ~(jobAlignment - 1)
  }
  /// Where a slot's part under the lock begins, behind `JobWake`.
  private static var jobOffset: Int {
    (MemoryLayout<JobWake>.size + jobAlignment - 1) & ~(jobAlignment - 1)
  }
  /// Bytes from one slot to the next; whole cache lines.
  static var jobStride: Int {
    (jobHeaderByteCount + jobByteCountMax + storageAlignment - 1) & ~(storageAlignment - 1)
  }

  /// The slot of this index, which is below the capacity.
  func job(_ slot: UInt32) -> UnsafeMutablePointer<JobSlot> {
    // SAFETY: the storage holds a slot for each index below the capacity; all callers pass one.
    unsafe (control.pointee.jobs + Int(slot) * RunLoop.jobStride + RunLoop.jobOffset)
      .assumingMemoryBound(to: JobSlot.self)
  }

  /// The words by which any thread wakes the job in a slot.
  func wake(of slot: UInt32) -> UnsafeMutablePointer<JobWake> {
    // SAFETY: as above.
    unsafe (control.pointee.jobs + Int(slot) * RunLoop.jobStride)
      .assumingMemoryBound(to: JobWake.self)
  }

  /// Where the value of the job in a slot lies.
  @usableFromInline func jobValue(_ slot: UInt32) -> UnsafeMutableRawPointer {
    // SAFETY: each slot is followed by room for a value.
    unsafe control.pointee.jobs + Int(slot) * RunLoop.jobStride + RunLoop.jobHeaderByteCount
  }

  /// The heap's item of the job in a slot.
  func item(ofJob slot: UInt32) -> UInt32 {
    // SAFETY: the control block lives as long as the reference; the count is fixed.
    unsafe slot + UInt32(control.pointee.timerCountMax)
  }

  /// The slot of a job that can be woken and removed; under the lock.
  private func liveJob(_ handle: JobHandle) -> UnsafeMutablePointer<JobSlot>? {
    // SAFETY: fixed values of the control block; the slot is checked before it is used.
    guard unsafe handle.loop == control.pointee.number,
      unsafe handle.slot < UInt32(control.pointee.jobCountMax)
    else { return nil }
    let slot = unsafe job(handle.slot)
    guard unsafe slot.pointee.number == handle.number else { return nil }
    switch unsafe slot.pointee.phase {
    case .ready, .polling, .waiting: return unsafe slot
    case .free, .reserved, .removed: return nil
    }
  }

  /// Takes a free slot.
  @usableFromInline func reserveJob(
    byteCount: Int, alignment: Int
  ) throws(LoopError) -> JobHandle {
    guard byteCount <= RunLoop.jobByteCountMax else {
      throw .jobTooLarge(byteCount: byteCount, maximum: RunLoop.jobByteCountMax)
    }
    precondition(alignment <= RunLoop.jobAlignment, "no Swift value asks for such an alignment")
    lock.acquire()
    defer { lock.release() }
    // SAFETY: the control block lives as long as the reference, and the lock is held.
    let head = unsafe guarded.pointee.freeJob
    guard head != 0 else {
      throw .jobsExhausted(capacity: unsafe control.pointee.jobCountMax)
    }
    let slot = unsafe job(head - 1)
    unsafe guarded.pointee.freeJob = slot.pointee.nextFree
    unsafe guarded.pointee.jobCount += 1
    unsafe guarded.pointee.jobNumber += 1
    let number = unsafe guarded.pointee.jobNumber
    unsafe slot.pointee.number = number
    unsafe slot.pointee.phase = .reserved
    unsafe slot.pointee.metrics = PollMetrics()
    return unsafe JobHandle(loop: control.pointee.number, slot: head - 1, number: number)
  }

  /// Makes the job in a reserved slot ready.
  @usableFromInline func publishJob(
    _ handle: JobHandle, poll: JobSlot.Poll?, destroy: JobSlot.Destroy?
  ) {
    lock.acquire()
    // SAFETY: the slot was reserved by the caller, and the lock is held.
    let slot = unsafe job(handle.slot)
    unsafe slot.pointee.poll = poll
    unsafe slot.pointee.destroy = destroy
    // A slot that is still in the list of the woken stays in it; the job is polled once more.
    let wake = unsafe wake(of: handle.slot)
    var state = unsafe wake.pointee.state.load(ordering: .relaxed)
    while true {
      let (exchanged, found) = unsafe wake.pointee.state.weakCompareExchange(
        expected: state, desired: handle.number << 1 | state & 1, ordering: .relaxed)
      if exchanged { break }
      state = found
    }
    appendReady(handle.slot)
    if isOnLoopThread {
      unsafe control.pointee.trace.record(
        .jobAdded, subject: UInt32(truncatingIfNeeded: handle.number), at: clock.now)
    }
    lock.release()
    if !isOnLoopThread { signal.raise() }
  }

  /// Puts a job at the end of the ready ones; under the lock.
  func appendReady(_ slot: UInt32) {
    // SAFETY: the ring holds a place for each job, and a job is in it once.
    let capacity = unsafe control.pointee.jobCountMax
    unsafe job(slot).pointee.phase = .ready
    unsafe job(slot).pointee.isInRing = true
    var place = unsafe guarded.pointee.readyFirst + guarded.pointee.readyCount
    if place >= capacity { place -= capacity }
    unsafe control.pointee.readyJobs[place] = slot
    unsafe guarded.pointee.readyCount += 1
  }

  /// Puts a job into the list of the woken; false when it is in it already.
  private func enlistWoken(_ handle: JobHandle) throws(LoopError) -> Bool {
    // SAFETY: fixed values of the control block; the slot is checked before it is used.
    guard unsafe handle.loop == control.pointee.number,
      unsafe handle.slot < UInt32(control.pointee.jobCountMax)
    else { throw .unknownJob(handle) }
    let wake = unsafe wake(of: handle.slot)
    var state = unsafe wake.pointee.state.load(ordering: .relaxed)
    while true {
      guard handle.number != 0, state >> 1 == handle.number else { throw .unknownJob(handle) }
      // Also when it is in the list already, so that the poll sees what was done before this wake.
      let (exchanged, found) = unsafe wake.pointee.state.weakCompareExchange(
        expected: state, desired: state | 1,
        ordering: .acquiringAndReleasing)  // pairs with collectWoken
      if exchanged { break }
      state = found
    }
    guard state & 1 == 0 else { return false }
    var head = unsafe control.pointee.wokenHead.load(ordering: .relaxed)
    while true {
      unsafe wake.pointee.next.store(head, ordering: .relaxed)
      let (exchanged, found) = unsafe control.pointee.wokenHead.weakCompareExchange(
        expected: head, desired: handle.slot + 1,
        ordering: .sequentiallyConsistent)  // pairs with collectWoken
      if exchanged { return true }
      head = found
    }
  }
}
