// ModuleBytes.swift — a file's bytes, promised to stay as they are.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// The bytes of a `.nvc` file, which are read, verified and run where they lie.
///
/// Copies name the same bytes. What may still change, such as a file that is mapped, is copied
/// before: a check of bytes that change afterwards says nothing.
@safe public struct ModuleBytes: Sendable {
  // Never written through; `nil` only without bytes.
  @usableFromInline nonisolated(unsafe) let base: UnsafeRawPointer?
  /// How many bytes.
  public let byteCount: Int

  /// What the bytes' address is a multiple of: instructions are words.
  @inlinable public static var alignment: Int { 8 }

  /// Names bytes that stay.
  ///
  /// - Safety: the bytes stay readable and keep their values as long as anything made from this
  ///   value is used: views, verified modules, strings, instances.
  @unsafe @inlinable public init(unchanging bytes: UnsafeRawBufferPointer) {
    unsafe base = bytes.baseAddress
    byteCount = bytes.count
  }

  /// The bytes as a buffer.
  @unsafe @inlinable public var buffer: UnsafeRawBufferPointer {
    // SAFETY: whoever made this value promised that so many bytes stay there.
    unsafe UnsafeRawBufferPointer(start: base, count: byteCount)
  }

  /// - Safety: `offset` lies within the bytes, and so does what is read from there.
  @unsafe @inlinable func pointer(at offset: Int) -> UnsafeRawPointer {
    // SAFETY: the caller's promise implies that there are bytes, so `base` isn't nil.
    unsafe base.unsafelyUnwrapped + offset
  }

  /// The word at an offset that was checked.
  @inline(__always) func u64(at offset: Int) -> UInt64 {
    assert(offset >= 0 && offset + 8 <= byteCount)
    // SAFETY: asserted; the reader calls it for the header only, after its check of the length.
    return UInt64(littleEndian: unsafe pointer(at: offset).loadUnaligned(as: UInt64.self))
  }

  func u32(at offset: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: u64(at: offset & ~7) >> (UInt64(offset & 4) * 8))
  }
}

/// Bytes of a pool, such as a name; they live as long as the module's.
@safe public struct PoolBytes: Equatable, Sendable {
  @usableFromInline nonisolated(unsafe) let base: UnsafeRawPointer?
  /// How many bytes.
  public let count: Int

  /// - Safety: as of `ModuleBytes.init`.
  @unsafe @inlinable public init(_ bytes: UnsafeRawBufferPointer) {
    unsafe base = bytes.baseAddress
    count = bytes.count
  }

  /// Bytes of a literal.
  @inlinable public init(_ literal: StaticString) {
    precondition(literal.hasPointerRepresentation, "one character is no string")
    // SAFETY: a literal's bytes stay as long as the program.
    unsafe base = UnsafeRawPointer(literal.utf8Start)
    count = literal.utf8CodeUnitCount
  }

  /// The byte at `index`, 0 … `count` - 1.
  @inlinable public subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count, "no byte of that index")
    // SAFETY: the index was just checked, so there are bytes and this is one of them.
    return unsafe base.unsafelyUnwrapped.load(fromByteOffset: index, as: UInt8.self)
  }

  /// The bytes as a buffer.
  @unsafe @inlinable public var buffer: UnsafeRawBufferPointer {
    // SAFETY: whoever made this value promised that so many bytes stay there.
    unsafe UnsafeRawBufferPointer(start: base, count: count)
  }

  /// Whether both have the same bytes.
  public static func == (left: PoolBytes, right: PoolBytes) -> Bool { compare(left, right) == 0 }

  /// Below zero, zero or above as `left` comes before, is or comes after `right`: by unsigned
  /// bytes, a prefix first.
  public static func compare(_ left: PoolBytes, _ right: PoolBytes) -> Int {
    var index = 0
    while index < left.count && index < right.count {
      let difference = Int(left[index]) - Int(right[index])
      if difference != 0 { return difference }
      index += 1
    }
    return left.count - right.count
  }
}
