// SampleImage.swift — a module with every section and every kind of entry.

import NovaBytecode

extension ModuleImage {
  /// Valid, and with something in every section.
  static var sample: ModuleImage {
    var image = ModuleImage()
    image.addType([.i32, .i64], [.i32])
    image.addType()
    image.addSampleImports()
    image.addFunction(
      [
        Instruction.abc(.i32Addi, 2, 0, 5), Instruction.abc(.i32Add, 2, 2, 0, forwarding: 1),
        Instruction.abc(.ret, 2),
      ], type: 0)
    image.addFunction(
      [
        Instruction.wide(.const32, 4, 7), Instruction.abc(.mov, 5, 4),
        Instruction.wide(.call, 4, 0), Instruction.wide(.globalSet, 4, 0),
        Instruction.abc(.ret0),
      ], type: 1)
    image.startFunction = 2
    image.tables = [
      TableEntry(
        elementType: ValueType.externref.rawValue, limits: SizeLimits(minimum: 1, maximum: 9))
    ]
    image.memories = [MemoryEntry(limits: SizeLimits(minimum: 1))]
    image.globals = [
      GlobalEntry(
        valueType: ValueType.i32.rawValue, mutability: 1, initial: Constant(.global, 0)),
      GlobalEntry(
        valueType: ValueType.funcref.rawValue, mutability: 0, initial: Constant(.function, 1)),
      GlobalEntry(
        valueType: ValueType.f64.rawValue, mutability: 0, initial: Constant(.f64, 1 << 62)),
    ]
    image.exports = [
      ExportEntry(name: image.addString("a"), kind: ExternalKind.function.rawValue, index: 1),
      ExportEntry(name: image.addString("ab"), kind: ExternalKind.memory.rawValue, index: 1),
      ExportEntry(name: image.addString("ä"), kind: ExternalKind.global.rawValue, index: 2),
    ]
    image.addSampleSegments()
    image.addSampleDebugSections()
    return image
  }

  private mutating func addSampleImports() {
    func entry(
      _ kind: ExternalKind, _ valueType: UInt8 = 0, _ mutability: UInt8 = 0, _ type: UInt32 = 0,
      _ limits: SizeLimits = SizeLimits(minimum: 0, maximum: 0)
    ) -> ImportEntry {
      let module = addString("env")
      return ImportEntry(
        module: module, name: addString("n"), kind: kind.rawValue, valueType: valueType,
        mutability: mutability, typeIndex: type, limits: limits)
    }
    imports = [
      entry(.function, 0, 0, 1),
      entry(.table, ValueType.funcref.rawValue, 0, 0, SizeLimits(minimum: 2, maximum: 8)),
      entry(.memory, 0, 0, 0, SizeLimits(minimum: 1, maximum: 2)),
      entry(.global, ValueType.i32.rawValue, 0),
      entry(.global, ValueType.i32.rawValue, 1),
    ]
  }

  private mutating func addSampleSegments() {
    elementSegments = [
      ElementSegmentEntry(
        mode: SegmentMode.active.rawValue, elementType: ValueType.funcref.rawValue,
        offset: Constant(.i32, 1), tableIndex: 0, items: PoolRange(first: 0, count: 2)),
      ElementSegmentEntry(
        mode: SegmentMode.declared.rawValue, elementType: ValueType.externref.rawValue,
        offset: .none, tableIndex: 0, items: PoolRange(first: 2, count: 1)),
    ]
    elementItems = [
      ElementItemEntry(kind: ConstantKind.function.rawValue, index: 2),
      ElementItemEntry(kind: ConstantKind.null.rawValue, index: 0),
      ElementItemEntry(kind: ConstantKind.null.rawValue, index: 0),
    ]
    dataBytes = [1, 2, 3]
    dataSegments = [
      DataSegmentEntry(
        mode: SegmentMode.active.rawValue, offset: Constant(.global, 0), memoryIndex: 1,
        bytes: PoolRange(first: 0, count: 3)),
      DataSegmentEntry(
        mode: SegmentMode.passive.rawValue, offset: .none, memoryIndex: 0,
        bytes: PoolRange(first: 3, count: 0)),
    ]
  }

  private mutating func addSampleDebugSections() {
    names = [
      NameEntry(kind: NameKind.module.rawValue, index: 0, name: addDebugString("sample")),
      NameEntry(kind: NameKind.function.rawValue, index: 1, name: addDebugString("twice")),
      NameEntry(kind: NameKind.register.rawValue, index: 1, part: 2, name: addDebugString("sum")),
      NameEntry(kind: NameKind.label.rawValue, index: 2, part: 2, name: addDebugString("end")),
    ]
    sourceFiles = [SourceFileEntry(name: addDebugString("a.c"))]
    lines = [
      LineEntry(firstWord: 1, fileIndex: 0, line: 4, column: 3),
      LineEntry(firstWord: 4, fileIndex: 0, line: 9),
    ]
    customBytes = [9, 8, 7, 6]
    customs = [
      CustomEntry(name: addDebugString("note"), bytes: PoolRange(first: 0, count: 4)),
      CustomEntry(name: addDebugString("note"), bytes: PoolRange(first: 4, count: 0)),
    ]
  }
}
