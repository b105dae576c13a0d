// FunctionCode.swift — a verified function's instructions, and where its blocks begin.
// Hosted. Imports NovaBytecode, OperationTrees.

import NovaBytecode
import OperationTrees

/// An instruction of verified code.
struct Instruction {
  /// In words from the function's beginning.
  let word: Int
  let operation: OperationSpecification
  private let words: (UInt64, UInt64)
  /// Words behind a branch table's instruction.
  let tableWordCount: Int

  /// The word after it.
  var next: Int { word + operation.wordCount + tableWordCount }
  /// What a caller's frame in a backtrace names.
  var lastWord: Int { word + operation.wordCount - 1 }

  init(_ word: Int, _ read: (Int) -> UInt64) {
    let first = read(word)
    let operation = Self.operations[Int(first & 0x3ff)]
    guard let operation else {
      preconditionFailure("verified code has only operations that there are")
    }
    self.word = word
    self.operation = operation
    words = (first, operation.wordCount > 1 ? read(word + 1) : 0)
    // Entries of 32 bits, one more than the last index.
    tableWordCount =
      operation.flags.contains(.branchTable) ? (Int(first >> 32 & 0xffff) + 2) / 2 : 0
  }

  /// The field's bits.
  func field(_ place: Place) -> UInt64 {
    let word = place.bitOffset < 64 ? words.0 : words.1
    let shifted = word >> UInt64(place.bitOffset % 64)
    return place.bitCount == 64 ? shifted : shifted & (1 << UInt64(place.bitCount) - 1)
  }

  /// The field's bits, sign-extended.
  func signed(_ place: Place) -> Int64 {
    let unused = UInt64(64 - place.bitCount)
    return Int64(bitPattern: field(place) << unused) >> Int64(unused)
  }

  /// The field as a register's number or an index.
  func index(_ place: Place) -> Int { Int(field(place)) }

  private static let operations: [OperationSpecification?] = {
    var all = [OperationSpecification?](repeating: nil, count: OperationTable.numberCount)
    for operation in OperationTable.operations { all[operation.number] = operation }
    return all
  }()
}

/// A function's instructions in order.
struct FunctionCode {
  let entry: FunctionEntry
  let instructions: [Instruction]
  /// Words at which a block begins: the first, each branch's target, and what follows a branch.
  let blockWords: Set<Int>
  /// Those of them that branches lead to.
  let joinWords: Set<Int>
  /// Registers that some instruction reads as a float.
  let floatRegisters: Set<Int>
  private let read: (Int) -> UInt64

  init(_ view: ModuleView, own index: Int) {
    let entry = view.functions[index]
    self.entry = entry
    let first = Int(entry.firstWord)
    read = { view.codeWord(first + $0) }
    var instructions: [Instruction] = []
    var blockWords: Set<Int> = [0]
    var joinWords: Set<Int> = []
    var floatRegisters: Set<Int> = []
    var word = 0
    while word < Int(entry.wordCount) {
      let instruction = Instruction(word, read)
      instructions.append(instruction)
      word = instruction.next
      for operand in instruction.operation.operands where operand.role == .branch {
        joinWords.insert(word + Int(instruction.signed(operand.place)))
      }
      for operand in instruction.operation.readOperands where operand.role.isFloat {
        floatRegisters.insert(instruction.index(operand.place))
      }
      let ends: OperationTrees.OperationFlags = [.branch, .branchTable, .terminator]
      if !instruction.operation.flags.isDisjoint(with: ends) { blockWords.insert(word) }
    }
    self.instructions = instructions
    for instruction in instructions where instruction.operation.flags.contains(.branchTable) {
      for target in Self.targets(instruction, read) { joinWords.insert(target) }
    }
    self.blockWords = blockWords.union(joinWords)
    self.joinWords = joinWords
    self.floatRegisters = floatRegisters
  }

  /// Where a branch table leads to, by index.
  func targets(_ instruction: Instruction) -> [Int] { Self.targets(instruction, read) }

  private static func targets(_ instruction: Instruction, _ read: (Int) -> UInt64) -> [Int] {
    let table = instruction.word + instruction.operation.wordCount
    return (0...instruction.index(.b)).map { entry in
      let half = read(table + entry / 2) >> UInt64(entry % 2 * 32)
      return table + Int(Int32(truncatingIfNeeded: half))
    }
  }
}
