// LineProgram.swift — a unit of a line table: the files that it names, and the program of its rows.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Names and lines".
// Source: DWARF Debugging Information Format 5, section 6.2 "Line Number Information".

/// How the operations of a unit's program count.
struct LineSteps {
  var instructionByteCount: UInt64 = 1
  var lineBase: Int64 = 0
  var lineRange: UInt8 = 1
  /// How many operands each standard operation has, by its number less 1.
  var operandCounts: [UInt8] = []
}

/// What a unit says before its program.
struct LineProgramHeader {
  struct File {
    /// Where its name lies in the WebAssembly file.
    var name: Range<Int>
    /// Index in `directories`.
    var directory: UInt64
    /// Its index among the files of all units, once a row has named it.
    var index: UInt32?
  }

  private(set) var directories: [Range<Int>] = []
  var files: [File] = []
  private(set) var steps = LineSteps()

  /// Reads a unit up to its program.
  init(_ unit: inout DebugCursor, _ module: WasmModule) throws(LineTableError) {
    let start = unit.position
    let version = try unit.unsigned(2)
    guard 2...5 ~= version else { throw LineTableError(.unknownVersion(version), at: start) }
    // Sizes of addresses and of segment selectors.
    if version >= 5 { _ = try unit.unsigned(2) }
    var program = unit
    try program.skip(try unit.offset())
    program.position += unit.offsetByteCount
    guard program.position <= unit.end else { throw LineTableError(.truncated, at: start) }
    steps.instructionByteCount = try unit.unsigned(1)
    // How many operations an instruction holds.
    if version >= 4 { _ = try unit.byte() }
    // Whether a row is the beginning of a statement.
    _ = try unit.byte()
    steps.lineBase = Int64(Int8(bitPattern: try unit.byte()))
    steps.lineRange = try unit.byte()
    guard steps.lineRange > 0 else { throw LineTableError(.noLineRange, at: unit.position - 1) }
    for _ in 1..<max(1, try unit.byte()) { steps.operandCounts.append(try unit.byte()) }
    if version >= 5 { try readEntries(&unit, module) } else { try readLists(&unit) }
    unit.position = program.position
  }

  /// The path of a file as the compiler was given it; below the folder of compilation it is
  /// relative.
  func path(_ file: Int, _ bytes: [UInt8]) -> [UInt8] {
    let name = bytes[files[file].name]
    let directory = files[file].directory
    guard name.first != UInt8(ascii: "/"), directory > 0, directory < UInt64(directories.count)
    else { return Array(name) }
    return Array(bytes[directories[Int(directory)]]) + [UInt8(ascii: "/")] + name
  }

  /// Up to version 4: directories, then files, each list ended by an empty name; both count from 1.
  private mutating func readLists(_ unit: inout DebugCursor) throws(LineTableError) {
    let none = unit.position..<unit.position
    directories.append(none)
    while true {
      let name = try unit.string()
      if name.isEmpty { break }
      directories.append(name)
    }
    files.append(File(name: none, directory: 0))
    while true {
      let name = try unit.string()
      if name.isEmpty { return }
      files.append(File(name: name, directory: try unit.variable()))
      // When it was changed, and its size.
      for _ in 0..<2 { _ = try unit.variable() }
    }
  }

  /// From version 5 on: directories, then files, each list with a description of its entries.
  private mutating func readEntries(
    _ unit: inout DebugCursor, _ module: WasmModule
  ) throws(LineTableError) {
    for isFiles in [false, true] {
      var form: [(content: UInt64, form: UInt64)] = []
      for _ in 0..<(try unit.byte()) { form.append((try unit.variable(), try unit.variable())) }
      let place = unit.position
      let count = try unit.variable()
      guard !form.isEmpty || count == 0 else {
        throw LineTableError(.emptyEntries(count), at: place)
      }
      var index: UInt64 = 0
      while index < count {
        let entry = try entry(form, &unit, module)
        if isFiles { files.append(entry) } else { directories.append(entry.name) }
        index += 1
      }
    }
  }

  /// Contents of entries that are of interest.
  private enum Content {
    static let path: UInt64 = 1
    static let directory: UInt64 = 2
  }

