// ModuleReader+Segments.swift — checks of constants, segments, names, lines and custom sections.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.

extension ModuleReader {
  /// Checks a constant expression that must give `type`.
  func check(
    _ constant: Constant, _ type: ValueType, _ place: EntryPlace, kindField: Int, valueField: Int
  ) throws(FormatError) {
    let wrongKind = place.error(.wrongConstantKind, kindField, UInt64(constant.kind))
    guard let kind = ConstantKind(rawValue: constant.kind) else {
      throw place.error(.unknownKind, kindField, UInt64(constant.kind))
    }
    switch kind {
    case .none: throw wrongKind
    case .i32:
      guard type == .i32 else { throw wrongKind }
      try place.checkZero(constant.value >> 32, valueField + 4)
    case .i64: guard type == .i64 else { throw wrongKind }
    case .f32:
      guard type == .f32 else { throw wrongKind }
      try place.checkZero(constant.value >> 32, valueField + 4)
    case .f64: guard type == .f64 else { throw wrongKind }
    case .null:
      guard type.isReference || type == .handle else { throw wrongKind }
      try place.checkZero(constant.value, valueField)
    case .function:
      guard type == .funcref else { throw wrongKind }
      try place.check(constant.value, below: view.functionCount, valueField)
    case .global: try checkGlobal(constant.value, type, place, valueField)
    }
  }

  /// Checks the global that a constant takes its value from: one whose value is known by then.
  private func checkGlobal(
    _ index: UInt64, _ type: ValueType, _ place: EntryPlace, _ field: Int
  ) throws(FormatError) {
    try place.check(index, below: view.globalCount, field)
    guard Int(index) < view.importedGlobalCount else {
      throw place.error(.wrongConstantGlobal, field, index)
    }
    let global = view.globalType(Int(index))
    guard !global.isMutable, global.valueType == type.rawValue else {
      throw place.error(.wrongConstantGlobal, field, index)
    }
  }

  /// Checks where an active segment begins; other segments say nothing of it.
  private func checkOffset(
    _ mode: SegmentMode, _ offset: Constant, _ index: UInt32, count: Int, _ place: EntryPlace
  ) throws(FormatError) {
    guard mode == .active else {
      try place.checkZero(UInt64(offset.kind), 2)
      try place.checkZero(UInt64(index), 4)
      return try place.checkZero(offset.value, 8)
    }
    try place.check(UInt64(index), below: count, 4)
    try check(offset, .i32, place, kindField: 2, valueField: 8)
  }

  func checkSegments() throws(FormatError) {
    var items = cursor(.elementItems)
    for index in 0..<view.elementSegments.count {
      let (entry, place) = (view.elementSegments[index], place(.elementSegments, index))
      guard let mode = SegmentMode(rawValue: entry.mode) else {
        throw place.error(.unknownKind, 0, UInt64(entry.mode))
      }
      let type = try place.reference(entry.elementType, 1)
      try checkReserved(place, 3..<4)
      try checkOffset(mode, entry.offset, entry.tableIndex, count: view.tableCount, place)
      if mode == .active {
        let table = view.tableType(Int(entry.tableIndex))
        guard table.elementType == entry.elementType else {
          throw place.error(
            .wrongElementType(expected: table.elementType), 1, UInt64(entry.elementType))
        }
      }
      try items.take(entry.items, place, 16)
      try checkItems(entry.items, type)
    }
    try items.finish(view)
    var bytes = cursor(.dataBytes)
    for index in 0..<view.dataSegments.count {
      let (entry, place) = (view.dataSegments[index], place(.dataSegments, index))
      guard let mode = SegmentMode(rawValue: entry.mode), mode != .declared else {
        throw place.error(.unknownKind, 0, UInt64(entry.mode))
      }
      try checkReserved(place, 1..<2)
      try checkReserved(place, 3..<4)
      try checkOffset(mode, entry.offset, entry.memoryIndex, count: view.memoryCount, place)
      try bytes.take(entry.bytes, place, 16)
    }
    try bytes.finish(view)
  }

