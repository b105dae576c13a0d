// ELFReader.swift — reads the tables of an ELF file; believes no offset and no size in it.
// Hosted. Imports Glibc for the file itself.

import Glibc

extension ELFFile {
  /// Parses a file's bytes.
  ///
  /// - Throws: `ELFError` with the offset of what is wrong.
  /// - Complexity: O(bytes).
  public init(_ bytes: [UInt8]) throws(ELFError) {
    let reader = try ELFReader(bytes)
    self.bytes = bytes
    (target, kind) = try reader.identify()
    entry = reader.word(at: 24)
    flags = reader.half(at: 48)
    segments = try reader.segments()
    sections = try reader.sections()
    symbols = try reader.symbols(in: sections)
    notes = try reader.notes(segments: segments, sections: sections)
  }
}

/// Little-endian fields of a file.
///
/// Fields are read only inside ranges that `check` has accepted.
struct ELFReader {
  let bytes: [UInt8]

  static let headerByteCount: UInt64 = 64
  static let segmentByteCount: UInt64 = 56
  static let sectionByteCount: UInt64 = 64
  static let symbolByteCount: UInt64 = 24
  static let noteHeaderByteCount: UInt64 = 12

  init(_ bytes: [UInt8]) throws(ELFError) {
    self.bytes = bytes
    let kind = FileKind(magic: bytes)
    guard kind == .elf else { throw .notELF(kind) }
    // Class and byte order first: a 32-bit file may be shorter than a 64-bit header.
    try check(.header, 0, 6)
    guard bytes[4] == 2 else { throw .unsupportedClass(bytes[4]) }
    guard bytes[5] == 1 else { throw .unsupportedByteOrder(bytes[5]) }
    try check(.header, 0, Self.headerByteCount)
  }

  func check(_ part: ELFPart, _ offset: UInt64, _ byteCount: UInt64) throws(ELFError) {
    let size = UInt64(bytes.count)
    guard offset <= size, byteCount <= size - offset else {
      throw .truncated(part: part, offset: offset, byteCount: byteCount, fileByteCount: size)
    }
  }

  func short(at offset: UInt64) -> UInt16 { field(offset, 2) }
  func half(at offset: UInt64) -> UInt32 { field(offset, 4) }
  func word(at offset: UInt64) -> UInt64 { field(offset, 8) }

  private func field<Integer: FixedWidthInteger>(_ offset: UInt64, _ count: Int) -> Integer {
    var value: Integer = 0
    for index in 0..<count {
      value |= Integer(truncatingIfNeeded: bytes[Int(offset) + index]) << Integer(8 * index)
    }
    return value
  }

  func identify() throws(ELFError) -> (Target, ELFFile.Kind) {
    let target: Target
    switch short(at: 18) {
    case 62: target = .x86_64
    case 183: target = .aarch64
    case 243: target = .riscv64
    case let machine: throw .unsupportedMachine(machine)
    }
    guard let kind = ELFFile.Kind(rawValue: short(at: 16)) else {
      throw .unsupportedType(short(at: 16))
    }
    return (target, kind)
  }

  func segments() throws(ELFError) -> [ELFSegment] {
    let start = word(at: 32)
    let count = UInt64(short(at: 56))
    guard count > 0 else { return [] }
    let size = UInt64(short(at: 54))
    guard size == Self.segmentByteCount else {
      throw .badEntrySize(
        part: .segmentTable, offset: 54, found: size, expected: Self.segmentByteCount)
    }
    try check(.segmentTable, start, count * size)
    var segments: [ELFSegment] = []
    for offset in stride(from: start, to: start + count * size, by: Int(size)) {
      let segment = ELFSegment(
        kind: ELFSegment.Kind(rawValue: half(at: offset)),
        permissions: ELFPermissions(rawValue: half(at: offset + 4)),
        fileOffset: word(at: offset + 8), address: word(at: offset + 16),
        fileByteCount: word(at: offset + 32), memoryByteCount: word(at: offset + 40),
        alignment: word(at: offset + 48))
      try check(.segment, segment.fileOffset, segment.fileByteCount)
      let wraps = segment.address.addingReportingOverflow(segment.memoryByteCount).overflow
      let overfull =
        segment.kind == .load && segment.fileByteCount > segment.memoryByteCount
      if wraps || overfull { throw .badRange(part: .segment, offset: offset) }
      segments.append(segment)
    }
    return segments
  }

