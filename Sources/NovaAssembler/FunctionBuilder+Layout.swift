// FunctionBuilder+Layout.swift — where instructions lie, and branches that reach too far.
// Hosted. Imports NovaBytecode.

import NovaBytecode

extension FunctionBuilder {
  /// Where each instruction begins, in words, and after them where the code ends.
  func wordOffsets() -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(instructions.count + 1)
    var offset = 0
    let roles = OperandRoles.table
    for index in instructions.indices {
      offsets.append(offset)
      offset += wordCount(of: instructions[index], roles)
    }
    offsets.append(offset)
    return offsets
  }

  @inline(__always)
  private func wordCount(of instruction: Instruction, _ roles: [OperandRoles]) -> Int {
    guard instruction.operation.base == .brTable else {
      return roles[instruction.operation].wordCount
    }
    return 1 + (branchTables[Int(instruction.operands[1])].count + 1) / 2
  }

  /// Replaces branches whose target is further than their field reaches.
  ///
  /// `branch L` becomes `branch T; jmp S; T: jmp L; S:`, which takes the same way and only more
  /// fuel. Where control never falls through, `branch T; T: jmp L` is enough.
  ///
  /// - Complexity: O(instructions) for each round; a round marks at least one more branch.
  mutating func relaxBranches() {
    guard !fitsBranches else { return }
    let candidates = instructions.indices.filter { index in
      OperationForm.of(instructions[index].operation).nearBranchOperand != nil
    }
    guard !candidates.isEmpty else { return }
    var far = Set<Int>()
    while true {
      let offsets = relaxedOffsets(far)
      let found = candidates.filter { !far.contains($0) && !reaches($0, offsets) }
      if found.isEmpty { break }
      far.formUnion(found)
    }
    if !far.isEmpty { expand(far) }
  }

  /// Whether the code is so short that each branch reaches all of it.
  private var fitsBranches: Bool {
    let roles = OperandRoles.table
    var count = 0
    for index in instructions.indices { count += wordCount(of: instructions[index], roles) }
    return count <= Int(Int16.max)
  }

  /// `wordOffsets`, with what `expand` adds behind each branch in `far`.
  private func relaxedOffsets(_ far: Set<Int>) -> [Int] {
    var offsets = wordOffsets()
    guard !far.isEmpty else { return offsets }
    var shift = 0
    for index in offsets.indices {
      offsets[index] += shift
      if far.contains(index) { shift += fallsThrough(instructions[index]) ? 2 : 1 }
    }
    return offsets
  }

  private func fallsThrough(_ instruction: Instruction) -> Bool {
    instruction.operation.descriptor.flags.rawValue & OperationFlags.terminator.rawValue == 0
  }

  /// Whether the branch at `index` can name its target where the instructions lie so.
  private func reaches(_ index: Int, _ offsets: [Int]) -> Bool {
    guard let operand = OperationForm.of(instructions[index].operation).nearBranchOperand,
      let target = labelPositions[Int(instructions[index].operands[operand])]
    else { return true }
    let end = offsets[index] + wordCount(of: instructions[index], OperandRoles.table)
    return Int16(exactly: offsets[target] - end) != nil
  }

  /// Writes the far form of each branch in `far`; labels keep their places.
  private mutating func expand(_ far: Set<Int>) {
    let old = instructions
    var new: [Instruction] = []
    new.reserveCapacity(old.count + 2 * far.count)
    var positions: [Int] = []
    positions.reserveCapacity(old.count + 1)
    var added: [(label: Label, position: Int)] = []
    for (index, instruction) in old.enumerated() {
      positions.append(new.count)
      guard far.contains(index),
        let operand = OperationForm.of(instruction.operation).nearBranchOperand
      else {
        new.append(instruction)
        continue
      }
      let taken = makeLabel()
      var branch = instruction
      branch.operands[operand] = UInt64(taken.index)
      new.append(branch)
      var jump = Instruction(.jmp, operands: [instruction.operands[operand]])
      jump.textLine = instruction.textLine
      guard fallsThrough(instruction) else {
        added.append((taken, new.count))
        new.append(jump)
        continue
      }
      let skip = makeLabel()
      var jumpOver = jump
      jumpOver.operands[0] = UInt64(skip.index)
      new.append(jumpOver)
      added.append((taken, new.count))
      new.append(jump)
      added.append((skip, new.count))
    }
    positions.append(new.count)
    labelPositions = labelPositions.map { $0.map { positions[$0] } }
    for (label, position) in added { labelPositions[Int(label.index)] = position }
    instructions = new
  }
}
