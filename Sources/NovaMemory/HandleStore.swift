// HandleStore.swift — the handles of an arena: take a slot, give it back, find its bytes.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

/// Where an arena's record has what handles need, in bytes from the region's start.
@usableFromInline
enum RegionLayout {
  /// A line behind `ArenaControl` that every access reads and that is seldom written: slots of the
  /// table, limits, the contract.
  @inlinable static var shared: Int { 2560 }
  /// The depot's lists and counts.
  @inlinable static var depot: Int { 2624 }
  /// The arena's lock, 32 bits, in the depot's last line.
  static var lock: Int { depot + 312 }
  /// The most bytes that were lent at once, as far as threads with lists of their own have seen.
  static var peak: Int { depot + 304 }
  /// What is behind all.
  static var end: Int { depot + Magazines.byteCount }
}

/// The table of an arena and its lists of free slots.
///
/// The table's entries lie below the region's end, slot 0 highest. A free slot of classes 0 … 27
/// keeps its block, which is zero.
@safe @usableFromInline
struct HandleStore {
  // Both of the arena's region, which is mapped as long as the arena (promised to `init`).
  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let top: UnsafeMutableRawPointer

  /// - Safety: `base` must begin a region that ends at `top`, is mapped as long as the store is
  ///   used and begins with its record.
  @unsafe init(base: UnsafeMutableRawPointer, top: UnsafeMutableRawPointer) {
    unsafe self.base = unsafe base
    unsafe self.top = unsafe top
  }

  // MARK: Shared words

  @inlinable @inline(__always)
  func shared(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: the region's record has 8 words there that nobody accesses but as atomics.
    unsafe (base + (RegionLayout.shared &+ index &* 8)).assumingMemoryBound(
      to: Atomic<UInt64>.self)
  }

  /// Slots that have entries.
  @inlinable var slotCount: UInt64 {
    // SAFETY: as in `shared`.
    unsafe shared(0).pointee.load(ordering: .acquiring)  // pairs with grow
  }

  /// What each allocation writes into its entry: how many checkpoints are open; in bit 0, where
  /// nothing is written, whether a failure is asked for.
  @inlinable var allocationBits: UInt64 {
    // SAFETY: as in `shared`.
    unsafe shared(1).pointee.load(ordering: .relaxed)
  }

  /// The last generation of a live slot, where an entry has it.
  @inlinable var generationLimit: UInt64 {
    // SAFETY: as in `shared`.
    unsafe shared(2).pointee.load(ordering: .relaxed)
  }

  /// The contract's number, where an entry has it; 0 until the first handle.
  @inlinable var contractBits: UInt64 {
    // SAFETY: as in `shared`.
    unsafe shared(3).pointee.load(ordering: .relaxed)
  }

  /// The address of the threads' directory, or 0 as long as no thread has lists of its own.
  @inlinable var directory: UInt64 {
    // SAFETY: as in `shared`.
    unsafe shared(4).pointee.load(ordering: .acquiring)  // pairs with enlargeDirectory
  }

  @inlinable var depot: Magazines {
    // SAFETY: the record has the depot there.
    unsafe Magazines(base + RegionLayout.depot)
  }

  // MARK: Entries

  /// The entry of a slot below `slotCount`.
  @inlinable @inline(__always)
  func entry(_ slot: UInt64) -> Entry {
    // SAFETY: the table has an entry for each slot below `slotCount`, which the caller compared or
    // took from a list.
    unsafe Entry(top - (Int(truncatingIfNeeded: slot) &+ 1) &<< 4)
  }

  /// The entry that `handle` names, with its state; nil when the handle is not valid.
  @inlinable @inline(__always)
  func find(_ handle: UInt64) -> (entry: Entry, state: UInt64)? {
    let slot = handle & Entry.handleSlotMask
    guard slot < slotCount else { return nil }
    let entry = entry(slot)
    // SAFETY: the entry is in the table.
    let state = unsafe entry.state.pointee.load(ordering: .relaxed)
    guard (state ^ handle) >> 24 == 0 else { return nil }
    return (entry, state)
  }

  /// The first byte of the block of a live entry.
  @inlinable @inline(__always)
  func address(_ place: UInt64) -> UnsafeMutableRawPointer {
    // SAFETY: an entry's place is the offset of a block in the region.
    unsafe base + Entry.offset(place)
  }

  /// How many bytes were asked for.
  @inlinable @inline(__always)
  func byteCount(_ place: UInt64) -> Int {
    Entry.sizeClass(place) == SizeClass.own ? ownByteCount(place) : Entry.length(place)
  }

