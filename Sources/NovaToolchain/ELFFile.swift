// ELFFile.swift — a parsed 64-bit little-endian ELF file: header, segments, sections, symbols,
// notes.
// Hosted. Imports nothing. The reading: ELFReader.swift; NovaCore's own note: ELFBootstrap.swift.
// Source: System V ABI, "Object Files" (gABI 4.1) and its ELF-64 supplement.

/// A part of an ELF file that a name, an offset or a size in an error speaks of.
public enum ELFPart: String, Sendable {
  case header, segmentTable, segment, sectionTable, section, sectionNames, symbols, symbolNames
  case notes, bootstrapNote, bootstrapRecord
}

/// Why bytes are not an ELF file that NovaCore understands.
public enum ELFError: Error, Equatable {
  /// The first bytes are another format's, or nobody's.
  case notELF(FileKind)
  /// `part` at `offset` needs `byteCount` bytes; the file ends at `fileByteCount`.
  case truncated(part: ELFPart, offset: UInt64, byteCount: UInt64, fileByteCount: UInt64)
  /// Byte 4 of the file: 2 is 64-bit.
  case unsupportedClass(UInt8)
  /// Byte 5 of the file: 1 is little-endian.
  case unsupportedByteOrder(UInt8)
  /// `e_machine` at offset 18: none of the CPUs in `Target`.
  case unsupportedMachine(UInt16)
  /// `e_type` at offset 16: neither an executable (2) nor position-independent (3) nor relocatable
  /// (1).
  case unsupportedType(UInt16)
  /// A table's entries are not as large as this format's.
  case badEntrySize(part: ELFPart, offset: UInt64, found: UInt64, expected: UInt64)
  /// A name lies outside its table, or has no end; `offset` is the place that refers to it.
  case badName(part: ELFPart, offset: UInt64)
  /// A section number at `offset` names no section.
  case badSectionNumber(UInt64, offset: UInt64)
  /// An address range wraps around, or memory is smaller than what the file puts there.
  case badRange(part: ELFPart, offset: UInt64)
  /// No NovaCore note: the program was not linked with NovaCore's linker script.
  case noBootstrapNote
  /// More than one note claims to be NovaCore's, or its size is not two addresses.
  case badBootstrapNote(offset: UInt64)
  /// The record's bounds are no pairs of words, or lie in no segment's file bytes.
  case badBootstrapBounds(start: UInt64, end: UInt64)
  /// More than one note claims to state the module's place, or its size is not two words.
  case badModuleNote(offset: UInt64)
  /// The module's place lies in no segment's file bytes.
  case badModuleBounds(address: UInt64, byteCount: UInt64)
  /// The record is another version's.
  case unsupportedVersion(found: UInt64, expected: UInt64)
}

/// What a file is, by its first bytes.
public enum FileKind: String, Sendable {
  case empty, elf, webAssembly, archive, script, gzip, machO, windowsExecutable, llvmBitcode
  case novaModule, unknown

  /// Recognises a file; four bytes suffice.
  public init(magic bytes: some Collection<UInt8>) {
    let magic = Array(bytes.prefix(4))
    switch magic {
    case []: self = .empty
    case [0x7f, 0x45, 0x4c, 0x46]: self = .elf
    case [0x00, 0x61, 0x73, 0x6d]: self = .webAssembly
    case [0x4e, 0x56, 0x43, 0x00]: self = .novaModule
    case [0x21, 0x3c, 0x61, 0x72]: self = .archive
    case [0xcf, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe]: self = .machO
    case [0x42, 0x43, 0xc0, 0xde]: self = .llvmBitcode
    case _ where magic.starts(with: [0x23, 0x21]): self = .script
    case _ where magic.starts(with: [0x1f, 0x8b]): self = .gzip
    case _ where magic.starts(with: [0x4d, 0x5a]): self = .windowsExecutable
    default: self = .unknown
    }
  }
}

/// What the kernel may let a program do with memory.
public struct ELFPermissions: OptionSet, Sendable, CustomStringConvertible {
  /// The bits of `p_flags`.
  public let rawValue: UInt32

  /// The permissions with these bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// `PF_X`.
  public static let execute = ELFPermissions(rawValue: 1)
  /// `PF_W`.
  public static let write = ELFPermissions(rawValue: 2)
  /// `PF_R`.
  public static let read = ELFPermissions(rawValue: 4)

  /// `r`, `w`, `x` or `-`, in this order.
  public var description: String {
    (contains(.read) ? "r" : "-") + (contains(.write) ? "w" : "-")
      + (contains(.execute) ? "x" : "-")
  }
}

/// A program header.
public struct ELFSegment: Sendable, Equatable {
  /// `p_type`.
  public struct Kind: RawRepresentable, Sendable, Equatable {
    /// The number in the file.
    public let rawValue: UInt32

    /// The kind of this number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `PT_LOAD`: part of the program's memory.
    public static let load = Kind(rawValue: 1)
    /// `PT_DYNAMIC`: what a dynamic linker needs.
    public static let dynamic = Kind(rawValue: 2)
    /// `PT_INTERP`: the dynamic linker's path.
    public static let interpreter = Kind(rawValue: 3)
    /// `PT_NOTE`: notes.
    public static let note = Kind(rawValue: 4)
    /// `PT_TLS`: thread-local variables.
    public static let threadLocal = Kind(rawValue: 7)
    /// `PT_GNU_STACK`: whether the stack is executable.
    public static let stack = Kind(rawValue: 0x6474_e551)
  }

