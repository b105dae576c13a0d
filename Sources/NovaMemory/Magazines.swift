// Magazines.swift — free slots by size class and the counts beside them; a thread's, or all's.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.
// Source: Bonwick, Adams, "Magazines and Vmem: extending the slab allocator to many CPUs and
// arbitrary resources", USENIX 2001.

import Synchronization

/// Lists of free slots, and monotonic counts of what was taken from and given to them.
///
/// Each contract has one set in its region's record, the depot, which belongs to the holder of the
/// arena's lock, and to the thread as long as there is only one. Each further thread has a set of
/// its own. All words but those of the own set may be read by any thread: they are atomic.
@safe @usableFromInline
struct Magazines {
  /// Bytes of a set: whole cache lines, so that no two threads write to one.
  static var byteCount: Int { 320 }
  static var alignment: Int { 64 }

  // Mapped as long as the arena.
  @usableFromInline let base: UnsafeMutableRawPointer

  @inlinable init(_ base: UnsafeMutableRawPointer) { unsafe self.base = unsafe base }

  @inlinable @inline(__always)
  func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: a set has 40 words that nobody accesses but as atomics; indices are below 33.
    unsafe (base + index &* 8).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// The first slot of a size class's list; that of class `own` holds slots without a block.
  ///
  /// Apart from the count, so that taking a slot waits for the slot, and not for the sum.
  @inlinable func head(_ sizeClass: Int) -> UInt64 {
    // SAFETY: as in `half`.
    UInt64(unsafe half(sizeClass &* 2).pointee.load(ordering: .relaxed))
  }

  @inlinable func setHead(_ sizeClass: Int, _ slot: UInt64) {
    // SAFETY: as in `half`.
    unsafe half(sizeClass &* 2).pointee.store(
      UInt32(truncatingIfNeeded: slot), ordering: .relaxed)
  }

  /// How many slots the list has; 0 tells that there is no head.
  @inlinable func count(_ sizeClass: Int) -> Int {
    // SAFETY: as in `half`.
    Int(unsafe half(sizeClass &* 2 &+ 1).pointee.load(ordering: .relaxed))
  }

  @inlinable func setCount(_ sizeClass: Int, _ count: Int) {
    // SAFETY: as in `half`.
    unsafe half(sizeClass &* 2 &+ 1).pointee.store(
      UInt32(truncatingIfNeeded: count), ordering: .relaxed)
  }

  @inlinable @inline(__always)
  func half(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
    // SAFETY: the first 29 words are accessed as halves only, which are atomic.
    unsafe (base + index &* 4).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  /// Allocations from here, from the beginning.
  @inlinable var allocationCount: Int {
    get { counter(29) }
    nonmutating set { setCounter(29, newValue) }
  }
  /// Bytes that they took, as `MemoryStats` counts them.
  @inlinable var allocatedByteCount: Int {
    get { counter(30) }
    nonmutating set { setCounter(30, newValue) }
  }
  /// Bytes that came back here.
  @inlinable var releasedByteCount: Int {
    get { counter(31) }
    nonmutating set { setCounter(31, newValue) }
  }
  /// The difference of both beyond which the arena's peak must be looked at.
  @inlinable var mark: Int {
    get { counter(32) }
    nonmutating set { setCounter(32, newValue) }
  }

  @inlinable @inline(__always) func counter(_ index: Int) -> Int {
    // SAFETY: as in `word`.
    Int(truncatingIfNeeded: unsafe word(index).pointee.load(ordering: .relaxed))
  }

  @inlinable @inline(__always) func setCounter(_ index: Int, _ value: Int) {
    // SAFETY: as in `word`.
    unsafe word(index).pointee.store(UInt64(truncatingIfNeeded: value), ordering: .relaxed)
  }
}
