// RegisterUse.swift — what instructions do to registers, and what is live behind each block.
// Hosted. Imports NovaBytecode. Source: Appel, Modern Compiler Implementation, section 10.1.

import NovaBytecode

/// Registers of one instruction: a few by name, and a run of them.
struct RegisterList {
  private var named = InlineArray<6, Int32>(repeating: 0)
  private(set) var namedCount = 0
  /// The run that a call, a return or `zero` has.
  var run: Range<Int32> = 0..<0

  mutating func append(_ register: UInt64) {
    named[namedCount] = Int32(truncatingIfNeeded: register)
    namedCount += 1
  }

  func contains(_ register: Int32) -> Bool {
    for index in 0..<namedCount where named[index] == register { return true }
    return run.contains(register)
  }

  @inline(__always) func forEach(_ body: (Int32) -> Void) {
    for index in 0..<namedCount { body(named[index]) }
    var register = run.lowerBound
    while register < run.upperBound {
      body(register)
      register += 1
    }
  }

  /// One of those that have a name.
  subscript(_ index: Int) -> Int32 { named[index] }

  /// Whether none is in `other` as well.
  func isDisjoint(with other: RegisterList) -> Bool {
    var isDisjoint = true
    forEach { if other.contains($0) { isDisjoint = false } }
    return isDisjoint
  }
}

/// The registers that one instruction reads and writes.
struct RegisterUse {
  private(set) var reads = RegisterList()
  private(set) var writes = RegisterList()
  /// Whether values must not be moved past it: calls, and what the outer loop does.
  private(set) var isBarrier = false

  /// Of no instruction.
  init() {}

  /// Of an instruction that is no call and no return.
  init(_ instruction: Instruction) {
    let roles = OperandRoles.of(instruction.operation)
    for index in 0..<roles.count {
      if roles.reads >> UInt8(index) & 1 != 0 { reads.append(instruction.operands[index]) }
      if roles.writes >> UInt8(index) & 1 != 0 { writes.append(instruction.operands[index]) }
    }
  }

  /// Of an instruction in a function of `resultCount` results.
  init(_ instruction: Instruction, resultCount: Int, _ signatures: borrowing CallSignatures) {
    self.init(instruction)
    let flags = instruction.operation.descriptor.flags
    guard !flags.isDisjoint(with: .call | .slow | .tail | .writesRange | .returns) else { return }
    isBarrier = !flags.isDisjoint(with: .call | .slow | .tail)
    if flags.contains(.writesRange) {
      writes.run = Self.run(instruction.operands[0], Int(instruction.operands[1]))
    }
    if flags.contains(.returns), instruction.operation == .retn {
      reads.run = Self.run(0, resultCount)
    }
    if flags.contains(.tail), let counts = signatures.counts(of: instruction) {
      reads.run = Self.run(0, counts.parameters)
    }
    if flags.contains(.call), let counts = signatures.counts(of: instruction) {
      reads.run = Self.run(instruction.operands[0], counts.parameters)
      writes.run = Self.run(instruction.operands[0], counts.results)
    }
  }

  private static func run(_ first: UInt64, _ count: Int) -> Range<Int32> {
    let first = Int32(truncatingIfNeeded: first)
    return first..<first + Int32(truncatingIfNeeded: count)
  }
}

extension CallSignatures {
  /// How many values a call takes and gives; nil where it names nothing.
  func counts(of call: Instruction) -> (parameters: Int, results: Int)? {
    let fields = OperationForm.of(call.operation).fields
    for index in fields.indices {
      let value = Int(call.operands[index])
      let type: Int
      switch fields[index].role {
      case .type: type = value
      case .function where ownFunctionTypes.indices.contains(value):
        type = Int(ownFunctionTypes[value])
      case .import where importedFunctionTypes.indices.contains(value):
        type = Int(importedFunctionTypes[value])
      default: continue
      }
      guard types.indices.contains(type) else { return nil }
      return (types[type].parameters.count, types[type].results.count)
    }
    return nil
  }
}

/// A function's blocks, and the registers that are live behind each.
struct FunctionFlow {
  private(set) var blocks: [Range<Int>] = []
  /// Words of each block's set.
  private let wordCount: Int
  private var liveOut: [UInt64] = []
  /// Registers that instructions name.
  let registerCount: Int

  /// Words of all sets together, at most: 16 MB.
  private static let wordCountMax = 1 << 21

