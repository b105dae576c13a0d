// FusingMemory.swift — what joining instructions came to, so that the same is not found out again.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// Instructions that were joined, by what matters of them: operations, which of their registers are
/// the same, numbers.
struct FusingMemory: ~Copyable {
  /// How instructions were to be joined.
  enum Question: UInt64 {
    /// The second takes the first one's value in.
    case value
    /// The third takes the second's, which takes the first's.
    case values
    /// Neighbours.
    case pair
  }

  struct Entry {
    let hash: UInt64
    let start: Int
    let count: Int
    let next: Int32
    /// Its registers and labels by their order in the question.
    let answer: Instruction?
  }

  private var heads = FlatBuffer<Int32>()
  private var entries = FlatBuffer<Entry>()
  private var words = FlatBuffer<UInt64>()
  // The question at hand, and its registers and labels in the order of their first mention.
  private var question = FlatBuffer<UInt64>()
  private var named = FlatBuffer<UInt64>()
  private var hash: UInt64 = 0
  private var isUsual = true

  /// Answers that are kept, at most; then all are forgotten.
  private static let entryCountMax = 1 << 16

  /// Registers and labels below have one form of each instruction.
  private static let usualMax: UInt64 = 0xff

  private let roles = OperandRoles.table

  init() { forget() }

  private mutating func forget() {
    heads.fill(-1, count: 1 << 14)
    entries.removeAll()
    words.removeAll()
  }

  /// Begins a question; `operand` is which of the last instruction's takes a value in.
  mutating func ask(_ kind: Question, operand: Int) {
    question.removeAll()
    named.removeAll()
    isUsual = true
    hash = 0
    add(kind.rawValue << 8 | UInt64(operand))
  }

  @inline(__always) private mutating func add(_ word: UInt64) {
    question.append(word)
    hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
    hash ^= hash >> 29
  }

  mutating func add(_ instruction: Instruction) {
    let roles = roles[instruction.operation]
    let names = roles.registers | roles.labels
    // The operation and, five bits each, the order of registers and labels.
    var word = UInt64(instruction.operation.base.rawValue)
    for index in 0..<roles.count where names >> UInt8(index) & 1 != 0 {
      let value = instruction.operands[index]
      let isLabel = roles.labels >> UInt8(index) & 1 != 0
      // A label and a register are never the same.
      let name = isLabel ? value | 1 << 40 : value
      if value > (isLabel ? 0x7fff : Self.usualMax) { isUsual = false }
      let order = order(of: name) ?? named.count
      if order == named.count { named.append(name) }
      word |= UInt64(order) << UInt64(16 + 5 * index)
    }
    add(word)
    guard names.nonzeroBitCount < roles.count else { return }
    for index in 0..<roles.count where names >> UInt8(index) & 1 == 0 {
      add(instruction.operands[index])
    }
  }

  /// The place of a register or a label among those that were mentioned.
  @inline(__always) private func order(of name: UInt64) -> Int? {
    for order in 0..<named.count where named[order] == name { return order }
    return nil
  }

  /// The answer, which `find` gives when it isn't known.
  mutating func answer(_ find: () -> Instruction?) -> Instruction? {
    guard isUsual else { return find() }
    var entry = heads[Int(hash & UInt64(heads.count - 1))]
    while entry >= 0 {
      let known = entries[Int(entry)]
      if known.hash == hash, isQuestion(known) { return known.answer.map { filled($0) } }
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
      forget()
      return
    }
    let head = Int(hash & UInt64(heads.count - 1))
    entries.append(
      Entry(
        hash: hash, start: words.count, count: question.count, next: heads[head],
        answer: found.map { ordered($0) }))
    for index in 0..<question.count { words.append(question[index]) }
    heads[head] = Int32(entries.count - 1)
  }

  private func ordered(_ instruction: Instruction) -> Instruction {
    var instruction = instruction
    let roles = roles[instruction.operation]
    for index in 0..<roles.count where (roles.registers | roles.labels) >> UInt8(index) & 1 != 0 {
      let isLabel = roles.labels >> UInt8(index) & 1 != 0
      let name = isLabel ? instruction.operands[index] | 1 << 40 : instruction.operands[index]
      guard let order = order(of: name) else {
        preconditionFailure("what is joined names only what was there")
      }
      instruction.operands[index] = UInt64(order)
    }
    return instruction
  }

  private func filled(_ answer: Instruction) -> Instruction {
    var instruction = answer
    let roles = roles[instruction.operation]
    for index in 0..<roles.count where (roles.registers | roles.labels) >> UInt8(index) & 1 != 0 {
      instruction.operands[index] = named[Int(instruction.operands[index])] & 0xff_ffff_ffff
    }
    return instruction
  }
}
