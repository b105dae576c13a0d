// MemoryContract.swift — who owns bytes and for how long: allocate, release, count.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/Memory.md.

import NovaSystem

/// A bounded supply of memory.
///
/// A generic constraint, not an existential: `<Memory: MemoryContract & ~Copyable>`.
public protocol MemoryContract: ~Copyable {
  /// Lends `byteCount` zeroed bytes until `release`.
  ///
  /// - Parameters:
  ///   - byteCount: 0 or more; 0 lends an address of its own, too.
  ///   - alignment: of the address, in bytes: a power of two up to `Arena.alignmentMax`.
  /// - Returns: the first byte.
  /// - Throws: `MemoryError`; nothing is lent then.
  borrowing func allocate(
    byteCount: Int, alignment: Int
  ) throws(MemoryError) -> UnsafeMutableRawPointer

  /// Takes lent bytes back and zeroes them.
  ///
  /// A wrong address, or one that was taken back before, ends the program.
  ///
  /// - Safety: nothing may use the bytes afterwards.
  @unsafe borrowing func release(_ address: UnsafeMutableRawPointer)

  /// What is lent, and what was.
  var stats: MemoryStats { get }
}

/// The counts of a supply at one moment; bytes include each block's header and rounding.
public struct MemoryStats: Equatable, Sendable {
  /// Bytes that can be lent in all.
  public internal(set) var capacity: Int
  /// Bytes lent now.
  public internal(set) var liveByteCount: Int
  /// Blocks lent now.
  public internal(set) var liveCount: Int
  /// The most bytes that were ever lent at once.
  public internal(set) var peakByteCount: Int
  /// Allocations that succeeded, from the beginning.
  public internal(set) var allocationCount: Int
  /// Allocations that were refused for want of room, from the beginning.
  public internal(set) var failureCount: Int
}

/// Why memory was refused; nothing has changed but a count of failures.
public enum MemoryError: Error, Equatable, Sendable {
  /// No free block holds `requested` bytes; the largest holds `available` of the `capacity`.
  case capacityExceeded(requested: Int, available: Int, capacity: Int)
  /// The alignment is no power of two, or above `maximum`.
  case alignmentOutOfRange(alignment: Int, maximum: Int)
  /// The size is outside of `minimum … maximum`.
  case byteCountOutOfRange(byteCount: Int, minimum: Int, maximum: Int)
  /// The system refused the pages.
  case system(SystemError)
}
