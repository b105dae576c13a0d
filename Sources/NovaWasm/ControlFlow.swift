// ControlFlow.swift — passes over jumps: threading, unreachable code, loop inversion.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".

extension LoweredFunction {
  /// Removes jumps that lead nowhere else, code that nothing reaches and labels that nothing names,
  /// and lets branches go straight to where they end up.
  ///
  /// - Returns: whether anything changed.
  mutating func simplifyControlFlow() -> Bool {
    var isChanged = threadJumps()
    isChanged = foldBranchesOverJumps() || isChanged
    return removeUnreachable() || isChanged
  }

  /// Where control ends up that goes to `label`.
  private func final(_ label: LabelIndex) -> LabelIndex {
    var label = label
    // A loop of nothing but jumps would never end: a few hops are enough.
    for _ in 0..<8 {
      let index = Int(landings[Int(positions[Int(label)])])
      guard index < instructions.count, instructions[index].kind == .jump,
        instructions[index].target != label
      else { break }
      label = instructions[index].target
    }
    return label
  }

  private mutating func threadJumps() -> Bool {
    findLandings()
    var isChanged = false
    for index in instructions.indices {
      let kind = instructions[index].kind
      switch kind {
      case .jump, .branch:
        let target = final(instructions[index].target)
        if target != instructions[index].target {
          instructions[index].target = target
          isChanged = true
        }
        guard kind == .jump else { continue }
        let landing = Int(landings[Int(positions[Int(target)])])
        if landing < instructions.count,
          instructions[landing].kind == .return || instructions[landing].kind == .unreachable
        {
          instructions[index] = instructions[landing]
          isChanged = true
        }
      case .branchTable:
        let table = Int(instructions[index].target)
        for entry in branchTables[table].indices {
          branchTables[table][entry] = final(branchTables[table][entry])
        }
      default: break
      }
    }
    return isChanged
  }

  /// `branch A; jump B; A:` becomes the opposite branch to B.
  private mutating func foldBranchesOverJumps() -> Bool {
    var isChanged = false
    for index in instructions.indices.dropLast(2) {
      guard instructions[index].kind == .branch, instructions[index + 1].kind == .jump else {
        continue
      }
      let (branch, jump) = (instructions[index], instructions[index + 1])
      var next = index + 2
      while next < instructions.count, instructions[next].kind == .label,
        instructions[next].target != branch.target
      {
        next += 1
      }
      guard next < instructions.count, instructions[next].kind == .label else { continue }
      instructions[index] = branch.opposite(to: jump.target)
      // The jump becomes one to what follows, which the next pass removes.
      instructions[index + 1].target = branch.target
      isChanged = true
    }
    return isChanged
  }

  /// - Complexity: O(instructions), however far code that nothing reaches leads on.
  private mutating func removeUnreachable() -> Bool {
    blocks.read(instructions, branchTables, labelCount: labelCount)
    findReachedBlocks()
    // From here on `positions` says whether something goes to a label.
    positions.fill(0, count: Int(labelCount))
    for block in 0..<blocks.count where marks[block] {
      let last = blocks.range(block).upperBound - 1
      instructions[last].forEachTarget(branchTables) { positions[Int($0)] = 1 }
    }
    var keptCount = 0
    for block in 0..<blocks.count where marks[block] {
      for index in blocks.range(block) {
        let isNeeded =
          switch instructions[index].kind {
          case .label: positions[Int(instructions[index].target)] != 0
          case .jump, .branch: !leadsToNext(index)
          default: true
          }
        guard isNeeded else { continue }
        // What is read later lies behind.
        if keptCount != index { instructions[keptCount] = instructions[index] }
        keptCount += 1
      }
    }
    let count = instructions.count
    instructions.removeLast(count - keptCount)
    return keptCount != count
  }

  /// Marks the blocks that control comes to.
  private mutating func findReachedBlocks() {
    marks.fill(false, count: blocks.count)
    guard blocks.count > 0 else { return }
    worklist.removeAll()
    worklist.append(0)
    marks[0] = true
    while worklist.count > 0 {
      let block = Int(worklist[worklist.count - 1])
      worklist.truncate(to: worklist.count - 1)
      blocks.forEachSuccessor(of: block) { successor in
        if !marks[successor] {
          marks[successor] = true
          worklist.append(Int32(successor))
        }
      }
    }
  }

  /// Whether the jump or branch at `index` goes only to one of the labels behind it.
  private func leadsToNext(_ index: Int) -> Bool {
    let target = instructions[index].target
    var next = index + 1
    while next < instructions.count, instructions[next].kind == .label {
      if instructions[next].target == target { return true }
      next += 1
    }
    return false
  }

