// RegisterUse.swift — what instructions do to registers, and what is live behind each block.
// Hosted. Imports NovaBytecode. Source: Appel, Modern Compiler Implementation, section 10.1.

import NovaBytecode

/// A set of registers.
struct RegisterBits: Equatable {
  private var words: [UInt64] = []

  subscript(_ register: UInt64) -> Bool {
    get {
      let word = Int(register >> 6)
      return word < words.count && words[word] >> (register & 63) & 1 != 0
    }
    set {
      let word = Int(register >> 6)
      if word >= words.count {
        guard newValue else { return }
        words += [UInt64](repeating: 0, count: word + 1 - words.count)
      }
      if newValue {
        words[word] |= 1 << (register & 63)
      } else {
        words[word] &= ~(1 << (register & 63))
      }
    }
  }

  /// Adds the members of `other`; whether there were new ones.
  mutating func formUnion(_ other: RegisterBits) -> Bool {
    var isChanged = false
    if other.words.count > words.count {
      words += [UInt64](repeating: 0, count: other.words.count - words.count)
    }
    for (index, word) in other.words.enumerated() where word & ~words[index] != 0 {
      words[index] |= word
      isChanged = true
    }
    return isChanged
  }
}

/// The registers that one instruction reads and writes.
struct RegisterUse {
  private(set) var reads: [UInt64] = []
  private(set) var writes: [UInt64] = []
  /// Whether values must not be moved past it: calls, and what the outer loop does.
  private(set) var isBarrier = false

  /// Of no instruction.
  init() {}

  /// Of an instruction that is no call and no return.
  init(_ instruction: Instruction) {
    let form = OperationForm.of(instruction.operation)
    for (index, field) in form.fields.enumerated() {
      let register = instruction.operands[index]
      if field.role.reads { reads.append(register) }
      if field.role.writes { writes.append(register) }
    }
  }

  init(_ instruction: Instruction, _ function: FunctionBuilder, _ signatures: CallSignatures) {
    self.init(instruction)
    let flags = instruction.operation.descriptor.flags
    isBarrier = flags.contains(.call) || flags.contains(.slow) || flags.contains(.tail)
    if flags.contains(.writesRange) {
      writes += (0..<instruction.operands[1]).map { instruction.operands[0] + $0 }
    }
    if flags.contains(.returns), instruction.operation == .retn {
      reads += (0..<UInt64(function.signature.results.count))
    }
    if flags.contains(.tail), let counts = signatures.counts(of: instruction) {
      reads += (0..<UInt64(counts.parameters))
    }
    if flags.contains(.call), let counts = signatures.counts(of: instruction) {
      let base = instruction.operands[0]
      reads += (0..<UInt64(counts.parameters)).map { base + $0 }
      writes += (0..<UInt64(counts.results)).map { base + $0 }
    }
  }

  /// Turns what is live behind the instruction into what is live before it.
  func step(_ live: inout RegisterBits) {
    for register in writes { live[register] = false }
    for register in reads { live[register] = true }
  }
}

extension CallSignatures {
  /// How many values a call takes and gives; nil where it names nothing.
  func counts(of call: Instruction) -> (parameters: Int, results: Int)? {
    let form = OperationForm.of(call.operation)
    for (index, field) in form.fields.enumerated() {
      let value = Int(call.operands[index])
      let type: Int
      switch field.role {
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
  private(set) var liveOut: [RegisterBits] = []

  init(_ function: FunctionBuilder, _ uses: [RegisterUse]) {
    let instructions = function.instructions
    var isStart = [Bool](repeating: false, count: instructions.count + 1)
    isStart[0] = true
    for position in function.labelPositions { if let position { isStart[position] = true } }
    for (index, instruction) in instructions.enumerated() where Self.endsBlock(instruction) {
      isStart[index + 1] = true
    }
    isStart[instructions.count] = true
    var blockAt = [Int](repeating: 0, count: instructions.count + 1)
    var start = 0
    for index in 1...max(1, instructions.count) where isStart[index] {
      blockAt[start] = blocks.count
      blocks.append(start..<index)
      start = index
    }
    let successors = blocks.map { block -> [Int] in
      Self.targets(of: instructions[block.upperBound - 1], function).map { blockAt[$0] }
        + (Self.fallsThrough(instructions[block.upperBound - 1])
          && block.upperBound < instructions.count ? [blockAt[block.upperBound]] : [])
    }
    solve(successors, uses)
  }

  private mutating func solve(_ successors: [[Int]], _ uses: [RegisterUse]) {
    var liveIn = [RegisterBits](repeating: RegisterBits(), count: blocks.count)
    liveOut = liveIn
    var isChanged = true
    while isChanged {
      isChanged = false
      for number in blocks.indices.reversed() {
        for successor in successors[number] {
          if liveOut[number].formUnion(liveIn[successor]) { isChanged = true }
        }
        var live = liveOut[number]
        for index in blocks[number].reversed() { uses[index].step(&live) }
        if liveIn[number].formUnion(live) { isChanged = true }
      }
    }
  }

  private static func endsBlock(_ instruction: Instruction) -> Bool {
    let flags = instruction.operation.descriptor.flags
    return flags.contains(.terminator) || flags.contains(.branch) || flags.contains(.branchTable)
  }

  private static func fallsThrough(_ instruction: Instruction) -> Bool {
    !instruction.operation.descriptor.flags.contains(.terminator)
  }

  /// The instructions that an instruction's labels stand before.
  private static func targets(
    of instruction: Instruction, _ function: FunctionBuilder
  ) -> [Int] {
    if instruction.operation.base == .brTable {
      return function.branchTables[Int(instruction.operands[1])].compactMap {
        function.labelPositions[Int($0.index)]
      }
    }
    let form = OperationForm.of(instruction.operation)
    return form.fields.indices.filter { form.fields[$0].role == .branch }.compactMap {
      function.labelPositions[Int(instruction.operands[$0])]
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
