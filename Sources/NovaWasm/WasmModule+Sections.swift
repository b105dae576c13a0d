// WasmModule+Sections.swift — reads a WebAssembly file's sections, in the order that is prescribed.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 5.5 "Modules".

/// The numbers of the sections.
enum WasmSection: UInt8 {
  case custom, type, `import`, function, table, memory, global, export, start, element, code, data
  case dataCount

  /// The place among the others: the data count stands before the code.
  var rank: Int {
    switch self {
    case .dataCount: 10
    case .code: 11
    case .data: 12
    default: Int(rawValue)
    }
  }
}

extension WasmModule {
  /// Reads the sections of `bytes` and checks all but the code.
  init(reading bytes: [UInt8], features: WasmFeatures) throws(WasmError) {
    self.init(bytes: bytes, features: features)
    var reader = WasmReader(bytes)
    guard bytes.starts(with: WasmImporter.magic) else { throw WasmError(.notWasm, at: 0) }
    reader.position = 4
    let version = UInt32(truncatingIfNeeded: try reader.littleEndian(byteCount: 4))
    guard version == 1 else { throw WasmError(.unknownVersion(version), at: 4) }
    // The sections' order is a matter of form, and comes before what they say.
    var parts: [(section: WasmSection, reader: WasmReader)] = []
    var lastRank = 0
    while !reader.isAtEnd {
      let offset = reader.position
      let id = try reader.byte()
      let part = try reader.part(try reader.count())
      guard let section = WasmSection(rawValue: id) else {
        throw id == 13
          ? WasmError(.unsupported(.exceptions), at: offset)
          : WasmError(.unknownSection(id), at: offset)
      }
      if section != .custom {
        guard section.rank > lastRank else { throw WasmError(.sectionOrder(id), at: offset) }
        lastRank = section.rank
      }
      parts.append((section, part))
    }
    for (section, part) in parts {
      var part = part
      try read(section, &part)
      try part.checkAtEnd()
    }
    let ownCount = functionTypes.count - importedFunctionCount
    guard ownCount == bodies.count else {
      throw WasmError(.bodyCount(functions: ownCount, bodies: bodies.count), at: bytes.count)
    }
    if let dataCount, dataCount != data.count {
      throw WasmError(.dataCount(announced: dataCount, found: data.count), at: bytes.count)
    }
  }

  private mutating func read(
    _ section: WasmSection, _ reader: inout WasmReader
  ) throws(WasmError) {
    switch section {
    case .custom: try readCustom(&reader)
    case .start: try readStart(&reader)
    case .dataCount: dataCount = try reader.count()
    case .type:
      try each(&reader) { module, reader throws(WasmError) in try module.readType(&reader) }
    case .import:
      try each(&reader) { module, reader throws(WasmError) in try module.readImport(&reader) }
    case .function:
      try each(&reader) { module, reader throws(WasmError) in
        module.functionTypes.append(try module.typeIndex(&reader))
      }
    case .table:
      try each(&reader) { module, reader throws(WasmError) in
        module.tables.append(try module.table(&reader))
      }
    case .memory:
      try each(&reader) { module, reader throws(WasmError) in try module.readMemory(&reader) }
    case .global:
      try each(&reader) { module, reader throws(WasmError) in try module.readGlobal(&reader) }
    case .export: try readExports(&reader)
    case .element:
      try each(&reader) { module, reader throws(WasmError) in try module.readElements(&reader) }
    case .code:
      code = reader.position..<reader.end
      try each(&reader) { module, reader throws(WasmError) in
        let body = try reader.part(try reader.count())
        module.bodies.append(body.position..<body.end)
      }
    case .data:
      try each(&reader) { module, reader throws(WasmError) in try module.readData(&reader) }
    }
  }

  /// Reads a count and so many entries.
  private mutating func each(
    _ reader: inout WasmReader,
    _ body: (inout WasmModule, inout WasmReader) throws(WasmError) -> Void
  ) throws(WasmError) {
    for _ in 0..<(try reader.count()) { try body(&self, &reader) }
  }

  private mutating func readStart(_ reader: inout WasmReader) throws(WasmError) {
    let offset = reader.position
    let function = try reader.unsigned32()
    try Self.check(function, of: .function, count: functionTypes.count, offset: offset)
    let type = functionType(Int(function))
    guard type.parameters.isEmpty && type.results.isEmpty else {
      throw WasmError(.startType, at: offset)
    }
    start = function
  }

  private mutating func readExports(_ reader: inout WasmReader) throws(WasmError) {
    // By bytes: Swift's strings are equal when they look the same.
    var names: Set<[UInt8]> = []
    for _ in 0..<(try reader.count()) {
      let start = reader.position
      let export = try readExport(&reader)
      guard names.insert(Array(export.name.utf8)).inserted else {
        throw WasmError(.duplicateExport(export.name), at: start)
      }
      if export.kind == .function { declaredReferences.insert(export.index) }
      exports.append(export)
    }
  }

  /// Keeps the function names of a name section, of which one that is malformed counts as none, and
  /// the places of sections that tell of lines.
  private mutating func readCustom(_ reader: inout WasmReader) throws(WasmError) {
    let name = try reader.name()
    defer { reader.position = reader.end }
    if let section = DebugSection(rawValue: name) {
      debugSections[section] = reader.position..<reader.end
    }
    guard name == "name" else { return }
    do {
      while !reader.isAtEnd {
        let id = try reader.byte()
        var part = try reader.part(try reader.count())
        guard id == 1 else { continue }
        for _ in 0..<(try part.count()) {
          let function = try part.count()
          functionNames[function] = try part.name()
        }
      }
    } catch {
      // The specification: errors in a custom section do not make a module invalid.
      functionNames = [:]
    }
  }
}
