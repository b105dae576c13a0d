// ConstantPlacement.swift — where constants that need a register get their value.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".

extension LoweredFunction {
  /// Loads each constant in front of the outermost loop that reads it, or, outside of loops, in
  /// front of its first reader in a block.
  mutating func placeConstants() {
    let loops = outermostLoops()
    let needed = loops.map { constantsRead(in: $0) }
    let isInside = { (index: Int) in loops.contains { $0.contains(index) } }
    // Branches from outside to a loop's first labels go to where its constants are loaded.
    var entries: [LabelIndex: LabelIndex] = [:]
    for (loop, registers) in zip(loops, needed) where !registers.isEmpty {
      let entry = makeLabel()
      for index in loop {
        guard instructions[index].kind == .label else { break }
        entries[instructions[index].target] = entry
      }
    }
    var result: [LoweredInstruction] = []
    var loaded: Set<VirtualRegister> = []
    for (index, instruction) in instructions.enumerated() {
      if let loop = loops.firstIndex(where: { $0.lowerBound == index }) {
        if let entry = entries[instruction.target] { result.append(.label(entry)) }
        for register in needed[loop] {
          result.append(.constant(register, constant(register)))
        }
      }
      guard !isInside(index) else {
        result.append(instruction)
        continue
      }
      if instruction.kind == .label || (index > 0 && isInside(index - 1)) { loaded = [] }
      for source in instruction.sources where isConstant(source) {
        if loaded.insert(source).inserted {
          result.append(.constant(source, constant(source)))
        }
      }
      var redirected = instruction
      if instruction.kind != .label {
        redirected.target = entries[instruction.target] ?? instruction.target
        redirected.targets = instruction.targets.map { entries[$0] ?? $0 }
      }
      result.append(redirected)
    }
    instructions = result
  }

  /// The runs of instructions between a label and the last branch back to it, those that overlap
  /// made one; each begins with the labels that stand together there.
  func outermostLoops() -> [Range<Int>] {
    let positions = labelPositions()
    var loops: [Range<Int>] = []
    for (index, instruction) in instructions.enumerated() {
      for label in instruction.successors where positions[Int(label)] <= index {
        var start = positions[Int(label)]
        while start > 0 && instructions[start - 1].kind == .label { start -= 1 }
        var loop = start..<index + 1
        while let last = loops.last, last.upperBound > loop.lowerBound {
          loop = min(last.lowerBound, loop.lowerBound)..<loop.upperBound
          loops.removeLast()
        }
        loops.append(loop)
      }
    }
    return loops
  }

  private func constantsRead(in loop: Range<Int>) -> [VirtualRegister] {
    var seen = RegisterSet(count: registerCount)
    var registers: [VirtualRegister] = []
    for index in loop {
      for source in instructions[index].sources where isConstant(source) && !seen[source] {
        seen[source] = true
        registers.append(source)
      }
    }
    return registers
  }
}
