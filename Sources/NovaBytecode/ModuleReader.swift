// ModuleReader.swift — bytes → ModuleView: header, section table, padding, hash.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Checks a file's structure: everything but the instructions.
///
/// Nothing is allocated, every byte is read a bounded number of times, and each file has exactly
/// one form: what could be written in two ways is refused in all but one. So text made from a file
/// makes the same file again, bit for bit.
public struct ModuleReader {
  var view: ModuleView

  /// Reads a module.
  ///
  /// - Parameter bytes: the whole file, at an address that is a multiple of 8.
  /// - Returns: a view of the same bytes, with every section in range and consistent.
  /// - Throws: `FormatError` with the place and value of the first fault in the file's order.
  /// - Complexity: O(n); the hash, which reads all bytes, runs at several bytes a cycle.
  public static func read(_ bytes: ModuleBytes) throws(FormatError) -> ModuleView {
    var reader = ModuleReader(view: ModuleView(bytes))
    try reader.readHeader()
    try reader.readSectionTable()
    try reader.readEntries()
    return reader.view
  }

  private var bytes: ModuleBytes { view.bytes }

  private mutating func readHeader() throws(FormatError) {
    let header = ModuleHeader.self
    // SAFETY: only the address is looked at.
    let remainder = unsafe UInt(bitPattern: bytes.base) % UInt(ModuleBytes.alignment)
    guard remainder == 0 else {
      throw FormatError(.misalignedBytes, byteOffset: 0, value: UInt64(remainder))
    }
    let byteCount = UInt64(bytes.byteCount)
    guard bytes.byteCount >= header.byteCount else {
      throw FormatError(
        .truncated(needed: UInt64(header.byteCount)), byteOffset: 0, value: byteCount)
    }
    let magic = bytes.u64(at: header.magicOffset)
    guard magic == header.magic else { throw FormatError(.wrongMagic, byteOffset: 0, value: magic) }
    try readVersion()
    view.features = bytes.u64(at: header.featuresOffset)
    let unknownFeatures = view.features & ~ModuleFeature.supportedBits
    guard unknownFeatures == 0 else {
      throw FormatError(
        .unsupportedFeature, byteOffset: header.featuresOffset,
        value: UInt64(unknownFeatures.trailingZeroBitCount))
    }
    let stated = bytes.u64(at: header.fileByteCountOffset)
    guard stated <= FormatLimits.fileByteCountMax else {
      throw FormatError(
        .fileTooLarge(limit: UInt64(FormatLimits.fileByteCountMax)),
        byteOffset: header.fileByteCountOffset, value: stated)
    }
    guard stated == byteCount, stated % 8 == 0 else {
      throw FormatError(
        .wrongFileByteCount(actual: byteCount), byteOffset: header.fileByteCountOffset,
        value: stated)
    }
    let flags = bytes.u32(at: header.flagsOffset)
    guard flags & ~ModuleFlags.all.rawValue == 0 else {
      throw FormatError(
        .unsupportedFlag, byteOffset: header.flagsOffset,
        value: UInt64((flags & ~ModuleFlags.all.rawValue).trailingZeroBitCount))
    }
    view.flags = ModuleFlags(rawValue: flags)
    let start = bytes.u32(at: header.startFunctionOffset)
    view.startFunction = start == header.noFunction ? nil : start
    let reserved = bytes.u32(at: header.reservedOffset)
    guard reserved == 0 else {
      throw FormatError(
        .reservedNotZero, byteOffset: header.reservedOffset, value: UInt64(reserved))
    }
    try readHash()
  }

  private func readVersion() throws(FormatError) {
    let header = ModuleHeader.self
    let word = bytes.u64(at: header.majorVersionOffset)
    let major = UInt16(truncatingIfNeeded: word)
    let minor = UInt16(truncatingIfNeeded: word >> 16)
    let headerByteCount = UInt32(truncatingIfNeeded: word >> 32)
    if headerByteCount.byteSwapped == UInt32(header.byteCount) {
      throw FormatError(
        .wrongByteOrder, byteOffset: header.majorVersionOffset, value: UInt64(major))
    }
    guard major == header.majorVersion else {
      throw FormatError(
        .unsupportedMajorVersion(supported: header.majorVersion),
        byteOffset: header.majorVersionOffset, value: UInt64(major))
    }
    guard minor <= header.minorVersion else {
      throw FormatError(
        .unsupportedMinorVersion(supported: header.minorVersion),
        byteOffset: header.minorVersionOffset, value: UInt64(minor))
    }
    guard headerByteCount == UInt32(header.byteCount) else {
      throw FormatError(
        .wrongHeaderByteCount(expected: UInt32(header.byteCount)),
        byteOffset: header.headerByteCountOffset, value: UInt64(headerByteCount))
    }
  }

  private mutating func readHash() throws(FormatError) {
    let offset = ModuleHeader.contentHashOffset
    view.contentHash = ContentHash(low: bytes.u64(at: offset), high: bytes.u64(at: offset + 8))
    // SAFETY: the bytes are at least a header and a multiple of 8, as checked before.
    let actual = unsafe ContentHash.ofModule(bytes.buffer)
    guard view.contentHash == actual else {
      throw FormatError(
        .wrongContentHash(actual: actual), byteOffset: offset, value: view.contentHash.low)
    }
  }

