// ModuleContents+Write.swift — a module's values to the bytes of its file, which are always the
// same for the same values.
// Hosted. Imports NovaBytecode. Layout: ModuleFormat.swift there, Bytecode.md in the book.

import NovaBytecode

extension ModuleContents {
  /// The file's bytes.
  ///
  /// Exports and names are sorted; pools hold what is named in the order of naming.
  ///
  /// - Throws: `BuilderError` where the format has no place for a value. Whether the module is
  ///   meaningful is the verifier's to say.
  /// - Complexity: O(bytes + n log n) for n exports and names.
  public func fileBytes() throws(BuilderError) -> [UInt8] {
    var writer = ModuleWriter()
    writer.addTypes(types)
    writer.addImports(imports)
    writer.addFunctions(functions)
    writer.addDefinitions(self)
    try writer.addExports(exports)
    writer.addSegments(self)
    try writer.addNames(names)
    writer.addSources(self)
    writer.addCustoms(customs)
    return try writer.file(self)
  }
}

/// Sections as they fill.
private struct ModuleWriter {
  private var sections = [[UInt8]](repeating: [], count: SectionKind.end)

  private mutating func add<Entry: ModuleEntry>(_ entry: Entry, to kind: SectionKind) {
    let index = Int(kind.rawValue)
    let start = sections[index].count
    sections[index].append(contentsOf: repeatElement(0, count: Entry.byteCount))
    // SAFETY: the entry's bytes were just appended at `start`.
    unsafe sections[index].withUnsafeMutableBytes { bytes in
      unsafe entry.write(to: unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
    }
  }

  /// Appends to a pool of bytes.
  private mutating func pool(_ bytes: [UInt8], in kind: SectionKind) -> PoolRange {
    let first = UInt32(truncatingIfNeeded: sections[Int(kind.rawValue)].count)
    sections[Int(kind.rawValue)] += bytes
    return PoolRange(first: first, count: UInt32(truncatingIfNeeded: bytes.count))
  }

  mutating func addTypes(_ types: [FunctionSignature]) {
    for type in types {
      let values = pool((type.parameters + type.results).map(\.rawValue), in: .valueTypes)
      add(
        FunctionTypeEntry(
          firstValueType: values.first,
          parameterCount: UInt16(truncatingIfNeeded: type.parameters.count),
          resultCount: UInt16(truncatingIfNeeded: type.results.count)),
        to: .types)
    }
  }

  mutating func addImports(_ imports: [ModuleImport]) {
    for item in imports {
      let module = pool(item.module, in: .strings)
      let name = pool(item.name, in: .strings)
      var entry = ImportEntry(module: module, name: name, kind: item.wanted.kind.rawValue)
      switch item.wanted {
      case .function(let typeIndex):
        entry.typeIndex = typeIndex
      case .table(let type):
        (entry.valueType, entry.limits) = (type.element.rawValue, type.limits)
      case .memory(let limits):
        entry.limits = limits
      case .global(let type):
        (entry.valueType, entry.mutability) = (type.value.rawValue, type.isMutable ? 1 : 0)
      }
      add(entry, to: .imports)
    }
  }

  mutating func addFunctions(_ functions: [FunctionContents]) {
    let code = Int(SectionKind.code.rawValue)
    sections[code].reserveCapacity(functions.reduce(0) { $0 + $1.words.count } * 8)
    for function in functions {
      let firstWord = UInt32(truncatingIfNeeded: sections[code].count / 8)
      append(function.words, to: code)
      add(
        FunctionEntry(
          firstWord: firstWord, wordCount: UInt32(truncatingIfNeeded: function.words.count),
          typeIndex: function.typeIndex, registerCount: function.registerCount,
          windowBase: function.windowBase),
        to: .functions)
      for (word, place) in function.places {
        add(
          LineEntry(
            firstWord: firstWord + word, fileIndex: place.file, line: place.line,
            column: place.column),
          to: .lines)
      }
    }
  }

  private mutating func append(_ words: [UInt64], to section: Int) {
    guard UInt64(1).littleEndian == 1 else {
      for word in words {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
          sections[section].append(UInt8(truncatingIfNeeded: word >> shift))
        }
      }
      return
    }
    // SAFETY: the words' bytes, which are in the file's order, are read during the call.
    unsafe words.withUnsafeBytes { bytes in unsafe sections[section].append(contentsOf: bytes) }
  }