  private func entry(
    _ form: [(content: UInt64, form: UInt64)], _ unit: inout DebugCursor, _ module: WasmModule
  ) throws(LineTableError) -> File {
    var file = File(name: unit.position..<unit.position, directory: 0)
    for (content, form) in form {
      switch try value(form, &unit, module) {
      case .string(let name): if content == Content.path { file.name = name }
      case .number(let number): if content == Content.directory { file.directory = number }
      }
    }
    return file
  }

  private enum Value {
    case string(Range<Int>)
    case number(UInt64)
  }

  /// A value of a form that a line table may have; each has at least one byte.
  private func value(
    _ form: UInt64, _ unit: inout DebugCursor, _ module: WasmModule
  ) throws(LineTableError) -> Value {
    let start = unit.position
    switch form {
    case 0x08: return .string(try unit.string())
    case 0x0e: return .string(try Self.string(try unit.offset(), .strings, module, start))
    case 0x1f: return .string(try Self.string(try unit.offset(), .lineStrings, module, start))
    case 0x0b: return .number(try unit.unsigned(1))
    case 0x05: return .number(try unit.unsigned(2))
    case 0x06: return .number(try unit.unsigned(4))
    case 0x07: return .number(try unit.unsigned(8))
    case 0x0f: return .number(try unit.variable())
    case 0x0d: return .number(UInt64(bitPattern: try unit.signedVariable()))
    case 0x1e: try unit.skip(16)
    case 0x09: try unit.skip(try unit.variable())
    default: throw LineTableError(.unknownForm(form), at: start)
    }
    return .number(0)
  }

  private static func string(
    _ offset: UInt64, _ section: DebugSection, _ module: WasmModule, _ place: Int
  ) throws(LineTableError) -> Range<Int> {
    guard let range = module.debugSections[section], offset < UInt64(range.count) else {
      throw LineTableError(.noString(offset), at: place)
    }
    var cursor = DebugCursor(module.bytes, range.lowerBound + Int(offset)..<range.upperBound)
    return try cursor.string()
  }
}

/// The machine that a unit's program runs on, for one run of rows.
struct LineProgram {
  struct Row {
    var address: UInt64 = 0
    var file: UInt64 = 1
    var line: UInt32 = 1
  }

  private(set) var rows: [Row] = []
  private let steps: LineSteps
  private var state = Row()

  init(_ steps: LineSteps) { self.steps = steps }

  /// Runs up to where a run of rows ends.
  ///
  /// - Returns: the address there; null when the program ends without one.
  mutating func runToEnd(_ unit: inout DebugCursor) throws(LineTableError) -> UInt64? {
    while !unit.isAtEnd {
      let operation = try unit.byte()
      let special = Int(operation) - steps.operandCounts.count - 1
      if operation == 0 {
        if try extended(&unit) { return state.address }
      } else if special >= 0 {
        advance(special)
        let remainder = Int64(special) % Int64(steps.lineRange)
        state.line &+= UInt32(truncatingIfNeeded: steps.lineBase + remainder)
        rows.append(state)
      } else {
        try standard(operation, &unit)
      }
    }
    return nil
  }

  private mutating func advance(_ special: Int) {
    state.address &+= UInt64(special / Int(steps.lineRange)) &* steps.instructionByteCount
  }

  private mutating func standard(
    _ operation: UInt8, _ unit: inout DebugCursor
  ) throws(LineTableError) {
    switch operation {
    case 1: rows.append(state)
    case 2: state.address &+= try unit.variable() &* steps.instructionByteCount
    case 3: state.line &+= UInt32(truncatingIfNeeded: try unit.signedVariable())
    case 4: state.file = try unit.variable()
    // As the special operation 255, without its row.
    case 8: advance(255 - steps.operandCounts.count - 1)
    case 9: state.address &+= try unit.unsigned(2)
    default:
      for _ in 0..<steps.operandCounts[Int(operation) - 1] { _ = try unit.variable() }
    }
  }

  /// - Returns: whether the run of rows ends.
  private mutating func extended(_ unit: inout DebugCursor) throws(LineTableError) -> Bool {
    let length = try unit.variable()
    let start = unit.position
    try unit.skip(length)
    guard length > 0 else { return false }
    var operand = DebugCursor(unit.bytes, start..<unit.position)
    switch try operand.byte() {
    case 1: return true
    case 2: state.address = try operand.unsigned(min(8, operand.end - operand.position))
    default: break
    }
    return false
  }
}
