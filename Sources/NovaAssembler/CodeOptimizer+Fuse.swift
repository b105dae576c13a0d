// CodeOptimizer+Fuse.swift — replaces sequences by the operations that mean them.
// Hosted. Imports NovaBytecode and OperationTable. Design: NovaCore.docc/Operations.md, "Fusing".

import NovaBytecode
import OperationTable

extension CodeOptimizer {
  /// Replaces instructions by fewer that do the same, as long as any can be.
  ///
  /// The rules are the operation table's own trees: an instruction's tree is put in the place of
  /// the register that another reads, where nobody else reads it, and the operation that has the
  /// resulting tree is looked up; the same for two neighbours that both have an effect.
  ///
  /// - Complexity: O(instructions) for each of at most `fusingRoundCountMax` rounds.
  func fuse(_ function: inout FunctionBuilder, _ signatures: CallSignatures) {
    guard fuses else { return }
    for _ in 0..<Self.fusingRoundCountMax {
      var pass = FusingPass(function, signatures)
      guard pass.fuseValues() else { break }
      function.replaceInstructions(pass.instructions)
    }
    var pass = FusingPass(function, signatures)
    if pass.fuseNeighbours() { function.replaceInstructions(pass.instructions) }
  }

  /// Rounds of fusing at most: what an operation of this many others would need.
  static let fusingRoundCountMax = 4
}

/// One walk over a function.
private struct FusingPass {
  /// Nil where an instruction was taken into another.
  var instructions: [Instruction?]
  private var effects: [[Effect]?]
  private var uses: [RegisterUse]
  private let blocks: [Range<Int>]
  private let liveOut: [RegisterBits]

  init(_ function: FunctionBuilder, _ signatures: CallSignatures) {
    instructions = function.instructions
    effects = function.instructions.map(Self.effects)
    uses = function.instructions.map { RegisterUse($0, function, signatures) }
    let flow = FunctionFlow(function, uses)
    blocks = flow.blocks
    liveOut = flow.liveOut
  }

  private static func effects(of instruction: Instruction) -> [Effect]? {
    let number = Int(instruction.operation.base.rawValue)
    guard let specification = OperationPattern.specifications[number] else { return nil }
    var values: [Place: UInt64] = [:]
    for (index, operand) in specification.operands.enumerated() {
      values[operand.place] = instruction.operands[index]
    }
    let effects = OperationPattern.effects(of: specification) { values[$0] ?? 0 }
    return effects.flatMap { $0.isEmpty ? nil : $0.map(\.simplified) }
  }

  /// Puts `instruction`, which does what those of `parts` did, at `index`; it comes from where that
  /// part comes from that acts or can trap.
  private mutating func replace(_ index: Int, by instruction: Instruction, of parts: [Int]) {
    var instruction = instruction
    let origin = parts.first { effects[$0]?.contains(where: \.actsOrTraps) ?? false }
    instruction.place =
      origin.flatMap { instructions[$0]?.place } ?? instructions[index]?.place
    instruction.textLine = instructions[index]?.textLine ?? 0
    instructions[index] = instruction
    effects[index] = Self.effects(of: instruction)
    uses[index] = RegisterUse(instruction)
  }

  private mutating func remove(_ index: Int) {
    instructions[index] = nil
    effects[index] = nil
    uses[index] = RegisterUse()
  }

  // MARK: An instruction into its only reader

  /// - Returns: whether anything changed.
  mutating func fuseValues() -> Bool {
    var isChanged = false
    for (number, block) in blocks.enumerated() {
      var liveBehind = [RegisterBits](repeating: RegisterBits(), count: block.count)
      var live = liveOut[number]
      for index in block.reversed() {
        liveBehind[index - block.lowerBound] = live
        uses[index].step(&live)
      }
      for index in block where effects[index]?.count == 1 {
        while fuseValue(into: index, block, liveBehind[index - block.lowerBound]) {
          isChanged = true
        }
      }
    }
    return isChanged
  }

  /// Takes one or two of the instructions that make what `index` reads into it.
  private mutating func fuseValue(
    into index: Int, _ block: Range<Int>, _ live: RegisterBits
  ) -> Bool {
    guard let effect = effects[index]?.first else { return false }
    for register in uses[index].reads {
      guard let source = producer(of: register, before: index, block),
        let combined = taking(source, for: register, into: effect, at: index, live),
        let place = meetingPlace(source, index)
      else { continue }
      if let instruction = Self.encoding(combined) {
        replace(place, by: instruction, of: [source, index])
        remove(place == index ? source : index)
        return true
      }
      if place == index, fuseSecond(combined, source, index, block, live) { return true }
    }
    return false
  }

  /// `effect`, which is at `index`, with what `source` sets `register` to; nil where another reads
  /// it as well.
  private func taking(
    _ source: Int, for register: UInt64, into effect: Effect, at index: Int, _ live: RegisterBits
  ) -> Effect? {
    guard !live[register] || uses[index].writes.contains(register),
      effect.count(of: register) == 1, case .set(_, let value)? = effects[source]?.first,
      let kind = value.kind
    else { return nil }
    return effect.map { $0.replacing(register, with: value, kind: kind) }
  }

