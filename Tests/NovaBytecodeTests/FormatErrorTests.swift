// FormatErrorTests.swift — each fault of a file is named, with its place and value.

import NovaBytecode
import Testing

/// A file that is wrong in one way, and what the reader says of it.
struct WrongFile: CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let expected: FormatError

  /// Bytes that were changed after they were laid out.
  init(
    _ name: String, _ expected: FormatError, rehash: Bool = true,
    _ change: (inout [UInt8]) -> Void
  ) {
    var bytes = ModuleImage.sample.bytes
    change(&bytes)
    if rehash { ModuleImage.rehash(&bytes) }
    (testDescription, self.bytes, self.expected) = (name, bytes, expected)
  }

  /// An entry that was changed before: the error stands at a field of an entry.
  init(
    _ cause: FormatError.Cause, _ section: SectionKind, _ entry: Int, field: Int, value: UInt64,
    _ change: (inout ModuleImage) -> Void
  ) {
    var image = ModuleImage.sample
    change(&image)
    bytes = image.bytes
    testDescription = "\(section) \(entry): \(cause)"
    expected = FormatError(
      cause,
      byteOffset: Self.offset(of: section, in: bytes) + entry * section.entryByteCount + field,
      section: section.rawValue, entry: entry, value: value)
  }

  /// Where a section lies by a file's section table, which may lie otherwise.
  static func offset(of kind: SectionKind, in bytes: [UInt8]) -> Int {
    let place = tableEntry(kind, in: bytes)
    return Int(number(bytes, place + 8))
  }

  static func tableEntry(_ kind: SectionKind, in bytes: [UInt8]) -> Int {
    let count = Int(number(bytes, ModuleHeader.sectionCountOffset) & 0xffff_ffff)
    for index in 0..<count {
      let place = ModuleHeader.byteCount + index * SectionEntry.byteCount
      if number(bytes, place) & 0xffff == UInt64(kind.rawValue) { return place }
    }
    return 0
  }

  static func number(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }
}

@Suite struct FormatErrorTests {
  static let size = UInt64(ModuleImage.sample.bytes.count)
  static let sectionCount = SectionKind.end - 1
  static let tableEnd = ModuleHeader.byteCount + sectionCount * SectionEntry.byteCount

  @Test(arguments: headers + sectionTables + entries + segments)
  func `a wrong file is refused for its fault`(file: WrongFile) {
    ModuleImage.withModule(file.bytes) { bytes in
      #expect(throws: file.expected) { try ModuleReader.read(bytes) }
    }
  }

  @Test(arguments: [1, 2, 4, 7])
  func `bytes at an odd address are refused`(skip: Int) {
    ModuleImage.withModule(ModuleImage.sample.bytes, skip: skip) { bytes in
      #expect(throws: FormatError(.misalignedBytes, byteOffset: 0, value: UInt64(skip))) {
        try ModuleReader.read(bytes)
      }
    }
  }

  @Test func `no bytes are no module`() {
    // SAFETY: there is nothing that could change.
    let nothing = unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(throws: FormatError(.truncated(needed: 64), byteOffset: 0, value: 0)) {
      try ModuleReader.read(nothing)
    }
  }

  @Test func `a file of every other length is refused`() {
    let whole = ModuleImage.sample.bytes
    for count in 0..<whole.count {
      ModuleImage.withModule(Array(whole[..<count])) { bytes in
        #expect(throws: FormatError.self, "\(count) bytes") { try ModuleReader.read(bytes) }
      }
    }
  }

  static let headers: [WrongFile] = [
    WrongFile("short", FormatError(.truncated(needed: 64), byteOffset: 0, value: 63)) {
      $0.removeSubrange(63...)
    },
    WrongFile("magic", FormatError(.wrongMagic, byteOffset: 0, value: 0x0a1a_0a0d_0043_5641)) {
      $0[0] = 0x41
    },
    WrongFile("byte order", FormatError(.wrongByteOrder, byteOffset: 8, value: 0x100)) {
      $0.replaceSubrange(8..<16, with: [0, 1, 0, 0, 0, 0, 0, 64])
    },
    WrongFile(
      "major", FormatError(.unsupportedMajorVersion(supported: 1), byteOffset: 8, value: 2)
    ) { $0[8] = 2 },
    WrongFile(
      "minor", FormatError(.unsupportedMinorVersion(supported: 0), byteOffset: 10, value: 3)
    ) { $0[10] = 3 },
    WrongFile(
      "header length", FormatError(.wrongHeaderByteCount(expected: 64), byteOffset: 12, value: 72)
    ) { $0[12] = 72 },
    WrongFile("feature", FormatError(.unsupportedFeature, byteOffset: 16, value: 5)) {
      $0[16] = 0x30
    },
    WrongFile("unnamed feature", FormatError(.unsupportedFeature, byteOffset: 16, value: 63)) {
      $0[23] = 0x80
    },
    WrongFile(
      "huge", FormatError(.fileTooLarge(limit: 0xffff_fff8), byteOffset: 24, value: size | 1 << 32)
    ) { $0[28] = 1 },
    WrongFile(
      "length", FormatError(.wrongFileByteCount(actual: size), byteOffset: 24, value: size - 1)
    ) { $0[24] &-= 1 },
    WrongFile(
      "longer", FormatError(.wrongFileByteCount(actual: size + 8), byteOffset: 24, value: size)
    ) { $0 += [0, 0, 0, 0, 0, 0, 0, 0] },
    WrongFile("flag", FormatError(.unsupportedFlag, byteOffset: 36, value: 1)) { $0[36] = 3 },
    WrongFile("reserved", FormatError(.reservedNotZero, byteOffset: 44, value: 0x100)) {
      $0[45] = 1
    },
    wrongHash,
    WrongFile(
      "start", FormatError(.indexOutOfRange(count: 3), byteOffset: 40, value: 3)
    ) { $0[40] = 3 },
    WrongFile("start's type", FormatError(.startFunctionHasType, byteOffset: 40, value: 1)) {
      $0[40] = 1
    },
  ]

  static var wrongHash: WrongFile {
    var bytes = ModuleImage.sample.bytes
    let stored = WrongFile.number(bytes, 48)
    bytes[bytes.count - 1] ^= 1
    ModuleImage.rehash(&bytes)
    let actual = ContentHash(
      low: WrongFile.number(bytes, 48), high: WrongFile.number(bytes, 56))
    return WrongFile(
      "hash", FormatError(.wrongContentHash(actual: actual), byteOffset: 48, value: stored),
      rehash: false
    ) { $0[$0.count - 1] ^= 1 }
  }
}
