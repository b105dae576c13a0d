// WasmModule+Sections.swift — reads a WebAssembly file's sections.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 5.5 "Modules".

extension WasmModule {
  /// Reads the sections of `bytes`; function bodies are only located.
  init(reading bytes: [UInt8]) throws(WasmError) {
    self.init(bytes: bytes)
    var reader = WasmReader(bytes)
    guard bytes.count >= 8, bytes.starts(with: [0, 0x61, 0x73, 0x6d]) else { throw .notWasm }
    reader.position = 4
    let version = UInt32(truncatingIfNeeded: try reader.littleEndian(byteCount: 4))
    guard version == 1 else { throw .unsupportedVersion(version) }
    var lastRank = 0
    while !reader.isAtEnd {
      let offset = reader.position
      let id = try reader.byte()
      let byteCount = try reader.count()
      guard byteCount <= reader.end - reader.position else { throw .truncated(offset: offset) }
      var section = WasmReader(bytes, from: reader.position, to: reader.position + byteCount)
      reader.position = section.end
      if id != 0 {
        // The data count section (12) stands before the code section (10).
        let order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10]
        guard Int(id) < order.count else { throw .unknownSection(id: id, offset: offset) }
        guard order[Int(id)] > lastRank else { throw .sectionOrder(id: id, offset: offset) }
        lastRank = order[Int(id)]
      }
      try readSection(id, &section)
      guard section.isAtEnd else { throw .sectionLength(id: id, offset: offset) }
    }
    guard functionTypes.count - imports.count == bodies.count else {
      throw .bodyCount(functions: functionTypes.count - imports.count, bodies: bodies.count)
    }
  }

  private mutating func readSection(_ id: UInt8, _ reader: inout WasmReader) throws(WasmError) {
    switch id {
    case 0: try readCustom(&reader)
    case 8:
      let offset = reader.position
      let function = try reader.unsigned32()
      try Self.check(function, of: .function, count: functionTypes.count, offset: offset)
      start = function
    case 12: _ = try reader.unsigned32()
    default:
      for _ in 0..<(try reader.count()) { try readEntry(id, &reader) }
    }
  }

  private mutating func readEntry(_ id: UInt8, _ reader: inout WasmReader) throws(WasmError) {
    switch id {
    case 1: try readType(&reader)
    case 2: try readImport(&reader)
    case 3: functionTypes.append(try typeIndex(&reader))
    case 4: tables.append(try table(&reader))
    case 5:
      let offset = reader.position
      guard memories.isEmpty else { throw .unsupported(.multipleMemories, offset: offset) }
      memories.append(try range(&reader))
    case 6: try readGlobal(&reader)
    case 7: try readExport(&reader)
    case 9: try readElements(&reader)
    case 10: try readBody(&reader)
    default: try readData(&reader)
    }
  }

  static func valueType(_ reader: inout WasmReader) throws(WasmError) -> WasmValueType {
    let offset = reader.position
    let byte = try reader.byte()
    guard let type = WasmValueType(rawValue: byte) else {
      switch byte {
      case 0x7b: throw .unsupported(.simd, offset: offset)
      case 0x63, 0x64, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x73, 0x72, 0x71:
        throw .unsupported(.typedReferences, offset: offset)
      default: throw .malformedForm(byte: byte, offset: offset)
      }
    }
    return type
  }

  private mutating func readType(_ reader: inout WasmReader) throws(WasmError) {
    let offset = reader.position
    let form = try reader.byte()
    guard form == 0x60 else {
      guard form == 0x4e || form == 0x50 || form == 0x5e || form == 0x5f else {
        throw .malformedForm(byte: form, offset: offset)
      }
      throw .unsupported(.typedReferences, offset: offset)
    }
    var type = WasmFunctionType(parameters: [], results: [])
    for _ in 0..<(try reader.count()) { type.parameters.append(try Self.valueType(&reader)) }
    for _ in 0..<(try reader.count()) { type.results.append(try Self.valueType(&reader)) }
    types.append(type)
  }

  private func typeIndex(_ reader: inout WasmReader) throws(WasmError) -> Int {
    let offset = reader.position
    let index = try reader.unsigned32()
    try Self.check(index, of: .type, count: types.count, offset: offset)
    return Int(index)
  }

  private mutating func readImport(_ reader: inout WasmReader) throws(WasmError) {
    let module = try reader.name()
    let name = try reader.name()
    let offset = reader.position
    let kind = try reader.byte()
    switch kind {
    case 0:
      let type = try typeIndex(&reader)
      imports.append(WasmImport(module: module, name: name, type: type))
      functionTypes.append(type)
    case 1: throw .unsupported(.importedTable, offset: offset)
    case 2: throw .unsupported(.importedMemory, offset: offset)
    case 3: throw .unsupported(.importedGlobal, offset: offset)
    case 4: throw .unsupported(.exceptions, offset: offset)
    default: throw .malformedForm(byte: kind, offset: offset)
    }
  }

  private func range(_ reader: inout WasmReader) throws(WasmError) -> WasmRange {
    let offset = reader.position
    let flags = try reader.byte()
    switch flags {
    case 0: return WasmRange(minimum: UInt64(try reader.unsigned32()), maximum: nil)
    case 1:
      let minimum = UInt64(try reader.unsigned32())
      return WasmRange(minimum: minimum, maximum: UInt64(try reader.unsigned32()))
    case 2, 3: throw .unsupported(.threads, offset: offset)
    case 4, 5: throw .unsupported(.memory64, offset: offset)
    default: throw .malformedForm(byte: flags, offset: offset)
    }
  }

  private func table(_ reader: inout WasmReader) throws(WasmError) -> WasmTable {
    let offset = reader.position
    let type = try Self.valueType(&reader)
    guard type.isReference else { throw .malformedForm(byte: type.rawValue, offset: offset) }
    return WasmTable(elementType: type, range: try range(&reader))
  }

  private mutating func readGlobal(_ reader: inout WasmReader) throws(WasmError) {
    let type = try Self.valueType(&reader)
    let offset = reader.position
    let mutability = try reader.byte()
    guard mutability <= 1 else { throw .malformedForm(byte: mutability, offset: offset) }
    let initial = try constant(&reader)
    globals.append(WasmGlobal(type: type, isMutable: mutability == 1, initial: initial))
  }

  /// A constant expression up to its `end`; a constant global of this module counts as its value.
  private func constant(_ reader: inout WasmReader) throws(WasmError) -> WasmConstant {
    let offset = reader.position
    let operation = try reader.byte()
    let value: WasmConstant
    switch operation {
    case 0x41: value = .bits(UInt64(UInt32(truncatingIfNeeded: try reader.signed(width: 32))))
    case 0x42: value = .bits(UInt64(bitPattern: try reader.signed(width: 64)))
    case 0x43: value = .bits(try reader.littleEndian(byteCount: 4))
    case 0x44: value = .bits(try reader.littleEndian(byteCount: 8))
    case 0x23:
      let index = try reader.unsigned32()
      try Self.check(index, of: .global, count: globals.count, offset: offset)
      guard !globals[Int(index)].isMutable else {
        throw .unsupported(.computedConstant, offset: offset)
      }
      value = globals[Int(index)].initial
    case 0xd0:
      _ = try Self.valueType(&reader)
      value = .null
    case 0xd2:
      let index = try reader.unsigned32()
      try Self.check(index, of: .function, count: functionTypes.count, offset: offset)
      value = .function(index)
    default: throw .unsupported(.computedConstant, offset: offset)
    }
    guard try reader.byte() == 0x0b else {
      throw .unsupported(.computedConstant, offset: offset)
    }
    return value
  }

  /// Where an active segment goes: a constant number.
  private func segmentOffset(_ reader: inout WasmReader) throws(WasmError) -> UInt64 {
    let offset = reader.position
    guard case .bits(let value) = try constant(&reader) else {
      throw .unsupported(.computedConstant, offset: offset)
    }
    return value
  }
}

