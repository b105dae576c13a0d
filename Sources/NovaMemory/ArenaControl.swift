// ArenaControl.swift — the record at the start of an arena's region: counts, free lists.
// Freestanding. Imports nothing. Design: NovaCore.docc/Memory.md.

/// What an arena knows of itself, at its region's start.
///
/// All zero is a valid record, so that fresh pages need no start-up.
@usableFromInline
struct ArenaControl: ~Copyable {
  /// Lists by the position of a size's highest bit: enough for `Arena.byteCountMax`.
  static var firstLevelCount: Int { 30 }
  /// Lists between two powers of two.
  static var secondLevelCount: Int { 16 }
  /// Checkpoints that can be open at once: what an entry can tell apart.
  static var checkpointCountMax: Int { 31 }

  // Holder of the lock only; the lock itself and all else that is atomic lie behind the record.
  /// Whether the region was laid out.
  var isReady = false
  /// Whether a runtime owns the arena.
  var isOwned = false
  /// Bytes of the region, this record included; a multiple of 16.
  var byteCount = 0
  /// The offset of the header that ends the blocks; the table is above it.
  var end = 0
  /// One past the highest byte below `end` that was ever other than zero, the last block's end
  /// excepted.
  var touchedEnd = 0
  /// Arenas that live in this one.
  var childCount = 0
  /// Blocks that are not free, whoever uses them.
  var takenByteCount = 0
  var takenCount = 0
  /// Of these, the ones lent by address.
  var addressedByteCount = 0
  var addressedCount = 0
  var failureCount = 0
  /// The allocation that is to fail, and how many there were since it was asked for.
  var injectedNumber = 0
  var injectedCount = 0

  /// Slots with blocks by size class, retired ones excepted; of class `own`, those that are live.
  var slotCounts = InlineArray<29, Int>(repeating: 0)
  /// Groups of slots that lost their blocks, by their first slots, linked through word 0.
  var freeGroup: UInt64 = 0
  var freeGroupCount = 0
  var retiredSlotCount = 0
  /// The generation above which the contract's slots begin.
  var generationFloor: UInt32 = 0
  /// The last generation of a live slot, when a test lowered it; 0 otherwise.
  var generationLast: UInt32 = 0
  /// Checkpoints that are open, and what tells each from all others.
  var checkpointCount = 0
  var checkpointSerials = InlineArray<31, UInt32>(repeating: 0)

  /// Bit f: some list of first level f holds a block.
  var firstLevel: UInt32 = 0
  /// Element f, bit s: list (f, s) holds a block.
  var secondLevel = InlineArray<30, UInt16>(repeating: 0)
  /// Element 16·f + s: the head of list (f, s); a block's offset in units of 16, or 0 for none.
  var heads = InlineArray<480, UInt32>(repeating: 0)
}
