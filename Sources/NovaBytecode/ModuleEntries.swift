// ModuleEntries.swift — entries of the sections that every engine reads, byte by byte.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// A run of a pool's elements.
public struct PoolRange: Equatable, Sendable {
  /// The first element's index in the pool; zero-length runs have one as well.
  public var first: UInt32
  /// How many elements.
  public var count: UInt32

  /// A run of `count` elements from `first` on.
  @inlinable public init(first: UInt32, count: UInt32) {
    (self.first, self.count) = (first, count)
  }
}

/// How small and how large a table or memory may be.
public struct SizeLimits: Equatable, Sendable {
  /// What it has at first: elements of a table, pages of 64 KiB of a memory.
  public var minimum: UInt64
  /// What it may grow to, or `none`.
  public var maximum: UInt64

  /// What stands for no maximum.
  @inlinable public static var none: UInt64 { .max }

  /// Limits in elements or pages.
  @inlinable public init(minimum: UInt64, maximum: UInt64 = SizeLimits.none) {
    (self.minimum, self.maximum) = (minimum, maximum)
  }
}

/// A constant expression: kind and value.
public struct Constant: Equatable, Sendable {
  /// `ConstantKind`.
  public var kind: UInt8
  /// Its value: 32-bit kinds in the low half; an index for functions and globals.
  public var value: UInt64

  /// A constant of this kind and value.
  @inlinable public init(kind: UInt8, value: UInt64) { (self.kind, self.value) = (kind, value) }

  /// A constant of this kind and value.
  @inlinable public init(_ kind: ConstantKind, _ value: UInt64 = 0) {
    self.init(kind: kind.rawValue, value: value)
  }

  /// What segments have that are not active.
  @inlinable public static var none: Constant { Constant(.none) }
}

/// A function's type: 8 bytes.
public struct FunctionTypeEntry: ModuleEntry, Equatable {
  /// Bytes 0…3: where its parameters begin in `valueTypes`; its results follow them.
  public var firstValueType: UInt32
  /// Bytes 4…5: how many parameters.
  public var parameterCount: UInt16
  /// Bytes 6…7: how many results.
  public var resultCount: UInt16

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 8 }

  /// An entry of these fields.
  public init(firstValueType: UInt32, parameterCount: UInt16, resultCount: UInt16) {
    self.firstValueType = firstValueType
    (self.parameterCount, self.resultCount) = (parameterCount, resultCount)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    firstValueType = fields.u32(0)
    (parameterCount, resultCount) = (fields.u16(4), fields.u16(6))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, firstValueType)
    fields.u16(4, parameterCount)
    fields.u16(6, resultCount)
  }
}

/// An import: 40 bytes.
public struct ImportEntry: ModuleEntry, Equatable {
  /// Bytes 0…7: the module's name in `strings`.
  public var module: PoolRange
  /// Bytes 8…15: the name within that module, in `strings`.
  public var name: PoolRange
  /// Byte 16: `ExternalKind`.
  public var kind: UInt8
  /// Byte 17: a table's or global's `ValueType`; else zero.
  public var valueType: UInt8
  /// Byte 18: 1 for a mutable global; else zero.
  ///
  /// Byte 19 is zero.
  public var mutability: UInt8
  /// Bytes 20…23: a function's type; else zero.
  public var typeIndex: UInt32
  /// Bytes 24…31 and 32…39: a table's or memory's minimum and maximum; else zero.
  public var limits: SizeLimits

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 40 }

  /// An entry of these fields.
  public init(
    module: PoolRange, name: PoolRange, kind: UInt8, valueType: UInt8 = 0, mutability: UInt8 = 0,
    typeIndex: UInt32 = 0, limits: SizeLimits = SizeLimits(minimum: 0, maximum: 0)
  ) {
    (self.module, self.name, self.kind, self.valueType) = (module, name, kind, valueType)
    (self.mutability, self.typeIndex, self.limits) = (mutability, typeIndex, limits)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    module = PoolRange(first: fields.u32(0), count: fields.u32(4))
    name = PoolRange(first: fields.u32(8), count: fields.u32(12))
    (kind, valueType, mutability) = (fields.u8(16), fields.u8(17), fields.u8(18))
    typeIndex = fields.u32(20)
    limits = SizeLimits(minimum: fields.u64(24), maximum: fields.u64(32))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, module.first)
    fields.u32(4, module.count)
    fields.u32(8, name.first)
    fields.u32(12, name.count)
    fields.u8(16, kind)
    fields.u8(17, valueType)
    fields.u16(18, UInt16(mutability))
    fields.u32(20, typeIndex)
    fields.u64(24, limits.minimum)
    fields.u64(32, limits.maximum)
  }
}