  private func checkItems(_ range: PoolRange, _ type: ValueType) throws(FormatError) {
    for index in Int(range.first)..<Int(range.first) + Int(range.count) {
      let (entry, place) = (view.elementItems[index], place(.elementItems, index))
      try checkReserved(place, 1..<4)
      try check(
        Constant(kind: entry.kind, value: UInt64(entry.index)), type, place, kindField: 0,
        valueField: 4)
    }
  }

  func checkDebugSections() throws(FormatError) {
    var strings = cursor(.debugStrings)
    try checkNames(&strings)
    for index in 0..<view.sourceFiles.count {
      try take(view.sourceFiles[index].name, from: &strings, place(.sourceFiles, index), 0)
    }
    for index in 0..<view.lines.count {
      let (entry, place) = (view.lines[index], place(.lines, index))
      try place.check(UInt64(entry.firstWord), below: view.codeWordCount, 0)
      try place.check(UInt64(entry.fileIndex), below: view.sourceFiles.count, 4)
      guard index == 0 || view.lines[index - 1].firstWord < entry.firstWord else {
        throw place.error(.notSorted, 0, UInt64(index))
      }
    }
    var bytes = cursor(.customBytes)
    for index in 0..<view.customs.count {
      let (entry, place) = (view.customs[index], place(.customs, index))
      try take(entry.name, from: &strings, place, 0)
      try bytes.take(entry.bytes, place, 8)
    }
    try strings.finish(view)
    try bytes.finish(view)
  }

  private func checkNames(_ strings: inout PoolCursor) throws(FormatError) {
    for index in 0..<view.names.count {
      let (entry, place) = (view.names[index], place(.names, index))
      guard let kind = NameKind(rawValue: entry.kind) else {
        throw place.error(.unknownKind, 0, UInt64(entry.kind))
      }
      try checkReserved(place, 1..<4)
      try place.check(UInt64(entry.index), below: count(of: kind), 4)
      try checkPart(entry, kind, place)
      try take(entry.name, from: &strings, place, 12)
      guard index > 0 else { continue }
      let previous = view.names[index - 1]
      guard (previous.kind, previous.index, previous.part) < (entry.kind, entry.index, entry.part)
      else { throw place.error(.notSorted, 0, UInt64(index)) }
    }
  }

  /// How many indices a kind of name has.
  private func count(of kind: NameKind) -> Int {
    switch kind {
    case .module: 1
    case .function, .register, .label: view.functionCount
    case .type: view.types.count
    case .table: view.tableCount
    case .memory: view.memoryCount
    case .global: view.globalCount
    case .elementSegment: view.elementSegments.count
    case .dataSegment: view.dataSegments.count
    }
  }

  private func checkPart(
    _ entry: NameEntry, _ kind: NameKind, _ place: EntryPlace
  ) throws(FormatError) {
    guard kind == .register || kind == .label else {
      return try place.checkZero(UInt64(entry.part), 8)
    }
    let own = Int(entry.index) - view.importedFunctionCount
    guard own >= 0 else {
      throw place.error(.importedFunction, 4, UInt64(entry.index))
    }
    let function = view.functions[own]
    try place.check(
      UInt64(entry.part),
      below: kind == .register ? Int(function.registerCount) : Int(function.wordCount), 8)
  }
}

extension PoolBytes {
  /// The offset of the first byte that doesn't continue a well-formed UTF-8 sequence, if any.
  ///
  /// Source: The Unicode Standard 15.0, table 3-7.
  var firstNotUTF8: Int? {
    var index = 0
    while index < count {
      let lead = self[index]
      if lead < 0x80 {
        index += 1
        continue
      }
      // The second byte's range excludes overlong forms, surrogates and what lies past U+10FFFF.
      let (length, second): (Int, ClosedRange<UInt8>)
      switch lead {
      case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
      case 0xe0: (length, second) = (3, 0xa0...0xbf)
      case 0xed: (length, second) = (3, 0x80...0x9f)
      case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
      case 0xf0: (length, second) = (4, 0x90...0xbf)
      case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
      case 0xf4: (length, second) = (4, 0x80...0x8f)
      default: return index
      }
      guard count - index >= length, second.contains(self[index + 1]) else { return index }
      for next in index + 2..<index + length where self[next] & 0xc0 != 0x80 { return index }
      index += length
    }
    return nil
  }
}
