// Liveness.swift — basic blocks, and which registers hold a value that is still read.
// Hosted. Imports nothing. Source: Appel, Modern Compiler Implementation, section 10.1.

/// A run of instructions that is entered at its beginning and left at its end.
struct BasicBlock {
  var range: Range<Int>
  var successors: [Int]
}

/// A set of registers.
struct RegisterSet: Equatable {
  private var words: [UInt64]

  init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

  subscript(_ register: VirtualRegister) -> Bool {
    get { words[Int(register >> 6)] >> UInt64(register & 63) & 1 != 0 }
    set {
      let bit: UInt64 = 1 << UInt64(register & 63)
      if newValue { words[Int(register >> 6)] |= bit } else { words[Int(register >> 6)] &= ~bit }
    }
  }

  /// Whether a register from `first` on is a member.
  func hasMember(from first: VirtualRegister) -> Bool {
    let word = Int(first >> 6)
    guard word < words.count else { return false }
    if words[word] >> UInt64(first & 63) != 0 { return true }
    return words[(word + 1)...].contains { $0 != 0 }
  }

  /// Adds the members of `other` that are not in `excluded`; whether there were any new.
  mutating func formUnion(_ other: RegisterSet, without excluded: RegisterSet) -> Bool {
    var added: UInt64 = 0
    for index in words.indices {
      let new = other.words[index] & ~excluded.words[index] & ~words[index]
      words[index] |= new
      added |= new
    }
    return added != 0
  }

  /// Adds the members of `other`; whether there were any new.
  mutating func formUnion(_ other: RegisterSet) -> Bool {
    var added: UInt64 = 0
    for index in words.indices {
      let new = other.words[index] & ~words[index]
      words[index] |= new
      added |= new
    }
    return added != 0
  }
}

extension LoweredFunction {
  /// The blocks in order; labels, branches and what ends the flow delimit them.
  func basicBlocks() -> [BasicBlock] {
    var starts: [Int] = []
    var blockOfLabel = [Int](repeating: -1, count: Int(labelCount))
    for (index, instruction) in instructions.enumerated() {
      let isLabel = instruction.kind == .label
      if index == 0 || instructions[index - 1].endsBlock
        || (isLabel && instructions[index - 1].kind != .label)
      {
        starts.append(index)
      }
      if isLabel { blockOfLabel[Int(instruction.target)] = starts.count - 1 }
    }
    var blocks: [BasicBlock] = []
    for (number, start) in starts.enumerated() {
      let end = number + 1 < starts.count ? starts[number + 1] : instructions.count
      let last = instructions[end - 1]
      var successors = last.successors.map { blockOfLabel[Int($0)] }
      if !last.endsFlow && number + 1 < starts.count { successors.append(number + 1) }
      blocks.append(BasicBlock(range: start..<end, successors: successors))
    }
    return blocks
  }

  /// The registers that are live behind each of `blocks`, and before the first.
  ///
  /// - Complexity: O(b · r / 64) for b blocks and r registers, times the depth of loops.
  func liveness(of blocks: [BasicBlock]) -> (liveOut: [RegisterSet], entry: RegisterSet) {
    let empty = RegisterSet(count: registerCount)
    // What a block reads before it writes it, and what it writes.
    var liveIn = [RegisterSet](repeating: empty, count: blocks.count)
    var written = liveIn
    for number in blocks.indices {
      for index in blocks[number].range.reversed() {
        step(over: index, &liveIn[number])
        noteWrites(of: index, &written[number])
      }
    }
    var liveOut = [RegisterSet](repeating: empty, count: blocks.count)
    var isChanged = true
    while isChanged {
      isChanged = false
      for number in blocks.indices.reversed() {
        var isGrown = false
        for successor in blocks[number].successors {
          isGrown = liveOut[number].formUnion(liveIn[successor]) || isGrown
        }
        if isGrown {
          isChanged =
            liveIn[number].formUnion(liveOut[number], without: written[number])
            || isChanged
        }
      }
    }
    return (liveOut, liveIn.first ?? empty)
  }

  private func noteWrites(of index: Int, _ written: inout RegisterSet) {
    let instruction = instructions[index]
    if let destination = instruction.destination { written[destination] = true }
    guard instruction.isCall else { return }
    for result in 0..<VirtualRegister(instruction.resultCount) {
      written[instruction.window + result] = true
    }
  }

  /// Whether liveness would take more room than `livenessWordCountMax`.
  var isTooLargeForLiveness: Bool {
    basicBlocks().count * ((registerCount + 63) / 64) > Self.livenessWordCountMax
  }

  /// Words of one set for each block, at most: 16 MB.
  static let livenessWordCountMax = 1 << 21

  /// Turns what is live behind instruction `index` into what is live before it.
  func step(over index: Int, _ live: inout RegisterSet) {
    let instruction = instructions[index]
    if let destination = instruction.destination { live[destination] = false }
    if instruction.isCall {
      for result in 0..<VirtualRegister(instruction.resultCount) {
        live[instruction.window + result] = false
      }
      for argument in 0..<VirtualRegister(instruction.argumentCount) {
        live[instruction.window + argument] = true
      }
    }
    for source in instruction.sources { live[source] = true }
  }
}
