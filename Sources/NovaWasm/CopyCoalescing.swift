// CopyCoalescing.swift — passes over moves: propagation, coalescing, and results nobody reads.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".
// Source: Chaitin, Register Allocation & Spilling via Graph Coloring, 1982 (here within blocks).

/// What is known of each register on a walk through a block; one for many functions.
struct CopyTable: ~Copyable {
  /// The last instruction that wrote the register.
  private var writeTimes = FlatBuffer<Int32>()
  /// When the register became a copy, and of which.
  private var copyTimes = FlatBuffer<Int32>()
  private var originals = FlatBuffer<VirtualRegister>()
  /// Instructions before it are of other blocks.
  private var start: Int32 = 0
  /// Above the highest register that was written since calls took what lies there.
  private var end: VirtualRegister = 0

  /// Begins a walk over a function of `count` registers.
  mutating func clear(count: Int) {
    writeTimes.fill(-1, count: count)
    copyTimes.fill(-1, count: count)
    originals.fill(0, count: count)
    (start, end) = (0, 0)
  }

  mutating func begin(at time: Int) { start = Int32(time) }

  /// The register that `register` is still a copy of.
  @inline(__always) func original(_ register: VirtualRegister) -> VirtualRegister? {
    let time = copyTimes[Int(register)]
    guard time >= start, writeTimes[Int(register)] == time else { return nil }
    let original = originals[Int(register)]
    return writeTimes[Int(original)] < time ? original : nil
  }

  @inline(__always) mutating func write(_ register: VirtualRegister, at time: Int) {
    writeTimes[Int(register)] = Int32(time)
    end = max(end, register + 1)
  }

  @inline(__always) mutating func copy(
    _ register: VirtualRegister, of original: VirtualRegister, at time: Int
  ) {
    copyTimes[Int(register)] = Int32(time)
    originals[Int(register)] = original
    end = max(end, original + 1)
  }

  /// Nothing is left in the registers from `first` on.
  mutating func take(from first: VirtualRegister, at time: Int) {
    for register in first..<max(first, end) { writeTimes[Int(register)] = Int32(time) }
    end = min(end, first)
  }
}

extension LoweredFunction {
  /// Behind `move y, x`, reads x instead of y while both keep their values, within the block.
  ///
  /// - Returns: whether anything changed.
  /// - Complexity: O(instructions).
  mutating func propagateCopies() -> Bool {
    var isChanged = false
    copies.clear(count: registerCount)
    for index in instructions.indices {
      let instruction = instructions[index]
      if instruction.kind == .label {
        copies.begin(at: index)
        continue
      }
      for position in 0..<instruction.sources.count {
        if let original = copies.original(instruction.sources[position]) {
          instructions[index].sources[position] = original
          isChanged = true
        }
      }
      if instruction.isCall { copies.take(from: instruction.window, at: index) }
      instruction.forEachWrite { copies.write($0, at: index) }
      if instruction.kind == .move, let copy = instruction.destination {
        let original = instructions[index].sources[0]
        if original != copy { copies.copy(copy, of: original, at: index) }
      }
    }
    return isChanged
  }

  /// Lets the instruction that makes x make y instead, where `move y, x` is the last to read x.
  ///
  /// - Returns: whether anything changed.
  mutating func coalesceCopies() -> Bool { tidy(removesDeadCode: false, coalesces: true) }

  /// Removes instructions whose only effect is a result that nobody reads, and moves to themselves.
  ///
  /// - Returns: whether anything changed.
  mutating func removeDeadCode() -> Bool { tidy(removesDeadCode: true, coalesces: false) }

  /// Removes dead code and coalesces moves, in one walk over each block from its end.
  ///
  /// - Returns: whether anything changed.
  mutating func tidy(removesDeadCode: Bool = true, coalesces: Bool = true) -> Bool {
    findLiveness(registerCount: registerCount)
    // By instruction: whether it is removed.
    marks.fill(false, count: instructions.count)
    var isChanged = false
    for block in 0..<blocks.count {
      liveness.copy(block, to: &live)
      // Moves that are the last to read what they copy.
      worklist.removeAll()
      let range = blocks.range(block)
      for index in range.reversed() {
        let instruction = instructions[index]
        if removesDeadCode, let destination = instruction.destination,
          !live[destination]
            || (instruction.kind == .move && instruction.sources[0] == destination),
          instruction.isPure
        {
          marks[index] = true
          isChanged = true
          continue
        }
        if coalesces, instruction.kind == .move, !live[instruction.sources[0]] {
          worklist.append(Int32(index))
        }
        live.step(over: instruction)
      }
      for number in (0..<worklist.count).reversed() {
        let index = Int(worklist[number])
        guard coalesce(index, range.lowerBound) else { continue }
        marks[index] = true
        isChanged = true
      }
    }
    if isChanged { removeMarked() }
    return isChanged
  }

  private mutating func removeMarked() {
    var next = 0
    for index in instructions.indices where !marks[index] {
      if next != index { instructions[next] = instructions[index] }
      next += 1
    }
    instructions.removeLast(instructions.count - next)
  }

  /// Instructions over which a move's source is followed, at most; keeps the pass linear.
  static let copyDistanceMax = 512

  /// Coalesces the move at `index`, whose source is dead behind it, if nothing is in the way.
  private mutating func coalesce(_ index: Int, _ start: Int) -> Bool {
    let source = instructions[index].sources[0]
    guard let destination = instructions[index].destination, !isConstant(source) else {
      return false
    }
    var position = index - 1
    var hasReaders = false
    while position >= start, index - position < Self.copyDistanceMax {
      defer { position -= 1 }
      if marks[position] { continue }
      let instruction = instructions[position]
      if instruction.isCall {
        let isInWindow = destination >= max(instruction.window, stackBase)
        guard !isInWindow, !instruction.reads(source), !instruction.writes(source),
          !instruction.reads(destination)
        else { return false }
      }
      if instruction.destination == source {
        instructions[position].destination = destination
        if hasReaders { rename(source, destination, position + 1..<index) }
        return true
      }
      guard instruction.destination != destination, !instruction.sources.contains(destination)
      else { return false }
      hasReaders = hasReaders || instruction.sources.contains(source)
    }
    return false
  }

  private mutating func rename(
    _ source: VirtualRegister, _ destination: VirtualRegister, _ range: Range<Int>
  ) {
    for index in range where instructions[index].sources.contains(source) {
      instructions[index].sources = instructions[index].sources.mapped {
        $0 == source ? destination : $0
      }
    }
  }
}
