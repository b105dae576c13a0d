// ModuleReader+Entries.swift — checks of what the sections say, in the file's order.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Where an entry lies, for errors.
struct EntryPlace {
  var section: SectionKind
  var index: Int
  var byteOffset: Int

  func error(_ cause: FormatError.Cause, _ field: Int, _ value: UInt64) -> FormatError {
    FormatError(
      cause, byteOffset: byteOffset + field, section: section.rawValue, entry: index, value: value)
  }

  /// Refuses a field without a meaning that isn't zero.
  func checkZero(_ value: UInt64, _ field: Int) throws(FormatError) {
    guard value == 0 else { throw error(.reservedNotZero, field, value) }
  }

  func check(_ index: UInt64, below count: Int, _ field: Int) throws(FormatError) {
    guard index < UInt64(count) else {
      throw error(.indexOutOfRange(count: UInt64(count)), field, index)
    }
  }

  /// Refuses limits that contradict themselves or reach beyond 32-bit addresses.
  func check(_ limits: SizeLimits, max: UInt64, _ field: Int) throws(FormatError) {
    guard limits.minimum <= max else {
      throw error(.aboveLimit(limit: max), field, limits.minimum)
    }
    guard limits.maximum <= max || limits.maximum == SizeLimits.none else {
      throw error(.aboveLimit(limit: max), field + 8, limits.maximum)
    }
    guard limits.minimum <= limits.maximum else {
      throw error(.minimumAboveMaximum(maximum: limits.maximum), field, limits.minimum)
    }
  }

  func valueType(_ byte: UInt8, _ field: Int) throws(FormatError) -> ValueType {
    guard let type = ValueType(rawValue: byte) else {
      throw error(.unknownValueType, field, UInt64(byte))
    }
    return type
  }

  func reference(_ byte: UInt8, _ field: Int) throws(FormatError) -> ValueType {
    let type = try valueType(byte, field)
    guard type.isReference else { throw error(.notReference, field, UInt64(byte)) }
    return type
  }

  func checkMutability(_ byte: UInt8, _ field: Int) throws(FormatError) {
    guard byte <= 1 else { throw error(.unknownMutability, field, UInt64(byte)) }
  }
}

/// How much of a pool was named so far.
struct PoolCursor {
  let kind: SectionKind
  let count: Int
  var next = 0

  /// Takes the run that must come next; its first and count stand at `field` and four bytes later.
  mutating func take(
    _ range: PoolRange, _ place: EntryPlace, _ field: Int
  ) throws(FormatError) {
    guard Int(range.first) == next else {
      throw place.error(.poolOrder(expected: UInt64(next)), field, UInt64(range.first))
    }
    guard Int(range.count) <= count - next else {
      throw place.error(
        .poolExceeded(available: UInt64(count - next)), field + 4, UInt64(range.count))
    }
    next += Int(range.count)
  }

  /// Refuses a pool of which something was not named.
  func finish(_ view: ModuleView) throws(FormatError) {
    guard next == count else {
      let offset = view.extent(kind).offset + next * kind.entryByteCount
      throw FormatError(
        .poolLeftOver(named: UInt64(next)), byteOffset: offset, section: kind.rawValue,
        entry: next, value: UInt64(count))
    }
  }
}

extension ModuleReader {
  mutating func readEntries() throws(FormatError) {
    try checkTypes()
    var strings = cursor(.strings)
    try checkImports(&strings)
    try checkFunctions()
    try checkTablesAndMemories()
    try checkGlobals()
    try checkExports(&strings)
    try strings.finish(view)
    try checkSegments()
    try checkStart()
    try checkDebugSections()
  }

  func cursor(_ kind: SectionKind) -> PoolCursor {
    PoolCursor(kind: kind, count: view.count(of: kind))
  }

  func place(_ kind: SectionKind, _ index: Int) -> EntryPlace {
    EntryPlace(
      section: kind, index: index,
      byteOffset: view.extent(kind).offset + index * kind.entryByteCount)
  }

