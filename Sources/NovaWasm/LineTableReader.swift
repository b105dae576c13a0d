// LineTableReader.swift — reads the section .debug_line: its units, their files, their programs.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Names and lines".
// Source: DWARF Debugging Information Format 5, section 6.2 "Line Number Information"; for
// addresses, which count from the code section's first byte, "DWARF for WebAssembly".

/// Bytes of debugging sections, one value after the other.
struct DebugCursor {
  let bytes: [UInt8]
  var position: Int
  let end: Int
  /// Of an offset into another section: 4, or 8 in the format of 64 bits.
  var offsetByteCount = 4

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    (self.bytes, position, end) = (bytes, range.lowerBound, range.upperBound)
  }

  var isAtEnd: Bool { position == end }

  mutating func unsigned(_ byteCount: Int) throws(LineTableError) -> UInt64 {
    guard byteCount <= end - position else { throw LineTableError(.truncated, at: position) }
    var value: UInt64 = 0
    for index in 0..<byteCount { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += byteCount
    return value
  }

  mutating func byte() throws(LineTableError) -> UInt8 { UInt8(try unsigned(1)) }

  mutating func offset() throws(LineTableError) -> UInt64 { try unsigned(offsetByteCount) }

  /// An unsigned LEB128 integer; what is beyond 64 bits is dropped.
  mutating func variable() throws(LineTableError) -> UInt64 {
    var (value, shift) = (UInt64(0), UInt64(0))
    while true {
      let byte = try byte()
      if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
      guard byte & 0x80 != 0 else { return value }
      shift = min(shift + 7, 64)
    }
  }

  /// A signed LEB128 integer; what is beyond 64 bits is dropped.
  mutating func signedVariable() throws(LineTableError) -> Int64 {
    var (value, shift) = (Int64(0), Int64(0))
    while true {
      let byte = try byte()
      if shift < 64 { value |= Int64(byte & 0x7f) << shift }
      shift = min(shift + 7, 64)
      guard byte & 0x80 == 0 else { continue }
      return shift < 64 && byte & 0x40 != 0 ? value | -1 << shift : value
    }
  }

  /// Goes on `count` bytes further.
  mutating func skip(_ count: UInt64) throws(LineTableError) {
    guard count <= UInt64(end - position) else { throw LineTableError(.truncated, at: position) }
    position += Int(count)
  }

  /// Where the bytes of a string lie that ends with a zero.
  mutating func string() throws(LineTableError) -> Range<Int> {
    let start = position
    let limit = min(end, start + WasmLimits.sourceNameByteCountMax + 1)
    while position < limit {
      defer { position += 1 }
      if bytes[position] == 0 { return start..<position }
    }
    throw LineTableError(limit == end ? .truncated : .nameTooLong, at: start)
  }
}

/// Reads one file's line table.
struct LineTableReader {
  private let module: WasmModule
  private var runs: [[SourceLines.Row]] = []
  private var files: [[UInt8]] = []
  private var fileIndices: [[UInt8]: UInt32] = [:]
  private var nameByteCount = 0

  private init(_ module: WasmModule) { self.module = module }

  /// The line table of `module`; null when it has none.
  ///
  /// - Throws: `LineTableError` at the first fault.
  /// - Complexity: O(n log n) in the table's n bytes; a table makes at most a row of each byte.
  static func lines(of module: WasmModule) throws(LineTableError) -> SourceLines? {
    guard let range = module.debugSections[.lines] else { return nil }
    var reader = LineTableReader(module)
    var cursor = DebugCursor(module.bytes, range)
    while !cursor.isAtEnd { try reader.readUnit(&cursor) }
    return reader.runs.isEmpty ? nil : SourceLines(files: reader.files, runs: reader.runs)
  }

  private mutating func readUnit(_ cursor: inout DebugCursor) throws(LineTableError) {
    var length = try cursor.unsigned(4)
    let isLong = length == 0xffff_ffff
    if isLong { length = try cursor.unsigned(8) }
    let start = cursor.position
    try cursor.skip(length)
    var unit = DebugCursor(module.bytes, start..<cursor.position)
    unit.offsetByteCount = isLong ? 8 : 4
    var header = try LineProgramHeader(&unit, module)
    var program = LineProgram(header.steps)
    while !unit.isAtEnd {
      guard let end = try program.runToEnd(&unit) else { continue }
      try keep(program.rows, end: end, &header)
      program = LineProgram(header.steps)
    }
  }

  /// Keeps a run of rows that lies in the code; one that does not is of a function that the linker
  /// left out.
  private mutating func keep(
    _ rows: [LineProgram.Row], end: UInt64, _ header: inout LineProgramHeader
  ) throws(LineTableError) {
    guard let first = rows.first, first.address > 0, end <= UInt64(module.code.count) else {
      return
    }
    let ends = rows.dropFirst().map(\.address) + [end]
    guard zip(rows, ends).allSatisfy({ $0.address <= $1 }) else { return }
    var run: [SourceLines.Row] = []
    run.reserveCapacity(rows.count + 1)
    for (row, next) in zip(rows, ends) where row.address < next {
      run.append(
        SourceLines.Row(
          offset: offset(row.address), file: try fileIndex(row.file, &header), line: row.line))
    }
    guard !run.isEmpty else { return }
    let noFile = SourceLines.Row.noFile
    run.append(SourceLines.Row(offset: offset(end), file: noFile, line: 0))
    runs.append(run)
  }

  private func offset(_ address: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: module.code.lowerBound + Int(address))
  }

  /// The index among all files of a unit's file.
  private mutating func fileIndex(
    _ file: UInt64, _ header: inout LineProgramHeader
  ) throws(LineTableError) -> UInt32 {
    guard file < UInt64(header.files.count) else { return SourceLines.Row.noFile }
    if let index = header.files[Int(file)].index { return index }
    let place = header.files[Int(file)].name.lowerBound
    let name = header.path(Int(file), module.bytes)
    nameByteCount += name.count
    guard nameByteCount <= WasmLimits.sourceNamesByteCountMax else {
      throw LineTableError(.tooManyNames, at: place)
    }
    let index = fileIndices[name] ?? UInt32(files.count)
    if index == UInt32(files.count) {
      files.append(name)
      fileIndices[name] = index
    }
    header.files[Int(file)].index = index
    return index
  }
}
