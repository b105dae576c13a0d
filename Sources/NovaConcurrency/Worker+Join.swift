// Worker+Join.swift — two closures, perhaps at the same time, without an allocation.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.
// Source of the form: Frigo, Leiserson & Randall, "The Implementation of the Cilk-5 Multithreaded
// Language" (PLDI 1998), with child stealing instead of continuation stealing.

/// The record of a join's second closure, on the caller's stack: the start of a `TaskRecord`.
@frozen
@usableFromInline
struct JoinRecord {
  @usableFromInline var flags: UInt64 = UInt64(Completion.borrowed)
  @usableFromInline var code: UInt
  @usableFromInline var context: UInt

  @inlinable
  init(code: UInt, context: UInt) {
    self.code = code
    self.context = context
  }
}

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
  public borrowing func join<First, Second: Sendable, Failure: Error>(
    _ first: (borrowing Worker) throws(Failure) -> First,
    _ second: @Sendable (borrowing Worker) throws(Failure) -> Second
  ) throws(Failure) -> (First, Second) {
    if reference.isOutside { return (try first(self), try second(self)) }
    // SAFETY: the slot is filled by the record's run alone, and read only once that is over; the
    // record, the slot and the closures outlive the run, because `settle` waits for its end.
    return try unsafe withUnsafeTemporaryAllocation(
      of: Result<Second, Failure>.self, capacity: 1
    ) { (buffer) throws(Failure) -> (First, Second) in
      let slot = unsafe buffer.baseAddress.unsafelyUnwrapped
      return try unsafe withClosureWords({ record, other in
        let worker = unsafe WorkerReference(at: other.assumingMemoryBound(to: WorkerState.self))
        do throws(Failure) {
          unsafe slot.initialize(to: .success(try second(Worker(worker))))
        } catch {
          unsafe slot.initialize(to: .failure(error))
        }
        unsafe worker.finishJoin(Completion(at: record))
      }) { (code, context) throws(Failure) -> (First, Second) in
        var record = JoinRecord(code: code, context: context)
        return try unsafe withUnsafeMutablePointer(to: &record) {
          (pointer) throws(Failure) -> (First, Second) in
          let word = UInt(bitPattern: pointer)
          guard reference.push(word) else { return (try first(self), try second(self)) }
          if reference.isSpecial { reference.core.schedulingPoint() }
          let value: First
          do throws(Failure) {
            value = try first(self)
          } catch {
            if !reference.settle(word) { unsafe slot.deinitialize(count: 1) }
            throw error
          }
          if reference.settle(word) { return (value, try second(self)) }
          return (value, try unsafe slot.move().get())
        }
      }
    }
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

  /// Ends the run of a join's record; it may be gone afterwards.
  @inlinable
  @inline(__always)
  func finishJoin(_ completion: Completion) {
    let before = completion.finish(0)
    if before & Completion.waiting != 0 { wakeWaiters(before, completion) }
  }
}
