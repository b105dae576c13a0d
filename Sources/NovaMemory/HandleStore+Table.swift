// HandleStore+Table.swift — the table grows down from the region's end, 16 slots at a time.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

extension HandleStore {
  /// Slots that get their blocks, and lose them, together.
  static var groupCount: Int { 16 }
  /// Slots that a table can have: what a handle's bits can name.
  static var slotCountMax: Int { 1 << 24 }

  // All below: holder of the lock.

  /// The first of 16 slots without blocks: used before, or new.
  func takeGroup() throws(MemoryError) -> UInt64 {
    // SAFETY: the record is mapped, and its lock held.
    guard unsafe store.control.pointee.freeGroupCount > 0 else { return try makeGroup() }
    let first = unsafe store.control.pointee.freeGroup
    let state = unsafe entry(first).state.pointee.load(ordering: .relaxed)
    unsafe store.control.pointee.freeGroup = state & Entry.slotMask
    unsafe store.control.pointee.freeGroupCount -= 1
    return first
  }

  /// Keeps 16 slots, which are free and in no list, for `takeGroup`.
  func giveGroup(_ first: UInt64) {
    for index in 0..<UInt64(HandleStore.groupCount) {
      entry(first + index).place = UInt64(SizeClass.own) << Entry.sizeClassShift
    }
    // SAFETY: the record is mapped, and its lock held; the slots are the caller's.
    setNext(first, unsafe store.control.pointee.freeGroup)
    unsafe store.control.pointee.freeGroup = first
    unsafe store.control.pointee.freeGroupCount += 1
  }

  /// Puts the 16 slots from `first` on before the others of a class in the depot.
  func list(_ first: UInt64, _ sizeClass: Int) {
    let last = first + UInt64(HandleStore.groupCount) - 1
    for slot in first..<last { setNext(slot, slot + 1) }
    setNext(last, depot.head(sizeClass))
    depot.setHead(sizeClass, first)
    depot.setCount(sizeClass, depot.count(sizeClass) + HandleStore.groupCount)
  }

  /// Links a free slot that nobody else changes to the next of its list.
  func setNext(_ slot: UInt64, _ next: UInt64) {
    // SAFETY: the entry is in the table.
    let state = unsafe entry(slot).state
    let old = unsafe state.pointee.load(ordering: .relaxed)
    unsafe state.pointee.store(old & ~Entry.slotMask | next, ordering: .relaxed)
  }

  func next(_ slot: UInt64) -> UInt64 {
    // SAFETY: the entry is in the table.
    unsafe entry(slot).state.pointee.load(ordering: .relaxed) & Entry.slotMask
  }

  private func makeGroup() throws(MemoryError) -> UInt64 {
    if contract == 0 { try open() }
    let first = slotCount
    let count = UInt64(HandleStore.groupCount)
    guard Int(first + count) <= HandleStore.slotCountMax else {
      throw .slotsExhausted(maximum: HandleStore.slotCountMax)
    }
    guard store.shrink(by: HandleStore.groupCount * Entry.byteCount) else {
      throw .capacityExceeded(requested: 0, available: 0, capacity: store.capacity)
    }
    // SAFETY: the record is mapped, and its lock held.
    let floor = unsafe UInt64(store.control.pointee.generationFloor)
    let free = Entry.unused(contract: contract, generation: floor)
    for slot in first..<first + count {
      // SAFETY: the bytes were just taken from the blocks.
      unsafe entry(slot).state.pointee.store(free, ordering: .relaxed)
      entry(slot).place = UInt64(SizeClass.own) << Entry.sizeClassShift
    }
    unsafe shared(0).pointee.store(first + count, ordering: .releasing)  // pairs with slotCount
    return first
  }

  /// Gets a contract number, by which handles are told from those of other arenas.
  private func open() throws(MemoryError) {
    // SAFETY: the record is mapped, and its lock held.
    let lowered = unsafe UInt64(store.control.pointee.generationLast)
    let last = lowered == 0 ? Entry.generationLast : lowered
    guard let opened = ContractNumber.acquire(last: UInt32(last)) else {
      throw .contractsExhausted(maximum: ContractNumber.maximum)
    }
    unsafe store.control.pointee.generationFloor = opened.floor
    unsafe shared(2).pointee.store(last << Entry.generationShift, ordering: .relaxed)
    unsafe shared(3).pointee.store(UInt64(opened.number), ordering: .relaxed)
    for sizeClass in 0..<SizeClass.count {
      unsafe (base + (RegionLayout.sizes + sizeClass * 2)).storeBytes(
        of: UInt16(SizeClass.byteCount(sizeClass)), as: UInt16.self)
    }
  }

  /// Gives the contract's number back, with the highest generation that any slot reached.
  ///
  /// - Complexity: O(slots).
  func close() {
    guard contract != 0 else { return }
    // SAFETY: the record is mapped; nobody else uses an arena that ends.
    var highest = unsafe UInt64(store.control.pointee.generationFloor)
    for slot in 0..<slotCount {
      // SAFETY: the slot has an entry.
      let state = unsafe entry(slot).state.pointee.load(ordering: .relaxed)
      highest = max(highest, UInt64(Entry.generation(state)))
    }
    ContractNumber.giveBack(UInt32(contract), floor: UInt32(highest))
  }
}
