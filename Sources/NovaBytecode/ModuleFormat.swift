// ModuleFormat.swift — header, section table and sections of a `.nvc` file, field by field.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Where the header's fields lie, in bytes from the file's beginning, and what stands there.
///
/// All numbers of a file are little-endian. The header has 64 bytes, the section table follows.
public enum ModuleHeader {
  /// The first eight bytes as a number: `"NVC\0\r\n\x1a\n"`.
  ///
  /// A transfer as text, a cut at a zero byte or one at the old end-of-file character changes them.
  @inlinable public static var magic: UInt64 { 0x0a1a_0a0d_0043_564e }
  /// The version this reader knows: files of another major version are refused.
  @inlinable public static var majorVersion: UInt16 { 1 }
  /// Files of this minor version and of all older ones are read.
  @inlinable public static var minorVersion: UInt16 { 0 }
  /// The header's length, and what its field of that name must say.
  @inlinable public static var byteCount: Int { 64 }

  /// 8 bytes: `magic`.
  @inlinable public static var magicOffset: Int { 0 }
  /// 2 bytes: major version.
  @inlinable public static var majorVersionOffset: Int { 8 }
  /// 2 bytes: minor version.
  @inlinable public static var minorVersionOffset: Int { 10 }
  /// 4 bytes: the header's byte count.
  @inlinable public static var headerByteCountOffset: Int { 12 }
  /// 8 bytes: a bit for each `ModuleFeature` that the module needs.
  @inlinable public static var featuresOffset: Int { 16 }
  /// 8 bytes: the file's byte count, a multiple of 8.
  @inlinable public static var fileByteCountOffset: Int { 24 }
  /// 4 bytes: how many entries the section table has.
  @inlinable public static var sectionCountOffset: Int { 32 }
  /// 4 bytes: `ModuleFlags`.
  @inlinable public static var flagsOffset: Int { 36 }
  /// 4 bytes: the function that runs at instantiation, or `noFunction`.
  @inlinable public static var startFunctionOffset: Int { 40 }
  /// 4 bytes: zero.
  @inlinable public static var reservedOffset: Int { 44 }
  /// 16 bytes: `ContentHash` of the file with these bytes read as zero.
  @inlinable public static var contentHashOffset: Int { 48 }

  /// What stands for no start function.
  @inlinable public static var noFunction: UInt32 { .max }
}

/// Bits of the header's flags; every other bit is zero.
public struct ModuleFlags: RawRepresentable, Equatable, Sendable {
  /// The header's field.
  public let rawValue: UInt32

  /// Flags of these bits.
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Results that are not numbers keep the bits that the CPU gives them, which differ between CPUs;
  /// a host refuses such a module unless it was told to allow it.
  @inlinable public static var nativeNaN: ModuleFlags { ModuleFlags(rawValue: 1) }
  /// All flags there are.
  @inlinable public static var all: ModuleFlags { nativeNaN }

  /// Whether every one of `flags` is set.
  @inlinable public func contains(_ flags: ModuleFlags) -> Bool {
    rawValue & flags.rawValue == flags.rawValue
  }
}

/// What a module may need beyond the base format: a bit of the header's features.
///
/// Numbers are never given anew. Those that this reader doesn't support are set aside.
public enum ModuleFeature: UInt8, Sendable {
  /// 128-bit vectors.
  case simd = 0
  /// Structures and arrays that are collected.
  case garbageCollection = 1
  /// Exceptions with tags.
  case exceptions = 2
  /// Shared memories and atomic operations.
  case threads = 3
  /// Calls in place of the caller's frame.
  case tailCalls = 4
  /// Memories and tables addressed with 64 bits.
  case memory64 = 5
  /// Constant expressions with arithmetic.
  case extendedConstants = 6

  /// The features that this reader supports, as bits.
  @inlinable public static var supportedBits: UInt64 { tailCalls.bit }

  /// The feature's bit in the header.
  @inlinable public var bit: UInt64 { 1 << UInt64(rawValue) }

  /// The feature as messages spell it.
  public var name: StaticString {
    switch self {
    case .simd: "simd"
    case .garbageCollection: "garbage-collection"
    case .exceptions: "exceptions"
    case .threads: "threads"
    case .tailCalls: "tail-calls"
    case .memory64: "memory64"
    case .extendedConstants: "extended-constants"
    }
  }
}

/// What a section holds; sections lie in the order of these numbers, each at most once.
///
/// A section is an array of entries of one size. What has no fixed size lies in a *pool*: a section
/// of bytes, value types or references that another section's entries name by first and count.
/// A pool holds what is named in the order of naming, without gaps and without sharing.
public enum SectionKind: UInt16, Sendable {
  /// `FunctionTypeEntry`s, over `valueTypes`.
  case types = 1
  /// Pool: parameters and results of types, a `ValueType` a byte.
  case valueTypes = 2
  /// `ImportEntry`s, over `strings`; the first of each index space.
  case imports = 3
  /// `FunctionEntry`s, over `code`.
  case functions = 4
  /// `TableEntry`s.
  case tables = 5
  /// `MemoryEntry`s.
  case memories = 6
  /// `GlobalEntry`s.
  case globals = 7
  /// `ExportEntry`s, over `strings`, sorted by name.
  case exports = 8
  /// `ElementSegmentEntry`s, over `elementItems`.
  case elementSegments = 9
  /// Pool: `ElementItemEntry`s.
  case elementItems = 10
  /// `DataSegmentEntry`s, over `dataBytes`.
  case dataSegments = 11
  /// Pool: bytes of data segments.
  case dataBytes = 12
  /// Instruction words, 8 bytes each.
  case code = 13
  /// Pool: names of imports and exports, UTF-8.
  case strings = 14
  /// `NameEntry`s, over `debugStrings`: names of functions, registers and others.
  case names = 15
  /// `SourceFileEntry`s, over `debugStrings`.
  case sourceFiles = 16
  /// `LineEntry`s: which line of which file an instruction came from.
  case lines = 17
  /// `CustomEntry`s, over `debugStrings` and `customBytes`.
  case customs = 18
  /// Pool: names of `names`, `sourceFiles` and `customs`, in this order, UTF-8.
  case debugStrings = 19
  /// Pool: bytes of custom entries.
  case customBytes = 20

