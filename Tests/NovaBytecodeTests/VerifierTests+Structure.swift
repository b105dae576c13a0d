// VerifierTests+Structure.swift — faults that pass 1 finds: instructions, targets, indices.

import NovaBytecode
import Testing

private typealias I = Instruction

extension VerifierTests {
  static let structure: [WrongCode] = [
    WrongCode(.unknownOperation, at: 0, value: 0x3fe, [0x3fe, I.abc(.ret, 0)]),
    // The one that ends the interpreter's outermost call, which no module may contain.
    WrongCode(.unknownOperation, at: 1, value: 1023, [I.abc(.nop), 1023]),
    WrongCode(.unknownOperation, at: 0, value: 0x1001, [0x1001, I.abc(.ret, 0)]),
    WrongCode(
      .unknownForm, at: 0, value: UInt64(Operation.ret.rawValue) | 2 << 10,
      [I.abc(.ret, 0, forwarding: 2)]),
    WrongCode(
      .unknownForm, at: 0, value: UInt64(Operation.nop.rawValue) | 1 << 10,
      [I.abc(.nop, forwarding: 1), I.abc(.ret, 0)]),
    WrongCode(.unusedBits, at: 0, value: 1 << 32, [I.abc(.ret, 0, 1)]),
    WrongCode(
      .unusedBits, at: 0, value: 0x8000 << 48, [I.abc(.mov, 0, 1, -0x8000), I.abc(.ret, 0)]),
    WrongCode(
      .unusedBits, at: 1, value: 1 << 16, [I.abc(.select, 2, 0, 1), 1 << 16, I.abc(.ret, 2)]),
    WrongCode(
      .unusedBits, at: 1, value: 1 << 32, [I.abc(.brTable, 0, 0), 1 << 32 | 1, I.abc(.ret, 0)]),
    WrongCode(
      .truncatedInstruction(available: 1), at: 1, value: 2, [I.abc(.nop), I.abc(.const64, 2)]),
    WrongCode(
      .truncatedInstruction(available: 2), at: 0, value: 3, [I.abc(.brTable, 0, 2), 0]),
    WrongCode(
      .truncatedInstruction(available: 1), at: 0, value: 32_769, [I.abc(.brTable, 0, 0xffff)]),
    WrongCode(
      .targetOutOfRange(wordCount: 2), at: 0, value: 2, [I.wide(.brIf, 0, 1), I.abc(.ret, 0)]),
    WrongCode(
      .targetOutOfRange(wordCount: 2), at: 0, value: UInt64(bitPattern: -1),
      [I.wide(.brIf, 0, -2), I.abc(.ret, 0)]),
    WrongCode(
      .targetOutOfRange(wordCount: 2), at: 0, value: 0x8000,
      [I.wide(.jmp, 0, 0x7fff), I.abc(.ret, 0)]),
    WrongCode(
      .targetOutOfRange(wordCount: 2), at: 0, value: UInt64(bitPattern: -0x7fff_ffff),
      [I.wide(.jmp, 0, -0x8000_0000), I.abc(.ret, 0)]),
    WrongCode(
      .targetOutOfRange(wordCount: 2), at: 0, value: UInt64(bitPattern: -0x7fff),
      [I.abc(.brI32LtS, 0, 1, -0x8000), I.abc(.ret, 0)]),
    WrongCode(
      .targetOutOfRange(wordCount: 3), at: 0, value: 3, [I.abc(.brTable, 0, 0), 2, I.abc(.ret, 0)]),
    WrongCode(
      .targetInsideInstruction, at: 2, value: 2,
      [I.wide(.brIf, 0, 1), I.abc(.const64, 2), 10, I.abc(.ret, 0)]),
    WrongCode(
      .targetInsideInstruction, at: 1, value: 1,
      [I.abc(.brTable, 0, 0), 0, I.abc(.ret, 0)]),
    WrongCode(.noTerminator, at: 1, value: 1, [I.abc(.nop)]),
    WrongCode(
      .noTerminator, at: 2, value: 2, [I.abc(.const64, 2), UInt64(Operation.ret0.rawValue)]),
    WrongCode(.noTerminator, at: 1, value: 1, [I.wide(.brIf, 0, -1)]),
    WrongCode(.wrongResultCount(expected: 1), at: 0, value: 10, [I.abc(.ret0)]),
    WrongCode(.wrongResultCount(expected: 0), at: 0, value: 11, [I.abc(.ret, 0)], type: 1),
    WrongCode(.wrongResultCount(expected: 2), at: 0, value: 12, [I.abc(.retFloat, 0)], type: 2),
    WrongCode(.wrongResultCount(expected: 0), at: 0, value: 13, [I.abc(.retn)], type: 1),
    noMemory,
  ]