  private mutating func readSectionTable() throws(FormatError) {
    let countOffset = ModuleHeader.sectionCountOffset
    let count = bytes.u32(at: countOffset)
    guard count <= FormatLimits.sectionCountMax else {
      throw FormatError(
        .tooManySections(limit: UInt32(FormatLimits.sectionCountMax)), byteOffset: countOffset,
        value: UInt64(count))
    }
    let tableEnd = ModuleHeader.byteCount + Int(count) * SectionEntry.byteCount
    guard tableEnd <= bytes.byteCount else {
      throw FormatError(
        .truncated(needed: UInt64(tableEnd)), byteOffset: countOffset,
        value: UInt64(bytes.byteCount))
    }
    view.sectionCount = Int(count)
    var (end, previousKind) = (UInt64(tableEnd), UInt16(0))
    for index in 0..<Int(count) {
      let entry = view.sections[index]
      let place = ModuleHeader.byteCount + index * SectionEntry.byteCount
      try check(entry, at: place, after: previousKind)
      try checkExtent(entry, at: place, after: end)
      try checkPadding(from: end, to: entry.offset, section: entry.kind)
      (end, previousKind) = (entry.offset + entry.byteCount, entry.kind)
      if let kind = SectionKind(rawValue: entry.kind) {
        view.extents[Int(kind.rawValue)] = ModuleView.Extent(
          offset: Int(entry.offset), count: Int(entry.entryCount))
      }
    }
    let expected = (end + 7) & ~7
    guard expected == UInt64(bytes.byteCount) else {
      throw FormatError(
        .gapAfterSections(expected: expected), byteOffset: Int(end),
        value: UInt64(bytes.byteCount))
    }
    try checkPadding(from: end, to: expected, section: previousKind == 0 ? nil : previousKind)
  }

  /// Checks what an entry of the section table says of its section, but for the place.
  private func check(
    _ entry: SectionEntry, at place: Int, after previousKind: UInt16
  ) throws(FormatError) {
    func error(_ cause: FormatError.Cause, _ field: Int, _ value: UInt64) -> FormatError {
      FormatError(cause, byteOffset: place + field, section: entry.kind, value: value)
    }
    guard entry.kind > previousKind else {
      throw error(.sectionOrder(previous: previousKind), 0, UInt64(entry.kind))
    }
    if let kind = SectionKind(rawValue: entry.kind) {
      guard entry.flags == 0 else {
        throw error(.unsupportedSectionFlags, 2, UInt64(entry.flags))
      }
      guard entry.entryByteCount == UInt32(kind.entryByteCount) else {
        throw error(
          .wrongEntryByteCount(expected: UInt32(kind.entryByteCount)), 4,
          UInt64(entry.entryByteCount))
      }
    } else {
      guard entry.flags & SectionEntry.ignorable != 0 else {
        throw error(.unknownSection, 0, UInt64(entry.kind))
      }
      guard entry.flags == SectionEntry.ignorable else {
        throw error(.unsupportedSectionFlags, 2, UInt64(entry.flags))
      }
    }
    guard entry.entryCount > 0 else { throw error(.emptySection, 24, entry.entryCount) }
    let (expected, overflow) = entry.entryCount.multipliedReportingOverflow(
      by: UInt64(entry.entryByteCount))
    guard !overflow, entry.byteCount == expected else {
      throw error(
        .wrongSectionByteCount(
          entryCount: entry.entryCount, entryByteCount: entry.entryByteCount),
        16, entry.byteCount)
    }
  }

  /// Checks where a section lies; what lies before it ends at `end`.
  private func checkExtent(
    _ entry: SectionEntry, at place: Int, after end: UInt64
  ) throws(FormatError) {
    func error(_ cause: FormatError.Cause, _ field: Int, _ value: UInt64) -> FormatError {
      FormatError(cause, byteOffset: place + field, section: entry.kind, value: value)
    }
    let alignment = UInt64(
      SectionKind(rawValue: entry.kind)?.alignment ?? SectionEntry.alignment)
    guard entry.offset % alignment == 0 else {
      throw error(.misalignedSection(alignment: alignment), 8, entry.offset)
    }
    guard entry.offset >= end else {
      throw error(.overlappingSections(previousEnd: end), 8, entry.offset)
    }
    let expected = (end + alignment - 1) & ~(alignment - 1)
    guard entry.offset == expected else {
      throw error(.gapBeforeSection(expected: expected), 8, entry.offset)
    }
    let fileByteCount = UInt64(bytes.byteCount)
    let (sectionEnd, overflow) = entry.offset.addingReportingOverflow(entry.byteCount)
    guard !overflow, sectionEnd <= fileByteCount else {
      throw error(
        .sectionBeyondFile(fileByteCount: fileByteCount), 16, overflow ? .max : sectionEnd)
    }
  }

  private func checkPadding(
    from start: UInt64, to end: UInt64, section: UInt16?
  ) throws(FormatError) {
    var offset = Int(start)
    while offset < Int(end) {
      // SAFETY: padding ends at a section's offset or the file's end, both within the file.
      let byte = unsafe bytes.pointer(at: offset).load(as: UInt8.self)
      guard byte == 0 else {
        throw FormatError(
          .paddingNotZero, byteOffset: offset, section: section, value: UInt64(byte))
      }
      offset += 1
    }
  }
}
