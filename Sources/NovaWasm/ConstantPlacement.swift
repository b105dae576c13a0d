// ConstantPlacement.swift — where constants that need a register get their value.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".

extension LoweredFunction {
  /// Loads each constant in front of the outermost loop that reads it, or, outside of loops, in
  /// front of its first reader in a block.
  mutating func placeConstants() {
    guard !constants.isEmpty else { return }
    let loops = outermostLoops()
    var seen = ConstantMarks(count: constants.count)
    let needed = loops.map { constantsRead(in: $0, &seen) }
    // Branches from outside, another loop perhaps, to a loop's first labels go to where its
    // constants are loaded.
    var entries: [LabelIndex: LoopEntry] = [:]
    for (number, loop) in loops.enumerated() where !needed[number].isEmpty {
      let entry = LoopEntry(label: makeLabel(), loop: number)
      for index in loop {
        guard instructions[index].kind == .label else { break }
        entries[instructions[index].target] = entry
      }
    }
    var result: [LoweredInstruction] = []
    result.reserveCapacity(instructions.count + constants.count)
    var loaded = ConstantMarks(count: constants.count)
    // Loops are in order, and apart from each other.
    var next = 0
    for index in instructions.indices {
      let instruction = instructions[index]
      if next < loops.count && loops[next].upperBound == index {
        next += 1
        loaded.clear()
      }
      if next < loops.count && loops[next].lowerBound == index {
        if let entry = entries[instruction.target] { result.append(.label(entry.label)) }
        for register in needed[next] {
          result.append(.constant(register, constant(register)))
        }
      }
      let isInLoop = next < loops.count && loops[next].contains(index)
      if !isInLoop {
        if instruction.kind == .label { loaded.clear() }
        instruction.sources.forEach { source in
          if isConstant(source), loaded.insert(Int(source - constantBase)) {
            result.append(.constant(source, constant(source)))
          }
        }
      }
      result.append(
        entries.isEmpty
          ? instruction : redirected(instruction, entries, from: isInLoop ? next : nil))
    }
    instructions = result
  }

  /// What goes to where a loop's constants are loaded instead of a loop that it isn't in.
  private mutating func redirected(
    _ instruction: LoweredInstruction, _ entries: [LabelIndex: LoopEntry], from loop: Int?
  ) -> LoweredInstruction {
    func target(_ label: LabelIndex) -> LabelIndex {
      guard let entry = entries[label], entry.loop != loop else { return label }
      return entry.label
    }
    var instruction = instruction
    switch instruction.kind {
    case .jump, .branch: instruction.target = target(instruction.target)
    case .branchTable:
      let table = Int(instruction.target)
      branchTables[table] = branchTables[table].map(target)
    default: break
    }
    return instruction
  }

  /// The runs of instructions between a label and the last branch back to it, those that overlap
  /// made one; each begins with the labels that stand together there, and nothing outside of it
  /// branches to others of its labels.
  mutating func outermostLoops() -> [Range<Int>] {
    findPositions()
    var runs: [Range<Int>] = []
    for index in instructions.indices {
      instructions[index].forEachTarget(branchTables) { label in
        var start = Int(positions[Int(label)])
        guard start <= index else { return }
        while start > 0 && instructions[start - 1].kind == .label { start -= 1 }
        runs.append(start..<index + 1)
      }
    }
    guard !runs.isEmpty else { return [] }
    // A branch back to code that stands before a loop without being in it, such as a return, makes
    // no loop of what lies between.
    for _ in 0..<Self.loopRoundCountMax {
      let loops = Self.merged(runs)
      let entered = entered(loops)
      guard entered.contains(true) else { return loops }
      let starts = Set(zip(loops, entered).filter(\.1).map(\.0.lowerBound))
      runs.removeAll { starts.contains($0.lowerBound) }
    }
    let loops = Self.merged(runs)
    return zip(loops, entered(loops)).filter { !$0.1 }.map(\.0)
  }

  /// How often runs that are no loops are looked for.
  private static let loopRoundCountMax = 8

  /// Runs in the order of their ends, with those that overlap made one.
  private static func merged(_ runs: [Range<Int>]) -> [Range<Int>] {
    var loops: [Range<Int>] = []
    for run in runs {
      var loop = run
      while let last = loops.last, last.upperBound > loop.lowerBound {
        loop = min(last.lowerBound, loop.lowerBound)..<loop.upperBound
        loops.removeLast()
      }
      loops.append(loop)
    }
    return loops
  }

  /// Whether something outside of each loop branches past the labels at its beginning.
  private mutating func entered(_ loops: [Range<Int>]) -> [Bool] {
    var entered = [Bool](repeating: false, count: loops.count)
    // The loop that each instruction is in, and whether it stands among the labels at its head.
    worklist.fill(-1, count: instructions.count)
    marks.fill(false, count: instructions.count)
    for (number, loop) in loops.enumerated() {
      var isAtHead = true
      for index in loop {
        isAtHead = isAtHead && instructions[index].kind == .label
        worklist[index] = Int32(number)
        marks[index] = isAtHead
      }
    }
    for index in instructions.indices {
      instructions[index].forEachTarget(branchTables) { label in
        let target = Int(positions[Int(label)])
        let loop = Int(worklist[target])
        if loop >= 0 && Int(worklist[index]) != loop && !marks[target] { entered[loop] = true }
      }
    }
    return entered
  }

  private func constantsRead(
    in loop: Range<Int>, _ seen: inout ConstantMarks
  ) -> [VirtualRegister] {
    seen.clear()
    var registers: [VirtualRegister] = []
    for index in loop {
      instructions[index].sources.forEach { source in
        if isConstant(source), seen.insert(Int(source - constantBase)) { registers.append(source) }
      }
    }
    return registers
  }
}

/// Where a loop's constants are loaded.
private struct LoopEntry {
  let label: LabelIndex
  /// Which of the loops.
  let loop: Int
}

/// A set of constants that is emptied at once.
private struct ConstantMarks {
  private var rounds: [Int]
  private var round = 0

  init(count: Int) { rounds = [Int](repeating: -1, count: count) }

  mutating func clear() { round += 1 }

  /// Whether it wasn't there before.
  mutating func insert(_ constant: Int) -> Bool {
    defer { rounds[constant] = round }
    return rounds[constant] != round
  }
}
