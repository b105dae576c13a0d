// EntryBytes.swift — little-endian fields of an entry, read and written at their offsets.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// An element of a section, with a fixed byte count.
public protocol ModuleEntry: Sendable {
  /// How many bytes an entry has.
  static var byteCount: Int { get }
  /// Reads the fields.
  init(_ fields: EntryReader)
  /// Writes every byte of the entry, unused ones as zero.
  func write(to fields: EntryWriter)
}

extension ModuleEntry {
  /// Writes the entry at a buffer's beginning.
  ///
  /// - Parameter bytes: at least `byteCount` bytes; their alignment doesn't matter.
  public func write(to bytes: UnsafeMutableRawBufferPointer) {
    precondition(bytes.count >= Self.byteCount, "the buffer is shorter than the entry")
    guard let base = bytes.baseAddress else { return }
    // SAFETY: the entry's bytes lie within the buffer, as just checked.
    write(to: unsafe EntryWriter(base))
  }
}

/// Reads an entry's fields.
@safe public struct EntryReader {
  // The entry's first byte; whoever made the reader promised the entry's byte count behind it.
  @usableFromInline let base: UnsafeRawPointer

  /// - Safety: `base` is followed by as many readable bytes as the entry has that is read.
  @unsafe @inlinable public init(_ base: UnsafeRawPointer) { unsafe self.base = unsafe base }

  // SAFETY of all: offsets are constants of the entry's layout, below its byte count.

  /// The byte at `offset`.
  @inlinable public func u8(_ offset: Int) -> UInt8 {
    // SAFETY: see above.
    unsafe base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// The two bytes at `offset`.
  @inlinable public func u16(_ offset: Int) -> UInt16 {
    // SAFETY: see above.
    UInt16(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The four bytes at `offset`.
  @inlinable public func u32(_ offset: Int) -> UInt32 {
    // SAFETY: see above.
    UInt32(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The eight bytes at `offset`.
  @inlinable public func u64(_ offset: Int) -> UInt64 {
    // SAFETY: see above.
    UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

/// Writes an entry's fields.
@safe public struct EntryWriter {
  // The entry's first byte; whoever made the writer promised the entry's byte count behind it.
  let base: UnsafeMutableRawPointer

  /// - Safety: `base` is followed by as many writable bytes as the entry has that is written.
  @unsafe public init(_ base: UnsafeMutableRawPointer) { unsafe self.base = unsafe base }

  // SAFETY of all: offsets are constants of the entry's layout, below its byte count.

  /// Writes the byte at `offset`.
  public func u8(_ offset: Int, _ value: UInt8) {
    // SAFETY: see above.
    unsafe base.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }

  /// Writes the two bytes at `offset`.
  public func u16(_ offset: Int, _ value: UInt16) {
    // SAFETY: see above.
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt16.self)
  }

  /// Writes the four bytes at `offset`.
  public func u32(_ offset: Int, _ value: UInt32) {
    // SAFETY: see above.
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Writes the eight bytes at `offset`.
  public func u64(_ offset: Int, _ value: UInt64) {
    // SAFETY: see above.
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
  }
}