  /// Nil when the function has too many blocks and registers to know this of.
  init?(_ function: FunctionBuilder, _ uses: [RegisterUse]) {
    let instructions = function.instructions
    var isStart = [Bool](repeating: false, count: instructions.count + 1)
    isStart[0] = true
    for position in function.labelPositions { if let position { isStart[position] = true } }
    var highest: Int32 = 0
    for index in instructions.indices {
      if Self.endsBlock(instructions[index]) { isStart[index + 1] = true }
      uses[index].reads.forEach { highest = max(highest, $0) }
      uses[index].writes.forEach { highest = max(highest, $0) }
    }
    isStart[instructions.count] = true
    registerCount = Int(highest) + 1
    wordCount = Int(highest) / 64 + 1
    var blockAt = [Int](repeating: 0, count: instructions.count + 1)
    var start = 0
    for index in 1...max(1, instructions.count) where isStart[index] {
      blockAt[start] = blocks.count
      blocks.append(start..<index)
      start = index
    }
    guard blocks.count * wordCount <= Self.wordCountMax else { return nil }
    var starts: [Int] = []
    var successors: [Int] = []
    for block in blocks {
      starts.append(successors.count)
      let last = instructions[block.upperBound - 1]
      Self.forEachTarget(of: last, function) { successors.append(blockAt[$0]) }
      if block.upperBound < instructions.count, Self.fallsThrough(last) {
        successors.append(blockAt[block.upperBound])
      }
    }
    starts.append(successors.count)
    solve(starts, successors, uses)
  }

  /// The registers that are live behind block `number`.
  func liveRegisters(behind number: Int) -> ArraySlice<UInt64> {
    liveOut[number * wordCount..<(number + 1) * wordCount]
  }

  private mutating func solve(_ starts: [Int], _ successors: [Int], _ uses: [RegisterUse]) {
    var liveIn = [UInt64](repeating: 0, count: blocks.count * wordCount)
    var written = liveIn
    liveOut = liveIn
    for (number, block) in blocks.enumerated() {
      let base = number * wordCount
      for index in block.reversed() {
        uses[index].writes.forEach { register in
          let bit: UInt64 = 1 << UInt64(register & 63)
          liveIn[base + Int(register >> 6)] &= ~bit
          written[base + Int(register >> 6)] |= bit
        }
        uses[index].reads.forEach { register in
          liveIn[base + Int(register >> 6)] |= 1 << UInt64(register & 63)
        }
      }
    }
    var isChanged = true
    while isChanged {
      isChanged = false
      for number in blocks.indices.reversed() {
        let base = number * wordCount
        var isGrown = false
        for index in starts[number]..<starts[number + 1] {
          let successor = successors[index]
          for word in 0..<wordCount {
            let new = liveIn[successor * wordCount + word] & ~liveOut[base + word]
            if new != 0 {
              liveOut[base + word] |= new
              isGrown = true
            }
          }
        }
        guard isGrown else { continue }
        for word in base..<base + wordCount {
          let new = liveOut[word] & ~written[word] & ~liveIn[word]
          if new != 0 {
            liveIn[word] |= new
            isChanged = true
          }
        }
      }
    }
  }

  private static func endsBlock(_ instruction: Instruction) -> Bool {
    !instruction.operation.descriptor.flags.isDisjoint(
      with: .terminator | .branch | .branchTable)
  }

  private static func fallsThrough(_ instruction: Instruction) -> Bool {
    !instruction.operation.descriptor.flags.contains(.terminator)
  }

  /// The instructions that an instruction's labels stand before.
  private static func forEachTarget(
    of instruction: Instruction, _ function: FunctionBuilder, _ body: (Int) -> Void
  ) {
    if instruction.operation.base == .brTable {
      for label in function.branchTables[Int(instruction.operands[1])] {
        if let position = function.labelPositions[Int(label.index)] { body(position) }
      }
      return
    }
    let roles = OperandRoles.of(instruction.operation)
    for index in 0..<roles.count where roles.labels >> UInt8(index) & 1 != 0 {
      if let position = function.labelPositions[Int(instruction.operands[index])] { body(position) }
    }
  }
}

extension FunctionBuilder {
  /// Leaves out what is nil; labels stay before what they stood before.
  mutating func replaceInstructions(_ new: [Instruction?]) {
    var positions: [Int] = []
    positions.reserveCapacity(new.count + 1)
    var kept: [Instruction] = []
    for instruction in new {
      positions.append(kept.count)
      if let instruction { kept.append(instruction) }
    }
    positions.append(kept.count)
    labelPositions = labelPositions.map { $0.map { positions[$0] } }
    instructions = kept
  }
}
