// ModuleViewTests.swift — what a module's view says of a file is what the file was made from.

import NovaBytecode
import Testing

@Suite struct ModuleViewTests {
  private func entries<Entry>(_ entries: ModuleEntries<Entry>) -> [Entry] {
    (0..<entries.count).map { entries[$0] }
  }

  @Test func `every section reads back as it was written`() throws {
    let image = ModuleImage.sample
    try ModuleImage.withModule(image.bytes) { bytes in
      let view = try ModuleReader.read(bytes)
      #expect(entries(view.types) == image.types)
      #expect(entries(view.imports) == image.imports)
      #expect(entries(view.functions) == image.functions)
      #expect(entries(view.tables) == image.tables)
      #expect(entries(view.memories) == image.memories)
      #expect(entries(view.globals) == image.globals)
      #expect(entries(view.exports) == image.exports)
      #expect(entries(view.elementSegments) == image.elementSegments)
      #expect(entries(view.elementItems) == image.elementItems)
      #expect(entries(view.dataSegments) == image.dataSegments)
      #expect(entries(view.names) == image.names)
      #expect(entries(view.sourceFiles) == image.sourceFiles)
      #expect(entries(view.lines) == image.lines)
      #expect(entries(view.customs) == image.customs)
      #expect((0..<view.codeWordCount).map { view.codeWord($0) } == image.code)
      #expect(view.startFunction == 2)
      #expect(view.sectionCount == SectionKind.end - 1)
    }
  }

  @Test func `index spaces begin with imports`() throws {
    try ModuleImage.withModule(ModuleImage.sample.bytes) { bytes in
      let view = try ModuleReader.read(bytes)
      #expect(view.functionCount == 3)
      #expect(view.typeIndex(ofFunction: 0) == 1)
      #expect(view.typeIndex(ofFunction: 1) == 0)
      #expect(view.tableType(0).elementType == ValueType.funcref.rawValue)
      #expect(view.tableType(1).limits == SizeLimits(minimum: 1, maximum: 9))
      #expect(view.memoryLimits(0).maximum == 2)
      #expect(view.memoryLimits(1).maximum == SizeLimits.none)
      #expect(!view.globalType(0).isMutable)
      #expect(view.globalType(1).isMutable)
      #expect(view.globalType(4).valueType == ValueType.f64.rawValue)
      #expect(view.importIndex(.global, 1) == 4)
      #expect(view.importIndex(.memory, 0) == 2)
      #expect(view.importIndex(.memory, 1) == nil)
    }
  }

  @Test func `types, names, exports and lines are found`() throws {
    try ModuleImage.withModule(ModuleImage.sample.bytes) { bytes in
      let view = try ModuleReader.read(bytes)
      let type = view.functionType(0)
      #expect(type.parameterCount == 2)
      #expect(type.parameter(0) == .i32)
      #expect(type.parameter(1) == .i64)
      #expect(type.result(0) == .i32)
      #expect(view.export(named: PoolBytes("ab"))?.index == 1)
      #expect(view.export(named: PoolBytes("ä"))?.index == 2)
      #expect(view.export(named: PoolBytes("b ")) == nil)
      #expect(view.name(.function, 1) == PoolBytes("twice"))
      #expect(view.name(.register, 1, part: 2) == PoolBytes("sum"))
      #expect(view.name(.register, 1, part: 3) == nil)
      #expect((0..<9).map { view.ownFunction(atWord: $0) } == [0, 0, 0, 1, 1, 1, 1, 1, nil])
      #expect((0..<8).map { view.line(atWord: $0)?.line } == [nil, 4, 4, nil, 9, 9, 9, 9])
    }
  }

  @Test func `a module of nothing but a header is one`() throws {
    let bytes = ModuleImage().bytes
    #expect(bytes.count == ModuleHeader.byteCount)
    try ModuleImage.withModule(bytes) { bytes in
      let view = try ModuleReader.read(bytes)
      #expect(view.functionCount == 0)
      #expect(view.export(named: PoolBytes("ab")) == nil)
      #expect(Verifier.scratchByteCount(for: view) == 8)
    }
  }

  @Test func `a section of the future that may be passed over is`() throws {
    var image = ModuleImage.sample
    image.others = [(1000, SectionEntry.ignorable, [1, 2])]
    try ModuleImage.withModule(image.bytes) { bytes in
      let view = try ModuleReader.read(bytes)
      #expect(view.sectionCount == SectionKind.end)
      #expect(view.sections[view.sectionCount - 1].kind == 1000)
    }
  }
}