  private func checkTypes() throws(FormatError) {
    var pool = cursor(.valueTypes)
    for index in 0..<view.types.count {
      let (entry, place) = (view.types[index], place(.types, index))
      let limit = UInt64(FormatLimits.parameterCountMax)
      guard entry.parameterCount <= limit else {
        throw place.error(.aboveLimit(limit: limit), 4, UInt64(entry.parameterCount))
      }
      guard entry.resultCount <= limit else {
        throw place.error(.aboveLimit(limit: limit), 6, UInt64(entry.resultCount))
      }
      let count = UInt32(entry.parameterCount) + UInt32(entry.resultCount)
      guard Int(entry.firstValueType) == pool.next else {
        throw place.error(
          .poolOrder(expected: UInt64(pool.next)), 0, UInt64(entry.firstValueType))
      }
      guard Int(count) <= pool.count - pool.next else {
        throw place.error(
          .poolExceeded(available: UInt64(pool.count - pool.next)), 4, UInt64(count))
      }
      pool.next += Int(count)
    }
    try pool.finish(view)
    let all = view.poolBytes(.valueTypes, PoolRange(first: 0, count: UInt32(pool.count)))
    for index in 0..<all.count {
      _ = try place(.valueTypes, index).valueType(all[index], 0)
    }
  }

  private mutating func checkImports(_ strings: inout PoolCursor) throws(FormatError) {
    var previous = ExternalKind.function
    for index in 0..<view.imports.count {
      let (entry, place) = (view.imports[index], place(.imports, index))
      try take(entry.module, from: &strings, place, 0)
      try take(entry.name, from: &strings, place, 8)
      guard let kind = ExternalKind(rawValue: entry.kind) else {
        throw place.error(.unknownKind, 16, UInt64(entry.kind))
      }
      guard kind.rawValue >= previous.rawValue else {
        throw place.error(.importOrder(previous: previous.rawValue), 16, UInt64(entry.kind))
      }
      previous = kind
      try check(entry, kind, place)
    }
  }

  private mutating func check(
    _ entry: ImportEntry, _ kind: ExternalKind, _ place: EntryPlace
  ) throws(FormatError) {
    switch kind {
    case .function:
      view.importedFunctionCount += 1
      try place.check(UInt64(entry.typeIndex), below: view.types.count, 20)
    case .table:
      view.importedTableCount += 1
      _ = try place.reference(entry.valueType, 17)
      try place.check(entry.limits, max: FormatLimits.tableElementCountMax, 24)
    case .memory:
      view.importedMemoryCount += 1
      try place.check(entry.limits, max: FormatLimits.memoryPageCountMax, 24)
    case .global:
      view.importedGlobalCount += 1
      _ = try place.valueType(entry.valueType, 17)
      try place.checkMutability(entry.mutability, 18)
    }
    if kind == .function || kind == .memory { try place.checkZero(UInt64(entry.valueType), 17) }
    if kind != .global { try place.checkZero(UInt64(entry.mutability), 18) }
    try place.checkZero(UInt64(reserved(place, 19)), 19)
    if kind != .function { try place.checkZero(UInt64(entry.typeIndex), 20) }
    if kind == .function || kind == .global {
      try place.checkZero(entry.limits.minimum, 24)
      try place.checkZero(entry.limits.maximum, 32)
    }
  }

