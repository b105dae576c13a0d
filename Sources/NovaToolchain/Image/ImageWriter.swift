// ImageWriter.swift — appends a segment and rewrites the tables of an ELF file.
// Hosted. Imports NovaABI for the record's keys. Source: System V ABI, "Object Files" (gABI 4.1)
// and its ELF-64 supplement.

import NovaABI

/// The bytes of a program under construction: the runner's, then what is appended.
struct ImageWriter {
  let file: ELFFile
  private(set) var bytes: [UInt8]
  private var segment: ELFSegment?

  /// Begins with what the runner loads, which keeps its place.
  init(_ file: ELFFile) {
    self.file = file
    let loaded = file.segments.filter { $0.kind == .load }
    let end = loaded.map { $0.fileOffset + $0.fileByteCount }.max() ?? 0
    bytes = Array(file.bytes.prefix(Int(end)))
  }

  // ---- Changes in place ----------------------------------------------------------------------

  /// States settings in the last layer of the bootstrap record, which wins.
  mutating func state(_ settings: BuildSettings) throws(ModuleImageError) {
    for (key, value) in settings.entries {
      let place: Int?
      do { place = try file.linkEntry(of: key) } catch { throw .runner(error) }
      guard let place else { throw .noRoomForSetting(key: key) }
      put(key, at: place)
      put(value, at: place + 8)
    }
  }

  /// Gives the program a build id of its own: equal inputs, equal ids.
  mutating func identify(_ modules: ModulePayload, settings: BuildSettings) {
    guard let note = file.notes.first(where: { $0.name == "GNU" && $0.kind == 3 }) else { return }
    var hash = SHA256()
    hash.update(note.description)
    hash.update(UInt64(modules.byteCount))
    hash.update(modules.bytes)
    for (key, value) in settings.entries {
      hash.update(key)
      hash.update(value)
    }
    let digits = Array(hash.hexadecimal().utf8)
    let start = Int(note.fileOffset + ELFReader.noteHeaderByteCount) + 4  // behind the name, "GNU"
    for index in 0..<min(note.description.count, digits.count / 2) {
      let pair = String(decoding: digits[2 * index..<2 * index + 2], as: UTF8.self)
      bytes[start + index] = UInt8(pair, radix: 16) ?? 0
    }
  }

  // ---- The module's segment ------------------------------------------------------------------

  /// Appends the module and the program headers as one segment, and states its place.
  mutating func append(_ modules: ModulePayload, statedAt place: UInt64) {
    pad(to: ModuleImage.moduleAlignment)
    let offset = UInt64(bytes.count)
    let loaded = file.segments.filter { $0.kind == .load }
    let alignment = max(
      loaded.map(\.alignment).max() ?? 0, ModuleImage.pageByteCount)
    let end = loaded.map { $0.address + $0.memoryByteCount }.max() ?? 0
    // A page of its own under every page size; in its page at the same place as in the file's.
    let largest = max(alignment, ModuleImage.pageByteCountMax)
    let address = end.roundedUp(to: largest) + offset % alignment
    bytes += modules.bytes
    pad(to: 8)
    let table = UInt64(bytes.count)
    let count = file.segments.count + 1
    let byteCount = table + UInt64(count) * ELFReader.segmentByteCount - offset
    let segment = ELFSegment(
      kind: .load, permissions: .read, fileOffset: offset, address: address,
      fileByteCount: byteCount, memoryByteCount: byteCount, alignment: alignment)
    // Loaded segments stand in the order of their addresses.
    let last = file.segments.lastIndex { $0.kind == .load } ?? -1
    for (index, old) in file.segments.enumerated() {
      append(old)
      if index == last { append(segment) }
    }
    put(table, at: ELFHeader.segmentTable)
    put(UInt16(count), at: ELFHeader.segmentCount)
    let words = [
      address, UInt64(modules.byteCount), UInt64(modules.linkedByteCount), modules.statement,
    ]
    for (index, word) in words.enumerated() { put(word, at: Int(place) + 8 * index) }
    self.segment = segment
    moduleByteCount = UInt64(modules.bytes.count)
  }

  private var moduleByteCount: UInt64 = 0

  private mutating func append(_ segment: ELFSegment) {
    append(segment.kind.rawValue)
    append(segment.permissions.rawValue)
    for word in [
      segment.fileOffset, segment.address, segment.address, segment.fileByteCount,
      segment.memoryByteCount, segment.alignment,
    ] { append(word) }
  }

  // ---- Sections ------------------------------------------------------------------------------

