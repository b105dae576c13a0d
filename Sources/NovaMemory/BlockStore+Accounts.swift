// BlockStore+Accounts.swift — what an arena has lent, counted with each block.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/Memory.md.

import NovaSystem

extension BlockStore {
  /// `allocate`, counted as taken.
  func take(byteCount: Int, alignment: Int) -> Int? {
    guard let offset = allocate(byteCount: byteCount, alignment: alignment) else { return nil }
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe control.pointee.takenByteCount += size(offset - BlockStore.headerByteCount)
    unsafe control.pointee.takenCount += 1
    return offset
  }

  /// `release`, counted.
  func giveBack(_ offset: Int, isZero: Bool) {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe control.pointee.takenByteCount -= size(offset - BlockStore.headerByteCount)
    unsafe control.pointee.takenCount -= 1
    release(offset, isZero: isZero)
  }

  /// Takes a block that is lent by address; nil when there is no room, not even in what the free
  /// slots of handles keep.
  func charge(byteCount: Int, alignment: Int) -> Int? {
    var taken = take(byteCount: byteCount, alignment: alignment)
    if taken == nil, handles.reclaim() {
      taken = take(byteCount: byteCount, alignment: alignment)
    }
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    guard let offset = taken else {
      unsafe control.pointee.failureCount += 1
      return nil
    }
    let whole = size(offset - BlockStore.headerByteCount)
    unsafe control.pointee.addressedByteCount += whole
    unsafe control.pointee.addressedCount += 1
    handles.settle(whole)
    return offset
  }

  /// Whether the allocation under way is the one that was asked to fail; counts it.
  ///
  /// - Returns: its number when it is.
  func injected() -> Int? {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    guard handles.allocationBits & 1 != 0 else { return nil }
    unsafe control.pointee.injectedCount += 1
    let number = unsafe control.pointee.injectedNumber
    guard unsafe control.pointee.injectedCount == number else { return nil }
    unsafe control.pointee.failureCount += 1
    handles.setInjecting(false)
    return number
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

  /// Takes a block back that was lent by address.
  func settleRelease(_ offset: Int, isZero: Bool) {
    let whole = size(offset - BlockStore.headerByteCount)
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe control.pointee.addressedByteCount -= whole
    unsafe control.pointee.addressedCount -= 1
    handles.depot.releasedByteCount += whole
    handles.noteFall(handles.depot)
    giveBack(offset, isZero: isZero)
  }

  /// The handles of the same region.
  var handles: HandleStore {
    // SAFETY: the record is mapped, as `init` was promised, and begins a region of its byte count.
    unsafe HandleStore(
      base: UnsafeMutableRawPointer(control),
      top: UnsafeMutableRawPointer(control) + control.pointee.byteCount)
  }

  /// Stops where an arena ends before one that lives in it.
  func requireNoChild() {
    // SAFETY: the record is mapped, as `init` was promised; an arena that ends has no other user.
    precondition(unsafe control.pointee.childCount == 0, "an arena ends before its child")
  }

  /// Zeroes everything that the region's use left, control record included.
  func erase() {
    // The last block's size, the ending header and the table lie past what was touched otherwise.
    let tail = end - 8
    // SAFETY: as the layout does, the two words of the first block are touched at least; all ends
    // lie in the region.
    unsafe address(tail).initializeMemory(
      as: UInt8.self, repeating: 0, count: control.pointee.byteCount - tail)
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
    var (takenByteCount, takenCount) = (0, 0)
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
        takenByteCount += whole
        takenCount += 1
      }
      wasFree = isFree(block)
      block += whole
    }
    precondition(block == end && size(end) == 0 && isPreviousFree(end) == wasFree)
    // SAFETY: the record is mapped, as `init` was promised; a test is its only user.
    precondition(unsafe takenByteCount == control.pointee.takenByteCount)
    precondition(unsafe takenCount == control.pointee.takenCount)
  }

  private func isListed(_ block: Int, _ size: Int) -> Bool {
    let (first, second) = BlockStore.list(of: size)
    var each = head(first * ArenaControl.secondLevelCount + second)
    while let current = each, current != block { each = next(current) }
    return each != nil
  }
}