  /// Copies a short piece of code to the jumps that lead to it: a loop's test to the loop's end,
  /// so that an iteration has one branch instead of two; a loop's last piece to the branches of a
  /// `switch`; a return.
  ///
  /// - Returns: whether anything changed.
  @discardableResult
  mutating func invertLoops() -> Bool {
    findLandings()
    let pieces = shortPieces()
    // By instruction: where a copied branch falls through to, behind its original; -1: none.
    worklist.fill(-1, count: pieces.isEmpty ? 0 : instructions.count)
    for piece in pieces {
      let end = piece.range.upperBound - 1
      if instructions[end].kind == .branch, worklist[end] < 0 { worklist[end] = makeLabel() }
    }
    var result: [LoweredInstruction] = []
    result.reserveCapacity(instructions.count + pieces.count * Self.copyLengthMax)
    var next = 0
    for index in instructions.indices {
      // A return that others jump to is repeated for what comes from above: there its operand may
      // be the last result.
      if instructions[index].kind == .label, let last = result.last, !last.endsFlow,
        last.kind != .label
      {
        let landing = Int(landings[index])
        if landing < instructions.count, instructions[landing].kind == .return {
          result.append(instructions[landing])
        }
      }
      if next < pieces.count, pieces[next].jump == index {
        append(pieces[next].range, isBackward: pieces[next].range.lowerBound < index, to: &result)
        next += 1
      } else {
        result.append(instructions[index])
      }
      if !pieces.isEmpty, worklist[index] >= 0 { result.append(.label(worklist[index])) }
    }
    let isChanged = result.count != instructions.count || !pieces.isEmpty
    instructions = result
    return isChanged
  }

  /// Appends a copy of the instructions at `piece`, in place of a jump there.
  private func append(
    _ piece: Range<Int>, isBackward: Bool, to result: inout [LoweredInstruction]
  ) {
    for index in piece where instructions[index].kind != .label {
      result.append(instructions[index])
    }
    let next = worklist[piece.upperBound - 1]
    guard next >= 0, let branch = result.popLast() else { return }
    result.append(isBackward ? branch.opposite(to: next) : branch)
    result.append(.jump(to: isBackward ? branch.target : next))
  }

  /// Jumps, ascending, and the pieces that are worth copying to them.
  private mutating func shortPieces() -> [(jump: Int, range: Range<Int>)] {
    var pieces: [(jump: Int, range: Range<Int>)] = []
    for index in instructions.indices where instructions[index].kind == .jump {
      guard pieces.count < Self.copyCountMax,
        let piece = shortPiece(from: Int(positions[Int(instructions[index].target)]), jump: index)
      else { continue }
      pieces.append((index, piece))
    }
    // What follows a test that is copied to a loop's end becomes the loop's beginning, where no
    // stack position may be live.
    guard pieces.contains(where: { $0.range.lowerBound < $0.jump }) else { return pieces }
    let pinned = branchesThatKeepStackValues()
    return pieces.filter {
      $0.range.lowerBound >= $0.jump || !pinned.contains($0.range.upperBound - 1)
    }
  }

  /// The branches behind which a stack position is live.
  private mutating func branchesThatKeepStackValues() -> Set<Int> {
    findLiveness(registerCount: registerCount)
    var found: Set<Int> = []
    for block in 0..<blocks.count where liveness.hasMember(block, from: stackBase) {
      found.insert(blocks.range(block).upperBound - 1)
    }
    return found
  }

  /// Copies that `invertLoops` makes in one function, at most.
  private static let copyCountMax = 256
  /// Instructions of one copy, at most.
  private static let copyLengthMax = 4

  /// The piece at `start` that is worth copying to the jump at `jump`.
  private func shortPiece(from start: Int, jump: Int) -> Range<Int>? {
    var count = 0
    for index in start..<instructions.count where instructions[index].kind != .label {
      count += 1
      guard count <= Self.copyLengthMax else { return nil }
      switch instructions[index].kind {
      case .branch:
        let isLoopEnd = Int(positions[Int(instructions[index].target)]) <= start
        guard start < jump || isLoopEnd, index + 1 < instructions.count else { return nil }
        return start..<index + 1
      case .return: return count <= 2 ? start..<index + 1 : nil
      case .jump, .branchTable, .unreachable, .call, .callIndirect, .tailCall, .tailCallIndirect:
        return nil
      default: break
      }
    }
    return nil
  }
}

extension LoweredInstruction {
  /// The branch that is taken exactly when this one is not.
  func opposite(to label: LabelIndex) -> LoweredInstruction {
    var branch = self
    branch.operation = operation.negated
    branch.target = label
    return branch
  }
}