  private static var noMemory: WrongCode {
    let wrong = WrongCode(
      .noMemory, at: 0, value: UInt64(Operation.i32Load.rawValue),
      [I.abc(.i32Load, 2, 0), I.abc(.ret, 2)])
    var image = wrong.image
    image.memories = []
    return WrongCode(wrong, image)
  }

  private static func index(
    _ role: OperandRole, _ count: Int, value: UInt64, _ code: [UInt64]
  ) -> WrongCode {
    WrongCode(
      .indexOutOfRange(role: role, count: count), at: 0, value: value, code + [I.abc(.ret, 0)])
  }

  private static func fault(
    _ reason: VerifierError.Reason, value: UInt64, _ code: [UInt64]
  ) -> WrongCode { WrongCode(reason, at: 0, value: value, code + [I.abc(.ret, 0)]) }

  static let indices: [WrongCode] = [
    index(.function, 3, value: 3, [I.wide(.call, 4, 3)]),
    index(.function, 3, value: 4, [I.wide(.refFunc, 2, 4)]),
    index(.import, 2, value: 0xffff_ffff, [I.wide(.callImport, 4, -1)]),
    index(.import, 2, value: 2, [I.wide(.refImport, 2, 2)]),
    index(.type, 3, value: 3, [I.abc(.callIndirect, 4, 0, 3)]),
    index(.table, 2, value: 2, [I.abc(.callIndirectFar, 4, 0), 1 | 2 << 32]),
    index(.global, 2, value: 2, [I.wide(.globalGet, 2, 2)]),
    index(.importedGlobal, 2, value: 9, [I.wide(.globalGetFar, 2, 9)]),
    index(.memory, 1, value: 1, [I.wide(.memorySize, 2, 1)]),
    index(.memory, 1, value: 2, [I.abc(.memoryCopy, 0, 0, 0), 2 << 16]),
    index(.memory, 1, value: 1, [I.abc(.i32LoadFar, 2, 0), 1 << 32]),
    index(.data, 1, value: 1, [I.wide(.dataDrop, 0, 1)]),
    index(.table, 2, value: 7, [I.wide(.tableSize, 2, 7)]),
    index(.element, 2, value: 2, [I.wide(.elemDrop, 0, 2)]),
    fault(.immutableGlobal, value: 0, [I.wide(.globalSet, 0, 0)]),
    fault(.immutableGlobal, value: 0, [I.wide(.globalSetFar, 0, 0)]),
    fault(.notFunctionTable, value: 1, [I.abc(.callIndirectFar, 4, 0), 1 | 1 << 32]),
    fault(.wrongElementType, value: 1, [I.abc(.tableCopy, 0, 0, 0), 1 << 16]),
    fault(.wrongElementType, value: 0, [I.abc(.tableInit, 0, 0, 0), 1]),
    noTable,
  ]

  private static var noTable: WrongCode {
    let wrong = index(.table, 0, value: 0, [I.abc(.callIndirect, 4, 0, 1)])
    var image = wrong.image
    image.tables = []
    return WrongCode(wrong, image)
  }
}

extension VerifierTests {
  /// Lines at these words of a function of instructions with 2, 1, 3 and 2 words.
  private static func image(lines words: [UInt32]) -> ModuleImage {
    var image = VerifierTests.image
    let start = UInt32(image.code.count)
    image.addFunction(
      [
        I.abc(.const64, 2), 10, I.abc(.nop), I.abc(.brTable, 0, 2), 2 | 2 << 32, 2,
        I.abc(.const64, 3), 10, I.abc(.ret, 2),
      ], type: 0)
    image.sourceFiles = [SourceFileEntry(name: image.addDebugString("a.c"))]
    image.lines = words.map { LineEntry(firstWord: start + $0, fileIndex: 0, line: 100 + $0) }
    // A function behind it, with a line of its own.
    image.addFunction([I.abc(.ret0)], type: 1)
    image.lines.append(
      LineEntry(firstWord: UInt32(image.code.count - 1), fileIndex: 0, line: 200))
    return image
  }

  @Test func `lines at instructions are accepted`() throws {
    for words: [UInt32] in [[], [0], [2, 3], [0, 2, 3, 6, 8], [8]] {
      try Self.verify(Self.image(lines: words))
    }
  }

  @Test(arguments: [1, 4, 5, 7] as [UInt32])
  func `a line within an instruction is refused`(word: UInt32) {
    let fault = VerifierError(
      function: 4, wordOffset: Int(word), reason: .lineInsideInstruction,
      value: 100 + UInt64(word))
    for words in [[word], [0, word].sorted(), [0, 2, word].sorted()] {
      #expect(throws: fault) { try Self.verify(Self.image(lines: words)) }
    }
  }
}
