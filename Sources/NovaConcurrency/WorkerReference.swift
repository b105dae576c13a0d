// WorkerReference.swift — a worker by address: its deque, its records, how it runs one.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Executor.md.

import Synchronization

/// The address of a worker's state; what it does not say otherwise is for the worker's thread only.
@safe
@frozen
@usableFromInline
struct WorkerReference {
  @usableFromInline let state: UnsafeMutablePointer<WorkerState>

  /// The worker at `state`.
  ///
  /// - Safety: its executor has not given its memory back.
  @unsafe
  @inlinable
  @inline(__always)
  init(at state: UnsafeMutablePointer<WorkerState>) { unsafe self.state = state }

  // SAFETY, for each access below: the initialiser's caller promises that the state exists; the
  // fields say who may touch them when.

  @inlinable var core: ExecutorCore { unsafe ExecutorCore(at: state.pointee.core) }
  @inlinable var index: Int { unsafe state.pointee.index }
  @inlinable var isSpecial: Bool { unsafe state.pointee.isSpecial }
  @inlinable var isOutside: Bool { unsafe state.pointee.isOutside }

  /// The worker's tasks; not of the one that stands for everybody who is no worker.
  @inlinable
  @inline(__always)
  var deque: WorkDeque {
    // SAFETY: laid out with the state, this far behind it.
    unsafe WorkDeque(at: UnsafeMutableRawPointer(state) + 768)
  }

  /// Puts a record at the worker's end of its deque, and wakes who sleeps when it is due.
  ///
  /// - Returns: false when the deque is full.
  @inlinable
  @inline(__always)
  func push(_ word: UInt) -> Bool {
    deque.push(word) { notify() }
  }

  /// The record that was pushed last, or 0.
  @inlinable
  @inline(__always)
  func pop() -> UInt {
    deque.pop { notify() }
  }

  @inline(never)
  @usableFromInline
  func notify() { core.parking.notify() }

  /// Runs a record, to its end.
  @inlinable
  func execute(_ word: UInt) {
    // SAFETY: a word of a deque is the address of a record that nobody has run.
    let record = unsafe UnsafeMutableRawPointer(bitPattern: word).unsafelyUnwrapped
    let code = unsafe record.load(fromByteOffset: 8, as: UInt.self)
    let context = unsafe record.load(fromByteOffset: 16, as: UInt.self)
    let isBorrowed = unsafe Completion(at: record).isBorrowed
    if context == 0 || isBorrowed {
      return unsafe closureCall(record, UnsafeMutableRawPointer(state), code, context)
    }
    // SAFETY: the record owns the closure, and gives it up by its run.
    let owned = unsafe (record + TaskRecord.bodyOffset).assumingMemoryBound(to: OwnedBody.self)
      .move()
    unsafe owned.body(record, UnsafeMutableRawPointer(state))
  }
}

// MARK: - Records

extension WorkerReference {
  /// A record that is nobody's, or nil when all are taken.
  @inlinable
  @inline(__always)
  func takeRecord() -> TaskRecord? {
    // SAFETY: free records belong to the worker that has them in its cache.
    guard let first = unsafe state.pointee.records.first else { return refill() }
    let record = unsafe TaskRecord(at: first)
    unsafe state.pointee.records.first = record.next
    unsafe state.pointee.records.count &-= 1
    return record
  }

  /// Gives a record up.
  @inlinable
  @inline(__always)
  func free(_ record: TaskRecord) {
    // SAFETY: the caller is the record's last user.
    unsafe state.pointee.freed.add(1)
    unsafe record.next = state.pointee.records.first
    unsafe state.pointee.records.first = record.base
    unsafe state.pointee.records.count &+= 1
    if unsafe state.pointee.records.count == RecordCache.magazineCount { spill() }
  }

  /// Puts a full magazine aside, and the one that lies there already back for everybody.
  @inline(never)
  @usableFromInline
  func spill() {
    // SAFETY: the cache is the worker's; the list of magazines is under its lock.
    let first = unsafe state.pointee.records.first
    if let spare = unsafe state.pointee.records.spare {
      let shared = unsafe state.pointee.core
      unsafe shared.pointee.recordLock.withLock {
        let next = unsafe shared.pointee.magazines.load(ordering: .relaxed)
        unsafe TaskRecord(at: spare).nextMagazine = UnsafeMutableRawPointer(bitPattern: next)
        unsafe shared.pointee.magazines.store(UInt(bitPattern: spare), ordering: .relaxed)
      }
    }
    unsafe state.pointee.records.spare = first
    unsafe state.pointee.records.first = nil
    unsafe state.pointee.records.count = 0
  }

  /// A record when the cache is empty.
  @inline(never)
  @usableFromInline
  func refill() -> TaskRecord? {
    // SAFETY: as in `spill`; a slab's records follow its header.
    if let magazine = unsafe state.pointee.records.spare {
      unsafe state.pointee.records.spare = nil
      return unsafe begin(magazine)
    }
    if unsafe state.pointee.records.freshCount == 0 {
      let shared = unsafe state.pointee.core
      let magazine: UnsafeMutableRawPointer? = unsafe shared.pointee.recordLock.withLock {
        let first = unsafe shared.pointee.magazines.load(ordering: .relaxed)
        guard let magazine = unsafe UnsafeMutableRawPointer(bitPattern: first) else { return nil }
        let next = unsafe UInt(bitPattern: TaskRecord(at: magazine).nextMagazine)
        unsafe shared.pointee.magazines.store(next, ordering: .relaxed)
        return unsafe magazine
      }
      if let magazine = unsafe magazine { return unsafe begin(magazine) }
      guard unsafe takeSlab(of: shared) else { return nil }
    }
    let fresh = unsafe state.pointee.records.fresh.unsafelyUnwrapped
    unsafe state.pointee.records.fresh = fresh + TaskRecord.byteCount
    unsafe state.pointee.records.freshCount -= 1
    return unsafe TaskRecord(at: fresh)
  }

  /// Takes the first record of a magazine, and the rest into the cache.
  @unsafe
  private func begin(_ magazine: UnsafeMutableRawPointer) -> TaskRecord {
    // SAFETY: the magazine is the worker's now.
    let record = unsafe TaskRecord(at: magazine)
    unsafe state.pointee.records.first = record.next
    unsafe state.pointee.records.count = RecordCache.magazineCount - 1
    return record
  }

  /// Takes a slab that was never used; false when there is none.
  @unsafe
  private func takeSlab(of shared: UnsafeMutablePointer<ExecutorState>) -> Bool {
    // SAFETY: the count of slabs is under the lock; a slab that it did not cover is nobody's.
    let slab: UnsafeMutableRawPointer? = unsafe shared.pointee.recordLock.withLock {
      let index = unsafe shared.pointee.slabCount.load(ordering: .relaxed)
      guard unsafe index < shared.pointee.layout.slabCountMax else { return nil }
      unsafe shared.pointee.slabCount.store(index + 1, ordering: .relaxed)
      return unsafe shared.pointee.slabs + index * TaskRecord.slabByteCount
    }
    guard let slab = unsafe slab else { return false }
    unsafe slab.storeBytes(of: shared, as: UnsafeMutablePointer<ExecutorState>.self)
    unsafe state.pointee.records.fresh = slab + TaskRecord.byteCount
    unsafe state.pointee.records.freshCount = TaskRecord.countPerSlab
    return true
  }
}