  /// What the segment is for.
  public var kind: Kind
  /// `p_flags`.
  public var permissions: ELFPermissions
  /// Where its bytes stand in the file.
  public var fileOffset: UInt64
  /// `p_vaddr`: where it stands in memory.
  public var address: UInt64
  /// Bytes in the file.
  public var fileByteCount: UInt64
  /// At least `fileByteCount` when the segment is loaded; the rest is zero.
  public var memoryByteCount: UInt64
  /// `p_align`, in bytes; 0 and 1 mean none.
  public var alignment: UInt64
}

/// A section header.
public struct ELFSection: Sendable, Equatable {
  /// From the table of section names.
  public var name: String
  /// `sh_type`.
  public var kind: UInt32
  /// `sh_flags`.
  public var flags: UInt64
  /// Where it stands in memory; 0 for what is not loaded.
  public var address: UInt64
  /// Where its bytes stand in the file.
  public var fileOffset: UInt64
  /// Bytes in memory, and in the file unless it has none there.
  public var byteCount: UInt64
  /// `sh_link`: number of the section that it refers to.
  public var link: UInt32
  /// `sh_info`: of relocations, the number of the section that they change.
  public var information: UInt32
  /// `sh_addralign`, in bytes; 0 and 1 mean none.
  public var alignment: UInt64
  /// Bytes of one entry, in a table.
  public var entryByteCount: UInt64

  static let symbolTable: UInt32 = 2
  static let strings: UInt32 = 3
  static let relocations: UInt32 = 4
  static let notes: UInt32 = 7
  static let noBits: UInt32 = 8
  static let dynamicSymbolTable: UInt32 = 11

  /// Whether the section takes up memory while the program runs.
  public var isAllocated: Bool { flags & 2 != 0 }
  /// Whether the file holds the section's bytes.
  public var hasBytes: Bool { kind != Self.noBits && kind != 0 }
}

/// A symbol of `.symtab`, or of `.dynsym` where there is no `.symtab`.
public struct ELFSymbol: Sendable, Equatable {
  /// `STT_…`.
  public enum Kind: UInt8, Sendable {
    case none = 0
    case object, function, section, file, common, threadLocal
    case other = 0xff
  }

  /// Mangled, as in the file.
  public var name: String
  /// Where it stands in memory; for a thread-local variable, in its block.
  public var address: UInt64
  /// Bytes that it covers; 0 when the assembler was not told.
  public var byteCount: UInt64
  /// What it names.
  public var kind: Kind
  /// False for local symbols.
  public var isGlobal: Bool
  /// Number in the section table; 0 for an undefined symbol, 0xff00 and more for no section.
  public var sectionNumber: UInt16

  /// Whether the file expects somebody else to define it.
  public var isUndefined: Bool { sectionNumber == 0 && !name.isEmpty }
}

/// A note, with its place.
public struct ELFNote: Sendable, Equatable {
  /// Who defined the note: `GNU`, `NovaCore`.
  public var name: String
  /// `n_type`; its meaning depends on `name`.
  public var kind: UInt32
  /// The note's content.
  public var description: [UInt8]
  /// Where in the file the note's header stands.
  public var fileOffset: UInt64
}

/// A 64-bit little-endian ELF file for one of the CPUs that NovaCore builds for.
public struct ELFFile: Sendable {
  /// `e_type`.
  public enum Kind: UInt16, Sendable {
    case relocatable = 1
    case executable, positionIndependent
  }

  /// The whole file.
  public let bytes: [UInt8]
  /// `e_machine`.
  public let target: Target
  /// Whether it is linked, and how.
  public let kind: Kind
  /// `e_entry`: the address of the first instruction.
  public let entry: UInt64
  /// `e_flags`, CPU-specific.
  public let flags: UInt32
  /// In the order of the program headers.
  public let segments: [ELFSegment]
  /// With the null section at 0; empty in a file without section headers.
  public let sections: [ELFSection]
  /// Without the null symbol; empty in a stripped file.
  public let symbols: [ELFSymbol]
  /// From the note segments, or the note sections of a file without segments.
  public let notes: [ELFNote]

  /// The linker's hash of the file; null when it wrote none.
  public var buildIdentifier: [UInt8]? {
    notes.first { $0.name == "GNU" && $0.kind == 3 }?.description
  }

  /// The bytes that the file loads at an address.
  ///
  /// - Returns: null when the range is not wholly inside the file bytes of one loaded segment.
  public func bytes(at address: UInt64, byteCount: UInt64) -> ArraySlice<UInt8>? {
    for segment in segments where segment.kind == .load && address >= segment.address {
      let start = address - segment.address
      guard start <= segment.fileByteCount, byteCount <= segment.fileByteCount - start else {
        continue
      }
      let offset = Int(segment.fileOffset + start)
      return bytes[offset..<offset + Int(byteCount)]
    }
    return nil
  }

  /// A section's bytes in the file; empty for `.bss` and its like.
  public func bytes(of section: ELFSection) -> ArraySlice<UInt8> {
    guard section.hasBytes else { return [] }
    return bytes[Int(section.fileOffset)..<Int(section.fileOffset + section.byteCount)]
  }

  /// The function or object that an address lies in; of several, the one that begins last.
  public func symbol(at address: UInt64) -> ELFSymbol? {
    symbols
      .filter { $0.address <= address && address - $0.address < max($0.byteCount, 1) }
      .filter { $0.kind == .function || $0.kind == .object || $0.kind == .none }
      .max { $0.address < $1.address }
  }
}