  mutating func addDefinitions(_ contents: ModuleContents) {
    for table in contents.tables {
      add(TableEntry(elementType: table.element.rawValue, limits: table.limits), to: .tables)
    }
    for memory in contents.memories { add(MemoryEntry(limits: memory), to: .memories) }
    for global in contents.globals {
      add(
        GlobalEntry(
          valueType: global.type.value.rawValue, mutability: global.type.isMutable ? 1 : 0,
          initial: global.initial),
        to: .globals)
    }
  }

  mutating func addExports(_ exports: [ModuleExport]) throws(BuilderError) {
    let sorted = exports.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    for (index, export) in sorted.enumerated() {
      if index > 0, sorted[index - 1].name == export.name {
        throw BuilderError(.duplicateExport(export.name))
      }
      let name = pool(export.name, in: .strings)
      add(ExportEntry(name: name, kind: export.kind.rawValue, index: export.index), to: .exports)
    }
  }

  mutating func addSegments(_ contents: ModuleContents) {
    for segment in contents.elementSegments {
      let (mode, target, offset) = fields(segment.placement)
      let itemCount = sections[Int(SectionKind.elementItems.rawValue)].count
      let first = UInt32(truncatingIfNeeded: itemCount / ElementItemEntry.byteCount)
      for item in segment.items {
        add(
          ElementItemEntry(kind: item.kind, index: UInt32(truncatingIfNeeded: item.value)),
          to: .elementItems)
      }
      let count = UInt32(truncatingIfNeeded: segment.items.count)
      add(
        ElementSegmentEntry(
          mode: mode.rawValue, elementType: segment.type.rawValue, offset: offset,
          tableIndex: target, items: PoolRange(first: first, count: count)),
        to: .elementSegments)
    }
    for segment in contents.dataSegments {
      let (mode, target, offset) = fields(segment.placement)
      let bytes = pool(segment.bytes, in: .dataBytes)
      add(
        DataSegmentEntry(mode: mode.rawValue, offset: offset, memoryIndex: target, bytes: bytes),
        to: .dataSegments)
    }
  }

  private func fields(_ placement: SegmentPlacement) -> (SegmentMode, UInt32, Constant) {
    switch placement {
    case .active(let target, let offset): (.active, target, offset)
    case .passive: (.passive, 0, .none)
    case .declared: (.declared, 0, .none)
    }
  }

  mutating func addNames(_ names: [ModuleName]) throws(BuilderError) {
    let sorted = names.sorted { key($0) < key($1) }
    for (index, name) in sorted.enumerated() {
      if index > 0, key(sorted[index - 1]) == key(name) {
        throw BuilderError(.duplicateName(name.kind, index: name.index, part: name.part))
      }
      let text = pool(name.name, in: .debugStrings)
      add(
        NameEntry(kind: name.kind.rawValue, index: name.index, part: name.part, name: text),
        to: .names)
    }
  }

  private func key(_ name: ModuleName) -> (UInt8, UInt32, UInt32) {
    (name.kind.rawValue, name.index, name.part)
  }

  mutating func addSources(_ contents: ModuleContents) {
    for file in contents.sourceFiles {
      let name = pool(file, in: .debugStrings)
      add(SourceFileEntry(name: name), to: .sourceFiles)
    }
  }

  mutating func addCustoms(_ customs: [CustomSection]) {
    for custom in customs {
      let name = pool(custom.name, in: .debugStrings)
      let bytes = pool(custom.bytes, in: .customBytes)
      add(CustomEntry(name: name, bytes: bytes), to: .customs)
    }
  }
}

/// A section that has its place in the file.
private struct PlacedSection {
  var entry: SectionEntry
  var bytes: [UInt8]
}

