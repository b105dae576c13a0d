// FormatErrorTests+Sections.swift — faults of the section table.

import NovaBytecode

extension FormatErrorTests {
  private static let sample = ModuleImage.sample.bytes

  /// A change of the section table's entry of a kind, and an error at one of its fields.
  private static func file(
    _ name: String, _ cause: FormatError.Cause, _ kind: SectionKind, field: Int, value: UInt64,
    section: UInt16? = nil, _ change: @escaping (inout [UInt8], Int) -> Void
  ) -> WrongFile {
    let place = WrongFile.tableEntry(kind, in: sample)
    return WrongFile(
      name,
      FormatError(
        cause, byteOffset: place + field, section: section ?? kind.rawValue, value: value)
    ) { change(&$0, place) }
  }

  private static func write(_ bytes: inout [UInt8], _ offset: Int, _ value: UInt64) {
    bytes.replaceSubrange(offset..<offset + 8, with: ModuleImage.littleEndian([value]))
  }

  private static let types = UInt64(WrongFile.offset(of: .types, in: sample))
  private static let code = UInt64(WrongFile.offset(of: .code, in: sample))
  private static let strings = UInt64(WrongFile.offset(of: .strings, in: sample))
  private static let customBytes = UInt64(WrongFile.offset(of: .customBytes, in: sample))

  static let sectionTables: [WrongFile] = [
    WrongFile("many sections", FormatError(.tooManySections(limit: 64), byteOffset: 32, value: 65))
    {
      $0[32] = 65
    },
    WrongFile(
      "sections beyond the file",
      FormatError(.truncated(needed: 64 + 21 * 32), byteOffset: 32, value: 64 + 8)
    ) {
      $0.removeSubrange(72...)
      $0[32] = 21
      write(&$0, 24, 72)
    },
    file("unknown section", .unknownSection, .customBytes, field: 0, value: 99, section: 99) {
      $0[$1] = 99
    },
    file("order", .sectionOrder(previous: 1), .valueTypes, field: 0, value: 1, section: 1) {
      $0[$1] = 1
    },
    file("kind 0", .sectionOrder(previous: 0), .types, field: 0, value: 0, section: 0) {
      $0[$1] = 0
    },
    file("flags", .unsupportedSectionFlags, .code, field: 2, value: 1) { $0[$1 + 2] = 1 },
    file("entry length", .wrongEntryByteCount(expected: 16), .functions, field: 4, value: 24) {
      $0[$1 + 4] = 24
    },
    file("empty", .emptySection, .types, field: 24, value: 0) { $0[$1 + 24] = 0 },
    file(
      "count that lies", .wrongSectionByteCount(entryCount: 3, entryByteCount: 8), .types,
      field: 16, value: 16
    ) { $0[$1 + 24] = 3 },
    file(
      "count beyond 64 bits",
      .wrongSectionByteCount(entryCount: 1 << 61, entryByteCount: 8), .types, field: 16, value: 16
    ) { write(&$0, $1 + 24, 1 << 61) },
    file("misaligned", .misalignedSection(alignment: 8), .types, field: 8, value: types + 4) {
      $0[$1 + 8] &+= 4
    },
    file("misaligned code", .misalignedSection(alignment: 64), .code, field: 8, value: code + 8) {
      write(&$0, $1 + 8, code + 8)
    },
    file(
      "overlap", .overlappingSections(previousEnd: code + 64), .strings, field: 8, value: code
    ) { write(&$0, $1 + 8, code) },
    file(
      "overlap with the table", .overlappingSections(previousEnd: UInt64(tableEnd)), .types,
      field: 8, value: 0
    ) { write(&$0, $1 + 8, 0) },
    file("gap", .gapBeforeSection(expected: strings), .strings, field: 8, value: strings + 8) {
      write(&$0, $1 + 8, strings + 8)
    },
    file(
      "beyond the file", .sectionBeyondFile(fileByteCount: size), .customBytes, field: 16,
      value: customBytes + 4096
    ) {
      write(&$0, $1 + 16, 4096)
      write(&$0, $1 + 24, 4096)
    },
    file(
      "end beyond 64 bits", .sectionBeyondFile(fileByteCount: size), .customBytes, field: 16,
      value: .max
    ) {
      write(&$0, $1 + 16, .max)
      write(&$0, $1 + 24, .max)
    },
    WrongFile(
      "bytes behind the sections",
      FormatError(.gapAfterSections(expected: size), byteOffset: Int(size) - 4, value: size + 8)
    ) {
      $0 += [0, 0, 0, 0, 0, 0, 0, 0]
      write(&$0, 24, size + 8)
    },
    WrongFile(
      "padding at the end",
      FormatError(
        .paddingNotZero, byteOffset: Int(size) - 1, section: SectionKind.customBytes.rawValue,
        value: 7)
    ) { $0[$0.count - 1] = 7 },
    WrongFile(
      "padding between",
      FormatError(
        .paddingNotZero, byteOffset: Int(code) - 1, section: SectionKind.code.rawValue, value: 1)
    ) { $0[Int(code) - 1] = 1 },
    future,
  ]

  private static var future: WrongFile {
    var image = ModuleImage.sample
    image.others = [(1000, 3, [1])]
    let bytes = image.bytes
    return WrongFile(
      "flags of an unknown section",
      FormatError(.unsupportedSectionFlags, byteOffset: tableEnd + 2, section: 1000, value: 3)
    ) { $0 = bytes }
  }
}
