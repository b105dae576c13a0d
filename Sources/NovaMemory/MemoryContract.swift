// MemoryContract.swift — who owns bytes and for how long: allocate, retain, release, count.
// Freestanding. Imports nothing. Design: NovaCore.docc/Memory.md.

/// A bounded supply of memory.
///
/// A generic constraint, not an existential: `<Memory: MemoryContract & ~Copyable>`.
///
/// What `allocateArc` lends has a count of references. Whoever holds one may access the bytes, and
/// hand references on with `retain`; the last `release` zeroes the bytes and takes them back.
public protocol MemoryContract: ~Copyable {
  /// Lends `byteCount` zeroed bytes with one reference.
  ///
  /// - Parameters:
  ///   - byteCount: 0 or more; 0 lends a handle of its own, too.
  ///   - alignment: of the address, in bytes: a power of two up to `Arena.alignmentMax`.
  ///   - tag: what it is for.
  /// - Returns: the handle, which is never given out again.
  /// - Throws: `MemoryError.capacityExceeded`, `.alignmentOutOfRange`, `.byteCountOutOfRange`,
  ///   `.slotsExhausted`, `.contractsExhausted` or `.injected`; nothing is lent then.
  /// - Complexity: O(1) up to 4096 bytes, except for the first of a size.
  borrowing func allocateArc(
    byteCount: Int, alignment: Int, tag: AllocationTag
  ) throws(MemoryError) -> MemoryHandle

  /// Lends memory that holds `value`, with one reference.
  ///
  /// - Throws: as `allocateArc(byteCount:alignment:tag:)`.
  borrowing func allocateArc<Value: BitwiseCopyable>(
    _ value: Value, tag: AllocationTag
  ) throws(MemoryError) -> MemoryHandle

  /// Adds a reference.
  ///
  /// - Throws: `MemoryError.staleHandle`, `.forgedHandle`, `.foreignHandle` or `.overRetain`.
  borrowing func retain(_ handle: MemoryHandle) throws(MemoryError)

  /// Gives a reference back; the last one's end zeroes the bytes and takes them back.
  ///
  /// Of two that race for the last reference exactly one succeeds.
  ///
  /// - Throws: `MemoryError.doubleRelease`, `.staleHandle`, `.forgedHandle` or `.foreignHandle`.
  borrowing func release(_ handle: MemoryHandle) throws(MemoryError)

  /// How many bytes were asked for.
  ///
  /// - Throws: `MemoryError.staleHandle`, `.forgedHandle` or `.foreignHandle`.
  borrowing func byteCount(of handle: MemoryHandle) throws(MemoryError) -> Int

  /// Calls `body` with the bytes, which stay until it returns, whoever releases them meanwhile: the
  /// access holds a reference of its own.
  ///
  /// The bytes must not be used after `body`.
  ///
  /// - Throws: `MemoryError.staleHandle`, `.forgedHandle`, `.foreignHandle`, `.overRetain`, or what
  ///   `body` throws.
  borrowing func withBytes<Result>(
    of handle: MemoryHandle,
    _ body: (UnsafeMutableRawBufferPointer) throws(MemoryError) -> Result
  ) throws(MemoryError) -> Result

  /// Calls `body` with the value, which stays in place until it returns; as `withBytes(of:_:)`.
  ///
  /// - Throws: also `MemoryError.byteCountOutOfRange` when the memory is too small for a `Value`,
  ///   and `.alignmentOutOfRange` when it is not aligned for one.
  borrowing func withValue<Value: BitwiseCopyable, Result>(
    of handle: MemoryHandle, as type: Value.Type,
    _ body: (inout Value) throws(MemoryError) -> Result
  ) throws(MemoryError) -> Result

  /// Copies a value out.
  ///
  /// The caller must hold a reference: what is read while another thread releases the last one is
  /// undefined in value, though not in effect.
  ///
  /// - Throws: as `withValue(of:as:_:)`, except `.overRetain`.
  borrowing func load<Value: BitwiseCopyable>(
    _ type: Value.Type, from handle: MemoryHandle
  ) throws(MemoryError) -> Value

  /// Copies a value in, as `load(_:from:)` copies one out.
  ///
  /// The caller must hold a reference.
  borrowing func store<Value: BitwiseCopyable>(
    _ value: Value, to handle: MemoryHandle
  ) throws(MemoryError)

  /// Lends `byteCount` zeroed bytes by address until `release`.
  ///
  /// - Parameters:
  ///   - byteCount: 0 or more; 0 lends an address of its own, too.
  ///   - alignment: of the address, in bytes: a power of two up to `Arena.alignmentMax`.
  /// - Returns: the first byte.
  /// - Throws: `MemoryError`; nothing is lent then.
  borrowing func allocate(
    byteCount: Int, alignment: Int
  ) throws(MemoryError) -> UnsafeMutableRawPointer

  /// Takes bytes back that were lent by address, and zeroes them.
  ///
  /// A wrong address, or one that was taken back before, ends the program.
  ///
  /// - Safety: nothing may use the bytes afterwards.
  @unsafe borrowing func release(_ address: UnsafeMutableRawPointer)

  /// What is lent, and what was.
  var stats: MemoryStats { get }
}
