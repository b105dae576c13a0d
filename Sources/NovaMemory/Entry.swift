// Entry.swift — what a contract's table holds of one slot, in 16 bytes.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

/// One slot of a table: two words.
///
///     word 0   bits 0…23    live: references, 1 … 2²⁴-1; free: the next slot of its list
///              bit 24       1 while free
///              bits 25…36   contract
///              bits 37…63   generation
///     word 1   bits 0…31    place: offset in the region, in units of 16 bytes
///              bits 32…34   lower bits of checkpoint: how many were open at the allocation
///              bits 35…47   length: the byte count asked for, or 8191 when it was more
///              bits 48…49   higher bits of checkpoint
///              bits 50…55   size class, as in `SizeClass`
///              bits 56…63   allocation tag
///
/// Contract, generation and that it lives stand where a handle has them, and the slot's number of a
/// handle where an entry counts, so that one exclusive-or compares all that matters.
///
///     1 take          free → live, references 1, generation + 1    the list's holder
///     2 retain        references + 1                               any thread
///     3 drop          references - 1, while above 1                any thread
///     4 free          live → free                                  whoever drops the last, or
///                                                                  rewinds
@safe @usableFromInline
struct Entry {
  /// Word 0's references or next slot; a handle's slot.
  @inlinable static var slotMask: UInt64 { 0xff_ffff }
  /// A handle's slot and bit 24, which makes a slot beyond every table of what is no handle.
  @inlinable static var handleSlotMask: UInt64 { 0x1ff_ffff }
  @inlinable static var freeBit: UInt64 { 1 << 24 }
  @inlinable static var contractShift: UInt64 { 25 }
  @inlinable static var contractMask: UInt64 { 0xfff << 25 }
  @inlinable static var generationShift: UInt64 { 37 }
  @inlinable static var generationLast: UInt64 { 0x7ff_ffff }
  @inlinable static var referenceCountMax: UInt64 { 0xff_ffff }

  @inlinable static var offsetMask: UInt64 { 0xffff_ffff }
  @inlinable static var lengthShift: UInt64 { 35 }
  @inlinable static var lengthMask: UInt64 { 0x1fff }
  @inlinable static var sizeClassShift: UInt64 { 50 }
  @inlinable static var sizeClassMask: UInt64 { 0x3f }
  @inlinable static var tagShift: UInt64 { 56 }
  /// What of word 1 stays while the slot is free.
  @inlinable static var placeMask: UInt64 { offsetMask | sizeClassMask << sizeClassShift }
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

  /// Word 1's bits 0…31 alone.
  @inlinable var offset: Int {
    // SAFETY: as in `state`; CPUs of this byte order only.
    Int(
      truncatingIfNeeded: unsafe (address + 8).assumingMemoryBound(to: Atomic<UInt32>.self).pointee
        .load(ordering: .relaxed)) &<< 4
  }

  /// Whether word 1's length is at least `byteCount`, 0 … 8191, by its bits 32…47 alone.
  @inlinable @inline(__always) func isLength(atLeast byteCount: Int) -> Bool {
    // SAFETY: as in `offset`.
    unsafe (address + 12).assumingMemoryBound(to: Atomic<UInt16>.self).pointee.load(
      ordering: .relaxed) >= UInt16(truncatingIfNeeded: byteCount &<< 3)
  }

  /// Changes word 1 unless somebody else did.
  func exchangePlace(_ old: UInt64, _ new: UInt64) -> Bool {
    // SAFETY: as in `state`.
    unsafe (address + 8).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.compareExchange(
      expected: old, desired: new, ordering: .relaxed
    ).exchanged
  }

  @inlinable static func sizeClass(_ place: UInt64) -> Int {
    Int(truncatingIfNeeded: place >> sizeClassShift & sizeClassMask)
  }

  @inlinable static func length(_ place: UInt64) -> Int {
    Int(truncatingIfNeeded: place >> lengthShift & lengthMask)
  }

  @inlinable static func offset(_ place: UInt64) -> Int {
    Int(truncatingIfNeeded: place & offsetMask) &<< 4
  }

  static func checkpoint(_ place: UInt64) -> Int {
    Int(place >> 32 & 7 | (place >> 48 & 3) << 3)
  }

  /// Word 1's bits for `count` open checkpoints.
  static func checkpointBits(_ count: Int) -> UInt64 {
    (UInt64(count) & 7) << 32 | (UInt64(count) >> 3) << 48
  }

  /// Word 0 of a slot that was never used.
  static func unused(contract: UInt64, generation: UInt64) -> UInt64 {
    contract << contractShift | generation << generationShift | freeBit
  }

  /// Word 0 when a free slot is taken.
  @inlinable @inline(__always) static func taken(_ state: UInt64) -> UInt64 {
    state & ~slotMask &+ (1 << generationShift &- freeBit) | 1
  }

  /// Word 0 when a live slot is freed, before `next`.
  @inlinable @inline(__always) static func freed(_ state: UInt64, _ next: UInt64) -> UInt64 {
    state & ~slotMask | freeBit | next
  }

  @inlinable static func generation(_ state: UInt64) -> Int { Int(state >> generationShift) }

  static func isLive(_ state: UInt64) -> Bool { state & freeBit == 0 }
}
