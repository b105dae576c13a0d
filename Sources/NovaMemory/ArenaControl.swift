// ArenaControl.swift — the record at the start of an arena's region: lock, counts, free lists.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

/// What an arena knows of itself.
///
/// All zero is a valid record, so that fresh pages need no start-up.
struct ArenaControl: ~Copyable {
  /// Lists by the position of a size's highest bit: enough for `Arena.byteCountMax`.
  static var firstLevelCount: Int { 30 }
  /// Lists between two powers of two.
  static var secondLevelCount: Int { 16 }

  // Holder of the lock only. Not the lock itself first: the thread sanitizer takes the change of
  // any field for one of the record's first byte.
  /// Whether the region was laid out.
  var isReady = false
  /// Whether a runtime owns the arena.
  var isOwned = false

  /// 1 while an operation is under way.
  let lock = Atomic<UInt32>(0)

  // Everything below: holder of the lock only.
  /// Bytes of the region, this record included; a multiple of 16.
  var byteCount = 0
  /// One past the highest byte that was ever other than zero, the last block's end excepted.
  var touchedEnd = 0
  /// Arenas that live in this one.
  var childCount = 0
  var liveByteCount = 0
  var liveCount = 0
  var peakByteCount = 0
  var allocationCount = 0
  var failureCount = 0

  /// Bit f: some list of first level f holds a block.
  var firstLevel: UInt32 = 0
  /// Element f, bit s: list (f, s) holds a block.
  var secondLevel = InlineArray<30, UInt16>(repeating: 0)
  /// Element 16·f + s: the head of list (f, s); a block's offset in units of 16, or 0 for none.
  var heads = InlineArray<480, UInt32>(repeating: 0)
}

extension Atomic where Value == UInt32 {
  /// Waits until nobody else holds the lock.
  func acquire() {
    // pairs with release
    while !weakCompareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged {
      while load(ordering: .relaxed) != 0 {}
    }
  }

  /// Lets the next holder in.
  func release() {
    store(0, ordering: .releasing)  // pairs with acquire
  }
}
