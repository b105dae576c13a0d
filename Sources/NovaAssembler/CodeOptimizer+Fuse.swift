// CodeOptimizer+Fuse.swift — replaces sequences by the operations that mean them.
// Hosted. Imports NovaBytecode and Synchronization. Design: NovaCore.docc/Operations.md, "Fusing".

import NovaBytecode
import Synchronization

extension CodeOptimizer {
  /// Replaces instructions by fewer that do the same, as long as any can be.
  ///
  /// The rules are the operation table's own trees: an instruction's tree is put in the place of
  /// the register that another reads, where nobody else reads it, and the operation that has the
  /// resulting tree is looked up; the same for two neighbours that both have an effect.
  ///
  /// A function for which it takes too much room to know what is live stays as it is.
  ///
  /// - Complexity: O(instructions) for each of at most `fusingRoundCountMax` rounds.
  func fuse(_ function: inout FunctionBuilder, _ signatures: CallSignatures) {
    guard fuses else { return }
    Self.memory.withLock { memory in
      guard var pass = FusingPass(function, signatures) else { return }
      // With one owner at a time it is changed in place.
      swap(&memory, &pass.memory)
      var roundCount = 0
      while roundCount < Self.fusingRoundCountMax, pass.fuseValues() { roundCount += 1 }
      pass.fuseNeighbours()
      function.replaceInstructions(pass.instructions)
      swap(&memory, &pass.memory)
    }
  }

  /// Rounds of fusing at most: what an operation of this many others would need.
  static let fusingRoundCountMax = 4

  // What two instructions come to is the same in every module.
  private static let memory = Mutex(FusingMemory())
}

/// Who touched each register last, on a walk through a block.
private struct RegisterWalk {
  /// By register: the position of the last instruction that wrote it, and that read it.
  var writers: [Int]
  var readers: [Int]
  /// The last instruction that nothing is moved past.
  var barrier = -1

  init(registerCount: Int) {
    writers = [Int](repeating: -1, count: registerCount)
    readers = writers
  }

  mutating func pass(_ index: Int, _ use: RegisterUse) {
    use.reads.forEach { readers[Int($0)] = index }
    use.writes.forEach { writers[Int($0)] = index }
    if use.isBarrier { barrier = index }
  }
}

/// The walks over a function.
private struct FusingPass {
  /// Nil where an instruction was taken into another.
  private(set) var instructions: [Instruction?]
  var memory = FusingMemory.none
  private var uses: [RegisterUse]
  private var walk: RegisterWalk
  // By instruction: which of the registers that it reads nobody reads behind it, or it sets
  // itself; a bit for each.
  private var dead: [UInt8]
  private let rules = FusingRules.shared
  private let flow: FunctionFlow

  init?(_ function: FunctionBuilder, _ signatures: CallSignatures) {
    let resultCount = function.signature.results.count
    uses = function.instructions.map {
      RegisterUse($0, resultCount: resultCount, signatures)
    }
    guard let flow = FunctionFlow(function, uses) else { return nil }
    self.flow = flow
    instructions = function.instructions
    dead = [UInt8](repeating: 0, count: instructions.count)
    walk = RegisterWalk(registerCount: flow.registerCount)
  }

  private func traits(_ index: Int) -> FusingRules.Traits? {
    instructions[index].map { rules.traits(of: $0.operation) }
  }

  /// Whether an instruction does more than set registers, or can trap.
  private func actsOrTraps(_ index: Int) -> Bool { traits(index)?.actsOrTraps ?? false }

  /// Puts `instruction`, which does what those of `parts` did, at `index`; it comes from where that
  /// part comes from that acts or can trap.
  private mutating func replace(_ index: Int, by instruction: Instruction, of parts: [Int]) {
    var instruction = instruction
    let origin = parts.first { actsOrTraps($0) }
    instruction.place =
      origin.flatMap { instructions[$0]?.place } ?? instructions[index]?.place
    instruction.textLine = instructions[index]?.textLine ?? 0
    instructions[index] = instruction
    uses[index] = RegisterUse(instruction)
  }

  private mutating func remove(_ index: Int) {
    instructions[index] = nil
    uses[index] = RegisterUse()
  }

  // MARK: An instruction into its only reader

  /// - Returns: whether anything changed.
  mutating func fuseValues() -> Bool {
    var isChanged = false
    walk = RegisterWalk(registerCount: flow.registerCount)
    for number in flow.blocks.indices {
      let block = flow.blocks[number]
      noteDeadReads(in: block, Array(flow.liveRegisters(behind: number)))
      for index in block where instructions[index] != nil {
        if traits(index)?.effectCount == 1 {
          while fuseValue(into: index, block) { isChanged = true }
        }
        walk.pass(index, uses[index])
      }
    }
    return isChanged
  }

