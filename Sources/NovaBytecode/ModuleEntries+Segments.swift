// ModuleEntries+Segments.swift — entries of segments, names, lines and custom sections.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// An element segment: 24 bytes.
public struct ElementSegmentEntry: ModuleEntry, Equatable {
  /// Byte 0: `SegmentMode`.
  public var mode: UInt8
  /// Byte 1: `ValueType` of its items, a reference.
  public var elementType: UInt8
  /// Byte 2 and bytes 8…15: where an active one begins in its table, an i32 or a global; else none.
  ///
  /// Byte 3 is zero.
  public var offset: Constant
  /// Bytes 4…7: an active one's table; else zero.
  public var tableIndex: UInt32
  /// Bytes 16…23: its items in `elementItems`.
  public var items: PoolRange

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 24 }

  /// An entry of these fields.
  public init(
    mode: UInt8, elementType: UInt8, offset: Constant, tableIndex: UInt32, items: PoolRange
  ) {
    (self.mode, self.elementType, self.offset) = (mode, elementType, offset)
    (self.tableIndex, self.items) = (tableIndex, items)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    (mode, elementType) = (fields.u8(0), fields.u8(1))
    offset = Constant(kind: fields.u8(2), value: fields.u64(8))
    tableIndex = fields.u32(4)
    items = PoolRange(first: fields.u32(16), count: fields.u32(20))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u8(0, mode)
    fields.u8(1, elementType)
    fields.u16(2, UInt16(offset.kind))
    fields.u32(4, tableIndex)
    fields.u64(8, offset.value)
    fields.u32(16, items.first)
    fields.u32(20, items.count)
  }
}

/// An item of an element segment: 8 bytes.
public struct ElementItemEntry: ModuleEntry, Equatable {
  /// Byte 0: `ConstantKind` null, function or global; bytes 1…3 are zero.
  public var kind: UInt8
  /// Bytes 4…7: the function's or global's index; zero for null.
  public var index: UInt32

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 8 }

  /// An entry of these fields.
  public init(kind: UInt8, index: UInt32) { (self.kind, self.index) = (kind, index) }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) { (kind, index) = (fields.u8(0), fields.u32(4)) }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, UInt32(kind))
    fields.u32(4, index)
  }
}

/// A data segment: 24 bytes.
public struct DataSegmentEntry: ModuleEntry, Equatable {
  /// Byte 0: `SegmentMode`, active or passive; byte 1 is zero.
  public var mode: UInt8
  /// Byte 2 and bytes 8…15: where an active one begins in its memory, an i32 or a global; else
  /// none.
  ///
  /// Byte 3 is zero.
  public var offset: Constant
  /// Bytes 4…7: an active one's memory; else zero.
  public var memoryIndex: UInt32
  /// Bytes 16…23: its bytes in `dataBytes`.
  public var bytes: PoolRange

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 24 }

  /// An entry of these fields.
  public init(mode: UInt8, offset: Constant, memoryIndex: UInt32, bytes: PoolRange) {
    (self.mode, self.offset, self.memoryIndex, self.bytes) = (mode, offset, memoryIndex, bytes)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    (mode, memoryIndex) = (fields.u8(0), fields.u32(4))
    offset = Constant(kind: fields.u8(2), value: fields.u64(8))
    bytes = PoolRange(first: fields.u32(16), count: fields.u32(20))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u16(0, UInt16(mode))
    fields.u16(2, UInt16(offset.kind))
    fields.u32(4, memoryIndex)
    fields.u64(8, offset.value)
    fields.u32(16, bytes.first)
    fields.u32(20, bytes.count)
  }
}

/// What a name names; the numbers of WebAssembly's name section.
public enum NameKind: UInt8, Sendable {
  /// The module; index and part are zero.
  case module = 0
  /// A function.
  case function = 1
  /// A register: index is the own function's in the function index space, part the register.
  case register = 2
  /// A place in the code: index is the own function's, part the word within it.
  case label = 3
  /// A type.
  case type = 4
  /// A table.
  case table = 5
  /// A memory.
  case memory = 6
  /// A global.
  case global = 7
  /// An element segment.
  case elementSegment = 8
  /// A data segment.
  case dataSegment = 9
}

/// A name for readers: 20 bytes.
///
/// Sorted by kind, index, part; none twice.
public struct NameEntry: ModuleEntry, Equatable {
  /// Byte 0: `NameKind`; bytes 1…3 are zero.
  public var kind: UInt8
  /// Bytes 4…7: the index in the kind's index space.
  public var index: UInt32
  /// Bytes 8…11: the part of what has parts; else zero.
  public var part: UInt32
  /// Bytes 12…19: the name in `debugStrings`.
  public var name: PoolRange

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 20 }

  /// An entry of these fields.
  public init(kind: UInt8, index: UInt32, part: UInt32 = 0, name: PoolRange) {
    (self.kind, self.index, self.part, self.name) = (kind, index, part, name)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    (kind, index, part) = (fields.u8(0), fields.u32(4), fields.u32(8))
    name = PoolRange(first: fields.u32(12), count: fields.u32(16))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, UInt32(kind))
    fields.u32(4, index)
    fields.u32(8, part)
    fields.u32(12, name.first)
    fields.u32(16, name.count)
  }
}

/// A source file's name: 8 bytes.
public struct SourceFileEntry: ModuleEntry, Equatable {
  /// Bytes 0…7: the name in `debugStrings`.
  public var name: PoolRange

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 8 }

  /// An entry of this name.
  public init(name: PoolRange) { self.name = name }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    name = PoolRange(first: fields.u32(0), count: fields.u32(4))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, name.first)
    fields.u32(4, name.count)
  }
}

/// The line of a run of instructions: 16 bytes.
///
/// Sorted by word, none twice. It holds up to the next entry or the function's end.
public struct LineEntry: ModuleEntry, Equatable {
  /// Bytes 0…3: the first word of the run, counted from `code`'s beginning.
  public var firstWord: UInt32
  /// Bytes 4…7: index in `sourceFiles`.
  public var fileIndex: UInt32
  /// Bytes 8…11: the line, from 1 on; 0 when unknown.
  public var line: UInt32
  /// Bytes 12…15: the column, from 1 on; 0 when unknown.
  public var column: UInt32

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 16 }

  /// An entry of these fields.
  public init(firstWord: UInt32, fileIndex: UInt32, line: UInt32, column: UInt32 = 0) {
    (self.firstWord, self.fileIndex) = (firstWord, fileIndex)
    (self.line, self.column) = (line, column)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    (firstWord, fileIndex) = (fields.u32(0), fields.u32(4))
    (line, column) = (fields.u32(8), fields.u32(12))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, firstWord)
    fields.u32(4, fileIndex)
    fields.u32(8, line)
    fields.u32(12, column)
  }
}

/// A custom section, which nothing here reads: 16 bytes.
public struct CustomEntry: ModuleEntry, Equatable {
  /// Bytes 0…7: its name in `debugStrings`; several may have the same.
  public var name: PoolRange
  /// Bytes 8…15: its bytes in `customBytes`.
  public var bytes: PoolRange

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 16 }

  /// An entry of these fields.
  public init(name: PoolRange, bytes: PoolRange) { (self.name, self.bytes) = (name, bytes) }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    name = PoolRange(first: fields.u32(0), count: fields.u32(4))
    bytes = PoolRange(first: fields.u32(8), count: fields.u32(12))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, name.first)
    fields.u32(4, name.count)
    fields.u32(8, bytes.first)
    fields.u32(12, bytes.count)
  }
}
