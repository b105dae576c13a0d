// WasmModule+Declarations.swift — reads and checks types, imports, tables, memories, globals.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, sections 3.2 "Types" and 5.5 "Modules".

extension WasmModule {
  mutating func readType(_ reader: inout WasmReader) throws(WasmError) {
    let offset = reader.position
    let form = try reader.byte()
    guard form == 0x60 else {
      guard [0x4e, 0x4f, 0x50, 0x5e, 0x5f].contains(form) else {
        throw WasmError(.malformedForm(form), at: offset)
      }
      throw WasmError(.unsupported(.typedReferences), at: offset)
    }
    var type = WasmFunctionType(parameters: [], results: [])
    for _ in 0..<(try reader.count()) { type.parameters.append(try reader.valueType()) }
    for _ in 0..<(try reader.count()) { type.results.append(try reader.valueType()) }
    types.append(type)
  }

  func typeIndex(_ reader: inout WasmReader) throws(WasmError) -> Int {
    let offset = reader.position
    let index = try reader.unsigned32()
    try Self.check(index, of: .type, count: types.count, offset: offset)
    return Int(index)
  }

  mutating func readImport(_ reader: inout WasmReader) throws(WasmError) {
    let module = try reader.name()
    let name = try reader.name()
    let offset = reader.position
    let kind = try reader.byte()
    let wanted: WasmImport.Wanted
    switch kind {
    case 0:
      let type = try typeIndex(&reader)
      wanted = .function(type)
      functionTypes.append(type)
      importedFunctionCount += 1
    case 1:
      let table = try table(&reader)
      wanted = .table(table)
      tables.append(table)
      importedTableCount += 1
    case 2:
      try readMemory(&reader)
      wanted = .memory(memories[memories.count - 1])
      importedMemoryCount += 1
    case 3:
      let type = try globalType(&reader)
      wanted = .global(type)
      globals.append(type)
      importedGlobalCount += 1
    case 4: throw WasmError(.unsupported(.exceptions), at: offset)
    default: throw WasmError(.malformedForm(kind), at: offset)
    }
    imports.append(WasmImport(module: module, name: name, wanted: wanted))
  }

  private func range(_ reader: inout WasmReader) throws(WasmError) -> WasmRange {
    let offset = reader.position
    let flags = try reader.byte()
    switch flags {
    case 0: return WasmRange(minimum: UInt64(try reader.unsigned32()), maximum: nil)
    case 1:
      let minimum = UInt64(try reader.unsigned32())
      let maximum = UInt64(try reader.unsigned32())
      guard minimum <= maximum else {
        throw WasmError(.sizesReversed(minimum: minimum, maximum: maximum), at: offset)
      }
      return WasmRange(minimum: minimum, maximum: maximum)
    case 2, 3: throw WasmError(.unsupported(.threads), at: offset)
    case 4, 5, 6, 7: throw WasmError(.unsupported(.memory64), at: offset)
    default: throw WasmError(.malformedForm(flags), at: offset)
    }
  }

  func table(_ reader: inout WasmReader) throws(WasmError) -> WasmTable {
    let type = try reader.referenceType()
    return WasmTable(elementType: type, range: try range(&reader))
  }

  mutating func readMemory(_ reader: inout WasmReader) throws(WasmError) {
    let offset = reader.position
    let range = try range(&reader)
    let pages = max(range.minimum, range.maximum ?? 0)
    guard pages <= WasmLimits.memoryPageCountMax else {
      throw WasmError(.memoryTooLarge(pages: pages), at: offset)
    }
    guard memories.isEmpty || features.contains(.multipleMemories) else {
      throw WasmError(.secondMemory, at: offset)
    }
    memories.append(range)
  }

  private func globalType(_ reader: inout WasmReader) throws(WasmError) -> WasmGlobalType {
    let type = try reader.valueType()
    let offset = reader.position
    let mutability = try reader.byte()
    guard mutability <= 1 else { throw WasmError(.malformedForm(mutability), at: offset) }
    return WasmGlobalType(type: type, isMutable: mutability == 1)
  }

  mutating func readGlobal(_ reader: inout WasmReader) throws(WasmError) {
    let type = try globalType(&reader)
    initialValues.append(try constant(&reader, type.type))
    globals.append(type)
  }

  func readExport(_ reader: inout WasmReader) throws(WasmError) -> WasmExport {
    let name = try reader.name()
    let offset = reader.position
    let byte = try reader.byte()
    guard let kind = WasmExportKind(rawValue: byte) else {
      throw byte == 4
        ? WasmError(.unsupported(.exceptions), at: offset)
        : WasmError(.malformedForm(byte), at: offset)
    }
    let index = try reader.unsigned32()
    switch kind {
    case .function:
      try Self.check(index, of: .function, count: functionTypes.count, offset: offset)
    case .table: try Self.check(index, of: .table, count: tables.count, offset: offset)
    case .memory: try Self.check(index, of: .memory, count: memories.count, offset: offset)
    case .global: try Self.check(index, of: .global, count: globals.count, offset: offset)
    }
    return WasmExport(name: name, kind: kind, index: index)
  }
}

extension WasmModule {
  /// The initial value of an own global.
  func initialValue(ofGlobal index: UInt32) -> WasmConstant? {
    Int(index) < importedGlobalCount ? nil : initialValues[Int(index) - importedGlobalCount]
  }
}
