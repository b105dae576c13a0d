// RegisterUse.swift — what instructions do to registers, and what is live behind each block.
// Hosted. Imports NovaBytecode. Source: Appel, Modern Compiler Implementation, section 10.1.

import NovaBytecode

/// Registers of one instruction: a few by name, and a run of them.
struct RegisterList {
  private var named = InlineArray<6, UInt16>(repeating: 0)
  private var count: UInt8 = 0
  // The run that a call, a return or `zero` has: its first register, and the one behind it.
  private var runStart: Int32 = 0
  private var runEnd: Int32 = 0
  // Bit r modulo 64 for each register r: lists without a common bit have no common register.
  private var summary: UInt64 = 0

  /// How many have a name.
  @inline(__always) var namedCount: Int { Int(count) }

  @inline(__always) mutating func append(_ register: UInt64) {
    named[Int(count)] = UInt16(truncatingIfNeeded: register)
    count += 1
    summary |= 1 << (register & 63)
  }

  /// Adds the registers of a run, the only one.
  mutating func setRun(_ first: UInt64, _ count: Int) {
    guard count > 0 else { return }
    runStart = Int32(truncatingIfNeeded: first)
    runEnd = runStart + Int32(truncatingIfNeeded: count)
    summary = .max
  }

  @inline(__always) func contains(_ register: Int32) -> Bool {
    guard summary >> UInt64(register & 63) & 1 != 0 else { return false }
    for index in 0..<namedCount where Int32(named[index]) == register { return true }
    return register >= runStart && register < runEnd
  }

  @inline(__always) func forEach(_ body: (Int32) -> Void) {
    for index in 0..<namedCount { body(Int32(named[index])) }
    var register = runStart
    while register < runEnd {
      body(register)
      register += 1
    }
  }

  /// One of those that have a name.
  @inline(__always) subscript(_ index: Int) -> Int32 { Int32(named[index]) }

  /// Whether none is in `other` as well.
  @inline(__always) func isDisjoint(with other: RegisterList) -> Bool {
    guard summary & other.summary != 0 else { return true }
    var isDisjoint = true
    forEach { if other.contains($0) { isDisjoint = false } }
    return isDisjoint
  }

  /// The highest register; -1 when there is none.
  @inline(__always) var highest: Int32 {
    var highest = runEnd > runStart ? runEnd - 1 : -1
    for index in 0..<namedCount { highest = max(highest, Int32(named[index])) }
    return highest
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
  @inline(__always) init(_ instruction: Instruction, _ roles: OperandRoles) {
    for index in 0..<roles.count {
      if roles.reads >> UInt8(index) & 1 != 0 { reads.append(instruction.operands[index]) }
      if roles.writes >> UInt8(index) & 1 != 0 { writes.append(instruction.operands[index]) }
    }
  }

  /// Of an instruction in a function of `resultCount` results.
  @inline(__always) init(
    _ instruction: Instruction, _ roles: OperandRoles, resultCount: Int,
    _ signatures: borrowing CallSignatures
  ) {
    self.init(instruction, roles)
    if !roles.flags.isDisjoint(with: .call | .slow | .tail | .writesRange | .returns) {
      noteRuns(instruction, roles.flags, resultCount: resultCount, signatures)
    }
  }

  private mutating func noteRuns(
    _ instruction: Instruction, _ flags: OperationFlags, resultCount: Int,
    _ signatures: borrowing CallSignatures
  ) {
    isBarrier = !flags.isDisjoint(with: .call | .slow | .tail)
    if flags.contains(.writesRange) {
      writes.setRun(instruction.operands[0], Int(instruction.operands[1]))
    }
    if flags.contains(.returns), instruction.operation == .retn {
      reads.setRun(0, resultCount)
    }
    if flags.contains(.tail), let counts = signatures.counts(of: instruction) {
      reads.setRun(0, counts.parameters)
    }
    if flags.contains(.call), let counts = signatures.counts(of: instruction) {
      reads.setRun(instruction.operands[0], counts.parameters)
      writes.setRun(instruction.operands[0], counts.results)
    }
  }
}

extension CallSignatures {
  /// How many values a call takes and gives; nil where it names nothing.
  func counts(of call: Instruction) -> (parameters: Int, results: Int)? {
    let fields = FieldTable.shared
    for index in fields.range(of: call.operation) {
      let value = Int(call.operands[index - fields.range(of: call.operation).lowerBound])
      let type: Int
      switch fields[index].role {
      case .type: type = value
      case .function where ownFunctionTypes.indices.contains(value):
        type = Int(ownFunctionTypes[value])
      case .import where importedFunctionTypes.indices.contains(value):
        type = Int(importedFunctionTypes[value])
      default: continue
      }
      guard counts.indices.contains(type) else { return nil }
      return (Int(counts[type].parameters), Int(counts[type].results))
    }
    return nil
  }
}

/// A function's blocks, and the registers that are live behind each; one for many functions.
struct FunctionFlow: ~Copyable {
  // Where each block begins, and behind the last the end.
  private var starts = FlatBuffer<Int32>()
  // By block, and behind the last: its first successor.
  private var successorStarts = FlatBuffer<Int32>()
  private var successors = FlatBuffer<Int32>()
  // By instruction: whether a block begins there; then which.
  private var isStart = FlatBuffer<Bool>()
  private var blockAt = FlatBuffer<Int32>()
  /// Words of each block's set.
  private var wordCount = 0
  // By block and word.
  private var liveIn = FlatBuffer<UInt64>()
  private var written = FlatBuffer<UInt64>()
  private var liveOut = FlatBuffer<UInt64>()
  /// Registers that instructions name.
  private(set) var registerCount = 0