// The sections behind the declarations.
extension WasmModule {
  private mutating func readExport(_ reader: inout WasmReader) throws(WasmError) {
    let name = try reader.name()
    let offset = reader.position
    let byte = try reader.byte()
    guard let kind = WasmExportKind(rawValue: byte) else {
      throw .malformedForm(byte: byte, offset: offset)
    }
    let index = try reader.unsigned32()
    switch kind {
    case .function:
      try Self.check(index, of: .function, count: functionTypes.count, offset: offset)
    case .table: try Self.check(index, of: .table, count: tables.count, offset: offset)
    case .memory: try Self.check(index, of: .memory, count: memories.count, offset: offset)
    case .global: try Self.check(index, of: .global, count: globals.count, offset: offset)
    }
    exports.append(WasmExport(name: name, kind: kind, index: index))
  }

  /// Flags: bit 0 not active, bit 1 explicit table or declarative, bit 2 expressions.
  private mutating func readElements(_ reader: inout WasmReader) throws(WasmError) {
    let start = reader.position
    let flags = try reader.unsigned32()
    guard flags < 8 else { throw .malformedForm(byte: UInt8(flags & 0xff), offset: start) }
    var mode = WasmSegmentMode.passive
    if flags & 1 == 0 {
      let table = flags & 2 == 0 ? 0 : try reader.unsigned32()
      try Self.check(table, of: .table, count: tables.count, offset: start)
      mode = .active(target: table, offset: try segmentOffset(&reader))
    } else if flags & 2 != 0 {
      mode = .declarative
    }
    var type = WasmValueType.funcref
    if flags & 3 != 0 {
      if flags & 4 != 0 {
        type = try Self.valueType(&reader)
      } else {
        let offset = reader.position
        let kind = try reader.byte()
        guard kind == 0 else { throw .malformedForm(byte: kind, offset: offset) }
      }
    }
    var elements: [WasmConstant] = []
    for _ in 0..<(try reader.count()) {
      if flags & 4 != 0 {
        elements.append(try constant(&reader))
      } else {
        let offset = reader.position
        let function = try reader.unsigned32()
        try Self.check(function, of: .function, count: functionTypes.count, offset: offset)
        elements.append(.function(function))
      }
    }
    self.elements.append(
      WasmElementSegment(mode: mode, elementType: type, elements: elements))
  }

