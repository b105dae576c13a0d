// BlockStore.swift — blocks of one region, split and joined in constant time.
// Freestanding. Imports NovaABI, Synchronization. Design: NovaCore.docc/Memory.md.
// Source: Masmano, Ripoll, Crespo, Real, "TLSF: a new dynamic memory allocator for real-time
// systems", ECRTS 2004 (two-level segregated fit); Knuth, TAOCP 1, 2.5 (boundary tags).

import NovaABI
import Synchronization

/// The blocks of an arena, by offsets from the region's start.
///
/// A region holds its `ArenaControl` and what `RegionLayout` says of handles, the blocks one after
/// the other, a header without a block, and the table of handles, at whose cost the last free block
/// shrinks. An offset is 8 more than a multiple of 16, so that what follows the header is
/// aligned to 16:
///
///     offset      header: size in bytes, a multiple of 16 | 1 if free | 2 if the block before is;
///                 in the highest 8 bits of a handle's, how many bytes it has beyond what was asked
///     offset + 8  lent: the bytes
///                 free: next and previous of its list, 32 bits each; zeros; in the last 8 bytes
///                 the size again
///
/// Two free blocks never meet, and every byte of a free block that this says nothing of is zero.
@safe @usableFromInline struct BlockStore {
  static var granule: Int { 16 }
  static var headerByteCount: Int { 8 }
  /// Header, two links, size.
  static var blockByteCountMin: Int { 32 }
  static var freeBit: UInt64 { 1 }
  static var previousFreeBit: UInt64 { 2 }
  static var sizeMask: UInt64 { 0x00ff_ffff_ffff_fff0 }

  static var firstBlock: Int { RegionLayout.end + headerByteCount }

  // The region's first byte; mapped for `control.byteCount` bytes while the store is used (promised
  // to `init`). All but the lock, and the headers of lent blocks, is touched by the lock's holder
  // only.
  @usableFromInline let control: UnsafeMutablePointer<ArenaControl>

  /// The store of a region that is laid out, or all zero until `layOut`.
  ///
  /// - Safety: the region must be mapped while the store is used, and begin with its record.
  @unsafe init(control: UnsafeMutablePointer<ArenaControl>) { unsafe self.control = unsafe control }

  /// The offset of the header that ends the blocks.
  var end: Int {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe control.pointee.end
  }

  /// Bytes that blocks and table can have in all.
  var capacity: Int {
    // SAFETY: the record is mapped, as `init` was promised; its size is fixed by `layOut`.
    unsafe control.pointee.byteCount - BlockStore.headerByteCount - BlockStore.firstBlock
  }

  /// Waits until nobody else uses the region's records; while there is one thread, nobody does.
  func lock() {
    guard !nova_single_threaded() else { return }
    // SAFETY: the record is mapped, as `init` was promised, and its lock is atomic.
    unsafe ArenaLock(lockWord).acquire()
  }

  func unlock() {
    // SAFETY: as in `lock`.
    unsafe ArenaLock(lockWord).release()
  }

  private var lockWord: UnsafeMutablePointer<Atomic<UInt32>> {
    // SAFETY: the lock lies in the region's record, and is atomic.
    unsafe (UnsafeMutableRawPointer(control) + RegionLayout.lock).assumingMemoryBound(
      to: Atomic<UInt32>.self)
  }

  // MARK: Words

  /// The address of `offset`, which must lie in the region.
  func address(_ offset: Int) -> UnsafeMutableRawPointer {
    assert(offset >= 0 && offset <= capacity + BlockStore.firstBlock)
    // SAFETY: the region is mapped, and the offset lies in it.
    return unsafe UnsafeMutableRawPointer(control) + offset
  }

  /// How far `address` lies behind the region's start; of any address, so `isLent` must judge it.
  func offset(of address: UnsafeRawPointer) -> Int {
    // SAFETY: addresses are compared as numbers; neither is read.
    unsafe Int(bitPattern: address) &- Int(bitPattern: UnsafeRawPointer(control))
  }

  func word(_ offset: Int) -> UInt64 {
    // SAFETY: offsets of words are multiples of 8 in the region.
    unsafe address(offset).load(as: UInt64.self)
  }

  func setWord(_ offset: Int, _ value: UInt64) {
    // SAFETY: as in `word`.
    unsafe address(offset).storeBytes(of: value, as: UInt64.self)
  }

  func size(_ block: Int) -> Int { Int(word(block) & BlockStore.sizeMask) }