  /// Words of all sets together, at most: 16 MB.
  private static let wordCountMax = 1 << 21

  /// How many blocks there are.
  var blockCount: Int { starts.count - 1 }

  /// The instructions of a block.
  func block(_ number: Int) -> Range<Int> { Int(starts[number])..<Int(starts[number + 1]) }

  /// Finds out about a function; false when it has too many blocks and registers to know this of.
  mutating func read(
    _ instructions: [Instruction], _ function: borrowing FunctionBuilder,
    _ uses: borrowing FlatBuffer<RegisterUse>, _ roles: [OperandRoles]
  ) -> Bool {
    isStart.fill(false, count: instructions.count + 1)
    isStart[0] = true
    for position in function.labelPositions { if let position { isStart[position] = true } }
    var highest: Int32 = 0
    for index in instructions.indices {
      let flags = roles[instructions[index].operation].flags
      if !flags.isDisjoint(with: .terminator | .branch | .branchTable) { isStart[index + 1] = true }
      highest = max(highest, uses[index].reads.highest, uses[index].writes.highest)
    }
    isStart[instructions.count] = true
    registerCount = Int(highest) + 1
    wordCount = Int(highest) / 64 + 1
    starts.removeAll()
    blockAt.fill(0, count: instructions.count + 1)
    for index in 0...instructions.count where isStart[index] {
      blockAt[index] = Int32(starts.count)
      starts.append(Int32(index))
    }
    // No code stands there, and nothing valid leads there.
    blockAt[instructions.count] = 0
    guard blockCount * wordCount <= Self.wordCountMax else { return false }
    successorStarts.removeAll()
    successors.removeAll()
    for number in 0..<blockCount {
      successorStarts.append(Int32(successors.count))
      let end = Int(starts[number + 1])
      let last = instructions[end - 1]
      let lastRoles = roles[last.operation]
      addTargets(of: last, lastRoles, function)
      if end < instructions.count, !lastRoles.flags.contains(.terminator) {
        successors.append(blockAt[end])
      }
    }
    successorStarts.append(Int32(successors.count))
    solve(uses)
    return true
  }

  /// The blocks that an instruction's labels stand before.
  private mutating func addTargets(
    of instruction: Instruction, _ roles: OperandRoles, _ function: borrowing FunctionBuilder
  ) {
    if instruction.operation.base == .brTable {
      for label in function.branchTables[Int(instruction.operands[1])] {
        if let position = function.labelPositions[Int(label.index)] {
          successors.append(blockAt[position])
        }
      }
      return
    }
    guard roles.labels != 0 else { return }
    for index in 0..<roles.count where roles.labels >> UInt8(index) & 1 != 0 {
      if let position = function.labelPositions[Int(instruction.operands[index])] {
        successors.append(blockAt[position])
      }
    }
  }

  /// Makes `live` the registers that are live behind block `number`.
  func copyLiveRegisters(behind number: Int, to live: inout FlatBuffer<UInt64>) {
    live.removeAll()
    for word in number * wordCount..<(number + 1) * wordCount { live.append(liveOut[word]) }
  }

  private mutating func solve(_ uses: borrowing FlatBuffer<RegisterUse>) {
    liveIn.fill(0, count: blockCount * wordCount)
    written.fill(0, count: blockCount * wordCount)
    liveOut.fill(0, count: blockCount * wordCount)
    for number in 0..<blockCount {
      let base = number * wordCount
      for index in block(number).reversed() {
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
      for number in (0..<blockCount).reversed() where grow(number) { isChanged = true }
    }
  }

  /// Adds what is live before a block's successors; whether more is live before it then.
  private mutating func grow(_ number: Int) -> Bool {
    let base = number * wordCount
    var isGrown = false
    for index in Int(successorStarts[number])..<Int(successorStarts[number + 1]) {
      let successor = Int(successors[index]) * wordCount
      for word in 0..<wordCount {
        let new = liveIn[successor + word] & ~liveOut[base + word]
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
}