  func sections() throws(ELFError) -> [ELFSection] {
    let start = word(at: 40)
    guard start > 0 else { return [] }
    let size = UInt64(short(at: 58))
    guard size == Self.sectionByteCount else {
      throw .badEntrySize(
        part: .sectionTable, offset: 58, found: size, expected: Self.sectionByteCount)
    }
    try check(.sectionTable, start, size)
    // Numbers that do not fit in 16 bits stand in the null section.
    let count = short(at: 60) == 0 ? word(at: start + 32) : UInt64(short(at: 60))
    let names = short(at: 62) == 0xffff ? UInt64(half(at: start + 40)) : UInt64(short(at: 62))
    let (total, overflow) = count.multipliedReportingOverflow(by: size)
    try check(.sectionTable, start, overflow ? .max : total)
    var sections: [ELFSection] = []
    for offset in stride(from: start, to: start + total, by: Int(size)) {
      let section = ELFSection(
        name: "", kind: half(at: offset + 4), flags: word(at: offset + 8),
        address: word(at: offset + 16), fileOffset: word(at: offset + 24),
        byteCount: word(at: offset + 32), link: half(at: offset + 40),
        information: half(at: offset + 44), alignment: word(at: offset + 48),
        entryByteCount: word(at: offset + 56))
      if section.hasBytes { try check(.section, section.fileOffset, section.byteCount) }
      if section.address.addingReportingOverflow(section.byteCount).overflow {
        throw .badRange(part: .section, offset: offset)
      }
      sections.append(section)
    }
    if count > 0 && names != 0 { try name(&sections, tableAt: start, from: names) }
    return sections
  }

  private func name(
    _ sections: inout [ELFSection], tableAt start: UInt64, from number: UInt64
  ) throws(ELFError) {
    guard number < UInt64(sections.count) else { throw .badSectionNumber(number, offset: 62) }
    let table = sections[Int(number)]
    for index in sections.indices {
      let place = start + UInt64(index) * Self.sectionByteCount
      sections[index].name = try string(
        half(at: place), in: table, part: .sectionNames, from: place)
    }
  }

