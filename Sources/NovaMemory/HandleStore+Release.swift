// HandleStore+Release.swift — references, and what a release does beyond a list of one thread.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/Memory.md.

import NovaABI
import Synchronization

extension HandleStore {
  /// Why a handle is not valid; in a release, its slot's last one was released twice.
  @usableFromInline @inline(never)
  func refusal(of handle: UInt64, isRelease: Bool = false) -> MemoryError {
    let named = MemoryHandle(rawValue: handle)
    guard named.contract != 0, named.generation != 0, handle & Entry.freeBit == 0 else {
      return .forgedHandle(named)
    }
    guard named.contract == Int(contract) else {
      return .foreignHandle(named, contract: named.contract)
    }
    guard handle & Entry.handleSlotMask < slotCount else { return .forgedHandle(named) }
    // SAFETY: the slot has an entry.
    let state = unsafe entry(handle & Entry.slotMask).state.pointee.load(ordering: .relaxed)
    let current = Entry.generation(state)
    if named.generation > current { return .forgedHandle(named) }
    return isRelease && named.generation == current
      ? .doubleRelease(named) : .staleHandle(named, current: current)
  }

  /// Why a value of `byteCount` bytes has no room in a block.
  @usableFromInline @inline(never)
  func shortage(_ place: UInt64, byteCount: Int) -> MemoryError {
    .byteCountOutOfRange(byteCount: byteCount, minimum: 0, maximum: self.byteCount(place))
  }

  /// Adds a reference.
  @usableFromInline @inline(never)
  func retainSlow(_ handle: UInt64) throws(MemoryError) {
    while true {
      guard let (entry, state) = find(handle) else { throw refusal(of: handle) }
      guard state & Entry.slotMask < Entry.referenceCountMax else {
        throw .overRetain(
          MemoryHandle(rawValue: handle), maximum: Int(Entry.referenceCountMax))
      }
      // SAFETY: the entry is in the table.
      let counted = unsafe entry.state.pointee.weakCompareExchange(
        expected: state, desired: state + 1, successOrdering: .acquiring,  // pairs with releaseSlow
        failureOrdering: .relaxed)
      if counted.exchanged { return }
    }
  }

  /// Gives a reference back, whoever else does so.
  @usableFromInline @inline(never)
  func releaseSlow(_ handle: UInt64) throws(MemoryError) {
    while true {
      guard let (entry, state) = find(handle) else {
        throw refusal(of: handle, isRelease: true)
      }
      let isLast = state & Entry.slotMask == 1
      let next = isLast ? Entry.freed(state, 0) : state - 1
      // SAFETY: the entry is in the table.
      let dropped = unsafe entry.state.pointee.weakCompareExchange(
        expected: state, desired: next,
        successOrdering: .acquiringAndReleasing,  // pairs with retainSlow, releaseSlow
        failureOrdering: .relaxed)
      guard dropped.exchanged else { continue }
      if isLast, !giveOwn(handle & Entry.slotMask, entry, state) {
        settleRelease(handle & Entry.slotMask, entry, state)
      }
      return
    }
  }

  /// Puts a slot that the caller just freed into the thread's own list; false when that takes more.
  ///
  /// `state` is the entry's as a live slot.
  @inline(__always)
  private func giveOwn(_ slot: UInt64, _ entry: Entry, _ state: UInt64) -> Bool {
    let sizeClass = Entry.sizeClass(entry.place)
    guard sizeClass < SizeClass.count, state < generationLimit,
      let magazines = magazinesInUse(),
      magazines.count(sizeClass) < SizeClass.magazineCountMax(sizeClass)
    else { return false }
    give(slot, entry, state, sizeClass, sizeClassByteCount(sizeClass), to: magazines)
    noteFall(magazines)
    return true
  }

