// ModuleImage.swift — a module's sections as values, which tests make wrong one field at a time.

import NovaBytecode

/// What a file is made of; `bytes` lays it out as the format says, right or wrong.
struct ModuleImage {
  var features: UInt64 = 0
  var flags: UInt32 = 0
  var startFunction = ModuleHeader.noFunction
  var types: [FunctionTypeEntry] = []
  var valueTypes: [UInt8] = []
  var imports: [ImportEntry] = []
  var functions: [FunctionEntry] = []
  var tables: [TableEntry] = []
  var memories: [MemoryEntry] = []
  var globals: [GlobalEntry] = []
  var exports: [ExportEntry] = []
  var elementSegments: [ElementSegmentEntry] = []
  var elementItems: [ElementItemEntry] = []
  var dataSegments: [DataSegmentEntry] = []
  var dataBytes: [UInt8] = []
  var code: [UInt64] = []
  var strings: [UInt8] = []
  var names: [NameEntry] = []
  var sourceFiles: [SourceFileEntry] = []
  var lines: [LineEntry] = []
  var customs: [CustomEntry] = []
  var debugStrings: [UInt8] = []
  var customBytes: [UInt8] = []
  /// Sections of other kinds: number, flags, words.
  var others: [(kind: UInt16, flags: UInt16, words: [UInt64])] = []

  /// Adds a type and gives its index.
  @discardableResult
  mutating func addType(_ parameters: [ValueType] = [], _ results: [ValueType] = []) -> UInt32 {
    types.append(
      FunctionTypeEntry(
        firstValueType: UInt32(valueTypes.count), parameterCount: UInt16(parameters.count),
        resultCount: UInt16(results.count)))
    valueTypes += (parameters + results).map(\.rawValue)
    return UInt32(types.count - 1)
  }

  mutating func addFunction(
    _ words: [UInt64], type: UInt32, registerCount: UInt16 = 8, windowBase: UInt16 = 4
  ) {
    functions.append(
      FunctionEntry(
        firstWord: UInt32(code.count), wordCount: UInt32(words.count), typeIndex: type,
        registerCount: registerCount, windowBase: windowBase))
    code += words
  }

  mutating func addString(_ text: String) -> PoolRange {
    defer { strings += Array(text.utf8) }
    return PoolRange(first: UInt32(strings.count), count: UInt32(text.utf8.count))
  }

  mutating func addDebugString(_ text: String) -> PoolRange {
    defer { debugStrings += Array(text.utf8) }
    return PoolRange(first: UInt32(debugStrings.count), count: UInt32(text.utf8.count))
  }

  /// The file, with its hash.
  var bytes: [UInt8] {
    var sections: [(kind: UInt16, flags: UInt16, entryByteCount: Int, bytes: [UInt8])] = []
    func add<Entry: ModuleEntry>(_ kind: SectionKind, _ entries: [Entry]) {
      var bytes: [UInt8] = []
      for entry in entries { bytes += Self.encoded(entry) }
      sections.append((kind.rawValue, 0, Entry.byteCount, bytes))
    }
    func add(_ kind: SectionKind, _ bytes: [UInt8]) {
      sections.append((kind.rawValue, 0, 1, bytes))
    }
    add(.types, types)
    add(.valueTypes, valueTypes)
    add(.imports, imports)
    add(.functions, functions)
    add(.tables, tables)
    add(.memories, memories)
    add(.globals, globals)
    add(.exports, exports)
    add(.elementSegments, elementSegments)
    add(.elementItems, elementItems)
    add(.dataSegments, dataSegments)
    add(.dataBytes, dataBytes)
    sections.append((SectionKind.code.rawValue, 0, 8, Self.littleEndian(code)))
    add(.strings, strings)
    add(.names, names)
    add(.sourceFiles, sourceFiles)
    add(.lines, lines)
    add(.customs, customs)
    add(.debugStrings, debugStrings)
    add(.customBytes, customBytes)
    for other in others {
      sections.append((other.kind, other.flags, 8, Self.littleEndian(other.words)))
    }
    return Self.file(sections.filter { !$0.bytes.isEmpty }, self)
  }

  static func littleEndian(_ words: [UInt64]) -> [UInt8] {
    words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  static func encoded<Entry: ModuleEntry>(_ entry: Entry) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Entry.byteCount)
    // SAFETY: the array has as many bytes as the entry.
    unsafe bytes.withUnsafeMutableBytes { unsafe entry.write(to: $0) }
    return bytes
  }

  private static func file(
    _ sections: [(kind: UInt16, flags: UInt16, entryByteCount: Int, bytes: [UInt8])],
    _ image: ModuleImage
  ) -> [UInt8] {
    var table: [UInt8] = []
    var body: [UInt8] = []
    let start = ModuleHeader.byteCount + sections.count * SectionEntry.byteCount
    for section in sections {
      let alignment = SectionKind(rawValue: section.kind)?.alignment ?? SectionEntry.alignment
      while (start + body.count) % alignment != 0 { body.append(0) }
      table += encoded(
        SectionEntry(
          kind: section.kind, flags: section.flags,
          entryByteCount: UInt32(section.entryByteCount), offset: UInt64(start + body.count),
          byteCount: UInt64(section.bytes.count),
          entryCount: UInt64(section.bytes.count / section.entryByteCount)))
      body += section.bytes
    }
    while (start + body.count) % 8 != 0 { body.append(0) }
    var header = littleEndian([
      ModuleHeader.magic, 1 | UInt64(ModuleHeader.byteCount) << 32, image.features,
      UInt64(start + body.count), UInt64(sections.count) | UInt64(image.flags) << 32,
      UInt64(image.startFunction), 0, 0,
    ])
    header += table + body
    rehash(&header)
    return header
  }

  /// Writes the hash that the bytes have, so that a reader gets to see what is behind it.
  static func rehash(_ bytes: inout [UInt8]) {
    guard bytes.count >= ModuleHeader.byteCount, bytes.count % 8 == 0 else { return }
    // SAFETY: the buffer lives as long as the closure.
    let hash = unsafe bytes.withUnsafeBytes { unsafe ContentHash.ofModule($0) }
    bytes.replaceSubrange(
      ModuleHeader.contentHashOffset..<ModuleHeader.byteCount,
      with: littleEndian([hash.low, hash.high]))
  }

  /// Reads bytes at an aligned address, as one would use them.
  @discardableResult
  static func withModule<Result>(
    _ bytes: [UInt8], alignment: Int = 64, skip: Int = 0, _ use: (ModuleBytes) throws -> Result
  ) rethrows -> Result {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bytes.count + skip, alignment: alignment)
    defer { unsafe buffer.deallocate() }
    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[skip...])
    unsafe rest.copyBytes(from: bytes)
    // SAFETY: nobody writes to the buffer while `use` runs.
    return try use(unsafe ModuleBytes(unchanging: UnsafeRawBufferPointer(rest)))
  }
}

/// Instructions, field by field.
enum Instruction {
  static func abc(
    _ operation: Operation, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, forwarding: Int = 0
  ) -> UInt64 {
    UInt64(operation.rawValue) | UInt64(forwarding) << 10 | (UInt64(a) & 0xffff) << 16
      | (UInt64(b) & 0xffff) << 32
      | (UInt64(bitPattern: Int64(c)) & 0xffff) << 48
  }

  static func wide(_ operation: Operation, _ a: Int = 0, _ value: Int = 0) -> UInt64 {
    UInt64(operation.rawValue) | UInt64(a) << 16
      | (UInt64(bitPattern: Int64(value)) & 0xffff_ffff) << 32
  }
}
