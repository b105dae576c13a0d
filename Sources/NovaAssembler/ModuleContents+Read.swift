// ModuleContents+Read.swift — a file to values; what is written from them is the same file.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension ModuleContents {
  /// Copies everything that a module says.
  ///
  /// - Parameter view: the module, which the reader checked.
  public init(_ view: ModuleView) {
    features = view.features
    flags = view.flags
    startFunction = view.startFunction
    types = (0..<view.types.count).map { FunctionSignature(view.functionType($0)) }
    imports = (0..<view.imports.count).map { Self.importItem(view, view.imports[$0]) }
    tables = (0..<view.tables.count).map {
      ModuleTable(ValueType(read: view.tables[$0].elementType), view.tables[$0].limits)
    }
    memories = (0..<view.memories.count).map { view.memories[$0].limits }
    globals = (0..<view.globals.count).map {
      let entry = view.globals[$0]
      let type = ModuleGlobalType(
        ValueType(read: entry.valueType), isMutable: entry.mutability != 0)
      return ModuleGlobal(type, initial: entry.initial)
    }
    exports = (0..<view.exports.count).map {
      let entry = view.exports[$0]
      let kind = ExternalKind(rawValue: entry.kind) ?? .function
      return ModuleExport(
        name: Array(view.string(entry.name)), kind: kind, index: entry.index)
    }
    readFunctions(view)
    readSegments(view)
    readDebug(view)
    readUnknown(view)
  }

  private static func importItem(_ view: ModuleView, _ entry: ImportEntry) -> ModuleImport {
    let wanted: ModuleImport.Wanted =
      switch ExternalKind(rawValue: entry.kind) {
      case .table: .table(ModuleTable(ValueType(read: entry.valueType), entry.limits))
      case .memory: .memory(entry.limits)
      case .global:
        .global(
          ModuleGlobalType(ValueType(read: entry.valueType), isMutable: entry.mutability != 0))
      case .function, nil: .function(typeIndex: entry.typeIndex)
      }
    return ModuleImport(
      module: Array(view.string(entry.module)), name: Array(view.string(entry.name)),
      wanted: wanted)
  }

  private mutating func readFunctions(_ view: ModuleView) {
    var line = 0
    for index in 0..<view.functions.count {
      let entry = view.functions[index]
      let first = Int(entry.firstWord)
      let end = first + Int(entry.wordCount)
      var function = FunctionContents(
        typeIndex: entry.typeIndex, registerCount: entry.registerCount,
        windowBase: entry.windowBase, words: (first..<end).map(view.codeWord))
      while line < view.lines.count, Int(view.lines[line].firstWord) < end {
        let place = view.lines[line]
        function.places.append(
          (
            place.firstWord - entry.firstWord,
            SourcePlace(file: place.fileIndex, line: place.line, column: place.column)
          ))
        line += 1
      }
      functions.append(function)
    }
  }

  private mutating func readSegments(_ view: ModuleView) {
    for index in 0..<view.elementSegments.count {
      let entry = view.elementSegments[index]
      let items = (0..<Int(entry.items.count)).map { item in
        let element = view.elementItems[Int(entry.items.first) + item]
        return Constant(kind: element.kind, value: UInt64(element.index))
      }
      elementSegments.append(
        ElementSegment(
          SegmentPlacement(entry.mode, entry.tableIndex, entry.offset),
          type: ValueType(read: entry.elementType), items: items))
    }
    for index in 0..<view.dataSegments.count {
      let entry = view.dataSegments[index]
      dataSegments.append(
        DataSegment(
          SegmentPlacement(entry.mode, entry.memoryIndex, entry.offset),
          bytes: Array(view.poolBytes(.dataBytes, entry.bytes))))
    }
  }

  private mutating func readDebug(_ view: ModuleView) {
    names = (0..<view.names.count).map {
      let entry = view.names[$0]
      return ModuleName(
        NameKind(rawValue: entry.kind) ?? .module, index: entry.index, part: entry.part,
        name: Array(view.debugString(entry.name)))
    }
    sourceFiles = (0..<view.sourceFiles.count).map {
      Array(view.debugString(view.sourceFiles[$0].name))
    }
    customs = (0..<view.customs.count).map {
      let entry = view.customs[$0]
      return CustomSection(
        name: Array(view.debugString(entry.name)),
        bytes: Array(view.poolBytes(.customBytes, entry.bytes)))
    }
  }

  private mutating func readUnknown(_ view: ModuleView) {
    for index in 0..<view.sectionCount {
      let entry = view.sections[index]
      guard SectionKind(rawValue: entry.kind) == nil else { continue }
      // SAFETY: the reader checked that the section lies within the bytes, which stay meanwhile.
      let bytes = unsafe Array(
        view.bytes.buffer[Int(entry.offset)..<Int(entry.offset + entry.byteCount)])
      unknownSections.append(
        UnknownSection(kind: entry.kind, entryByteCount: entry.entryByteCount, bytes: bytes))
    }
  }
}

extension FunctionSignature {
  /// Copies a type.
  public init(_ type: FunctionType) {
    self.init(
      (0..<type.parameterCount).map(type.parameter), (0..<type.resultCount).map(type.result))
  }
}

extension SegmentPlacement {
  fileprivate init(_ mode: UInt8, _ target: UInt32, _ offset: Constant) {
    switch SegmentMode(rawValue: mode) {
    case .active: self = .active(target: target, offset: offset)
    case .declared: self = .declared
    case .passive, nil: self = .passive
    }
  }
}

extension ValueType {
  /// A type of a file that was read; the reader lets no other bytes through.
  fileprivate init(read byte: UInt8) {
    guard let type = ValueType(rawValue: byte) else {
      preconditionFailure("the reader lets no other bytes through")
    }
    self = type
  }
}

extension [UInt8] {
  /// Copies bytes of a file.
  init(_ bytes: PoolBytes) {
    // SAFETY: whoever has the bytes keeps their file, and they are copied at once.
    self = unsafe Array(bytes.buffer)
  }
}