/// A function of the module's own: 16 bytes.
///
/// Functions follow each other in `code` in the order of their indices, without gaps.
public struct FunctionEntry: ModuleEntry, Equatable {
  /// Bytes 0…3: where its instructions begin in `code`, in words.
  public var firstWord: UInt32
  /// Bytes 4…7: how many words, at least 1.
  public var wordCount: UInt32
  /// Bytes 8…11: its type.
  public var typeIndex: UInt32
  /// Bytes 12…13: its registers, 1 … 0x7fff, at least its parameters and its results.
  public var registerCount: UInt16
  /// Bytes 14…15: registers below are never touched by a call; at most `registerCount`.
  public var windowBase: UInt16

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 16 }

  /// An entry of these fields.
  public init(
    firstWord: UInt32, wordCount: UInt32, typeIndex: UInt32, registerCount: UInt16,
    windowBase: UInt16
  ) {
    (self.firstWord, self.wordCount, self.typeIndex) = (firstWord, wordCount, typeIndex)
    (self.registerCount, self.windowBase) = (registerCount, windowBase)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    (firstWord, wordCount, typeIndex) = (fields.u32(0), fields.u32(4), fields.u32(8))
    (registerCount, windowBase) = (fields.u16(12), fields.u16(14))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, firstWord)
    fields.u32(4, wordCount)
    fields.u32(8, typeIndex)
    fields.u16(12, registerCount)
    fields.u16(14, windowBase)
  }
}

/// A table of the module's own: 24 bytes.
public struct TableEntry: ModuleEntry, Equatable {
  /// Byte 0: `ValueType` of its elements, a reference; bytes 1…7 are zero.
  public var elementType: UInt8
  /// Bytes 8…15 and 16…23: minimum and maximum, in elements.
  public var limits: SizeLimits

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 24 }

  /// An entry of these fields.
  public init(elementType: UInt8, limits: SizeLimits) {
    (self.elementType, self.limits) = (elementType, limits)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    elementType = fields.u8(0)
    limits = SizeLimits(minimum: fields.u64(8), maximum: fields.u64(16))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u64(0, UInt64(elementType))
    fields.u64(8, limits.minimum)
    fields.u64(16, limits.maximum)
  }
}

/// A memory of the module's own: 16 bytes.
public struct MemoryEntry: ModuleEntry, Equatable {
  /// Bytes 0…7 and 8…15: minimum and maximum, in pages of 64 KiB.
  public var limits: SizeLimits

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 16 }

  /// An entry of these limits.
  public init(limits: SizeLimits) { self.limits = limits }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    limits = SizeLimits(minimum: fields.u64(0), maximum: fields.u64(8))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u64(0, limits.minimum)
    fields.u64(8, limits.maximum)
  }
}

/// A global of the module's own: 16 bytes.
public struct GlobalEntry: ModuleEntry, Equatable {
  /// Byte 0: `ValueType`.
  public var valueType: UInt8
  /// Byte 1: 1 when it is mutable, else 0.
  public var mutability: UInt8
  /// Byte 2 and bytes 8…15: kind and value of what it begins with; bytes 3…7 are zero.
  public var initial: Constant

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 16 }

  /// An entry of these fields.
  public init(valueType: UInt8, mutability: UInt8, initial: Constant) {
    (self.valueType, self.mutability, self.initial) = (valueType, mutability, initial)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    (valueType, mutability) = (fields.u8(0), fields.u8(1))
    initial = Constant(kind: fields.u8(2), value: fields.u64(8))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u8(0, valueType)
    fields.u8(1, mutability)
    fields.u16(2, UInt16(initial.kind))
    fields.u32(4, 0)
    fields.u64(8, initial.value)
  }
}

/// An export: 16 bytes.
///
/// Sorted by name as unsigned bytes, a prefix first; no name twice.
public struct ExportEntry: ModuleEntry, Equatable {
  /// Bytes 0…7: the name in `strings`.
  public var name: PoolRange
  /// Byte 8: `ExternalKind`; bytes 9…11 are zero.
  public var kind: UInt8
  /// Bytes 12…15: the index in the kind's index space.
  public var index: UInt32

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 16 }

  /// An entry of these fields.
  public init(name: PoolRange, kind: UInt8, index: UInt32) {
    (self.name, self.kind, self.index) = (name, kind, index)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    name = PoolRange(first: fields.u32(0), count: fields.u32(4))
    (kind, index) = (fields.u8(8), fields.u32(12))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u32(0, name.first)
    fields.u32(4, name.count)
    fields.u32(8, UInt32(kind))
    fields.u32(12, index)
  }
}
