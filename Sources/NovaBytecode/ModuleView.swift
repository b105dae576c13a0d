// ModuleView.swift — typed access to a module's sections, in place.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// A module whose structure was checked, and whose code was not: nothing runs it yet.
///
/// Every index, run and constant of every section is in range; see `ModuleReader`. Only
/// `Verifier.verify` makes a `VerifiedModule` of it.
@safe public struct ModuleView: Sendable {
  /// The file.
  public let bytes: ModuleBytes
  /// The header's features.
  public internal(set) var features: UInt64 = 0
  /// Whether the header names `feature`: code may use what it brings.
  @inlinable public func needs(_ feature: ModuleFeature) -> Bool { features & feature.bit != 0 }
  /// The header's flags.
  public internal(set) var flags = ModuleFlags(rawValue: 0)
  /// The function that runs at instantiation.
  public internal(set) var startFunction: UInt32?
  /// The header's hash.
  public internal(set) var contentHash = ContentHash(low: 0, high: 0)
  /// How many sections the section table has, unknown ones included.
  public internal(set) var sectionCount = 0
  /// How many imports are functions; they are the first of all imports.
  public internal(set) var importedFunctionCount = 0
  /// How many imports are tables; they follow the functions.
  public internal(set) var importedTableCount = 0
  /// How many imports are memories; they follow the tables.
  public internal(set) var importedMemoryCount = 0
  /// How many imports are globals; they follow the memories.
  public internal(set) var importedGlobalCount = 0

  /// Where a section lies; an absent one has no entries.
  @usableFromInline struct Extent: Sendable {
    @usableFromInline var offset: Int
    @usableFromInline var count: Int
  }

  // By kind; written by the reader after its checks, so that each lies within the bytes.
  @usableFromInline var extents = InlineArray<21, Extent>(repeating: Extent(offset: 0, count: 0))

  init(_ bytes: ModuleBytes) { self.bytes = bytes }

  @inlinable func extent(_ kind: SectionKind) -> Extent { extents[Int(kind.rawValue)] }

  @inlinable func entries<Entry>(_ kind: SectionKind) -> ModuleEntries<Entry> {
    let extent = extent(kind)
    // SAFETY: the reader checked that the section's entries lie within the bytes.
    return unsafe ModuleEntries(base: bytes.pointer(at: extent.offset), count: extent.count)
  }

  /// How many entries a section has, a pool's elements too.
  @inlinable public func count(of kind: SectionKind) -> Int { extent(kind).count }

  /// A section's byte count, without padding.
  @inlinable public func byteCount(of kind: SectionKind) -> Int {
    extent(kind).count * kind.entryByteCount
  }

  /// The section table.
  @inlinable public var sections: ModuleEntries<SectionEntry> {
    // SAFETY: the reader checked that the section table lies within the bytes.
    unsafe ModuleEntries(base: bytes.pointer(at: ModuleHeader.byteCount), count: sectionCount)
  }

  /// Function types.
  @inlinable public var types: ModuleEntries<FunctionTypeEntry> { entries(.types) }
  /// Imports: functions, then tables, memories, globals.
  @inlinable public var imports: ModuleEntries<ImportEntry> { entries(.imports) }
  /// Own functions; the first has the index `importedFunctionCount`.
  @inlinable public var functions: ModuleEntries<FunctionEntry> { entries(.functions) }
  /// Own tables.
  @inlinable public var tables: ModuleEntries<TableEntry> { entries(.tables) }
  /// Own memories.
  @inlinable public var memories: ModuleEntries<MemoryEntry> { entries(.memories) }
  /// Own globals.
  @inlinable public var globals: ModuleEntries<GlobalEntry> { entries(.globals) }
  /// Exports, by name.
  @inlinable public var exports: ModuleEntries<ExportEntry> { entries(.exports) }
  /// Element segments.
  @inlinable public var elementSegments: ModuleEntries<ElementSegmentEntry> {
    entries(.elementSegments)
  }
  /// Items of element segments.
  @inlinable public var elementItems: ModuleEntries<ElementItemEntry> { entries(.elementItems) }
  /// Data segments.
  @inlinable public var dataSegments: ModuleEntries<DataSegmentEntry> { entries(.dataSegments) }
  /// Names for readers.
  @inlinable public var names: ModuleEntries<NameEntry> { entries(.names) }
  /// Source files.
  @inlinable public var sourceFiles: ModuleEntries<SourceFileEntry> { entries(.sourceFiles) }
  /// Lines, by word.
  @inlinable public var lines: ModuleEntries<LineEntry> { entries(.lines) }
  /// Custom sections.
  @inlinable public var customs: ModuleEntries<CustomEntry> { entries(.customs) }

  /// How many words all functions have together.
  @inlinable public var codeWordCount: Int { extent(.code).count }

  /// The code's words, at a multiple of 8, and of 64 where the file's bytes are.
  ///
  /// - Safety: they are little-endian and `codeWordCount`; use nothing beyond, and nothing after
  ///   the promise of `ModuleBytes` has ended.
  @unsafe @inlinable public var code: UnsafePointer<UInt64> {
    // SAFETY: the reader checked place and alignment of the section.
    unsafe bytes.pointer(at: extent(.code).offset).assumingMemoryBound(to: UInt64.self)
  }

  /// The word of code at `index`, 0 … `codeWordCount` - 1.
  @inlinable public func codeWord(_ index: Int) -> UInt64 {
    precondition(index >= 0 && index < codeWordCount, "no word of that index")
    // SAFETY: the index was just checked.
    return UInt64(littleEndian: unsafe code[index])
  }

  /// Elements of a pool of bytes.
  @inlinable public func poolBytes(_ kind: SectionKind, _ range: PoolRange) -> PoolBytes {
    let extent = extent(kind)
    let (first, count) = (Int(range.first), Int(range.count))
    precondition(
      kind.entryByteCount == 1 && first + count <= extent.count, "no such bytes in the pool")
    // SAFETY: the run lies within the section, as just checked, and that within the bytes.
    return unsafe PoolBytes(
      UnsafeRawBufferPointer(start: bytes.pointer(at: extent.offset + first), count: count))
  }

  /// The name of an import, its module or an export.
  @inlinable public func string(_ range: PoolRange) -> PoolBytes { poolBytes(.strings, range) }

  /// The name of a function, register, file, custom section or other.
  @inlinable public func debugString(_ range: PoolRange) -> PoolBytes {
    poolBytes(.debugStrings, range)
  }
}

/// A section's entries, read from the bytes one by one.
@safe public struct ModuleEntries<Entry: ModuleEntry>: Sendable {
  @usableFromInline nonisolated(unsafe) let base: UnsafeRawPointer
  /// How many entries.
  public let count: Int

  /// - Safety: `base` is followed by `count` entries that stay.
  @unsafe @inlinable init(base: UnsafeRawPointer, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  /// The entry at `index`, 0 … `count` - 1.
  @inlinable public subscript(index: Int) -> Entry {
    precondition(index >= 0 && index < count, "no entry of that index")
    // SAFETY: the index was just checked.
    return Entry(unsafe EntryReader(base + index * Entry.byteCount))
  }
}
