// CopyCoalescing.swift — passes over moves: propagation, coalescing, and results nobody reads.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".
// Source: Chaitin, Register Allocation & Spilling via Graph Coloring, 1982 (here within blocks).

extension LoweredFunction {
  /// Instructions over which a copy is followed, at most; keeps the passes linear.
  static let copyDistanceMax = 512

  /// Behind `move y, x`, reads x instead of y while both keep their values, within the block.
  ///
  /// - Returns: whether anything changed.
  mutating func propagateCopies() -> Bool {
    var isChanged = false
    for index in instructions.indices where instructions[index].kind == .move {
      guard let copy = instructions[index].destination else { continue }
      let original = instructions[index].sources[0]
      for next in instructions.indices[(index + 1)...].prefix(Self.copyDistanceMax) {
        let instruction = instructions[next]
        if instruction.kind == .label { break }
        if instruction.sources.contains(copy) {
          instructions[next].sources = instruction.sources.map { $0 == copy ? original : $0 }
          isChanged = true
        }
        let writes = instruction.writes
        if writes.contains(original) || writes.contains(copy) { break }
        if instruction.clobbers(original) || instruction.endsFlow { break }
      }
    }
    return isChanged
  }

  /// Lets the instruction that makes x make y instead, where `move y, x` is the last to read x.
  ///
  /// - Returns: whether anything changed.
  mutating func coalesceCopies() -> Bool {
    let blocks = basicBlocks()
    let (liveOut, _) = liveness(of: blocks)
    var removed: Set<Int> = []
    for (number, block) in blocks.enumerated() {
      var live = liveOut[number]
      var lastReads: [Int] = []
      for index in block.range.reversed() {
        let instruction = instructions[index]
        if instruction.kind == .move, !live[instruction.sources[0]] { lastReads.append(index) }
        step(over: index, &live)
      }
      for index in lastReads.reversed()
      where coalesce(index, from: block.range.lowerBound, without: removed) {
        removed.insert(index)
      }
    }
    guard !removed.isEmpty else { return false }
    instructions = instructions.indices.filter { !removed.contains($0) }.map { instructions[$0] }
    return true
  }

  /// Coalesces the move at `index`, whose source is dead behind it, if nothing is in the way; moves
  /// that were `removed` are still there.
  private mutating func coalesce(
    _ index: Int, from start: Int, without removed: Set<Int>
  ) -> Bool {
    let source = instructions[index].sources[0]
    guard let destination = instructions[index].destination, !isConstant(source) else {
      return false
    }
    var readers: [Int] = []
    var position = index - 1
    while position >= start, index - position < Self.copyDistanceMax {
      let instruction = instructions[position]
      guard !removed.contains(position) else {
        position -= 1
        continue
      }
      if instruction.isCall {
        let isInWindow = destination >= max(instruction.window, stackBase)
        guard !isInWindow, !instruction.reads.contains(source),
          !instruction.writes.contains(source), !instruction.reads.contains(destination)
        else { return false }
      }
      if instruction.destination == source { break }
      guard instruction.destination != destination, !instruction.sources.contains(destination)
      else { return false }
      if instruction.sources.contains(source) { readers.append(position) }
      position -= 1
    }
    guard position >= start, index - position < Self.copyDistanceMax else { return false }
    instructions[position].destination = destination
    for reader in readers {
      instructions[reader].sources = instructions[reader].sources.map {
        $0 == source ? destination : $0
      }
    }
    return true
  }

  /// Removes instructions whose only effect is a result that nobody reads, and moves to themselves.
  ///
  /// - Returns: whether anything changed.
  mutating func removeDeadCode() -> Bool {
    let blocks = basicBlocks()
    let (liveOut, _) = liveness(of: blocks)
    var removed: Set<Int> = []
    for (number, block) in blocks.enumerated() {
      var live = liveOut[number]
      for index in block.range.reversed() {
        let instruction = instructions[index]
        if let destination = instruction.destination, instruction.isPure,
          !live[destination]
            || (instruction.kind == .move && instruction.sources[0] == destination)
        {
          removed.insert(index)
          continue
        }
        step(over: index, &live)
      }
    }
    guard !removed.isEmpty else { return false }
    instructions = instructions.indices.filter { !removed.contains($0) }.map { instructions[$0] }
    return true
  }
}
