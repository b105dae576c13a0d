// Worker+Join.swift — two closures, perhaps at the same time, without an allocation.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.
// Source of the form: Frigo, Leiserson & Randall, "The Implementation of the Cilk-5 Multithreaded
// Language" (PLDI 1998), with child stealing instead of continuation stealing.

extension Worker {
  /// Runs two closures, the second one perhaps on another worker at the same time.
  ///
  /// - Parameters:
  ///   - first: runs here and now.
  ///   - second: runs here after it, unless another worker has taken it meanwhile. It is not run
  ///     when `first` throws and nobody has begun it.
  /// - Returns: both results, once both are over.
  /// - Throws: what `first` threw, or else what `second` threw; both are over then.
  /// - Complexity: a few nanoseconds more than calling both, while no other worker takes part.
  @inlinable
  @inline(__always)
  public borrowing func join<First, Second: Sendable, Failure: Error>(
    _ first: (borrowing Worker) throws(Failure) -> First,
    _ second: @Sendable (borrowing Worker) throws(Failure) -> Second
  ) throws(Failure) -> (First, Second) {
    if reference.isSpecial { return try joinSpecial(first, second) }
    return try joinInFrame(first, second)
  }

  /// A join in deterministic mode, or outside of the workers.
  @inlinable
  @inline(never)
  borrowing func joinSpecial<First, Second: Sendable, Failure: Error>(
    _ first: (borrowing Worker) throws(Failure) -> First,
    _ second: @Sendable (borrowing Worker) throws(Failure) -> Second
  ) throws(Failure) -> (First, Second) {
    if reference.isOutside { return (try first(self), try second(self)) }
    return try joinInFrame(
      { (worker) throws(Failure) in
        worker.reference.core.schedulingPoint()
        return try first(worker)
      }, second)
  }

  /// Makes room on the stack for the second closure's record and result, and joins.
  @inlinable
  @inline(__always)
  borrowing func joinInFrame<First, Second: Sendable, Failure: Error>(
    _ first: (borrowing Worker) throws(Failure) -> First,
    _ second: @Sendable (borrowing Worker) throws(Failure) -> Second
  ) throws(Failure) -> (First, Second) {
    // Unprotected: nothing is written past the frame, and the check costs as much as the join.
    // SAFETY: the slot is filled by the record's run alone, and read only once that is over; the
    // frame and the closures outlive the run, because `join(_:_:in:)` waits for its end.
    try unsafe _withUnprotectedUnsafeTemporaryAllocation(
      of: JoinFrame<Second, Failure>.self, capacity: 1
    ) { (buffer) throws(Failure) -> (First, Second) in
      let frame = unsafe buffer.baseAddress.unsafelyUnwrapped
      return try unsafe join(first, second, in: frame) { record, other in
        let worker = unsafe WorkerReference(at: other.assumingMemoryBound(to: WorkerState.self))
        let outer = unsafe worker.beginJoin(of: JoinFrame<Second, Failure>.task(record))
        do throws(Failure) {
          let value = try second(unsafe Worker(worker))
          unsafe JoinFrame.slot(frame).initialize(to: .success(value))
        } catch {
          unsafe JoinFrame.slot(frame).initialize(to: .failure(error))
        }
        unsafe worker.finishJoin(Completion(at: record), outer: outer)
      }
    }
  }

  /// Joins in a frame; `body` is a parameter so that it exists until this returns.
  @unsafe
  @inlinable
  @inline(__always)
  borrowing func join<First, Second: Sendable, Failure: Error>(
    _ first: (borrowing Worker) throws(Failure) -> First,
    _ second: @Sendable (borrowing Worker) throws(Failure) -> Second,
    in frame: UnsafeMutablePointer<JoinFrame<Second, Failure>>, _ body: RecordBody
  ) throws(Failure) -> (First, Second) {
    // SAFETY: the frame is this join's alone; taking the closure apart reads nothing.
    let (code, context) = unsafe closureWords(body)
    let record = UnsafeMutableRawPointer(frame)
    unsafe record.storeBytes(of: UInt64(Completion.borrowed), as: UInt64.self)
    unsafe record.storeBytes(of: code, toByteOffset: 8, as: UInt.self)
    unsafe record.storeBytes(of: context, toByteOffset: 16, as: UInt.self)
    // Whoever runs the second closure runs it for the same task.
    unsafe record.storeBytes(
      of: reference.state.pointee.currentTask, toByteOffset: 24, as: UnsafeMutableRawPointer?.self)
    let word = UInt(bitPattern: record)
    guard reference.push(word) else { return (try first(self), try second(self)) }
    let value: First
    do throws(Failure) {
      value = try first(self)
    } catch {
      if !reference.settle(word) { unsafe JoinFrame.slot(frame).deinitialize(count: 1) }
      throw error
    }
    if reference.settle(word) { return (value, try second(self)) }
    return (value, try unsafe JoinFrame.slot(frame).move().get())
  }
}