  private mutating func noteDeadReads(in block: Range<Int>, _ behind: [UInt64]) {
    var live = behind
    for index in block.reversed() {
      let use = uses[index]
      var bits: UInt8 = 0
      for read in 0..<use.reads.namedCount {
        let register = use.reads[read]
        let isLive = live[Int(register >> 6)] >> UInt64(register & 63) & 1 != 0
        if !isLive || use.writes.contains(register) { bits |= 1 << UInt8(read) }
      }
      dead[index] = bits
      use.writes.forEach { live[Int($0 >> 6)] &= ~(1 << UInt64($0 & 63)) }
      use.reads.forEach { live[Int($0 >> 6)] |= 1 << UInt64($0 & 63) }
    }
  }

  /// Takes one or two of the instructions that make what `index` reads into it.
  private mutating func fuseValue(into index: Int, _ block: Range<Int>) -> Bool {
    guard let reader = instructions[index], traits(index)?.effectCount == 1 else { return false }
    let roles = OperandRoles.of(reader.operation)
    var read = 0
    for operand in 0..<roles.count where roles.reads >> UInt8(operand) & 1 != 0 {
      defer { read += 1 }
      let register = uses[index].reads[read]
      guard dead[index] >> UInt8(read) & 1 != 0,
        let place = producer(of: register, before: index, block), let source = instructions[place],
        rules.mayTake(source.operation, reader.operation, operand: operand)
      else { continue }
      memory.ask(.value, operand: operand)
      memory.add(source)
      memory.add(reader)
      let joined = memory.answer {
        FusedEffect(reader).taking(source, for: UInt64(register)).instruction
      }
      if let joined {
        guard let meeting = meetingPlace(place, index) else { continue }
        join(place, index, at: meeting, joined, of: [place, index], block)
        return true
      }
      if fuseSecond(place, register, operand, index, block) { return true }
    }
    return false
  }

  /// Takes an instruction that makes what the one at `place` reads as well: for the two alone there
  /// is no operation.
  private mutating func fuseSecond(
    _ place: Int, _ taken: Int32, _ operand: Int, _ index: Int, _ block: Range<Int>
  ) -> Bool {
    guard let source = instructions[place], let reader = instructions[index] else { return false }
    let roles = OperandRoles.of(source.operation)
    var read = 0
    for position in 0..<roles.count where roles.reads >> UInt8(position) & 1 != 0 {
      defer { read += 1 }
      let register = uses[place].reads[read]
      let isDead =
        dead[place] >> UInt8(read) & 1 != 0 && !uses[index].reads.contains(register)
        || uses[index].writes.contains(register)
      let first = walk.writers[Int(register)]
      guard isDead, first < place, isProducer(first, before: index, block),
        let other = instructions[first],
        rules.mayTake(other.operation, source.operation, operand: position)
      else { continue }
      memory.ask(.values, operand: operand << 4 | position)
      memory.add(other)
      memory.add(source)
      memory.add(reader)
      let joined = memory.answer {
        FusedEffect(reader).taking(source, for: UInt64(taken)).taking(other, for: UInt64(register))
          .instruction
      }
      guard let joined, !isRead(register, in: (first + 1)..<place),
        !isRead(register, in: (place + 1)..<index), meetingPlace(place, index) == index,
        meetingPlace(first, index) == index
      else { continue }
      join(place, index, at: index, joined, of: [first, place, index], block)
      note(removal: first, by: index, block)
      return true
    }
    return false
  }

  private func isRead(_ register: Int32, in range: Range<Int>) -> Bool {
    range.contains { uses[$0].reads.contains(register) }
  }

  /// Puts `joined` at one of two places, and nothing at the other.
  private mutating func join(
    _ place: Int, _ index: Int, at meeting: Int, _ joined: Instruction, of parts: [Int],
    _ block: Range<Int>
  ) {
    guard meeting == index else {
      let old = uses[place]
      let before = (uses[index], dead[index], dead[place])
      replace(place, by: joined, of: parts)
      dead[place] = deadBits(
        of: uses[place], from: before.0, before.1, and: old, before.2)
      remove(index)
      old.writes.forEach { rewind($0, to: place, block) }
      uses[place].reads.forEach { walk.readers[Int($0)] = max(walk.readers[Int($0)], place) }
      uses[place].writes.forEach { walk.writers[Int($0)] = max(walk.writers[Int($0)], place) }
      return
    }
    let before = (uses[index], dead[index])
    replace(index, by: joined, of: parts)
    dead[index] = deadBits(of: uses[index], from: before.0, before.1, and: uses[place], dead[place])
    note(removal: place, by: index, block)
  }

  /// Removes the instruction at `place`, whose part `index` does.
  private mutating func note(removal place: Int, by index: Int, _ block: Range<Int>) {
    let (use, bits) = (uses[place], dead[place])
    dead[index] = deadBits(of: uses[index], from: uses[index], dead[index], and: use, bits)
    remove(place)
    use.writes.forEach { rewind($0, to: place, block) }
    use.reads.forEach { rewind($0, to: place, block) }
  }

  /// Which reads of a joined instruction are the last: as of the later of two, else of the earlier.
  private func deadBits(
    of use: RegisterUse, from later: RegisterUse, _ laterBits: UInt8, and earlier: RegisterUse,
    _ earlierBits: UInt8
  ) -> UInt8 {
    var bits: UInt8 = 0
    for read in 0..<use.reads.namedCount {
      let register = use.reads[read]
      let isDead =
        use.writes.contains(register)
        || (Self.bit(of: register, later, laterBits) ?? Self.bit(of: register, earlier, earlierBits)
          ?? false)
      if isDead { bits |= 1 << UInt8(read) }
    }
    return bits
  }