  /// Takes an instruction that makes what `source` reads as well: `combined` is what `source` and
  /// `index` do, for which alone there is no operation.
  private mutating func fuseSecond(
    _ combined: Effect, _ source: Int, _ index: Int, _ block: Range<Int>, _ live: RegisterBits
  ) -> Bool {
    for register in uses[source].reads {
      let isTouched = ((source + 1)..<index).contains {
        uses[$0].reads.contains(register) || uses[$0].writes.contains(register)
      }
      guard !isTouched, let second = producer(of: register, before: source, block),
        let all = taking(second, for: register, into: combined, at: index, live),
        meetingPlace(second, index) == index, let instruction = Self.encoding(all)
      else { continue }
      replace(index, by: instruction, of: [second, source, index])
      remove(source)
      remove(second)
      return true
    }
    return false
  }

  private static func encoding(_ effect: Effect) -> Instruction? {
    let simple = effect.simplified
    if let instruction = PatternMatch.instruction(for: [simple]) { return instruction }
    return simple == effect ? nil : PatternMatch.instruction(for: [effect])
  }

  /// Instructions that are looked at for the one that makes a value, at most.
  private static let producerDistanceMax = 256

  /// The instruction of the block that gives `register` its value for `index` alone.
  private func producer(of register: UInt64, before index: Int, _ block: Range<Int>) -> Int? {
    var position = index - 1
    while position >= max(block.lowerBound, index - Self.producerDistanceMax) {
      defer { position -= 1 }
      guard instructions[position] != nil else { continue }
      let use = uses[position]
      if use.writes.contains(register) {
        return effects[position]?.count == 1 ? position : nil
      }
      guard !use.reads.contains(register), !use.isBarrier else { return nil }
    }
    return nil
  }

  /// Where what `source` and `index` do can be done at once.
  ///
  /// Late, unless what lies between changes
  /// what `source` reads; else early, unless it concerns what `index` reads or writes. Nothing that
  /// acts or can trap changes places with another such thing.
  private func meetingPlace(_ source: Int, _ index: Int) -> Int? {
    var (read, written) = (Set<UInt64>(), Set<UInt64>())
    var hasAction = false
    for between in (source + 1)..<index where instructions[between] != nil {
      read.formUnion(uses[between].reads)
      written.formUnion(uses[between].writes)
      hasAction = hasAction || effects[between].map { $0.contains(where: \.actsOrTraps) } ?? true
    }
    func isFree(_ position: Int) -> Bool {
      !hasAction || effects[position]?.contains(where: \.actsOrTraps) == false
    }
    if isFree(source), written.isDisjoint(with: uses[source].reads) { return index }
    let others = uses[index].reads.filter { !uses[source].writes.contains($0) }
    let isEarly =
      isFree(index) && written.isDisjoint(with: others)
      && written.isDisjoint(with: uses[index].writes) && read.isDisjoint(with: uses[index].writes)
    if case .set? = effects[index]?.first { return isEarly ? source : nil }
    return nil
  }

  // MARK: Neighbours that keep their effects

  /// Joins branches with what stands before them, then other neighbours.
  ///
  /// - Returns: whether anything changed.
  mutating func fuseNeighbours() -> Bool {
    var isChanged = false
    for block in blocks {
      while fuseIntoBranch(block) { isChanged = true }
      var previous: Int?
      for index in block where instructions[index] != nil {
        if let first = previous, fusePair(first, index) {
          isChanged = true
          previous = nil
        } else {
          previous = index
        }
      }
    }
    return isChanged
  }

  /// Joins the block's last instruction, a branch, with one of those before it.
  private mutating func fuseIntoBranch(_ block: Range<Int>) -> Bool {
    let last = block.upperBound - 1
    guard case .branch? = effects[last]?.last else { return false }
    var seen = 0
    for index in block.dropLast().reversed() where instructions[index] != nil {
      guard seen < Self.branchDistanceMax, !uses[index].isBarrier else { return false }
      seen += 1
      // Late, past what lies between, and without a trap that would come later.
      guard effects[index]?.contains(where: \.actsOrTraps) == false, isMovable(index, to: last)
      else { continue }
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
        || uses[between].writes.allSatisfy {
          !uses[index].reads.contains($0) && !uses[index].writes.contains($0)
        } && !uses[between].reads.contains(where: uses[index].writes.contains)
    }
  }

  /// Replaces two instructions by one that has the effects of both, in order.
  private mutating func fusePair(_ first: Int, _ second: Int) -> Bool {
    guard let one = effects[first], one.count == 1,
      case .set(.value(let register), let value) = one[0], let kind = value.kind,
      let two = effects[second], two.count < OperationPattern.effectCountMax
    else { return false }
    // What the second does with the first one's result, or with the source of a copy.
    var replacements = [ExpressionTree.result(kind)]
    if case .register = value { replacements.insert(value, at: 0) }
    for replacement in replacements {
      // Of two effects the second may already speak of a result, which is another one.
      if case .result = replacement, two.count > 1,
        two.contains(where: { $0.count(of: register) > 0 })
      {
        continue
      }
      let rest = two.compactMap { effect in
        effect.map { $0.replacing(register, with: replacement, kind: kind) }
      }
      let setsAgain = rest.contains {
        if case .set(.value(register), _) = $0 { true } else { false }
      }
      guard rest.count == two.count, !setsAgain,
        let instruction = PatternMatch.instruction(for: one + rest)
      else { continue }
      replace(second, by: instruction, of: [first, second])
      remove(first)
      return true
    }
    return false
  }
}