  /// A null-terminated string of a string table; `place` refers to it.
  private func string(
    _ index: UInt32, in table: ELFSection, part: ELFPart, from place: UInt64
  ) throws(ELFError) -> String {
    guard table.hasBytes, UInt64(index) < table.byteCount else {
      // An empty table has no bytes, not even for the empty name at 0.
      if index == 0 { return "" }
      throw .badName(part: part, offset: place)
    }
    let start = Int(table.fileOffset) + Int(index)
    let rest = bytes[start..<Int(table.fileOffset + table.byteCount)]
    guard let end = rest.firstIndex(of: 0) else { throw .badName(part: part, offset: place) }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  func symbols(in sections: [ELFSection]) throws(ELFError) -> [ELFSymbol] {
    let tables = [ELFSection.symbolTable, ELFSection.dynamicSymbolTable]
    for kind in tables {
      guard let table = sections.first(where: { $0.kind == kind }) else { continue }
      guard table.entryByteCount == Self.symbolByteCount,
        table.byteCount % Self.symbolByteCount == 0
      else {
        throw .badEntrySize(
          part: .symbols, offset: table.fileOffset, found: table.entryByteCount,
          expected: Self.symbolByteCount)
      }
      guard Int(table.link) < sections.count else {
        throw .badSectionNumber(UInt64(table.link), offset: table.fileOffset)
      }
      return try symbols(table, names: sections[Int(table.link)])
    }
    return []
  }

  private func symbols(
    _ table: ELFSection, names: ELFSection
  ) throws(ELFError) -> [ELFSymbol] {
    var symbols: [ELFSymbol] = []
    let end = table.fileOffset + table.byteCount
    // The first symbol is the null symbol.
    let first = min(table.fileOffset + Self.symbolByteCount, end)
    for offset in stride(from: first, to: end, by: Int(Self.symbolByteCount)) {
      let information = bytes[Int(offset) + 4]
      let name = try string(half(at: offset), in: names, part: .symbolNames, from: offset)
      symbols.append(
        ELFSymbol(
          name: name, address: word(at: offset + 8), byteCount: word(at: offset + 16),
          kind: ELFSymbol.Kind(rawValue: information & 15) ?? .other,
          isGlobal: information >> 4 != 0, sectionNumber: short(at: offset + 6)))
    }
    return symbols
  }

  /// Notes of segments, which a stripped file keeps; of sections where there is no segment.
  func notes(segments: [ELFSegment], sections: [ELFSection]) throws(ELFError) -> [ELFNote] {
    var ranges = segments.filter { $0.kind == .note }.map { ($0.fileOffset, $0.fileByteCount) }
    if ranges.isEmpty {
      ranges = sections.filter { $0.kind == ELFSection.notes }.map { ($0.fileOffset, $0.byteCount) }
    }
    var notes: [ELFNote] = []
    for (start, byteCount) in ranges {
      var offset = start
      while start + byteCount - offset >= Self.noteHeaderByteCount {
        let note = try note(at: offset, end: start + byteCount)
        notes.append(note.value)
        offset = min(note.next, start + byteCount)
      }
    }
    return notes
  }

  private func note(
    at offset: UInt64, end: UInt64
  ) throws(ELFError) -> (value: ELFNote, next: UInt64) {
    let nameByteCount = UInt64(half(at: offset))
    let descriptionByteCount = UInt64(half(at: offset + 4))
    // Both at most 2³²: no sum below overflows.
    let name = offset + Self.noteHeaderByteCount
    let description = name + (nameByteCount + 3) & ~3
    guard description + descriptionByteCount <= end else {
      throw .truncated(
        part: .notes, offset: offset, byteCount: description + descriptionByteCount - offset,
        fileByteCount: UInt64(bytes.count))
    }
    let text = bytes[Int(name)..<Int(name + nameByteCount)].prefix { $0 != 0 }
    return (
      ELFNote(
        name: String(decoding: text, as: UTF8.self), kind: half(at: offset + 8),
        description: Array(bytes[Int(description)..<Int(description + descriptionByteCount)]),
        fileOffset: offset),
      description + (descriptionByteCount + 3) & ~3
    )
  }
}

/// Why a file could not be read.
public enum FileError: Error, Equatable {
  /// `errno` as the kernel gave it; `EISDIR` for a folder.
  case unreadable(path: String, errno: Int32)
  /// More bytes than `fileByteCountMax`.
  case tooLarge(path: String, byteCount: UInt64, byteCountMax: UInt64)
}

/// Most bytes of a file that is read whole: 1 GiB.
public let fileByteCountMax: UInt64 = 1 << 30

/// Reads a whole file.
public func readFile(_ path: String) throws(FileError) -> [UInt8] {
  // SAFETY: the path is a C string during the call.
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
  defer { close(descriptor) }
  var status = stat()
  // SAFETY: `status` outlives the call.
  guard unsafe fstat(descriptor, &status) == 0 else {
    throw .unreadable(path: path, errno: errno)
  }
  let size = UInt64(max(status.st_size, 0))
  guard size <= fileByteCountMax else {
    throw .tooLarge(path: path, byteCount: size, byteCountMax: fileByteCountMax)
  }
  var sink = Sink(descriptor: descriptor, isPipe: false, capacity: Int(size))
  do {
    try sink.drain(limit: Int(fileByteCountMax))
  } catch .descriptor(let error) {
    throw .unreadable(path: path, errno: error)
  } catch {
    throw .tooLarge(
      path: path, byteCount: UInt64(sink.bytes.count), byteCountMax: fileByteCountMax)
  }
  return sink.bytes
}
