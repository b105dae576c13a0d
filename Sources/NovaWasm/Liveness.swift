// Liveness.swift — basic blocks, and which registers hold a value that is still read.
// Hosted. Imports nothing. Source: Appel, Modern Compiler Implementation, section 10.1.

/// A function's runs of instructions that are entered at their beginning and left at their end;
/// one for many functions.
struct BlockGraph: ~Copyable {
  // Where each block begins, and behind the last.
  private var starts = FlatBuffer<Int32>()
  // By block, and behind the last: its first successor.
  private var successorStarts = FlatBuffer<Int32>()
  private var successors = FlatBuffer<Int32>()
  private var blockOfLabel = FlatBuffer<Int32>()

  /// How many blocks there are.
  var count: Int { starts.count - 1 }

  /// The instructions of a block.
  @inline(__always) func range(_ block: Int) -> Range<Int> {
    Int(starts[block])..<Int(starts[block + 1])
  }

  @inline(__always) func forEachSuccessor(of block: Int, _ body: (Int) -> Void) {
    for index in Int(successorStarts[block])..<Int(successorStarts[block + 1]) {
      body(Int(successors[index]))
    }
  }

  /// Finds the blocks in order; labels, branches and what ends the flow delimit them.
  mutating func read(
    _ instructions: [LoweredInstruction], _ branchTables: [[LabelIndex]], labelCount: LabelIndex
  ) {
    starts.removeAll()
    successorStarts.removeAll()
    successors.removeAll()
    blockOfLabel.fill(-1, count: Int(labelCount))
    var (wasLabel, hasEnded) = (false, true)
    for index in instructions.indices {
      let isLabel = instructions[index].kind == .label
      if hasEnded || (isLabel && !wasLabel) { starts.append(Int32(index)) }
      if isLabel { blockOfLabel[Int(instructions[index].target)] = Int32(starts.count - 1) }
      (wasLabel, hasEnded) = (isLabel, instructions[index].endsBlock)
    }
    starts.append(Int32(instructions.count))
    for block in 0..<count {
      successorStarts.append(Int32(successors.count))
      let last = instructions[Int(starts[block + 1]) - 1]
      last.forEachTarget(branchTables) { successors.append(blockOfLabel[Int($0)]) }
      if !last.endsFlow && block + 1 < count { successors.append(Int32(block + 1)) }
    }
    successorStarts.append(Int32(successors.count))
  }
}

/// Which registers are live behind each block, and before it; one for many functions.
struct Liveness: ~Copyable {
  private(set) var wordCount = 0
  // By block and word.
  private var liveOut = FlatBuffer<UInt64>()
  private var liveIn = FlatBuffer<UInt64>()
  private var written = FlatBuffer<UInt64>()

  /// Finds out what is live behind the blocks of `instructions`.
  ///
  /// - Parameters:
  ///   - instructions: the function's.
  ///   - blocks: theirs.
  ///   - registerCount: registers from there on are left out.
  /// - Complexity: O(b · r / 64) for b blocks and r registers, times the depth of loops.
  mutating func read(
    _ instructions: [LoweredInstruction], _ blocks: borrowing BlockGraph, registerCount: Int
  ) {
    wordCount = (registerCount + 63) / 64
    let limit = VirtualRegister(wordCount * 64)
    liveOut.fill(0, count: blocks.count * wordCount)
    liveIn.fill(0, count: blocks.count * wordCount)
    written.fill(0, count: blocks.count * wordCount)
    for block in 0..<blocks.count {
      let base = block * wordCount
      for index in blocks.range(block).reversed() {
        instructions[index].forEachWrite { register in
          guard register < limit else { return }
          let bit: UInt64 = 1 << UInt64(register & 63)
          liveIn[base + Int(register >> 6)] &= ~bit
          written[base + Int(register >> 6)] |= bit
        }
        instructions[index].forEachRead { register in
          guard register < limit else { return }
          liveIn[base + Int(register >> 6)] |= 1 << UInt64(register & 63)
        }
      }
    }
    var isChanged = true
    while isChanged {
      isChanged = false
      for block in (0..<blocks.count).reversed() where grow(block, blocks) { isChanged = true }
    }
  }