  private mutating func readBody(_ reader: inout WasmReader) throws(WasmError) {
    let offset = reader.position
    let byteCount = try reader.count()
    guard byteCount <= reader.end - reader.position else { throw .truncated(offset: offset) }
    var body = WasmReader(bytes, from: reader.position, to: reader.position + byteCount)
    reader.position = body.end
    var locals: [WasmValueType] = []
    for _ in 0..<(try body.count()) {
      let count = try body.count()
      let type = try Self.valueType(&body)
      guard count <= WasmLimits.localCountMax - locals.count else {
        throw .tooManyLocals(function: bodies.count + imports.count, count: locals.count + count)
      }
      locals.append(contentsOf: repeatElement(type, count: count))
    }
    bodies.append(WasmBody(locals: locals, code: body.position..<body.end))
  }

  private mutating func readData(_ reader: inout WasmReader) throws(WasmError) {
    let start = reader.position
    let flags = try reader.unsigned32()
    guard flags < 3 else { throw .malformedForm(byte: UInt8(flags & 0xff), offset: start) }
    var mode = WasmSegmentMode.passive
    if flags != 1 {
      let memory = flags == 2 ? try reader.unsigned32() : 0
      try Self.check(memory, of: .memory, count: memories.count, offset: start)
      mode = .active(target: memory, offset: try segmentOffset(&reader))
    }
    data.append(WasmDataSegment(mode: mode, bytes: try reader.take(try reader.count())))
  }

  /// Keeps the function names of a name section; one that is malformed counts as none.
  private mutating func readCustom(_ reader: inout WasmReader) throws(WasmError) {
    let name = try reader.name()
    defer { reader.position = reader.end }
    guard name == "name" else { return }
    do {
      while !reader.isAtEnd {
        let id = try reader.byte()
        let byteCount = try reader.count()
        let end = min(reader.position + byteCount, reader.end)
        if id == 1 {
          for _ in 0..<(try reader.count()) {
            let function = try reader.count()
            functionNames[function] = try reader.name()
          }
        }
        reader.position = end
      }
    } catch {
      // The specification: errors in a custom section do not make a module invalid.
      functionNames = [:]
    }
  }
}
