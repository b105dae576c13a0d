// HandleStore+Allocate.swift — what an allocation does when a list alone does not serve it.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/Memory.md.

import NovaABI
import Synchronization

extension HandleStore {
  /// Word 1's fields that an allocation chooses.
  @inlinable @inline(__always)
  func fields(length: Int, _ allocationBits: UInt64, _ tag: AllocationTag) -> UInt64 {
    UInt64(truncatingIfNeeded: length) << Entry.lengthShift | allocationBits & ~1
      | UInt64(tag.rawValue) << Entry.tagShift
  }

  /// An allocation of any size, by any number of threads.
  @usableFromInline @inline(never)
  func allocateSlow(
    byteCount: Int, alignment: Int, _ tag: AllocationTag
  ) throws(MemoryError) -> UInt64 {
    if let taken = takeOwn(byteCount: byteCount, alignment: alignment, tag) {
      zero(taken.place, byteCount)
      return taken.handle
    }
    try Arena.check(byteCount: byteCount, alignment: alignment)
    try countDown()
    guard let sizeClass = SizeClass.index(for: byteCount, alignment: alignment) else {
      return try allocateOwn(byteCount: byteCount, alignment: alignment, tag)
    }
    let fields = fields(length: byteCount, allocationBits, tag)
    guard let taken = try takeSlow(sizeClass, fields) else {
      store.lock()
      defer { store.unlock() }
      return try allocateSingle(sizeClass, byteCount: byteCount, tag)
    }
    zero(taken.place, byteCount)
    return taken.handle
  }

  /// Takes a slot from the thread's own list; nil when it has none, or that takes more.
  @inline(__always)
  private func takeOwn(
    byteCount: Int, alignment: Int, _ tag: AllocationTag
  ) -> (handle: UInt64, place: UInt64)? {
    guard UInt(bitPattern: byteCount) <= UInt(SizeClass.byteCountMax),
      alignment <= 16, alignment > 0, alignment & (alignment &- 1) == 0,
      let magazines = magazinesInUse()
    else { return nil }
    let bits = allocationBits
    guard bits & 1 == 0 else { return nil }
    return take(
      SizeClass.index(for: byteCount), fields(length: byteCount, bits, tag), from: magazines)
  }

  /// Takes a slot from the lists that the calling thread works on; nil when there is no room to
  /// fill them.
  private func takeSlow(
    _ sizeClass: Int, _ fields: UInt64
  ) throws(MemoryError) -> (handle: UInt64, place: UInt64)? {
    guard let magazines = magazinesOfThread() else {
      store.lock()
      defer { store.unlock() }
      if let taken = take(sizeClass, fields, from: depot) { return taken }
      return try makeRun(sizeClass) ? take(sizeClass, fields, from: depot) : nil
    }
    if let taken = take(sizeClass, fields, from: magazines) { return taken }
    store.lock()
    defer { store.unlock() }
    if depot.count(sizeClass) == 0, try !makeRun(sizeClass) { return nil }
    move(SizeClass.magazineCountMax(sizeClass) / 2, sizeClass, from: depot, to: magazines)
    return take(sizeClass, fields, from: magazines)
  }

  /// Counts an allocation down to the one that was asked to fail.
  ///
  /// - Throws: `MemoryError.injected`.
  func countDown() throws(MemoryError) {
    guard allocationBits & 1 != 0 else { return }
    store.lock()
    defer { store.unlock() }
    guard let number = store.injected() else { return }
    throw .injected(number: number)
  }

  // MARK: Holder of the lock

  /// Binds a run of 16 blocks to 16 slots in the depot; false when there is no room for one.
  private func makeRun(_ sizeClass: Int) throws(MemoryError) -> Bool {
    let size = SizeClass.byteCount(sizeClass)
    // A run that takes much of a small arena would starve the other sizes.
    guard size * HandleStore.groupCount <= store.capacity / 8 else { return false }
    guard
      let run = store.take(
        byteCount: size * HandleStore.groupCount, alignment: SizeClass.alignment(sizeClass))
    else { return false }
    let first: UInt64
    do throws(MemoryError) {
      first = try takeGroup()
    } catch {
      store.giveBack(run, isZero: true)
      guard case .capacityExceeded = error else { throw error }
      return false
    }
    for index in 0..<UInt64(HandleStore.groupCount) {
      let block = UInt64(run + Int(index) * size)
      entry(first + index).place =
        block >> 4 | UInt64(sizeClass) << Entry.sizeClassShift
    }
    list(first, sizeClass)
    // SAFETY: the record is mapped, and its lock held.
    unsafe store.control.pointee.slotCounts[sizeClass] += HandleStore.groupCount
    return true
  }