  /// Appends the section headers: the runner's loaded sections, the module's, and the tables that
  /// they need.
  mutating func appendSections(keepsSymbols: Bool) {
    var names: [UInt8] = [0]
    var headers: [SectionHeader] = [SectionHeader()]
    var numbers: [Int: Int] = [0: 0]
    for (number, section) in file.sections.enumerated().dropFirst() where section.isAllocated {
      numbers[number] = headers.count
      headers.append(header(of: number, named: section.name, &names))
    }
    if let segment {
      headers.append(
        SectionHeader(
          name: names.append(name: ModuleImage.sectionName), kind: 1, flags: 2,
          address: segment.address, offset: segment.fileOffset, byteCount: moduleByteCount,
          alignment: ModuleImage.moduleAlignment))
    }
    if keepsSymbols {
      appendSymbols(numbers, &headers, &names)
      appendDebug(&headers, &names)
    }
    let nameOfNames = names.append(name: ".shstrtab")
    headers.append(
      SectionHeader(
        name: nameOfNames, kind: ELFSection.strings, offset: UInt64(bytes.count),
        byteCount: UInt64(names.count), alignment: 1))
    bytes += names
    pad(to: 8)
    put(UInt64(bytes.count), at: ELFHeader.sectionTable)
    put(UInt16(headers.count), at: ELFHeader.sectionCount)
    put(UInt16(headers.count - 1), at: ELFHeader.sectionNames)
    for header in headers {
      append(header.name)
      append(header.kind)
      for word in [header.flags, header.address, header.offset, header.byteCount] { append(word) }
      append(header.link)
      append(header.information)
      append(header.alignment)
      append(header.entryByteCount)
    }
  }

  private func header(
    of number: Int, named name: String, _ names: inout [UInt8]
  ) -> SectionHeader {
    let section = file.sections[number]
    return SectionHeader(
      name: names.append(name: name), kind: section.kind, flags: section.flags,
      address: section.address, offset: section.fileOffset, byteCount: section.byteCount,
      alignment: section.alignment, entryByteCount: section.entryByteCount)
  }

  /// Appends the symbols of the sections that stay, under those sections' new numbers.
  private mutating func appendSymbols(
    _ numbers: [Int: Int], _ headers: inout [SectionHeader], _ names: inout [UInt8]
  ) {
    guard let table = file.sections.first(where: { $0.kind == ELFSection.symbolTable }),
      case let strings = file.sections[Int(table.link)]
    else { return }
    let firstReserved = 0xff00
    pad(to: 8)
    let offset = UInt64(bytes.count)
    let source = Array(file.bytes(of: table))
    let size = Int(ELFReader.symbolByteCount)
    var localCount: UInt32 = 0
    for start in stride(from: 0, to: source.count, by: size) {
      var entry = Array(source[start..<start + size])
      let section = Int(entry[6]) | Int(entry[7]) << 8
      guard let number = section >= firstReserved ? section : numbers[section] else { continue }
      entry[6] = UInt8(truncatingIfNeeded: number)
      entry[7] = UInt8(truncatingIfNeeded: number >> 8)
      if entry[4] >> 4 == 0 { localCount += 1 }
      bytes += entry
    }
    headers.append(
      SectionHeader(
        name: names.append(name: ".symtab"), kind: ELFSection.symbolTable, offset: offset,
        byteCount: UInt64(bytes.count) - offset, link: UInt32(headers.count + 1),
        information: localCount, alignment: 8, entryByteCount: ELFReader.symbolByteCount))
    headers.append(
      SectionHeader(
        name: names.append(name: ".strtab"), kind: ELFSection.strings,
        offset: UInt64(bytes.count), byteCount: strings.byteCount, alignment: 1))
    bytes += file.bytes(of: strings)
  }

  /// Appends what debuggers read, which runners lack and compiled modules bring along.
  private mutating func appendDebug(_ headers: inout [SectionHeader], _ names: inout [UInt8]) {
    for (number, section) in file.sections.enumerated()
    where !section.isAllocated && section.name.hasPrefix(".debug_") {
      pad(to: max(section.alignment, 1))
      var copy = header(of: number, named: section.name, &names)
      copy.offset = UInt64(bytes.count)
      headers.append(copy)
      bytes += file.bytes(of: section)
    }
  }

  // ---- Bytes ---------------------------------------------------------------------------------

  private mutating func pad(to alignment: UInt64) {
    let count = UInt64(bytes.count)
    bytes += [UInt8](repeating: 0, count: Int(count.roundedUp(to: alignment) - count))
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    for byte in 0..<value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte)))
    }
  }

  private mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
    for byte in 0..<value.bitWidth / 8 {
      bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
    }
  }
}

/// Offsets of the ELF header's fields that are rewritten.
private enum ELFHeader {
  static let segmentTable = 32
  static let sectionTable = 40
  static let segmentCount = 56
  static let sectionCount = 60
  static let sectionNames = 62
}

/// `Elf64_Shdr`.
private struct SectionHeader {
  var name: UInt32 = 0
  var kind: UInt32 = 0
  var flags: UInt64 = 0
  var address: UInt64 = 0
  var offset: UInt64 = 0
  var byteCount: UInt64 = 0
  var link: UInt32 = 0
  var information: UInt32 = 0
  var alignment: UInt64 = 0
  var entryByteCount: UInt64 = 0
}

extension [UInt8] {
  /// Appends a null-terminated name to a string table; returns its place.
  fileprivate mutating func append(name: String) -> UInt32 {
    let place = UInt32(count)
    self += Array(name.utf8) + [0]
    return place
  }
}

extension UInt64 {
  /// The multiple of `alignment`, a power of two, that is not below the number.
  fileprivate func roundedUp(to alignment: UInt64) -> UInt64 {
    (self + alignment - 1) & ~(alignment - 1)
  }
}
