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
      case .branchTable: instructions[index].targets = instructions[index].targets.map(final)
      default: break
      }
    }
    return isChanged
  }

  /// `branch A; jump B; A:` becomes the opposite branch to B.
  private mutating func foldBranchesOverJumps() -> Bool {
    var isChanged = false
    for index in instructions.indices.dropLast(2) {
      let (branch, jump) = (instructions[index], instructions[index + 1])
      guard branch.kind == .branch, jump.kind == .jump else { continue }
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

  /// Whether control reaches each instruction, and whether something that it reaches names each
  /// label; a loop that only itself leads to is not reached.
  private func reached() -> (instructions: [Bool], labels: [Bool]) {
    let positions = labelPositions()
    var reached = [Bool](repeating: false, count: instructions.count)
    var named = [Bool](repeating: false, count: Int(labelCount))
    var pending = [0]
    while var index = pending.popLast() {
      while index < instructions.count, !reached[index] {
        reached[index] = true
        for label in instructions[index].successors where !named[Int(label)] {
          named[Int(label)] = true
          pending.append(positions[Int(label)])
        }
        if instructions[index].endsFlow { break }
        index += 1
      }
    }
    return (reached, named)
  }

  private mutating func removeUnreachable() -> Bool {
    let reached = reached()
    var kept: [LoweredInstruction] = []
    kept.reserveCapacity(instructions.count)
    let landings = landings()
    for (index, instruction) in instructions.enumerated() where reached.instructions[index] {
      if instruction.kind == .label, !reached.labels[Int(instruction.target)] { continue }
      if instruction.kind == .jump || instruction.kind == .branch {
        let next = landings[index + 1]
        if instructions[index + 1..<next].contains(where: { $0.target == instruction.target }) {
          continue
        }
      }
      kept.append(instruction)
    }
    defer { instructions = kept }
    return kept.count != instructions.count
  }

  /// Copies a short piece of code to the jumps that lead to it: a loop's test to the loop's end,
  /// so that an iteration has one branch instead of two; a loop's last piece to the branches of a
  /// `switch`; a return.
  mutating func invertLoops() {
    let positions = labelPositions()
    let landings = landings()
    let pinned = branchesThatKeepStackValues()
    var pieces: [Int: Range<Int>] = [:]
    for (index, instruction) in instructions.enumerated() where instruction.kind == .jump {
      guard pieces.count < Self.copyCountMax,
        let piece = shortPiece(from: positions[Int(instruction.target)], jump: index, positions)
      else { continue }
      // What follows a test that is copied to a loop's end becomes the loop's beginning, where
      // no stack position may be live.
      if piece.lowerBound < index && pinned.contains(piece.upperBound - 1) { continue }
      pieces[index] = piece
    }
    // Where a copied branch falls through to, by the position of its original.
    var continuations: [Int: LabelIndex] = [:]
    for piece in pieces.values where instructions[piece.upperBound - 1].kind == .branch {
      let end = piece.upperBound - 1
      if continuations[end] == nil { continuations[end] = makeLabel() }
    }
    var result: [LoweredInstruction] = []
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
    instructions = result
  }

  /// The branches behind which a stack position is live.
  private func branchesThatKeepStackValues() -> Set<Int> {
    let blocks = basicBlocks()
    let (liveOut, _) = liveness(of: blocks)
    var found: Set<Int> = []
    for (block, live) in zip(blocks, liveOut) where live.hasMember(from: stackBase) {
      found.insert(block.range.upperBound - 1)
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
    let dot = name.index(name.startIndex, offsetBy: 4)
    branch.name = name[..<dot] + OperatorTable.negated(String(name[dot...]))
    branch.target = label
    return branch
  }
}