  /// Adds what is live before a block's successors; whether more is live before it then.
  private mutating func grow(_ block: Int, _ blocks: borrowing BlockGraph) -> Bool {
    let base = block * wordCount
    var isGrown = false
    blocks.forEachSuccessor(of: block) { successor in
      for word in 0..<wordCount {
        let new = liveIn[successor * wordCount + word] & ~liveOut[base + word]
        if new != 0 {
          liveOut[base + word] |= new
          isGrown = true
        }
      }
    }
    guard isGrown else { return false }
    var isChanged = false
    for word in base..<base + wordCount {
      let new = liveOut[word] & ~written[word] & ~liveIn[word]
      if new != 0 {
        liveIn[word] |= new
        isChanged = true
      }
    }
    return isChanged
  }

  /// Makes `set` what is live behind `block`.
  func copy(_ block: Int, to set: inout RegisterSet) {
    set.words.removeAll()
    for word in block * wordCount..<(block + 1) * wordCount { set.words.append(liveOut[word]) }
  }

  /// Makes `set` what is live before the first block.
  func copyEntry(to set: inout RegisterSet) {
    set.words.removeAll()
    for word in 0..<min(wordCount, liveIn.count) { set.words.append(liveIn[word]) }
  }

  /// Whether a register from `first` on is live behind `block`.
  func hasMember(_ block: Int, from first: VirtualRegister) -> Bool {
    let word = Int(first >> 6)
    guard word < wordCount else { return false }
    let start = block * wordCount
    if liveOut[start + word] >> UInt64(first & 63) != 0 { return true }
    for other in (start + word + 1)..<(start + wordCount) where liveOut[other] != 0 { return true }
    return false
  }
}

/// A set of registers; one for many functions.
struct RegisterSet: ~Copyable {
  fileprivate var words = FlatBuffer<UInt64>()

  /// Makes it the empty set among `count` registers.
  mutating func clear(count: Int) { words.fill(0, count: (count + 63) / 64) }

  subscript(_ register: VirtualRegister) -> Bool {
    @inline(__always) get { words[Int(register >> 6)] >> UInt64(register & 63) & 1 != 0 }
    @inline(__always) set {
      let bit: UInt64 = 1 << UInt64(register & 63)
      if newValue { words[Int(register >> 6)] |= bit } else { words[Int(register >> 6)] &= ~bit }
    }
  }

  /// Whether a register from `first` on is a member.
  func hasMember(from first: VirtualRegister) -> Bool {
    (first..<VirtualRegister(words.count * 64)).contains { self[$0] }
  }

  /// Turns what is live behind an instruction into what is live before it.
  @inline(__always) mutating func step(over instruction: LoweredInstruction) {
    instruction.forEachWrite { self[$0] = false }
    instruction.forEachRead { self[$0] = true }
  }
}

extension LoweredFunction {
  /// Finds the blocks, and what is live behind them of registers below `registerCount`.
  mutating func findLiveness(registerCount: Int) {
    blocks.read(instructions, branchTables, labelCount: labelCount)
    liveness.read(instructions, blocks, registerCount: registerCount)
  }

  /// Whether liveness would take more room than `livenessWordCountMax`.
  mutating func isTooLargeForLiveness() -> Bool {
    guard instructions.count * ((registerCount + 63) / 64) > Self.livenessWordCountMax else {
      return false
    }
    blocks.read(instructions, branchTables, labelCount: labelCount)
    return blocks.count * ((registerCount + 63) / 64) > Self.livenessWordCountMax
  }

  /// Words of one set for each block, at most: 16 MB.
  static let livenessWordCountMax = 1 << 21
}
