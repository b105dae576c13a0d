// Liveness.swift — basic blocks, and which registers hold a value that is still read.
// Hosted. Imports nothing. Source: Appel, Modern Compiler Implementation, section 10.1.

/// A function's runs of instructions that are entered at their beginning and left at their end.
struct BlockGraph {
  /// Where each block begins, and behind the last.
  private(set) var starts: [Int] = []
  // By block, and behind the last: its first successor.
  private var successorStarts: [Int] = []
  private var successors: [Int32] = []

  /// How many blocks there are.
  var count: Int { starts.count - 1 }

  /// The instructions of a block.
  func range(_ block: Int) -> Range<Int> { starts[block]..<starts[block + 1] }

  @inline(__always) func forEachSuccessor(of block: Int, _ body: (Int) -> Void) {
    for index in successorStarts[block]..<successorStarts[block + 1] {
      body(Int(successors[index]))
    }
  }

  /// The blocks in order; labels, branches and what ends the flow delimit them.
  init(_ function: LoweredFunction) {
    let instructions = function.instructions
    var blockOfLabel = [Int32](repeating: -1, count: Int(function.labelCount))
    var (wasLabel, hasEnded) = (false, true)
    for index in instructions.indices {
      let kind = instructions[index].kind
      let isLabel = kind == .label
      if hasEnded || (isLabel && !wasLabel) { starts.append(index) }
      if isLabel { blockOfLabel[Int(instructions[index].target)] = Int32(starts.count - 1) }
      (wasLabel, hasEnded) = (isLabel, instructions[index].endsBlock)
    }
    starts.append(instructions.count)
    successorStarts.reserveCapacity(starts.count)
    for block in 0..<count {
      successorStarts.append(successors.count)
      let last = instructions[starts[block + 1] - 1]
      function.forEachSuccessor(last) { successors.append(blockOfLabel[Int($0)]) }
      if !last.endsFlow && block + 1 < count { successors.append(Int32(block + 1)) }
    }
    successorStarts.append(successors.count)
  }
}

/// A set of registers.
struct RegisterSet: Equatable {
  fileprivate var words: [UInt64]

  init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

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
}

/// A set of registers for each block, one behind the other.
struct BlockSets {
  let wordCount: Int
  fileprivate var words: [UInt64]

  init(blockCount: Int, registerCount: Int) {
    wordCount = (registerCount + 63) / 64
    words = [UInt64](repeating: 0, count: blockCount * wordCount)
  }

  /// Makes `set` that of `block`.
  func copy(_ block: Int, to set: inout RegisterSet) {
    for word in 0..<wordCount { set.words[word] = words[block * wordCount + word] }
  }

  fileprivate mutating func store(_ set: RegisterSet, _ block: Int) {
    for word in 0..<wordCount { words[block * wordCount + word] = set.words[word] }
  }

  /// Whether a register from `first` on is a member of the block's set.
  func hasMember(_ block: Int, from first: VirtualRegister) -> Bool {
    let word = Int(first >> 6)
    guard word < wordCount else { return false }
    let start = block * wordCount
    if words[start + word] >> UInt64(first & 63) != 0 { return true }
    return words[(start + word + 1)..<(start + wordCount)].contains { $0 != 0 }
  }
}

extension LoweredFunction {
  /// The registers that are live behind each block, and before the first.
  ///
  /// - Complexity: O(b · r / 64) for b blocks and r registers, times the depth of loops.
  func liveness(of blocks: BlockGraph) -> (liveOut: BlockSets, entry: RegisterSet) {
    var liveOut = BlockSets(blockCount: blocks.count, registerCount: registerCount)
    var liveIn = liveOut
    var written = liveOut
    let empty = RegisterSet(count: registerCount)
    var live = empty
    var writes = empty
    for block in 0..<blocks.count {
      for word in live.words.indices { (live.words[word], writes.words[word]) = (0, 0) }
      for index in blocks.range(block).reversed() {
        step(over: index, &live)
        instructions[index].forEachWrite { writes[$0] = true }
      }
      liveIn.store(live, block)
      written.store(writes, block)
    }
    let count = liveOut.wordCount
    var isChanged = true
    while isChanged {
      isChanged = false
      for block in (0..<blocks.count).reversed() {
        let start = block * count
        var isGrown = false
        blocks.forEachSuccessor(of: block) { successor in
          for word in 0..<count {
            let new = liveIn.words[successor * count + word] & ~liveOut.words[start + word]
            if new != 0 {
              liveOut.words[start + word] |= new
              isGrown = true
            }
          }
        }
        guard isGrown else { continue }
        for word in start..<start + count {
          let new = liveOut.words[word] & ~written.words[word] & ~liveIn.words[word]
          if new != 0 {
            liveIn.words[word] |= new
            isChanged = true
          }
        }
      }
    }
    var entry = empty
    if blocks.count > 0 { liveIn.copy(0, to: &entry) }
    return (liveOut, entry)
  }

  /// Whether liveness would take more room than `livenessWordCountMax`.
  var isTooLargeForLiveness: Bool {
    guard instructions.count * ((registerCount + 63) / 64) > Self.livenessWordCountMax else {
      return false
    }
    return BlockGraph(self).count * ((registerCount + 63) / 64) > Self.livenessWordCountMax
  }

  /// Words of one set for each block, at most: 16 MB.
  static let livenessWordCountMax = 1 << 21

  /// Turns what is live behind instruction `index` into what is live before it.
  @inline(__always) func step(over index: Int, _ live: inout RegisterSet) {
    let instruction = instructions[index]
    instruction.forEachWrite { live[$0] = false }
    instruction.forEachRead { live[$0] = true }
  }
}
