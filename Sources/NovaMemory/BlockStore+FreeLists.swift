// BlockStore+FreeLists.swift — free blocks by size: two levels of lists, found through bitmaps.
// Freestanding. Imports nothing. Design: NovaCore.docc/Memory.md.
// Source: as BlockStore.swift.

extension BlockStore {
  /// Below this size the lists are 16 bytes apart, above it 16 of them share a power of two.
  static var linearLimit: Int { 256 }

  /// The list of free blocks of `size` bytes: sizes below 256 at first level 0, those in
  /// `2^(7+f) ..< 2^(8+f)` at first level f.
  static func list(of size: Int) -> (first: Int, second: Int) {
    guard size >= linearLimit else { return (0, size / granule) }
    let highestBit = Int.bitWidth - 1 - size.leadingZeroBitCount
    return (highestBit - 7, (size >> (highestBit - 4)) & 15)
  }

  /// A free block of at least `size` bytes, still in its list; nil when there is none.
  ///
  /// - Complexity: O(1); a search through one list, when only that may hold a fitting block.
  func find(_ size: Int) -> Int? {
    var least = size
    if size >= BlockStore.linearLimit {
      // Up to the next list's lower bound, so that each block found fits.
      let highestBit = Int.bitWidth - 1 - size.leadingZeroBitCount
      least += (1 << (highestBit - 4)) - 1
    }
    let (first, second) = BlockStore.list(of: least)
    guard first < ArenaControl.firstLevelCount else { return nil }
    if let found = lowestList(first, second) { return head(found) }
    return firstFit(size)
  }

  /// Bytes that the largest free block lends for certain at `alignment`.
  ///
  /// - Complexity: O(length of the highest list).
  func available(alignment: Int) -> Int {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    let firsts = unsafe control.pointee.firstLevel
    guard firsts != 0 else { return 0 }
    var largest = 0
    let first = 31 - firsts.leadingZeroBitCount
    let seconds = unsafe control.pointee.secondLevel[first]
    let second = 15 - seconds.leadingZeroBitCount
    var block = head(first * ArenaControl.secondLevelCount + second)
    while let current = block {
      largest = max(largest, size(current))
      block = next(current)
    }
    largest -= BlockStore.slack(alignment)
    return largest < BlockStore.blockByteCountMin ? 0 : largest - BlockStore.headerByteCount
  }

  func link(_ block: Int, _ size: Int) {
    let (first, second) = BlockStore.list(of: size)
    let list = first * ArenaControl.secondLevelCount + second
    let name = UInt64(block / BlockStore.granule)
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock;
    // `list(of:)` stays below the counts of both levels.
    let old = unsafe control.pointee.heads[list]
    // The low half names the next block, the high half the previous one.
    setWord(block + 8, UInt64(old))
    if old != 0 {
      let offset = Int(old) * BlockStore.granule + 8
      setWord(offset + 8, word(offset + 8) & 0xffff_ffff | name << 32)
    }
    unsafe control.pointee.heads[list] = UInt32(truncatingIfNeeded: name)
    unsafe control.pointee.firstLevel |= 1 << UInt32(first)
    unsafe control.pointee.secondLevel[first] |= 1 << UInt16(second)
  }

  func unlink(_ block: Int, _ size: Int) {
    let links = word(block + 8)
    let (next, previous) = (links & 0xffff_ffff, links >> 32)
    if next != 0 {
      let offset = Int(next) * BlockStore.granule + 8
      setWord(offset + 8, word(offset + 8) & 0xffff_ffff | previous << 32)
    }
    guard previous == 0 else {
      let offset = Int(previous) * BlockStore.granule + 8
      setWord(offset + 8, word(offset + 8) & ~0xffff_ffff | next)
      return
    }
    let (first, second) = BlockStore.list(of: size)
    let list = first * ArenaControl.secondLevelCount + second
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock;
    // `list(of:)` stays below the counts of both levels.
    unsafe control.pointee.heads[list] = UInt32(truncatingIfNeeded: next)
    guard next == 0 else { return }
    unsafe control.pointee.secondLevel[first] &= ~(1 << UInt16(second))
    if unsafe control.pointee.secondLevel[first] == 0 {
      unsafe control.pointee.firstLevel &= ~(1 << UInt32(first))
    }
  }

  func head(_ list: Int) -> Int? {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock; the
    // array checks `list`.
    offset(of: UInt64(unsafe control.pointee.heads[list]))
  }

  func next(_ block: Int) -> Int? { offset(of: word(block + 8) & 0xffff_ffff) }

  private func offset(of name: UInt64) -> Int? {
    name == 0 ? nil : Int(name) * BlockStore.granule + 8
  }

  private func lowestList(_ first: Int, _ second: Int) -> Int? {
    let count = ArenaControl.secondLevelCount
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    let seconds = unsafe control.pointee.secondLevel[first] & ~((1 << UInt16(second)) - 1)
    if seconds != 0 { return first * count + seconds.trailingZeroBitCount }
    let firsts = unsafe control.pointee.firstLevel & ~((2 << UInt32(first)) - 1)
    guard firsts != 0 else { return nil }
    let above = firsts.trailingZeroBitCount
    let secondsAbove = unsafe control.pointee.secondLevel[above]
    return above * count + secondsAbove.trailingZeroBitCount
  }

  private func firstFit(_ needed: Int) -> Int? {
    let (first, second) = BlockStore.list(of: needed)
    var block = head(first * ArenaControl.secondLevelCount + second)
    while let current = block {
      if size(current) >= needed { return current }
      block = next(current)
    }
    return nil
  }
}