  /// Lends a small block that goes back by itself, where no run has room.
  private func allocateSingle(
    _ sizeClass: Int, byteCount: Int, _ tag: AllocationTag
  ) throws(MemoryError) -> UInt64 {
    let size = SizeClass.byteCount(sizeClass)
    let alignment = SizeClass.alignment(sizeClass)
    do throws(MemoryError) {
      return try lend(
        block: size, alignment, sizeClass | SizeClass.single, length: byteCount, charge: size, tag)
    } catch {
      guard case .capacityExceeded = error, reclaim() else {
        throw refused(error, byteCount: byteCount, alignment: alignment)
      }
    }
    do throws(MemoryError) {
      return try lend(
        block: size, alignment, sizeClass | SizeClass.single, length: byteCount, charge: size, tag)
    } catch {
      throw refused(error, byteCount: byteCount, alignment: alignment)
    }
  }

  /// Lends a block that is larger or more strictly aligned than every class.
  private func allocateOwn(
    byteCount: Int, alignment: Int, _ tag: AllocationTag
  ) throws(MemoryError) -> UInt64 {
    store.lock()
    defer { store.unlock() }
    let charge = byteCount > store.capacity ? 0 : BlockStore.blockByteCount(for: byteCount)
    do throws(MemoryError) {
      return try lend(
        block: byteCount, alignment, SizeClass.own, length: byteCount, charge: charge, tag)
    } catch {
      guard case .capacityExceeded = error, reclaim() else {
        throw refused(error, byteCount: byteCount, alignment: alignment)
      }
    }
    do throws(MemoryError) {
      return try lend(
        block: byteCount, alignment, SizeClass.own, length: byteCount, charge: charge, tag)
    } catch {
      throw refused(error, byteCount: byteCount, alignment: alignment)
    }
  }

  /// Takes a slot without a block and a block for it.
  ///
  /// `length` is the byte count that was asked for.
  private func lend(
    block byteCount: Int, _ alignment: Int, _ sizeClass: Int, length: Int, charge: Int,
    _ tag: AllocationTag
  ) throws(MemoryError) -> UInt64 {
    if depot.count(SizeClass.own) == 0 {
      let first = try takeGroup()
      for index in 0..<UInt64(HandleStore.groupCount) {
        entry(first + index).place = UInt64(SizeClass.own) << Entry.sizeClassShift
      }
      list(first, SizeClass.own)
    }
    guard let offset = store.take(byteCount: byteCount, alignment: alignment) else {
      throw .capacityExceeded(requested: byteCount, available: 0, capacity: store.capacity)
    }
    let slot = depot.head(SizeClass.own)
    let entry = entry(slot)
    // SAFETY: a listed slot is in the table, and the list is the lock's holder's.
    let state = unsafe entry.state.pointee.load(ordering: .relaxed)
    depot.setHead(SizeClass.own, state & Entry.slotMask)
    depot.setCount(SizeClass.own, depot.count(SizeClass.own) - 1)
    store.setLentByteCount(offset - BlockStore.headerByteCount, length)
    entry.place =
      UInt64(offset) >> 4 | UInt64(sizeClass) << Entry.sizeClassShift
      | fields(length: min(length, Int(Entry.lengthMask)), allocationBits, tag)
    let live = Entry.taken(state)
    unsafe entry.state.pointee.store(live, ordering: .releasing)  // pairs with rewind, commit
    unsafe store.control.pointee.slotCounts[sizeClass & ~SizeClass.single] += 1
    settle(charge)
    return live - 1 | slot
  }

  /// Counts an allocation of the lock's holder.
  func settle(_ charge: Int) {
    depot.allocationCount += 1
    depot.allocatedByteCount += charge
    let live = depot.allocatedByteCount - depot.releasedByteCount
    if live > depot.mark { notePeak(live, depot) }
  }

  private func refused(_ error: MemoryError, byteCount: Int, alignment: Int) -> MemoryError {
    // SAFETY: the record is mapped, and its lock held.
    unsafe store.control.pointee.failureCount += 1
    guard case .capacityExceeded = error else { return error }
    return .capacityExceeded(
      requested: byteCount, available: available(below: byteCount, alignment: alignment),
      capacity: store.capacity)
  }

  /// The most bytes, below the `byteCount` that were refused, that are lent for certain by handle.
  private func available(below byteCount: Int, alignment: Int) -> Int {
    // A failed attempt has made a slot, unless the table has no room to grow.
    guard depot.count(SizeClass.own) > 0 else { return 0 }
    let block = store.available(alignment: alignment)
    if byteCount > SizeClass.byteCountMax, block > SizeClass.byteCountMax { return block }
    var largest = 0
    for sizeClass in 0..<SizeClass.count {
      let size = SizeClass.byteCount(sizeClass)
      guard size < byteCount else { break }
      if size <= store.available(alignment: max(alignment, SizeClass.alignment(sizeClass))) {
        largest = size
      }
    }
    return largest
  }
}
