// HandleStore.swift — the handles of an arena: take a slot, give it back, find its bytes.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

/// Where an arena's record has what handles need, in bytes from the region's start.
@usableFromInline
enum RegionLayout {
  /// A line behind `ArenaControl` that every access reads and that is seldom written: slots of the
  /// table, limits, the contract.
  @inlinable static var shared: Int { 2560 }
  /// The size classes' byte counts.
  @inlinable static var sizes: Int { 2624 }
  /// The depot's lists and counts.
  @inlinable static var depot: Int { 2688 }
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
    #if arch(x86_64)
      // Every load of this CPU acquires. Said here, it would make the compiler read the arena's
      // addresses anew behind each access.
      // SAFETY: as in `shared`.
      unsafe shared(0).pointee.load(ordering: .relaxed)
    #else
      // SAFETY: as in `shared`.
      unsafe shared(0).pointee.load(ordering: .acquiring)  // pairs with makeGroup
    #endif
  }

  /// What each allocation writes into its entry: how many checkpoints are open; in bit 0, where
  /// nothing is written, whether a failure is asked for.
  @inlinable var allocationBits: UInt64 {
    // SAFETY: as in `shared`.
    unsafe shared(1).pointee.load(ordering: .relaxed)
  }

  /// The least handle of the last generation.
  @inlinable var generationLimit: UInt64 {
    // SAFETY: as in `shared`.
    unsafe shared(2).pointee.load(ordering: .relaxed)
  }

  /// The contract's number; 0 until the first handle.
  @inlinable var contract: UInt64 {
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
    guard state ^ handle <= Entry.slotMask else { return nil }
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
    let length = Entry.length(place)
    return length < Int(Entry.lengthMask) ? length : longByteCount(place)
  }

  @usableFromInline @inline(never)
  func longByteCount(_ place: UInt64) -> Int {
    store.lentByteCount(Entry.offset(place) - BlockStore.headerByteCount)
  }

  /// Bytes of a block of class 0 … 27, from a table that the first handle of an arena writes.
  @inlinable @inline(__always)
  func sizeClassByteCount(_ sizeClass: Int) -> Int {
    // SAFETY: the region's record has 28 half-words there, which are not written any more.
    Int(unsafe (base + (RegionLayout.sizes &+ sizeClass &* 2)).load(as: UInt16.self))
  }

  // MARK: Lists, by who owns them

  /// Takes the first slot of a size class from the caller's own lists and makes it live.
  ///
  /// `fields` are length, checkpoint and tag, for word 1. The result is the handle and word 1; nil
  /// when the list is empty. The caller zeroes the block's bytes, or gives them a value.
  @inlinable @inline(__always)
  func take(
    _ sizeClass: Int, _ fields: UInt64, from magazines: Magazines
  ) -> (handle: UInt64, place: UInt64)? {
    let count = magazines.count(sizeClass)
    guard count != 0 else { return nil }
    magazines.setCount(sizeClass, count &- 1)
    let slot = magazines.head(sizeClass)
    let entry = entry(slot)
    // SAFETY: a listed slot is in the table and the list's owner's.
    let state = unsafe entry.state.pointee.load(ordering: .relaxed)
    magazines.setHead(sizeClass, state & Entry.slotMask)
    let place = entry.place & Entry.placeMask | fields
    entry.place = place
    let live = Entry.taken(state)
    unsafe entry.state.pointee.store(live, ordering: .releasing)  // pairs with rewind, commit
    magazines.allocationCount &+= 1
    let allocated = magazines.allocatedByteCount &+ sizeClassByteCount(sizeClass)
    magazines.allocatedByteCount = allocated
    let liveByteCount = allocated &- magazines.releasedByteCount
    if liveByteCount > magazines.mark { notePeak(liveByteCount, magazines) }
    return (live &- 1 | slot, place)
  }

  /// Puts a free slot, whose block is zeroed when it is taken, before the others of its class in
  /// the caller's own lists.
  ///
  /// `state` is the entry's as a live slot.
  @inlinable @inline(__always)
  func give(
    _ slot: UInt64, _ entry: Entry, _ state: UInt64, _ sizeClass: Int, _ byteCount: Int,
    to magazines: Magazines
  ) {
    let next = magazines.head(sizeClass)
    magazines.setHead(sizeClass, slot)
    // SAFETY: nobody else changes the state of a slot that is free and in no list.
    unsafe entry.state.pointee.store(Entry.freed(state, next), ordering: .relaxed)
    magazines.setCount(sizeClass, magazines.count(sizeClass) &+ 1)
    magazines.releasedByteCount &+= byteCount
  }

  /// Zeroes the first bytes of a block; where there are at most 64, up to the next multiple of 16.
  @inlinable @inline(__always)
  func zero(_ place: UInt64, _ byteCount: Int) {
    // SAFETY: the block is the caller's, has `byteCount` bytes, and a multiple of 16 above 0.
    let address = unsafe address(place)
    guard byteCount <= 64 else {
      unsafe address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      return
    }
    let last = byteCount > 16 ? (byteCount &- 1) & ~15 : 0
    let middle = byteCount > 16 ? 16 : 0
    let none = SIMD16<UInt8>(repeating: 0)
    unsafe address.storeBytes(of: none, as: SIMD16<UInt8>.self)
    unsafe (address + middle).storeBytes(of: none, as: SIMD16<UInt8>.self)
    unsafe (address + (last &- middle)).storeBytes(of: none, as: SIMD16<UInt8>.self)
    unsafe (address + last).storeBytes(of: none, as: SIMD16<UInt8>.self)
  }

  // MARK: One thread

  /// Gives the only reference back while the process has one thread; false when it is not the only
  /// one, or giving it back takes more than the depot, or the handle is not valid.
  @inlinable @inline(__always)
  func releaseAlone(_ handle: UInt64) -> Bool {
    let named = handle & Entry.handleSlotMask
    guard named < slotCount, handle < generationLimit else { return false }
    let entry = entry(named)
    // SAFETY: the entry is in the table.
    let state = unsafe entry.state.pointee.load(ordering: .relaxed)
    guard state == handle & ~Entry.slotMask | 1 else { return false }
    let sizeClass = Entry.sizeClass(entry.place)
    guard sizeClass < SizeClass.count else { return false }
    give(named, entry, state, sizeClass, sizeClassByteCount(sizeClass), to: depot)
    return true
  }
}
