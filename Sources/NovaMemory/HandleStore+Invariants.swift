// HandleStore+Invariants.swift — what must hold of a table and its lists between operations.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

extension Arena {
  /// Stops when blocks, table, lists and counts do not agree; for tests, while nobody else uses the
  /// arena.
  ///
  /// - Complexity: O(bytes of the region).
  package borrowing func checkInvariants() {
    store.lock()
    store.checkInvariants()
    handles.checkInvariants()
    store.unlock()
  }
}

extension HandleStore {
  /// Stops when an entry is in two lists or in none, or the counts are not those of the entries.
  func checkInvariants() {
    precondition(slotCount % UInt64(HandleStore.groupCount) == 0)
    // SAFETY: the record is mapped; a test is its only user.
    let tableByteCount = unsafe store.control.pointee.byteCount - 8 - store.end
    precondition(tableByteCount == Int(slotCount) * Entry.byteCount)
    var listed = 0
    forEachMagazines { magazines in
      for sizeClass in 0...SizeClass.own { listed += markListed(magazines, sizeClass) }
    }
    listed += markFreeGroups()
    let (live, retired) = checkEntries()
    precondition(listed + live + retired == Int(slotCount), "a slot is in no list, or in two")
    precondition(unsafe retired == store.control.pointee.retiredSlotCount)
    forEachMagazines { magazines in
      for sizeClass in 0...SizeClass.own { unmarkListed(magazines, sizeClass) }
    }
    unmarkFreeGroups()
  }

  private func isOurs(_ state: UInt64) -> Bool {
    state & Entry.contractMask == contract << Entry.contractShift
  }

  private func mark(_ slot: UInt64, of sizeClass: Int) {
    precondition(slot < slotCount)
    let entry = entry(slot)
    // SAFETY: the slot has an entry.
    let state = unsafe entry.state.pointee.load(ordering: .relaxed)
    precondition(!Entry.isLive(state) && isOurs(state))
    precondition(Entry.sizeClass(entry.place) == sizeClass, "a slot is in two lists")
    if sizeClass < SizeClass.count {
      precondition(
        Entry.offset(entry.place) & (min(SizeClass.alignment(sizeClass), 64) - 1) == 0)
    }
    setSizeClass(slot, SizeClass.marked)
  }

  private func markListed(_ magazines: Magazines, _ sizeClass: Int) -> Int {
    var slot = magazines.head(sizeClass)
    for _ in 0..<magazines.count(sizeClass) {
      mark(slot, of: sizeClass)
      slot = next(slot)
    }
    return magazines.count(sizeClass)
  }

  private func unmarkListed(_ magazines: Magazines, _ sizeClass: Int) {
    var slot = magazines.head(sizeClass)
    for _ in 0..<magazines.count(sizeClass) {
      setSizeClass(slot, sizeClass)
      slot = next(slot)
    }
  }

  private func markFreeGroups() -> Int {
    forEachFreeSlot { mark($0, of: SizeClass.own) }
    // SAFETY: the record is mapped; a test is its only user.
    return unsafe store.control.pointee.freeGroupCount * HandleStore.groupCount
  }

  private func unmarkFreeGroups() { forEachFreeSlot { setSizeClass($0, SizeClass.own) } }

  private func forEachFreeSlot(_ body: (UInt64) -> Void) {
    // SAFETY: the record is mapped; a test is its only user.
    var first = unsafe store.control.pointee.freeGroup
    for _ in 0..<(unsafe store.control.pointee.freeGroupCount) {
      for slot in first..<first + UInt64(HandleStore.groupCount) { body(slot) }
      first = next(first)
    }
  }

  /// - Returns: how many slots are live, and how many retired.
  private func checkEntries() -> (live: Int, retired: Int) {
    var retired = 0
    var charged = 0
    var liveCounts = InlineArray<29, Int>(repeating: 0)
    for slot in 0..<slotCount {
      let place = entry(slot).place
      // SAFETY: the slot has an entry.
      let state = unsafe entry(slot).state.pointee.load(ordering: .relaxed)
      guard Entry.isLive(state) else {
        if Entry.sizeClass(place) == SizeClass.retired { retired += 1 }
        continue
      }
      precondition(state & Entry.slotMask > 0 && isOurs(state))
      precondition(Entry.generation(state) <= Entry.generation(generationLimit))
      let sizeClass = Entry.sizeClass(place) & ~SizeClass.single
      precondition(sizeClass <= SizeClass.own, "a live slot is in a list")
      liveCounts[sizeClass] += 1
      charged +=
        sizeClass == SizeClass.own
        ? BlockStore.blockByteCount(for: byteCount(place)) : SizeClass.byteCount(sizeClass)
    }
    let stats = stats
    var live = 0
    for index in liveCounts.indices {
      precondition(liveCounts[index] == stats.liveCountBySizeClass[index])
      live += liveCounts[index]
    }
    precondition(stats.liveByteCount == charged + stats.addressedByteCount)
    precondition(stats.liveCount == live + stats.addressedCount)
    return (live, retired)
  }
}