  /// Files a slot that the caller just freed.
  ///
  /// `state` is the entry's as a live slot.
  func settleRelease(_ slot: UInt64, _ entry: Entry, _ state: UInt64) {
    let place = entry.place
    let sizeClass = Entry.sizeClass(place)
    guard sizeClass < SizeClass.count else {
      return settleOwn(slot, entry, state, place, sizeClass)
    }
    let byteCount = SizeClass.byteCount(sizeClass)
    guard state < generationLimit else {
      store.lock()
      // SAFETY: the record is mapped, and its lock held.
      unsafe store.control.pointee.slotCounts[sizeClass] -= 1
      retire(entry, place)
      depot.releasedByteCount += byteCount
      noteFall(depot)
      store.unlock()
      return
    }
    guard let magazines = magazinesOfThread() else {
      store.lock()
      give(slot, entry, state, sizeClass, byteCount, to: depot)
      noteFall(depot)
      store.unlock()
      return
    }
    give(slot, entry, state, sizeClass, byteCount, to: magazines)
    noteFall(magazines)
    let countMax = SizeClass.magazineCountMax(sizeClass)
    guard magazines.count(sizeClass) > countMax else { return }
    store.lock()
    move(countMax / 2, sizeClass, from: magazines, to: depot)
    store.unlock()
  }

  /// Gives the block back that a slot had for itself, and keeps the slot.
  private func settleOwn(
    _ slot: UInt64, _ entry: Entry, _ state: UInt64, _ place: UInt64, _ sizeClass: Int
  ) {
    let isSingle = sizeClass != SizeClass.own
    let base = sizeClass & ~SizeClass.single
    let byteCount = byteCount(place)
    let charge =
      isSingle ? SizeClass.byteCount(base) : BlockStore.blockByteCount(for: byteCount)
    // SAFETY: the block is the slot's, and as large as was asked for at least.
    unsafe address(place).initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    store.lock()
    defer { store.unlock() }
    store.giveBack(Entry.offset(place), isZero: true)
    // SAFETY: the record is mapped, and its lock held.
    unsafe store.control.pointee.slotCounts[base] -= 1
    depot.releasedByteCount += charge
    noteFall(depot)
    entry.place = UInt64(SizeClass.own) << Entry.sizeClassShift
    guard state < generationLimit else {
      retire(entry, entry.place)
      return
    }
    unsafe entry.state.pointee.store(
      Entry.freed(state, depot.head(SizeClass.own)), ordering: .relaxed)
    depot.setHead(SizeClass.own, slot)
    depot.setCount(SizeClass.own, depot.count(SizeClass.own) + 1)
  }

  /// Leaves a slot at its last generation, in no list.
  private func retire(_ entry: Entry, _ place: UInt64) {
    entry.place = place & Entry.offsetMask | UInt64(SizeClass.retired) << Entry.sizeClassShift
    // SAFETY: the record is mapped, and its lock held.
    unsafe store.control.pointee.retiredSlotCount += 1
  }

  // MARK: Accesses

  /// Adds the reference that an access holds.
  ///
  /// - Returns: word 1 of the entry.
  @inlinable @inline(__always)
  func pin(_ handle: UInt64) throws(MemoryError) -> UInt64 {
    if nova_single_threaded(), let (entry, state) = find(handle),
      state & Entry.slotMask < Entry.referenceCountMax
    {
      // SAFETY: the entry is in the table, and there is no other thread.
      unsafe entry.state.pointee.store(state &+ 1, ordering: .relaxed)
      return entry.place
    }
    try retainSlow(handle)
    return entry(handle & Entry.slotMask).place
  }

  /// Gives back the reference that an access held.
  @inlinable @inline(__always)
  func unpin(_ handle: UInt64) throws(MemoryError) {
    if nova_single_threaded(), let (entry, state) = find(handle), state & Entry.slotMask > 1 {
      // SAFETY: the entry is in the table, and there is no other thread.
      unsafe entry.state.pointee.store(state &- 1, ordering: .relaxed)
      return
    }
    try releaseSlow(handle)
  }
}