  @usableFromInline @inline(never)
  func ownByteCount(_ place: UInt64) -> Int {
    store.size(Entry.offset(place) - BlockStore.headerByteCount) - BlockStore.headerByteCount
      - Entry.length(place)
  }

  // MARK: Lists, by who owns them

  /// Takes the first slot of a size class from the caller's own lists and makes it live.
  ///
  /// `fields` are length, checkpoint and tag, for word 1. The result is the handle; 0 when the list
  /// is empty.
  @inlinable @inline(__always)
  func take(_ sizeClass: Int, _ fields: UInt64, from magazines: Magazines) -> UInt64 {
    let list = magazines.list(sizeClass)
    guard list >> 32 != 0 else { return 0 }
    let slot = list & Entry.slotMask
    let entry = entry(slot)
    // SAFETY: a listed slot is in the table and the list's owner's.
    let state = unsafe entry.state.pointee.load(ordering: .relaxed)
    entry.place = entry.place & Entry.placeMask | fields
    let live = state & ~Entry.slotMask &+ Entry.generationStep
    unsafe entry.state.pointee.store(live | 1, ordering: .releasing)  // pairs with commit
    // One fewer, and the next one first; the count is not 0.
    magazines.setList(
      sizeClass, (list >> 32 &- 1) << 32 | state & Entry.slotMask)
    let charge = SizeClass.byteCount(sizeClass)
    magazines.allocationCount &+= 1
    let allocated = magazines.allocatedByteCount &+ charge
    magazines.allocatedByteCount = allocated
    let live2 = allocated &- magazines.releasedByteCount
    if live2 > magazines.mark { notePeak(live2, magazines) }
    return live | slot
  }

  /// Puts a free slot, whose block is zero again, before the others of its class in the caller's
  /// own lists.
  ///
  /// `state` is the entry's as a live slot.
  @inlinable @inline(__always)
  func give(
    _ slot: UInt64, _ entry: Entry, _ state: UInt64, _ sizeClass: Int, to magazines: Magazines
  ) {
    let list = magazines.list(sizeClass)
    // SAFETY: nobody else changes the state of a slot that is free and in no list.
    unsafe entry.state.pointee.store(
      state & ~Entry.slotMask &+ Entry.generationStep | list & Entry.slotMask, ordering: .relaxed)
    magazines.setList(sizeClass, (list >> 32 &+ 1) << 32 | slot)
    magazines.releasedByteCount &+= SizeClass.byteCount(sizeClass)
  }

  /// Zeroes the first `byteCount` bytes of a block, rounded up to 16.
  @inlinable @inline(__always)
  func zero(_ place: UInt64, _ byteCount: Int) {
    // SAFETY: each block has at least 16 bytes, and as many as were asked for rounded up to 16.
    let address = unsafe address(place)
    guard byteCount <= 64 else {
      unsafe address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      return
    }
    // Four stores that overlap where there are fewer than 64 bytes.
    let last = (byteCount &- 1 | 15) &- 15
    let end = last < 0 ? 0 : last
    let middle = end < 16 ? 0 : 16
    let none = SIMD16<UInt8>(repeating: 0)
    unsafe address.storeBytes(of: none, as: SIMD16<UInt8>.self)
    unsafe (address + middle).storeBytes(of: none, as: SIMD16<UInt8>.self)
    unsafe (address + (end &- middle)).storeBytes(of: none, as: SIMD16<UInt8>.self)
    unsafe (address + end).storeBytes(of: none, as: SIMD16<UInt8>.self)
  }

  // MARK: One thread

  /// Gives a reference back while the process has one thread; false when that takes more than the
  /// depot, or the handle is not valid.
  @inlinable @inline(__always)
  func releaseAlone(_ handle: UInt64) -> Bool {
    guard let (entry, state) = find(handle) else { return false }
    guard state & Entry.slotMask == 1 else {
      // SAFETY: the entry is in the table, and there is no other thread.
      unsafe entry.state.pointee.store(state &- 1, ordering: .relaxed)
      return true
    }
    let place = entry.place
    let sizeClass = Entry.sizeClass(place)
    guard sizeClass < SizeClass.count, state & Entry.generationMask < generationLimit else {
      return false
    }
    zero(place, Entry.length(place))
    give(handle & Entry.slotMask, entry, state, sizeClass, to: depot)
    return true
  }
}