  /// A block's header, which whoever has lent the block reads without the lock, while its holder
  /// changes the bit that is about the block before.
  private func header(_ block: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: headers are multiples of 8 in the region, and an atomic of 64 bits is those 64 bits.
    unsafe address(block).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// Bytes that a handle's own block was lent for; needs no lock while the block is lent.
  func lentByteCount(_ block: Int) -> Int {
    // SAFETY: as in `header`. Size and slack stay while the block is lent.
    let header = unsafe header(block).pointee.load(ordering: .relaxed)
    return Int(header & BlockStore.sizeMask) - BlockStore.headerByteCount - Int(header >> 56)
  }

  func setLentByteCount(_ block: Int, _ byteCount: Int) {
    let slack = size(block) - BlockStore.headerByteCount - byteCount
    setWord(block, word(block) | UInt64(slack) << 56)
  }

  func isFree(_ block: Int) -> Bool { word(block) & BlockStore.freeBit != 0 }
  func isPreviousFree(_ block: Int) -> Bool { word(block) & BlockStore.previousFreeBit != 0 }

  func setPreviousFree(_ block: Int, _ isFree: Bool) {
    let others = word(block) & ~BlockStore.previousFreeBit
    // SAFETY: as in `header`.
    unsafe header(block).pointee.store(
      isFree ? others | BlockStore.previousFreeBit : others, ordering: .relaxed)
  }

  // MARK: Blocks

  /// Lays out a region of zeros as one free block.
  func layOut(byteCount: Int) {
    // SAFETY: the record is mapped, as `init` was promised, and nobody knows the region yet or the
    // lock is held.
    unsafe control.pointee.byteCount = byteCount
    unsafe control.pointee.end = byteCount - BlockStore.headerByteCount
    unsafe control.pointee.isReady = true
    setWord(end, BlockStore.previousFreeBit)
    makeFree(BlockStore.firstBlock, capacity)
  }

  /// The block size that `byteCount` bytes need; `byteCount` must not exceed the capacity.
  static func blockByteCount(for byteCount: Int) -> Int {
    max(blockByteCountMin, (byteCount + headerByteCount + granule - 1) & ~(granule - 1))
  }

  /// What a block must have beyond its size, so that in front of the aligned one a free one finds
  /// place, or nothing.
  static func slack(_ alignment: Int) -> Int { alignment > granule ? alignment + granule : 0 }

  /// Takes a block for `byteCount` bytes out of the free ones.
  ///
  /// - Parameters:
  ///   - byteCount: 0 or more.
  ///   - alignment: a power of two, `1 … Arena.alignmentMax`.
  /// - Returns: the offset of its first byte, which with all that follow is zero; nil when no free
  ///   block is large enough.
  func allocate(byteCount: Int, alignment: Int) -> Int? {
    guard byteCount <= capacity else { return nil }
    let needed = BlockStore.blockByteCount(for: byteCount)
    guard var block = find(needed + BlockStore.slack(alignment)) else { return nil }
    var whole = size(block)
    unlink(block, whole)
    let gap = alignment > BlockStore.granule ? gapBefore(alignment, block) : 0
    if gap > 0 {
      makeFree(block, gap)
      block += gap
      whole -= gap
    } else {
      setWord(block + 8, 0)
    }
    var flags: UInt64 = gap > 0 ? BlockStore.previousFreeBit : 0
    if whole - needed >= BlockStore.blockByteCountMin {
      makeFree(block + needed, whole - needed)
      touch(block + needed + BlockStore.granule)
      whole = needed
    } else {
      setWord(block + whole - 8, 0)
      setPreviousFree(block + whole, false)
      touch(block + whole)
    }
    flags |= UInt64(whole)
    setWord(block, flags)
    return block + BlockStore.headerByteCount
  }

  /// Returns a lent block to the free ones and zeroes it.
  ///
  /// - Parameters:
  ///   - lent: what `allocate` returned.
  ///   - isZero: whether its bytes are known to be zero.
  func release(_ lent: Int, isZero: Bool) {
    var block = lent - BlockStore.headerByteCount
    var whole = size(block)
    if !isZero {
      // SAFETY: the bytes between header and next header are the block's own.
      unsafe address(lent).initializeMemory(
        as: UInt8.self, repeating: 0, count: whole - BlockStore.headerByteCount)
    }
    let next = block + whole
    if isFree(next) {
      let nextSize = size(next)
      unlink(next, nextSize)
      setWord(next, 0)
      setWord(next + 8, 0)
      whole += nextSize
    } else {
      setPreviousFree(next, true)
    }
    if isPreviousFree(block) {
      let previousSize = Int(word(block - 8))
      setWord(block - 8, 0)
      setWord(block, 0)
      block -= previousSize
      unlink(block, previousSize)
      whole += previousSize
    }
    makeFree(block, whole)
  }

  /// Takes bytes from the end of the last block, if that is free and has them.
  ///
  /// - Parameter byteCount: a multiple of 16.
  /// - Returns: whether the blocks end `byteCount` bytes sooner. What is taken is not zero.
  func shrink(by byteCount: Int) -> Bool {
    guard isPreviousFree(end) else { return false }
    let size = Int(word(end - 8))
    let rest = size - byteCount
    guard rest == 0 || rest >= BlockStore.blockByteCountMin else { return false }
    let block = end - size
    unlink(block, size)
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe control.pointee.end -= byteCount
    if rest == 0 {
      setWord(end, 0)
    } else {
      setWord(end, BlockStore.previousFreeBit)
      makeFree(block, rest)
    }
    return true
  }

  /// Whether `offset` is what `allocate` returned and `release` did not get yet, as far as headers
  /// can tell.
  func isLent(_ offset: Int) -> Bool {
    let block = offset - BlockStore.headerByteCount
    guard block >= BlockStore.firstBlock, block < end, block % BlockStore.granule == 8,
      !isFree(block)
    else { return false }
    let whole = size(block)
    return whole >= BlockStore.blockByteCountMin && whole <= end - block
      && !isPreviousFree(block + whole)
  }

  private func gapBefore(_ alignment: Int, _ block: Int) -> Int {
    // SAFETY: the address is taken as a number, and not read.
    let lent = unsafe Int(bitPattern: address(block + BlockStore.headerByteCount))
    let gap = -lent & (alignment - 1)
    return gap == 0 || gap >= BlockStore.blockByteCountMin ? gap : gap + alignment
  }

  private func makeFree(_ block: Int, _ size: Int) {
    setWord(block, UInt64(size) | BlockStore.freeBit)
    setWord(block + size - 8, UInt64(size))
    link(block, size)
  }

  private func touch(_ offset: Int) {
    // SAFETY: the record is mapped, as `init` was promised, and the caller holds its lock.
    unsafe control.pointee.touchedEnd = max(control.pointee.touchedEnd, offset)
  }
}
