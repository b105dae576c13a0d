// HandleStore+Reclaim.swift — runs whose 16 slots are all free go back to the blocks.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

extension HandleStore {
  /// Gives the runs back of which the depot and the caller's own lists have every slot.
  ///
  /// The holder of the lock calls it, where there is no room.
  ///
  /// - Returns: whether there was one.
  /// - Complexity: O(free slots).
  func reclaim() -> Bool {
    if let magazines = magazinesInUse() {
      for sizeClass in 0..<SizeClass.count {
        move(magazines.count(sizeClass), sizeClass, from: magazines, to: depot)
      }
    }
    var isReclaimed = false
    for sizeClass in 0..<SizeClass.count where depot.count(sizeClass) >= HandleStore.groupCount {
      mark(sizeClass)
      condemn(sizeClass)
      if sweep(sizeClass) { isReclaimed = true }
    }
    return isReclaimed
  }

  /// Changes the class of a slot that is the caller's; length, checkpoint and tag go.
  func setSizeClass(_ slot: UInt64, _ sizeClass: Int) {
    let entry = entry(slot)
    entry.place =
      entry.place & Entry.offsetMask | UInt64(sizeClass) << Entry.sizeClassShift
  }

  /// Marks each slot of the depot's list: no live slot has that class.
  private func mark(_ sizeClass: Int) {
    var slot = depot.head(sizeClass)
    for _ in 0..<depot.count(sizeClass) {
      setSizeClass(slot, SizeClass.marked)
      slot = next(slot)
    }
  }

  /// Marks the slots of each group that is wholly in the list otherwise.
  private func condemn(_ sizeClass: Int) {
    let count = UInt64(HandleStore.groupCount)
    var first = depot.head(sizeClass)
    for _ in 0..<depot.count(sizeClass) {
      if first % count == 0, isMarked(first) {
        for slot in first..<first + count { setSizeClass(slot, SizeClass.condemned) }
      }
      first = next(first)
    }
  }

  private func isMarked(_ first: UInt64) -> Bool {
    for slot in first..<first + UInt64(HandleStore.groupCount)
    where Entry.sizeClass(entry(slot).place) != SizeClass.marked {
      return false
    }
    return true
  }

  /// Links the list anew without the condemned, whose runs go back.
  private func sweep(_ sizeClass: Int) -> Bool {
    let count = depot.count(sizeClass)
    var slot = depot.head(sizeClass)
    var kept = 0
    var (head, last): (UInt64, UInt64) = (0, 0)
    for _ in 0..<count {
      let following = next(slot)
      let place = entry(slot).place
      if Entry.sizeClass(place) == SizeClass.marked {
        setSizeClass(slot, sizeClass)
        if kept == 0 { head = slot } else { setNext(last, slot) }
        last = slot
        kept += 1
      } else if slot % UInt64(HandleStore.groupCount) == 0 {
        store.giveBack(Entry.offset(place), isZero: false)
        giveGroup(slot)
      }
      slot = following
    }
    depot.setHead(sizeClass, head)
    depot.setCount(sizeClass, kept)
    let reclaimed = count - kept
    // SAFETY: the record is mapped, and its lock held.
    unsafe store.control.pointee.slotCounts[sizeClass] -= reclaimed
    return reclaimed > 0
  }
}
