// MemoryHandle.swift — a name for lent memory that is never valid twice.
// Freestanding. Imports nothing. Design: NovaCore.docc/Memory.md.

/// Names one lent block of one contract; 64 bits that may pass through C and between threads.
///
///     bits 0…23    slot in the contract's table
///     bit 24       0
///     bits 25…36   contract, 1 … 4095, of the process
///     bits 37…63   generation: one more each time the slot is used again
///
/// No handle is zero. A handle is a number: copying it does not retain what it names.
public struct MemoryHandle: Hashable, Sendable, BitwiseCopyable {
  /// All 64 bits.
  public let rawValue: UInt64

  /// The handle of these bits, which may have come through C; a contract refuses what it did not
  /// give out.
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Which entry of the contract's table.
  @inlinable public var slot: Int { Int(rawValue & Entry.slotMask) }

  /// Which use of the slot.
  @inlinable public var generation: Int { Int(rawValue >> 37) }

  /// The contract's number; 0 is nobody's.
  @inlinable public var contract: Int { Int(rawValue >> 25 & 0xfff) }
}

/// What an allocation is for, so that a report of leaks can tell; any number that the program
/// chooses.
public struct AllocationTag: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The number.
  public let rawValue: UInt8

  /// The tag with this number.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Tag 0, of whoever states none.
  @inlinable public static var none: AllocationTag { AllocationTag(rawValue: 0) }
}
