// HandleStore+Stats.swift — what an arena lends, summed over its lists; and what it leaks.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

extension HandleStore {
  /// The blocks of the same region.
  var store: BlockStore {
    // SAFETY: the region begins with its record, which is mapped as long as the store is used.
    unsafe BlockStore(control: base.assumingMemoryBound(to: ArenaControl.self))
  }

  /// Holder of the lock.
  var stats: MemoryStats {
    let control = unsafe store.control
    var allocationCount = 0
    forEachMagazines { allocationCount += $0.allocationCount }
    var liveCounts = unsafe control.pointee.slotCounts
    for sizeClass in 0..<SizeClass.count {
      forEachMagazines { liveCounts[sizeClass] -= $0.count(sizeClass) }
    }
    // SAFETY: the record is mapped, and its lock held.
    let addressedCount = unsafe control.pointee.addressedCount
    var liveCount = addressedCount
    for index in liveCounts.indices { liveCount += liveCounts[index] }
    let live = liveByteCount
    let peakByteCount =
      directory == 0 ? depot.mark : max(unsafe peak.pointee.load(ordering: .relaxed), live)
    let tableByteCount = unsafe control.pointee.byteCount - 8 - control.pointee.end
    return unsafe MemoryStats(
      capacity: store.capacity,
      liveByteCount: live,
      liveCount: liveCount,
      peakByteCount: peakByteCount,
      allocationCount: allocationCount,
      releaseCount: allocationCount - liveCount,
      failureCount: control.pointee.failureCount,
      retiredSlotCount: control.pointee.retiredSlotCount,
      addressedCount: addressedCount,
      addressedByteCount: control.pointee.addressedByteCount,
      heldByteCount: max(0, control.pointee.takenByteCount + tableByteCount - live),
      liveCountBySizeClass: liveCounts)
  }

  /// Holder of the lock.
  var leaks: LeakReport {
    var report = LeakReport()
    for slot in 0..<slotCount {
      let entry = entry(slot)
      // SAFETY: the slot has an entry.
      guard Entry.isLive(unsafe entry.state.pointee.load(ordering: .acquiring))  // pairs with take
      else { continue }
      let place = entry.place
      let tag = Int(place >> Entry.tagShift)
      let byteCount = byteCount(place)
      report.countByTag[tag] += 1
      report.byteCountByTag[tag] += byteCount
      report.count += 1
      report.byteCount += byteCount
    }
    // SAFETY: the record is mapped, and its lock held.
    report.addressedCount = unsafe store.control.pointee.addressedCount
    report.addressedByteCount = unsafe store.control.pointee.addressedByteCount
    return report
  }
}
