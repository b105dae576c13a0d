// CodeOptimizer+Fuse.swift — replaces sequences by the operations that mean them.
// Hosted. Imports NovaBytecode. Design: NovaCore.docc/Operations.md, "Fusing".

import NovaBytecode

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
  func fuse(
    _ function: inout FunctionBuilder, _ signatures: CallSignatures, in pass: inout FusingPass
  ) {
    if fuses { pass.fuse(&function, signatures) }
  }

  /// Rounds of fusing at most: what an operation of this many others would need.
  static let fusingRoundCountMax = 4
}

/// Who touched each register last, on a walk through a block.
struct RegisterWalk: ~Copyable {
  /// By register: the position of the last instruction that wrote it, and that read it.
  var writers = FlatBuffer<Int32>()
  var readers = FlatBuffer<Int32>()
  /// The last instruction that nothing is moved past.
  var barrier = -1

  mutating func begin(registerCount: Int) {
    writers.fill(-1, count: registerCount)
    readers.fill(-1, count: registerCount)
  }

  @inline(__always) mutating func pass(_ index: Int, _ use: RegisterUse) {
    use.reads.forEach { readers[Int($0)] = Int32(index) }
    use.writes.forEach { writers[Int($0)] = Int32(index) }
    if use.isBarrier { barrier = index }
  }

  /// Forgets who touched the registers of `use`.
  @inline(__always) mutating func forget(_ use: RegisterUse) {
    use.reads.forEach { readers[Int($0)] = -1 }
    use.writes.forEach { writers[Int($0)] = -1 }
  }
}

/// The walks over a function; one for many functions, whose room it keeps.
struct FusingPass: ~Copyable {
  private var memory = FusingMemory()
  private var instructions: [Instruction] = []
  // By instruction: whether it was taken into another.
  private var isTaken = FlatBuffer<Bool>()
  private var uses = FlatBuffer<RegisterUse>()
  private var walk = RegisterWalk()
  // By instruction: which of the registers that it reads nobody reads behind it, or it sets
  // itself; a bit for each.
  private var dead = FlatBuffer<UInt8>()
  private var live = FlatBuffer<UInt64>()
  private var flow = FunctionFlow()
  private let rules = FusingRules.shared
  private let roles = OperandRoles.table

  init() {}

  /// As `CodeOptimizer.fuse`.
  fileprivate mutating func fuse(_ function: inout FunctionBuilder, _ signatures: CallSignatures) {
    // With one owner at a time they are changed in place.
    swap(&instructions, &function.instructions)
    if begin(function, signatures) {
      for number in 0..<flow.blockCount {
        let block = flow.block(number)
        var roundCount = 0
        while roundCount < CodeOptimizer.fusingRoundCountMax,
          fuseValues(number, block, isAgain: roundCount > 0)
        {
          roundCount += 1
        }
        fuseNeighbours(block)
      }
      leaveOutTaken(&function)
    }
    swap(&instructions, &function.instructions)
  }

  private mutating func begin(
    _ function: borrowing FunctionBuilder, _ signatures: CallSignatures
  ) -> Bool {
    let resultCount = function.signature.results.count
    uses.removeAll()
    for index in instructions.indices {
      uses.append(
        RegisterUse(
          instructions[index], roles[instructions[index].operation], resultCount: resultCount,
          signatures))
    }
    guard flow.read(instructions, function, uses, roles) else { return false }
    isTaken.fill(false, count: instructions.count)
    dead.fill(0, count: instructions.count)
    walk.begin(registerCount: flow.registerCount)
    return true
  }

  /// Moves what is left together; labels stay before what they stood before.
  private mutating func leaveOutTaken(_ function: inout FunctionBuilder) {
    var places = FlatBuffer<Int32>()
    var count = 0
    for index in instructions.indices {
      places.append(Int32(count))
      guard !isTaken[index] else { continue }
      if count != index { instructions[count] = instructions[index] }
      count += 1
    }
    guard count < instructions.count else { return }
    places.append(Int32(count))
    instructions.removeLast(instructions.count - count)
    for label in function.labelPositions.indices {
      if let position = function.labelPositions[label] {
        function.labelPositions[label] = Int(places[position])
      }
    }
  }

  @inline(__always) private func traits(_ index: Int) -> FusingRules.Traits {
    rules.traits(of: instructions[index].operation)
  }

  /// Whether an instruction does more than set registers, or can trap.
  @inline(__always) private func actsOrTraps(_ index: Int) -> Bool {
    !isTaken[index] && traits(index).actsOrTraps
  }

  /// Puts `instruction`, which does what those of `parts` did, at `index`; it comes from where that
  /// part comes from that acts or can trap.
  private mutating func replace(_ index: Int, by instruction: Instruction, of parts: [Int]) {
    var instruction = instruction
    let origin = parts.first { actsOrTraps($0) }
    instruction.place =
      origin.flatMap { instructions[$0].place } ?? instructions[index].place
    instruction.textLine = instructions[index].textLine
    instructions[index] = instruction
    uses[index] = RegisterUse(instruction, roles[instruction.operation])
  }

  private mutating func remove(_ index: Int) {
    isTaken[index] = true
    uses[index] = RegisterUse()
  }

  // MARK: An instruction into its only reader