extension ModuleWriter {
  /// Header, section table and sections.
  func file(_ contents: ModuleContents) throws(BuilderError) -> [UInt8] {
    var placed = knownSections()
    try addUnknown(contents.unknownSections, to: &placed)
    guard placed.count <= FormatLimits.sectionCountMax else {
      throw BuilderError(.badSectionKind(placed[FormatLimits.sectionCountMax].entry.kind))
    }
    var offset = ModuleHeader.byteCount + placed.count * SectionEntry.byteCount
    for index in placed.indices {
      let isCode = placed[index].entry.kind == SectionKind.code.rawValue
      offset = roundUp(offset, isCode ? SectionKind.code.alignment : SectionEntry.alignment)
      placed[index].entry.offset = UInt64(offset)
      offset += placed[index].bytes.count
    }
    let byteCount = roundUp(offset, SectionEntry.alignment)
    guard byteCount <= FormatLimits.fileByteCountMax else {
      throw BuilderError(
        .fileTooLarge(byteCount: byteCount, maximum: FormatLimits.fileByteCountMax))
    }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    for (index, section) in placed.enumerated() {
      let start = Int(section.entry.offset)
      bytes.replaceSubrange(start..<start + section.bytes.count, with: section.bytes)
      let entry = ModuleHeader.byteCount + index * SectionEntry.byteCount
      // SAFETY: the section table follows the header, one entry for each section.
      unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe section.entry.write(
          to: unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[entry...]))
      }
    }
    writeHeader(contents, sectionCount: placed.count, into: &bytes)
    return bytes
  }

  private func knownSections() -> [PlacedSection] {
    (1..<SectionKind.end).compactMap { number in
      guard let kind = SectionKind(rawValue: UInt16(number)), !sections[number].isEmpty else {
        return nil
      }
      let byteCount = sections[number].count
      let entry = SectionEntry(
        kind: kind.rawValue, entryByteCount: UInt32(kind.entryByteCount), offset: 0,
        byteCount: UInt64(byteCount), entryCount: UInt64(byteCount / kind.entryByteCount))
      return PlacedSection(entry: entry, bytes: sections[number])
    }
  }

  private func addUnknown(
    _ unknown: [UnknownSection], to placed: inout [PlacedSection]
  ) throws(BuilderError) {
    var last = UInt16(SectionKind.end - 1)
    for section in unknown.sorted(by: { $0.kind < $1.kind }) {
      guard section.kind > last else { throw BuilderError(.badSectionKind(section.kind)) }
      last = section.kind
      let size = Int(section.entryByteCount)
      guard size > 0, !section.bytes.isEmpty, section.bytes.count % size == 0 else {
        throw BuilderError(
          .badSectionByteCount(
            kind: section.kind, byteCount: section.bytes.count,
            entryByteCount: section.entryByteCount))
      }
      let entry = SectionEntry(
        kind: section.kind, flags: SectionEntry.ignorable, entryByteCount: section.entryByteCount,
        offset: 0, byteCount: UInt64(section.bytes.count),
        entryCount: UInt64(section.bytes.count / size))
      placed.append(PlacedSection(entry: entry, bytes: section.bytes))
    }
  }

  private func writeHeader(
    _ contents: ModuleContents, sectionCount: Int, into bytes: inout [UInt8]
  ) {
    let byteCount = UInt64(bytes.count)
    // SAFETY: the file begins with a header, whose fields lie at these offsets.
    unsafe bytes.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let fields = unsafe EntryWriter(base)
      fields.u64(ModuleHeader.magicOffset, ModuleHeader.magic)
      fields.u16(ModuleHeader.majorVersionOffset, ModuleHeader.majorVersion)
      fields.u16(ModuleHeader.minorVersionOffset, ModuleHeader.minorVersion)
      fields.u32(ModuleHeader.headerByteCountOffset, UInt32(ModuleHeader.byteCount))
      fields.u64(ModuleHeader.featuresOffset, contents.features)
      fields.u64(ModuleHeader.fileByteCountOffset, byteCount)
      fields.u32(ModuleHeader.sectionCountOffset, UInt32(sectionCount))
      fields.u32(ModuleHeader.flagsOffset, contents.flags.rawValue)
      fields.u32(
        ModuleHeader.startFunctionOffset, contents.startFunction ?? ModuleHeader.noFunction)
      let hash = unsafe ContentHash.ofModule(UnsafeRawBufferPointer(bytes))
      fields.u64(ModuleHeader.contentHashOffset, hash.low)
      fields.u64(ModuleHeader.contentHashOffset + 8, hash.high)
    }
  }

  private func roundUp(_ offset: Int, _ alignment: Int) -> Int {
    (offset + alignment - 1) / alignment * alignment
  }
}