  /// One more than the highest number.
  @inlinable public static var end: Int { 21 }

  /// The section as messages and text spell it.
  public var name: StaticString {
    switch self {
    case .types: "types"
    case .valueTypes: "value types"
    case .imports: "imports"
    case .functions: "functions"
    case .tables: "tables"
    case .memories: "memories"
    case .globals: "globals"
    case .exports: "exports"
    case .elementSegments: "element segments"
    case .elementItems: "element items"
    case .dataSegments: "data segments"
    case .dataBytes: "data bytes"
    case .code: "code"
    case .strings: "strings"
    case .names: "names"
    case .sourceFiles: "source files"
    case .lines: "lines"
    case .customs: "customs"
    case .debugStrings: "debug strings"
    case .customBytes: "custom bytes"
    }
  }

  /// The byte count of each of the section's entries.
  @inlinable public var entryByteCount: Int {
    switch self {
    case .types: FunctionTypeEntry.byteCount
    case .valueTypes, .dataBytes, .strings, .debugStrings, .customBytes: 1
    case .imports: ImportEntry.byteCount
    case .functions: FunctionEntry.byteCount
    case .tables: TableEntry.byteCount
    case .memories: MemoryEntry.byteCount
    case .globals: GlobalEntry.byteCount
    case .exports: ExportEntry.byteCount
    case .elementSegments: ElementSegmentEntry.byteCount
    case .elementItems: ElementItemEntry.byteCount
    case .dataSegments: DataSegmentEntry.byteCount
    case .code: 8
    case .names: NameEntry.byteCount
    case .sourceFiles: SourceFileEntry.byteCount
    case .lines: LineEntry.byteCount
    case .customs: CustomEntry.byteCount
    }
  }

  /// What the section's offset in the file is the next multiple of: 64 for code, else 8.
  @inlinable public var alignment: Int { self == .code ? 64 : SectionEntry.alignment }
}

/// An entry of the section table: 32 bytes.
///
/// Entries stand in the order of their kinds, each kind at most once; a section without entries has
/// none. Each section begins at the first multiple of its alignment after its predecessor (the
/// first after the section table); bytes between are zero, as are those up to the file's end, which
/// is the next multiple of 8.
public struct SectionEntry: ModuleEntry, Equatable {
  /// Bytes 0…1: `SectionKind`.
  public var kind: UInt16
  /// Bytes 2…3: bit 0 says that who doesn't know the kind may pass over it; zero for known kinds.
  public var flags: UInt16
  /// Bytes 4…7: how many bytes each entry has; later minor versions may append fields.
  public var entryByteCount: UInt32
  /// Bytes 8…15: where the section begins, from the file's beginning.
  public var offset: UInt64
  /// Bytes 16…23: its length: entries times their byte count.
  public var byteCount: UInt64
  /// Bytes 24…31: how many entries it has, at least 1.
  public var entryCount: UInt64

  /// An entry's byte count.
  @inlinable public static var byteCount: Int { 32 }
  /// Sections of unknown kind, and all known ones but code, begin at a multiple of this.
  @inlinable public static var alignment: Int { 8 }
  /// The flag of a section that may be passed over.
  @inlinable public static var ignorable: UInt16 { 1 }

  /// An entry of these fields.
  public init(
    kind: UInt16, flags: UInt16 = 0, entryByteCount: UInt32, offset: UInt64, byteCount: UInt64,
    entryCount: UInt64
  ) {
    (self.kind, self.flags, self.entryByteCount) = (kind, flags, entryByteCount)
    (self.offset, self.byteCount, self.entryCount) = (offset, byteCount, entryCount)
  }

  /// Reads the fields.
  @inlinable public init(_ fields: EntryReader) {
    (kind, flags, entryByteCount) = (fields.u16(0), fields.u16(2), fields.u32(4))
    (offset, byteCount, entryCount) = (fields.u64(8), fields.u64(16), fields.u64(24))
  }

  /// Writes the fields.
  public func write(to fields: EntryWriter) {
    fields.u16(0, kind)
    fields.u16(2, flags)
    fields.u32(4, entryByteCount)
    fields.u64(8, offset)
    fields.u64(16, byteCount)
    fields.u64(24, entryCount)
  }
}

/// What bounds every module; beyond them a file is refused.
public enum FormatLimits {
  /// A file's bytes: offsets within pools have 32 bits.
  @inlinable public static var fileByteCountMax: Int { 0xffff_fff8 }
  /// Entries of the section table, unknown ones included.
  @inlinable public static var sectionCountMax: Int { 64 }
  /// Parameters of a function type, and its results: what calls can lay out in a window.
  @inlinable public static var parameterCountMax: Int { 1000 }
  /// Registers of a function.
  @inlinable public static var registerCountMax: Int { 0x7fff }
  /// Pages of 64 KiB that a memory's 32-bit addresses reach.
  @inlinable public static var memoryPageCountMax: UInt64 { 65_536 }
  /// Elements that a table's 32-bit indices reach.
  @inlinable public static var tableElementCountMax: UInt64 { 0xffff_ffff }
}
