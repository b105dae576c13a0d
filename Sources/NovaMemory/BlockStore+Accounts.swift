// BlockStore+Accounts.swift — what an arena has lent, counted with each block.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/Memory.md.

import NovaSystem

extension BlockStore {
  /// `allocate`, counted.
  func charge(byteCount: Int, alignment: Int) -> Int? {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    guard let offset = allocate(byteCount: byteCount, alignment: alignment) else {
      unsafe control.pointee.failureCount += 1
      return nil
    }
    let live = unsafe control.pointee.liveByteCount + size(offset - BlockStore.headerByteCount)
    unsafe control.pointee.liveByteCount = live
    unsafe control.pointee.peakByteCount = max(control.pointee.peakByteCount, live)
    unsafe control.pointee.liveCount += 1
    unsafe control.pointee.allocationCount += 1
    return offset
  }

  /// The offset of `address`; stops the program when it is not lent.
  func lentOffset(of address: UnsafeRawPointer) -> Int {
    // SAFETY: only the number is used; `isLent` reads nothing outside the region.
    let offset = unsafe offset(of: address)
    guard isLent(offset) else {
      System.fail("memory was released that is not lent: released twice, or never allocated here")
    }
    return offset
  }

  /// `release`, counted.
  func settleRelease(_ offset: Int, isZero: Bool) {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe control.pointee.liveByteCount -= size(offset - BlockStore.headerByteCount)
    unsafe control.pointee.liveCount -= 1
    release(offset, isZero: isZero)
  }

  var stats: MemoryStats {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe MemoryStats(
      capacity: capacity,
      liveByteCount: control.pointee.liveByteCount,
      liveCount: control.pointee.liveCount,
      peakByteCount: control.pointee.peakByteCount,
      allocationCount: control.pointee.allocationCount,
      failureCount: control.pointee.failureCount)
  }

  /// Stops where an arena ends before one that lives in it.
  func requireNoChild() {
    // SAFETY: the record is mapped, as `init` was promised; an arena that ends has no other user.
    precondition(unsafe control.pointee.childCount == 0, "an arena ends before its child")
  }

  /// Zeroes everything that the region's use left, control record included.
  func erase() {
    // The last block's size and the ending header lie past what was touched otherwise.
    let tail = end - 8
    setWord(tail, 0)
    setWord(end, 0)
    // SAFETY: as the layout does, the two words of the first block are touched at least; both ends
    // lie in the region.
    let byteCount = unsafe max(
      control.pointee.touchedEnd, BlockStore.firstBlock + BlockStore.granule)
    unsafe UnsafeMutableRawPointer(control).initializeMemory(
      as: UInt8.self, repeating: 0, count: byteCount)
  }

  /// Stops when a promise of BlockStore.swift is broken; for tests.
  ///
  /// - Complexity: O(bytes of the region).
  func checkInvariants() {
    var block = BlockStore.firstBlock
    var wasFree = false
    var (liveByteCount, liveCount) = (0, 0)
    while block < end {
      let whole = size(block)
      precondition(whole >= BlockStore.blockByteCountMin && block + whole <= end)
      precondition(isPreviousFree(block) == wasFree)
      if isFree(block) {
        precondition(!wasFree, "two free blocks meet")
        precondition(word(block + whole - 8) == UInt64(whole))
        precondition(isListed(block, whole))
        for offset in stride(from: block + 16, to: block + whole - 8, by: 8) {
          precondition(word(offset) == 0, "a free block holds something")
        }
      } else {
        liveByteCount += whole
        liveCount += 1
      }
      wasFree = isFree(block)
      block += whole
    }
    precondition(block == end && size(end) == 0 && isPreviousFree(end) == wasFree)
    // SAFETY: the record is mapped, as `init` was promised; a test is its only user.
    precondition(unsafe liveByteCount == control.pointee.liveByteCount)
    precondition(unsafe liveCount == control.pointee.liveCount)
  }

  private func isListed(_ block: Int, _ size: Int) -> Bool {
    let (first, second) = BlockStore.list(of: size)
    var each = head(first * ArenaControl.secondLevelCount + second)
    while let current = each, current != block { each = next(current) }
    return each != nil
  }
}
