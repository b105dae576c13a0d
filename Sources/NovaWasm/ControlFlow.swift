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

  /// For each position, and the end, the first instruction at or behind it that is no label.
  private func landings() -> [Int] {
    var landings = [Int](repeating: instructions.count, count: instructions.count + 1)
    for index in instructions.indices.reversed() {
      landings[index] = instructions[index].kind == .label ? landings[index + 1] : index
    }
    return landings
  }

  private mutating func threadJumps() -> Bool {
    let positions = labelPositions()
    let landings = landings()
    func final(_ label: LabelIndex) -> LabelIndex {
      var label = label
      // A loop of nothing but jumps would never end: a few hops are enough.
      for _ in 0..<8 {
        let index = landings[positions[Int(label)]]
        guard index < instructions.count, instructions[index].kind == .jump,
          instructions[index].target != label
        else { break }
        label = instructions[index].target
      }
      return label
    }
    var isChanged = false
    for index in instructions.indices {
      switch instructions[index].kind {
      case .jump, .branch:
        let target = final(instructions[index].target)
        isChanged = isChanged || target != instructions[index].target
        instructions[index].target = target
        let landing = landings[positions[Int(target)]]
        if instructions[index].kind == .jump, landing < instructions.count,
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
    let blocks = BlockGraph(self)
    let isReached = reachedBlocks(blocks)
    var used = [Bool](repeating: false, count: Int(labelCount))
    for block in 0..<blocks.count where isReached[block] {
      forEachSuccessor(instructions[blocks.range(block).upperBound - 1]) { used[Int($0)] = true }
    }
    var keptCount = 0
    for block in 0..<blocks.count where isReached[block] {
      for index in blocks.range(block) {
        let instruction = instructions[index]
        let isNeeded =
          instruction.kind == .label ? used[Int(instruction.target)] : !leadsToNext(index)
        guard isNeeded else { continue }
        // What is read later lies behind.
        if keptCount != index { instructions[keptCount] = instruction }
        keptCount += 1
      }
    }
    let count = instructions.count
    instructions.removeLast(count - keptCount)
    return keptCount != count
  }

  private func reachedBlocks(_ blocks: BlockGraph) -> [Bool] {
    var isReached = [Bool](repeating: false, count: blocks.count)
    guard blocks.count > 0 else { return isReached }
    var open = [0]
    isReached[0] = true
    while let block = open.popLast() {
      blocks.forEachSuccessor(of: block) { successor in
        if !isReached[successor] {
          isReached[successor] = true
          open.append(successor)
        }
      }
    }
    return isReached
  }

  /// Whether the instruction at `index` goes only to one of the labels behind it.
  private func leadsToNext(_ index: Int) -> Bool {
    let instruction = instructions[index]
    guard instruction.kind == .jump || instruction.kind == .branch else { return false }
    var next = index + 1
    while next < instructions.count, instructions[next].kind == .label {
      if instructions[next].target == instruction.target { return true }
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
    let positions = labelPositions()
    let landings = landings()
    var pieces: [Int: Range<Int>] = [:]
    for index in instructions.indices where instructions[index].kind == .jump {
      let instruction = instructions[index]
      guard pieces.count < Self.copyCountMax,
        let piece = shortPiece(from: positions[Int(instruction.target)], jump: index, positions)
      else { continue }
      pieces[index] = piece
    }
    // What follows a test that is copied to a loop's end becomes the loop's beginning, where no
    // stack position may be live.
    if pieces.contains(where: { $1.lowerBound < $0 }) {
      let pinned = branchesThatKeepStackValues()
      pieces = pieces.filter { $1.lowerBound >= $0 || !pinned.contains($1.upperBound - 1) }
    }
    // Where a copied branch falls through to, by the position of its original.
    var continuations: [Int: LabelIndex] = [:]
    for piece in pieces.values where instructions[piece.upperBound - 1].kind == .branch {
      let end = piece.upperBound - 1
      if continuations[end] == nil { continuations[end] = makeLabel() }
    }
    var result: [LoweredInstruction] = []
    result.reserveCapacity(instructions.count + pieces.count * Self.copyLengthMax)
    for (index, instruction) in instructions.enumerated() {
      // A return that others jump to is repeated for what comes from above: there its operand may
      // be the last result.
      if instruction.kind == .label, let last = result.last, !last.endsFlow, last.kind != .label {
        let next = landings[index]
        if next < instructions.count, instructions[next].kind == .return {
          result.append(instructions[next])
        }
      }
      if let piece = pieces[index] {
        result += instructions[piece].filter { $0.kind != .label }
        if let next = continuations[piece.upperBound - 1] {
          let branch = result.removeLast()
          let isBackward = piece.lowerBound < index
          result.append(isBackward ? branch.opposite(to: next) : branch)
          result.append(.jump(to: isBackward ? branch.target : next))
        }
      } else {
        result.append(instruction)
      }
      if let label = continuations[index] { result.append(.label(label)) }
    }
    let isChanged = result.count != instructions.count || !pieces.isEmpty
    instructions = result
    return isChanged
  }

  /// The branches behind which a stack position is live.
  private func branchesThatKeepStackValues() -> Set<Int> {
    let blocks = BlockGraph(self)
    let (liveOut, _) = liveness(of: blocks)
    var found: Set<Int> = []
    for block in 0..<blocks.count where liveOut.hasMember(block, from: stackBase) {
      found.insert(blocks.range(block).upperBound - 1)
    }
    return found
  }

  /// Copies that `invertLoops` makes in one function, at most.
  private static let copyCountMax = 256
  /// Instructions of one copy, at most.
  private static let copyLengthMax = 4

  /// The piece at `start` that is worth copying to the jump at `jump`.
  private func shortPiece(from start: Int, jump: Int, _ positions: [Int]) -> Range<Int>? {
    var count = 0
    for index in start..<instructions.count where instructions[index].kind != .label {
      count += 1
      let instruction = instructions[index]
      guard count <= Self.copyLengthMax else { return nil }
      switch instruction.kind {
      case .branch:
        let isLoopEnd = positions[Int(instruction.target)] <= start
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
