// FusingMemory.swift — what joining instructions came to, so that the same is not found out again.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// Instructions that were joined, by what matters of them: operations, which of their registers are
/// the same, numbers.
struct FusingMemory {
  /// How instructions were to be joined.
  enum Question: UInt64 {
    /// The second takes the first one's value in.
    case value
    /// The third takes the second's, which takes the first's.
    case values
    /// Neighbours.
    case pair
  }

  private struct Entry {
    let hash: UInt64
    let start: Int
    let count: Int
    let next: Int32
    /// Its registers and labels by their order in the question.
    let answer: Instruction?
  }

  private var heads: [Int32]
  private var entries: [Entry] = []
  private var words: [UInt64] = []
  // The question at hand, and its registers and labels in the order of their first mention.
  private var question: [UInt64] = []
  private var named: [UInt64] = []
  private var hash: UInt64 = 0
  private var isUsual = true

  /// Answers that are kept, at most; then all are forgotten.
  private static let entryCountMax = 1 << 16

  /// Registers and labels below have one form of each instruction.
  private static let usualMax: UInt64 = 0xff

  init() { heads = [Int32](repeating: -1, count: 1 << 14) }

  private init(heads: [Int32]) { self.heads = heads }

  /// One that nothing may be asked.
  static let none = FusingMemory(heads: [])

  /// Begins a question; `operand` is which of the last instruction's takes a value in.
  mutating func ask(_ kind: Question, operand: Int) {
    question.removeAll(keepingCapacity: true)
    named.removeAll(keepingCapacity: true)
    isUsual = true
    hash = 0
    add(kind.rawValue << 8 | UInt64(operand))
  }

  private mutating func add(_ word: UInt64) {
    question.append(word)
    hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
    hash ^= hash >> 29
  }

  mutating func add(_ instruction: Instruction) {
    add(UInt64(instruction.operation.base.rawValue) | 1 << 32)
    let roles = OperandRoles.of(instruction.operation)
    for index in 0..<roles.count {
      let value = instruction.operands[index]
      let isLabel = roles.labels >> UInt8(index) & 1 != 0
      guard isLabel || roles.registers >> UInt8(index) & 1 != 0 else {
        add(value)
        continue
      }
      // A label and a register are never the same.
      let name = isLabel ? value | 1 << 40 : value
      if value > (isLabel ? 0x7fff : Self.usualMax) { isUsual = false }
      if let order = named.firstIndex(of: name) {
        add(UInt64(order))
      } else {
        add(UInt64(named.count))
        named.append(name)
      }
    }
  }

  /// The answer, which `find` gives when it isn't known.
  mutating func answer(_ find: () -> Instruction?) -> Instruction? {
    guard isUsual else { return find() }
    var entry = heads[Int(hash & UInt64(heads.count - 1))]
    while entry >= 0 {
      let known = entries[Int(entry)]
      if known.hash == hash, isQuestion(known) { return known.answer.map(filled) }
      entry = known.next
    }
    let found = find()
    keep(found)
    return found
  }

  private func isQuestion(_ entry: Entry) -> Bool {
    guard entry.count == question.count else { return false }
    for index in 0..<entry.count where words[entry.start + index] != question[index] {
      return false
    }
    return true
  }

  private mutating func keep(_ found: Instruction?) {
    if entries.count == Self.entryCountMax {
      self = FusingMemory()
      return
    }
    let head = Int(hash & UInt64(heads.count - 1))
    entries.append(
      Entry(
        hash: hash, start: words.count, count: question.count, next: heads[head],
        answer: found.map(ordered)))
    words += question
    heads[head] = Int32(entries.count - 1)
  }

  private func ordered(_ instruction: Instruction) -> Instruction {
    var instruction = instruction
    let roles = OperandRoles.of(instruction.operation)
    for index in 0..<roles.count where (roles.registers | roles.labels) >> UInt8(index) & 1 != 0 {
      let isLabel = roles.labels >> UInt8(index) & 1 != 0
      let name = isLabel ? instruction.operands[index] | 1 << 40 : instruction.operands[index]
      guard let order = named.firstIndex(of: name) else {
        preconditionFailure("what is joined names only what was there")
      }
      instruction.operands[index] = UInt64(order)
    }
    return instruction
  }

  private func filled(_ answer: Instruction) -> Instruction {
    var instruction = answer
    let roles = OperandRoles.of(instruction.operation)
    for index in 0..<roles.count where (roles.registers | roles.labels) >> UInt8(index) & 1 != 0 {
      instruction.operands[index] = named[Int(instruction.operands[index])] & 0xff_ffff_ffff
    }
    return instruction
  }
}