  private static func bit(of register: Int32, _ use: RegisterUse, _ bits: UInt8) -> Bool? {
    for read in 0..<use.reads.namedCount where use.reads[read] == register {
      return bits >> UInt8(read) & 1 != 0
    }
    return nil
  }

  /// Finds out who touched `register` last, where that was the instruction at `place` as it was.
  private mutating func rewind(_ register: Int32, to place: Int, _ block: Range<Int>) {
    let end = max(block.lowerBound, place - Self.producerDistanceMax)
    if walk.readers[Int(register)] == place {
      walk.readers[Int(register)] =
        (end..<place).last { uses[$0].reads.contains(register) } ?? end - 1
    }
    if walk.writers[Int(register)] == place {
      walk.writers[Int(register)] =
        (end..<place).last { uses[$0].writes.contains(register) } ?? end - 1
    }
  }

  /// Instructions that are looked at for the one that makes a value, at most.
  private static let producerDistanceMax = 256

  /// The instruction of the block that gives `register` its value for `index` alone.
  private func producer(of register: Int32, before index: Int, _ block: Range<Int>) -> Int? {
    let place = walk.writers[Int(register)]
    guard isProducer(place, before: index, block), walk.readers[Int(register)] <= place else {
      return nil
    }
    return place
  }

  private func isProducer(_ place: Int, before index: Int, _ block: Range<Int>) -> Bool {
    place >= max(block.lowerBound, index - Self.producerDistanceMax) && place > walk.barrier
      && traits(place)?.effectCount == 1
  }

  /// Where what `source` and `index` do can be done at once.
  ///
  /// Late, unless what lies between changes what `source` reads; else early, unless it concerns
  /// what `index` reads or writes. Nothing that acts or can trap changes places with another such
  /// thing.
  private func meetingPlace(_ source: Int, _ index: Int) -> Int? {
    var (isLate, isEarly, hasAction) = (true, traits(index)?.isSet ?? false, false)
    let (first, last) = (uses[source], uses[index])
    for between in (source + 1)..<index where instructions[between] != nil {
      let use = uses[between]
      hasAction = hasAction || actsOrTraps(between)
      isLate = isLate && use.writes.isDisjoint(with: first.reads)
      guard isEarly else { continue }
      last.reads.forEach { register in
        if !first.writes.contains(register), use.writes.contains(register) { isEarly = false }
      }
      isEarly =
        isEarly && use.writes.isDisjoint(with: last.writes)
        && use.reads.isDisjoint(with: last.writes)
    }
    if isLate, !hasAction || !actsOrTraps(source) { return index }
    return isEarly && (!hasAction || !actsOrTraps(index)) ? source : nil
  }

  // MARK: Neighbours that keep their effects

  /// Joins branches with what stands before them, then other neighbours.
  mutating func fuseNeighbours() {
    for block in flow.blocks {
      while fuseIntoBranch(block) {}
      var previous: Int?
      for index in block where instructions[index] != nil {
        if let first = previous, fusePair(first, index) {
          previous = nil
        } else {
          previous = index
        }
      }
    }
  }

  /// Joins the block's last instruction, a branch, with one of those before it.
  private mutating func fuseIntoBranch(_ block: Range<Int>) -> Bool {
    let last = block.upperBound - 1
    guard traits(last)?.endsWithBranch ?? false else { return false }
    var seen = 0
    for index in block.dropLast().reversed() where instructions[index] != nil {
      guard seen < Self.branchDistanceMax, !uses[index].isBarrier else { return false }
      seen += 1
      // Late, past what lies between, and without a trap that would come later.
      guard !actsOrTraps(index), isMovable(index, to: last) else { continue }
      if fusePair(index, last) { return true }
    }
    return false
  }

  /// Instructions that are looked at before a branch, at most.
  private static let branchDistanceMax = 4

  /// Whether nothing between `index` and `place` touches what `index` sets, or sets what it reads.
  private func isMovable(_ index: Int, to place: Int) -> Bool {
    ((index + 1)..<place).allSatisfy { between in
      instructions[between] == nil
        || (uses[between].writes.isDisjoint(with: uses[index].reads)
          && uses[between].writes.isDisjoint(with: uses[index].writes)
          && uses[between].reads.isDisjoint(with: uses[index].writes))
    }
  }

  /// Replaces two instructions by one that has the effects of both, in order.
  private mutating func fusePair(_ first: Int, _ second: Int) -> Bool {
    guard let one = instructions[first], let two = instructions[second],
      rules.mayJoin(one.operation, two.operation)
    else { return false }
    memory.ask(.pair, operand: 0)
    memory.add(one)
    memory.add(two)
    guard let joined = memory.answer({ FusedEffect.pair(one, two) }) else { return false }
    replace(second, by: joined, of: [first, second])
    remove(first)
    return true
  }
}
