// ConstantPlacement.swift — where constants that need a register get their value.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".

extension LoweredFunction {
  /// Loads each constant in front of the outermost loop that reads it, or, outside of loops, in
  /// front of its first reader in a block.
  mutating func placeConstants() {
    let loops = outermostLoops()
    let needed = loops.map { constantsRead(in: $0) }
    // Branches from outside, be it from another loop, to a loop's first labels go to where its
    // constants are loaded.
    var entries: [LabelIndex: (loop: Int, label: LabelIndex)] = [:]
    for (number, loop) in loops.enumerated() where !needed[number].isEmpty {
      let entry = makeLabel()
      for index in loop {
        guard instructions[index].kind == .label else { break }
        entries[instructions[index].target] = (number, entry)
      }
    }
    func redirected(_ instruction: LoweredInstruction, from loop: Int?) -> LoweredInstruction {
      func final(_ label: LabelIndex) -> LabelIndex {
        guard let entry = entries[label], entry.loop != loop else { return label }
        return entry.label
      }
      guard instruction.kind != .label else { return instruction }
      var redirected = instruction
      redirected.target = final(instruction.target)
      redirected.targets = instruction.targets.map(final)
      return redirected
    }
    var result: [LoweredInstruction] = []
    var loaded: Set<VirtualRegister> = []
    // Loops are in order, and apart from each other.
    var next = 0
    for (index, instruction) in instructions.enumerated() {
      if next < loops.count && loops[next].upperBound == index {
        next += 1
        loaded = []
      }
      if next < loops.count && loops[next].lowerBound == index {
        if let entry = entries[instruction.target] { result.append(.label(entry.label)) }
        for register in needed[next] {
          result.append(.constant(register, constant(register)))
        }
      }
      guard next == loops.count || !loops[next].contains(index) else {
        result.append(redirected(instruction, from: next))
        continue
      }
      if instruction.kind == .label { loaded = [] }
      for source in instruction.sources where isConstant(source) {
        if loaded.insert(source).inserted {
          result.append(.constant(source, constant(source)))
        }
      }
      result.append(redirected(instruction, from: nil))
    }
    instructions = result
  }

  /// The runs of instructions between a label and the last branch back to it, those that overlap
  /// made one; each begins with the labels that stand together there, and nothing outside of it
  /// branches to others of its labels.
  func outermostLoops() -> [Range<Int>] {
    let positions = labelPositions()
    var runs: [Range<Int>] = []
    for (index, instruction) in instructions.enumerated() {
      for label in instruction.successors where positions[Int(label)] <= index {
        var start = positions[Int(label)]
        while start > 0 && instructions[start - 1].kind == .label { start -= 1 }
        runs.append(start..<index + 1)
      }
    }
    // A branch back to code that stands before a loop without being in it, such as a return, makes
    // no loop of what lies between.
    for _ in 0..<Self.loopRoundCountMax {
      let loops = Self.merged(runs)
      let entered = entered(loops, positions)
      guard entered.contains(true) else { return loops }
      let starts = Set(zip(loops, entered).filter(\.1).map(\.0.lowerBound))
      runs.removeAll { starts.contains($0.lowerBound) }
    }
    let loops = Self.merged(runs)
    return zip(loops, entered(loops, positions)).filter { !$0.1 }.map(\.0)
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
  private func entered(_ loops: [Range<Int>], _ positions: [Int]) -> [Bool] {
    var entered = [Bool](repeating: false, count: loops.count)
    // The loop that each instruction is in, and whether it stands among the labels at its head.
    var loopOf = [Int](repeating: -1, count: instructions.count)
    var isHead = [Bool](repeating: false, count: instructions.count)
    for (number, loop) in loops.enumerated() {
      var isAtHead = true
      for index in loop {
        isAtHead = isAtHead && instructions[index].kind == .label
        loopOf[index] = number
        isHead[index] = isAtHead
      }
    }
    for (index, instruction) in instructions.enumerated() {
      for label in instruction.successors {
        let target = positions[Int(label)]
        let loop = loopOf[target]
        if loop >= 0 && loopOf[index] != loop && !isHead[target] { entered[loop] = true }
      }
    }
    return entered
  }

  private func constantsRead(in loop: Range<Int>) -> [VirtualRegister] {
    var seen: Set<VirtualRegister> = []
    var registers: [VirtualRegister] = []
    for index in loop {
      for source in instructions[index].sources where isConstant(source) {
        if seen.insert(source).inserted { registers.append(source) }
      }
    }
    return registers
  }
}