  /// Joins what can be joined in a block, once.
  ///
  /// - Returns: whether anything changed.
  private mutating func fuseValues(_ number: Int, _ block: Range<Int>, isAgain: Bool) -> Bool {
    var isChanged = false
    flow.copyLiveRegisters(behind: number, to: &live)
    walk.barrier = -1
    for index in block.reversed() {
      // What stands behind touched nothing yet.
      if isAgain { walk.forget(uses[index]) }
      noteDeadReads(index)
    }
    for index in block where !isTaken[index] {
      if traits(index).effectCount == 1 {
        while fuseValue(into: index, block) { isChanged = true }
      }
      walk.pass(index, uses[index])
    }
    return isChanged
  }

  /// Steps over the instruction at `index`, from the block's end on.
  @inline(__always) private mutating func noteDeadReads(_ index: Int) {
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

  /// Takes one or two of the instructions that make what `index` reads into it.
  private mutating func fuseValue(into index: Int, _ block: Range<Int>) -> Bool {
    let operation = instructions[index].operation
    guard !isTaken[index], dead[index] != 0, traits(index).effectCount == 1 else { return false }
    let roles = roles[operation]
    var read = 0
    for operand in 0..<roles.count where roles.reads >> UInt8(operand) & 1 != 0 {
      defer { read += 1 }
      let register = uses[index].reads[read]
      guard dead[index] >> UInt8(read) & 1 != 0,
        let place = producer(of: register, before: index, block),
        rules.mayTake(instructions[place].operation, operation, operand: operand)
      else { continue }
      let (source, reader) = (instructions[place], instructions[index])
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
    let operation = instructions[place].operation
    let roles = roles[operation]
    var read = 0
    for position in 0..<roles.count where roles.reads >> UInt8(position) & 1 != 0 {
      defer { read += 1 }
      let register = uses[place].reads[read]
      let isDead =
        dead[place] >> UInt8(read) & 1 != 0 && !uses[index].reads.contains(register)
        || uses[index].writes.contains(register)
      let first = Int(walk.writers[Int(register)])
      guard isDead, first < place, isProducer(first, before: index, block),
        rules.mayTake(instructions[first].operation, operation, operand: position)
      else { continue }
      let (other, source, reader) = (instructions[first], instructions[place], instructions[index])
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
    for index in range where uses[index].reads.contains(register) { return true }
    return false
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
      let use = uses[place]
      use.reads.forEach { walk.readers[Int($0)] = max(walk.readers[Int($0)], Int32(place)) }
      use.writes.forEach { walk.writers[Int($0)] = max(walk.writers[Int($0)], Int32(place)) }
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
      var reader = place - 1
      while reader >= end, !uses[reader].reads.contains(register) { reader -= 1 }
      walk.readers[Int(register)] = Int32(reader)
    }
    if walk.writers[Int(register)] == place {
      var writer = place - 1
      while writer >= end, !uses[writer].writes.contains(register) { writer -= 1 }
      walk.writers[Int(register)] = Int32(writer)
    }
  }

  /// Instructions that are looked at for the one that makes a value, at most.
  private static let producerDistanceMax = 256

  /// The instruction of the block that gives `register` its value for `index` alone.
  @inline(__always) private func producer(
    of register: Int32, before index: Int, _ block: Range<Int>
  ) -> Int? {
    let place = Int(walk.writers[Int(register)])
    guard isProducer(place, before: index, block), walk.readers[Int(register)] <= place else {
      return nil
    }
    return place
  }

  private func isProducer(_ place: Int, before index: Int, _ block: Range<Int>) -> Bool {
    place >= max(block.lowerBound, index - Self.producerDistanceMax) && place > walk.barrier
      && !isTaken[place] && traits(place).effectCount == 1
  }

  /// Where what `source` and `index` do can be done at once.
  ///
  /// Late, unless what lies between changes what `source` reads; else early, unless it concerns
  /// what `index` reads or writes. Nothing that acts or can trap changes places with another such
  /// thing.
  private func meetingPlace(_ source: Int, _ index: Int) -> Int? {
    var (isLate, isEarly, hasAction) = (true, traits(index).isSet, false)
    let (first, last) = (uses[source], uses[index])
    for between in (source + 1)..<index where !isTaken[between] {
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

  /// Joins a block's branch with what stands before it, then other neighbours.
  private mutating func fuseNeighbours(_ block: Range<Int>) {
    while fuseIntoBranch(block) {}
    var previous: Int?
    for index in block where !isTaken[index] {
      if let first = previous, fusePair(first, index) {
        previous = nil
      } else {
        previous = index
      }
    }
  }

  /// Joins the block's last instruction, a branch, with one of those before it.
  private mutating func fuseIntoBranch(_ block: Range<Int>) -> Bool {
    let last = block.upperBound - 1
    guard !isTaken[last], traits(last).endsWithBranch else { return false }
    var seen = 0
    var index = last
    while index > block.lowerBound {
      index -= 1
      if isTaken[index] { continue }
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
    for between in (index + 1)..<place where !isTaken[between] {
      guard uses[between].writes.isDisjoint(with: uses[index].reads),
        uses[between].writes.isDisjoint(with: uses[index].writes),
        uses[between].reads.isDisjoint(with: uses[index].writes)
      else { return false }
    }
    return true
  }

  /// Replaces two instructions by one that has the effects of both, in order.
  private mutating func fusePair(_ first: Int, _ second: Int) -> Bool {
    guard rules.mayJoin(instructions[first].operation, instructions[second].operation) else {
      return false
    }
    let (one, two) = (instructions[first], instructions[second])
    memory.ask(.pair, operand: 0)
    memory.add(one)
    memory.add(two)
    guard let joined = memory.answer({ FusedEffect.pair(one, two) }) else { return false }
    replace(second, by: joined, of: [first, second])
    remove(first)
    return true
  }
}
