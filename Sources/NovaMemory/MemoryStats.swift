// MemoryStats.swift — the counts of a contract at one moment, and what it still lends at its end.
// Freestanding. Imports nothing. Design: NovaCore.docc/Memory.md.

/// The counts of a supply at one moment.
///
/// Bytes are what a block takes of the capacity: of a handle up to 4096 bytes its size class, of
/// every other block its size with header and rounding.
public struct MemoryStats: Equatable, Sendable {
  /// Bytes that can be lent in all.
  public internal(set) var capacity: Int
  /// Bytes lent now.
  public internal(set) var liveByteCount: Int
  /// Blocks lent now, by handle or by address.
  public internal(set) var liveCount: Int
  /// The most bytes that were ever lent at once; exact in a program of one thread, otherwise below
  /// the truth by at most 8 KiB, and 8 KiB for each thread that allocates.
  public internal(set) var peakByteCount: Int
  /// Allocations that succeeded, from the beginning.
  public internal(set) var allocationCount: Int
  /// Blocks that came back, from the beginning.
  public internal(set) var releaseCount: Int
  /// Allocations that were refused for want of room or by `failAllocation(at:)`, from the
  /// beginning.
  public internal(set) var failureCount: Int
  /// Slots that will not be used again, because their generations are used up.
  public internal(set) var retiredSlotCount: Int
  /// Blocks lent by address now: Swift's own, children, `allocate(byteCount:alignment:)`.
  public internal(set) var addressedCount: Int
  /// Their bytes.
  public internal(set) var addressedByteCount: Int
  /// Bytes that the contract keeps for itself: its table and the free blocks that stay with their
  /// slots.
  public internal(set) var heldByteCount: Int
  /// Handles that are live by size class; element 28 counts those whose block is larger than every
  /// class, or more strictly aligned.
  public internal(set) var liveCountBySizeClass: InlineArray<29, Int>

  /// Bytes of a block of size class 0 … 27: 16, 32 … 128, then four to each doubling up to 4096.
  public static func byteCount(ofSizeClass index: Int) -> Int {
    precondition(index >= 0 && index < SizeClass.count, "no such size class")
    return SizeClass.byteCount(index)
  }

  /// What a handle of `byteCount` bytes counts as live at `alignment`.
  public static func charge(byteCount: Int, alignment: Int = 16) -> Int {
    SizeClass.index(for: byteCount, alignment: alignment).map(SizeClass.byteCount)
      ?? BlockStore.blockByteCount(for: byteCount)
  }

  /// Whether all counts are equal.
  public static func == (left: MemoryStats, right: MemoryStats) -> Bool {
    for index in left.liveCountBySizeClass.indices
    where left.liveCountBySizeClass[index] != right.liveCountBySizeClass[index] {
      return false
    }
    return left.capacity == right.capacity && left.liveByteCount == right.liveByteCount
      && left.liveCount == right.liveCount && left.peakByteCount == right.peakByteCount
      && left.allocationCount == right.allocationCount && left.releaseCount == right.releaseCount
      && left.failureCount == right.failureCount
      && left.retiredSlotCount == right.retiredSlotCount
      && left.addressedCount == right.addressedCount
      && left.addressedByteCount == right.addressedByteCount
      && left.heldByteCount == right.heldByteCount
  }
}

/// What a contract still lent when it ended.
public struct LeakReport: Sendable {
  /// Handles by allocation tag.
  public internal(set) var countByTag = InlineArray<256, Int>(repeating: 0)
  /// The bytes asked for with them, by allocation tag.
  public internal(set) var byteCountByTag = InlineArray<256, Int>(repeating: 0)
  /// All handles.
  public internal(set) var count = 0
  /// All their bytes.
  public internal(set) var byteCount = 0
  /// Blocks lent by address.
  public internal(set) var addressedCount = 0
  /// Their bytes, with headers and rounding.
  public internal(set) var addressedByteCount = 0

  /// Whether everything had come back.
  public var isEmpty: Bool { count == 0 && addressedCount == 0 }
}
