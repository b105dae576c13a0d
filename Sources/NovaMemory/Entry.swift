// Entry.swift — what a contract's table holds of one slot, in 16 bytes.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

/// One slot of a table: two words.
///
///     word 0   bits 0…23    live: references, 1 … 2²⁴-1; free: the next slot of its list
///              bits 24…51   generation: even while live, odd while free
///              bits 52…63   contract
///     word 1   bits 0…31    place: offset in the region, in units of 16 bytes
///              bits 32…44   length: the byte count asked for; with a block of the slot's own, what
///                           the block has beyond it
///              bits 45…50   size class, as in `SizeClass`
///              bits 51…55   checkpoint: how many were open at the allocation
///              bits 56…63   allocation tag
///
/// Generation and contract stand where a handle has them, and the slot's number of a handle where
/// an entry counts, so that one exclusive-or compares all that matters.
///
///     1 take          free → live, references 1          the list's holder
///     2 retain        references + 1                     any thread
///     3 drop          references - 1, while above 1      any thread
///     4 free          live → free                        whoever drops the last, or rewinds
@safe @usableFromInline
struct Entry {
  /// Word 0's references or next slot; a handle's slot.
  @inlinable static var slotMask: UInt64 { 0xff_ffff }
  /// A handle's slot and the lowest bit of its generation, which makes a slot beyond every table of
  /// a handle that was never valid.
  @inlinable static var handleSlotMask: UInt64 { 0x1ff_ffff }
  @inlinable static var generationMask: UInt64 { 0x000f_ffff_ff00_0000 }
  @inlinable static var generationStep: UInt64 { 1 << 24 }
  /// The last generation of a live slot.
  @inlinable static var generationLast: UInt64 { 0xfff_fffe }
  @inlinable static var referenceCountMax: UInt64 { 0xff_ffff }

  @inlinable static var offsetMask: UInt64 { 0xffff_ffff }
  @inlinable static var lengthShift: UInt64 { 32 }
  @inlinable static var lengthMask: UInt64 { 0x1fff }
  @inlinable static var sizeClassShift: UInt64 { 45 }
  @inlinable static var sizeClassMask: UInt64 { 0x3f }
  @inlinable static var checkpointShift: UInt64 { 51 }
  @inlinable static var checkpointMask: UInt64 { 0x1f }
  @inlinable static var tagShift: UInt64 { 56 }
  /// What of word 1 stays while the slot is free.
  @inlinable static var placeMask: UInt64 { 0x0007_e000_ffff_ffff }
  @inlinable static var byteCount: Int { 16 }

  // In the table, which stays as long as the arena.
  @usableFromInline let address: UnsafeMutableRawPointer

  @inlinable init(_ address: UnsafeMutableRawPointer) { unsafe self.address = unsafe address }

  /// References, generation, contract.
  @inlinable var state: UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: an entry is two words that nobody accesses but as atomics.
    unsafe address.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  /// Place, length, size class, checkpoint, tag; written by who may take or has taken the slot.
  @inlinable var place: UInt64 {
    get {
      // SAFETY: as in `state`.
      unsafe (address + 8).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(
        ordering: .relaxed)
    }
    nonmutating set {
      // SAFETY: as in `state`.
      unsafe (address + 8).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.store(
        newValue, ordering: .relaxed)
    }
  }

  /// Changes word 1 unless somebody else did.
  func exchangePlace(_ old: UInt64, _ new: UInt64) -> Bool {
    // SAFETY: as in `state`.
    unsafe (address + 8).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.compareExchange(
      expected: old, desired: new, ordering: .relaxed
    ).exchanged
  }

  @inlinable static func sizeClass(_ place: UInt64) -> Int {
    Int(place >> sizeClassShift & sizeClassMask)
  }

  @inlinable static func length(_ place: UInt64) -> Int { Int(place >> lengthShift & lengthMask) }

  @inlinable static func offset(_ place: UInt64) -> Int { Int(place & offsetMask) &<< 4 }

  static func checkpoint(_ place: UInt64) -> Int { Int(place >> checkpointShift & checkpointMask) }

  static func isLive(_ state: UInt64) -> Bool { state & generationStep == 0 }
}