  private func checkFunctions() throws(FormatError) {
    var code = cursor(.code)
    for index in 0..<view.functions.count {
      let (entry, place) = (view.functions[index], place(.functions, index))
      try code.take(PoolRange(first: entry.firstWord, count: entry.wordCount), place, 0)
      guard entry.wordCount > 0 else { throw place.error(.noCode, 4, 0) }
      try place.check(UInt64(entry.typeIndex), below: view.types.count, 8)
      let type = view.types[Int(entry.typeIndex)]
      let needed = max(1, max(type.parameterCount, type.resultCount))
      guard entry.registerCount >= needed else {
        throw place.error(
          .tooFewRegisters(needed: UInt64(needed)), 12, UInt64(entry.registerCount))
      }
      guard entry.registerCount <= FormatLimits.registerCountMax else {
        throw place.error(
          .aboveLimit(limit: UInt64(FormatLimits.registerCountMax)), 12,
          UInt64(entry.registerCount))
      }
      guard entry.windowBase <= entry.registerCount else {
        throw place.error(
          .windowBeyondRegisters(registerCount: UInt64(entry.registerCount)), 14,
          UInt64(entry.windowBase))
      }
    }
    try code.finish(view)
  }

  private func checkTablesAndMemories() throws(FormatError) {
    for index in 0..<view.tables.count {
      let (entry, place) = (view.tables[index], place(.tables, index))
      _ = try place.reference(entry.elementType, 0)
      try checkReserved(place, 1..<8)
      try place.check(entry.limits, max: FormatLimits.tableElementCountMax, 8)
    }
    for index in 0..<view.memories.count {
      try place(.memories, index).check(
        view.memories[index].limits, max: FormatLimits.memoryPageCountMax, 0)
    }
  }

  private func checkGlobals() throws(FormatError) {
    for index in 0..<view.globals.count {
      let (entry, place) = (view.globals[index], place(.globals, index))
      let type = try place.valueType(entry.valueType, 0)
      try place.checkMutability(entry.mutability, 1)
      try checkReserved(place, 3..<8)
      try check(entry.initial, type, place, kindField: 2, valueField: 8)
    }
  }

  private func checkExports(_ strings: inout PoolCursor) throws(FormatError) {
    for index in 0..<view.exports.count {
      let (entry, place) = (view.exports[index], place(.exports, index))
      try take(entry.name, from: &strings, place, 0)
      guard let kind = ExternalKind(rawValue: entry.kind) else {
        throw place.error(.unknownKind, 8, UInt64(entry.kind))
      }
      try checkReserved(place, 9..<12)
      try place.check(UInt64(entry.index), below: view.count(of: kind), 12)
      guard index > 0 else { continue }
      let previous = view.string(view.exports[index - 1].name)
      guard PoolBytes.compare(previous, view.string(entry.name)) < 0 else {
        throw place.error(.notSorted, 0, UInt64(index))
      }
    }
  }

  private func checkStart() throws(FormatError) {
    guard let start = view.startFunction else { return }
    let offset = ModuleHeader.startFunctionOffset
    guard Int(start) < view.functionCount else {
      throw FormatError(
        .indexOutOfRange(count: UInt64(view.functionCount)), byteOffset: offset,
        value: UInt64(start))
    }
    let type = view.types[view.typeIndex(ofFunction: Int(start))]
    guard type.parameterCount == 0, type.resultCount == 0 else {
      throw FormatError(.startFunctionHasType, byteOffset: offset, value: UInt64(start))
    }
  }

  /// The byte at a field of an entry.
  func reserved(_ place: EntryPlace, _ field: Int) -> UInt8 {
    // SAFETY: the place is an entry's, whose section lies within the file, and the field is in it.
    unsafe view.bytes.pointer(at: place.byteOffset + field).load(as: UInt8.self)
  }

  func checkReserved(_ place: EntryPlace, _ fields: Range<Int>) throws(FormatError) {
    for field in fields { try place.checkZero(UInt64(reserved(place, field)), field) }
  }

  /// Takes a name from a pool and checks that it is UTF-8.
  func take(
    _ range: PoolRange, from pool: inout PoolCursor, _ place: EntryPlace, _ field: Int
  ) throws(FormatError) {
    try pool.take(range, place, field)
    let name = view.poolBytes(pool.kind, range)
    guard let wrong = name.firstNotUTF8 else { return }
    throw place.error(.notUTF8, field, UInt64(wrong))
  }
}
