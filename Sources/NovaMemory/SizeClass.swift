// SizeClass.swift — which sizes share a list of free blocks: four to each doubling.
// Freestanding. Imports nothing. Design: NovaCore.docc/Memory.md.

/// The sizes of blocks that are bound to slots: 16, 32 … 128, then 4 to each doubling up to 4096.
@usableFromInline
enum SizeClass {
  /// Classes with blocks that stay with their slots, numbered from 0.
  @inlinable static var count: Int { 28 }
  /// The largest byte count of such a class.
  @inlinable static var byteCountMax: Int { 4096 }
  /// The class of a block that is its slot's own only as long as it is lent.
  @inlinable static var own: Int { 28 }
  /// Added to the class of a small block that goes back like one of class `own`, because there was
  /// no room for a run.
  static var single: Int { 32 }
  /// The class of a slot whose generations are used up.
  static var retired: Int { 61 }
  /// The class of a free slot while a walk has seen it, or will take its block.
  static var marked: Int { 62 }
  static var condemned: Int { 63 }

  /// The smallest class that holds `byteCount` bytes, 0 … 4096.
  @inlinable @inline(__always)
  static func index(for byteCount: Int) -> Int {
    let last = (byteCount == 0 ? 1 : byteCount) &- 1
    // Up to 64 bytes the classes are as far apart as from there to 128.
    let highestBit = Int.bitWidth &- 1 &- (last | 64).leadingZeroBitCount
    return highestBit &* 4 &- 24 &+ (last &>> (highestBit &- 2))
  }

  /// Bytes of a block of class 0 … 27.
  @inlinable @inline(__always)
  static func byteCount(_ sizeClass: Int) -> Int {
    sizeClass < 4
      ? (sizeClass &+ 1) &<< 4 : (5 &+ (sizeClass & 3)) &<< (3 &+ sizeClass &>> 2)
  }

  /// The class whose blocks have `byteCount` bytes at multiples of `alignment`, a power of two; nil
  /// when none has.
  static func index(for byteCount: Int, alignment: Int) -> Int? {
    guard byteCount <= byteCountMax, alignment <= runAlignmentMax else { return nil }
    var found = index(for: byteCount)
    while found < count, SizeClass.byteCount(found) & (alignment - 1) != 0 { found += 1 }
    return found < count ? found : nil
  }

  /// Runs begin on a cache line where their blocks' size divides into lines.
  static var runAlignmentMax: Int { 64 }

  /// At which multiples the blocks of a class lie.
  static func alignment(_ sizeClass: Int) -> Int {
    let size = byteCount(sizeClass)
    return min(runAlignmentMax, size & -size)
  }

  /// Free slots that a thread keeps of a class, at most: 64, or fewer of large blocks.
  @inlinable @inline(__always)
  static func magazineCountMax(_ sizeClass: Int) -> Int {
    sizeClass < 16 ? 64 : 64 &>> ((sizeClass &- 12) &>> 2)
  }
}