/// What a join keeps on its caller's stack: the start of a `TaskRecord`, the task that joins, and
/// the second result.
@safe
@frozen
@usableFromInline
struct JoinFrame<Second, Failure: Error> {
  @usableFromInline let flags: UInt64
  @usableFromInline let body: (code: UInt, context: UInt)
  @usableFromInline let task: UnsafeMutableRawPointer?
  @usableFromInline let slot: Result<Second, Failure>

  /// The task that joins; nil outside of all tasks.
  @unsafe
  @inlinable
  @inline(__always)
  static func task(_ frame: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    // SAFETY: the place is the field's, and was filled before the record was pushed.
    unsafe frame.load(fromByteOffset: 24, as: UnsafeMutableRawPointer?.self)
  }

  /// Where the second closure's run puts its result.
  @unsafe
  @inlinable
  @inline(__always)
  static func slot(
    _ frame: UnsafeMutablePointer<JoinFrame>
  ) -> UnsafeMutablePointer<Result<Second, Failure>> {
    // SAFETY: the place is the field's, by the same rule of layout as the compiler's.
    let mask = MemoryLayout<Result<Second, Failure>>.alignment - 1
    return unsafe (UnsafeMutableRawPointer(frame) + ((32 + mask) & ~mask))
      .assumingMemoryBound(to: Result<Second, Failure>.self)
  }
}

extension WorkerReference {
  /// Takes a join's record back, or waits for its run to end.
  ///
  /// - Returns: true when it was taken back: the caller runs the closure, or leaves it.
  @inlinable
  @inline(__always)
  func settle(_ word: UInt) -> Bool {
    let top = pop()
    if top == word { return true }
    return settleSlowly(word, top)
  }

  @inline(never)
  @usableFromInline
  func settleSlowly(_ word: UInt, _ top: UInt) -> Bool {
    // SAFETY: the word is the address of the record, on the caller's stack.
    let completion = unsafe Completion(
      at: UnsafeMutableRawPointer(bitPattern: word).unsafelyUnwrapped)
    var top = top
    // Tasks that were spawned meanwhile lie above it.
    while top != 0, top != word {
      execute(top)
      if completion.isFinished { return false }
      top = pop()
    }
    if top == word { return true }
    if !completion.isFinished { help(until: completion) }
    return false
  }

  /// Begins the run of a join's record, which somebody took before its owner came back, for the
  /// task that joins.
  ///
  /// - Returns: the task that ran before on this worker.
  @inlinable
  @inline(__always)
  func beginJoin(of task: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // SAFETY: the fields are the worker's.
    let outer = unsafe state.pointee.currentTask
    unsafe state.pointee.currentTask = task
    if unsafe state.pointee.trace.isOn { traceJoinStart() }
    return unsafe outer
  }

  @inline(never)
  @usableFromInline
  func traceJoinStart() {
    // SAFETY: the trace and the depth are the worker's.
    unsafe state.pointee.stolenJoinDepth += 1
    unsafe state.pointee.trace.record(
      .joinStarted, subject: state.pointee.stolenJoinDepth, at: core.now)
  }

  @inline(never)
  @usableFromInline
  func traceJoinEnd() {
    // SAFETY: the trace and the depth are the worker's.
    unsafe state.pointee.trace.record(
      .joinFinished, subject: state.pointee.stolenJoinDepth, at: core.now)
    unsafe state.pointee.stolenJoinDepth -= 1
  }

  /// Ends the run of a join's record; it may be gone afterwards.
  @inlinable
  @inline(__always)
  func finishJoin(_ completion: Completion, outer: UnsafeMutableRawPointer?) {
    // SAFETY: the fields are the worker's.
    unsafe state.pointee.currentTask = outer
    if unsafe state.pointee.trace.isOn { traceJoinEnd() }
    let before = completion.finish(0)
    if before & Completion.waiting != 0 { wakeWaiters(before, completion) }
  }
}
