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

  private mutating func replace(_ index: Int, by instruction: Instruction) {
    var instruction = instruction
    instruction.place = instructions[index]?.place
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

  /// Takes one of the instructions that make what `index` reads into it.
  private mutating func fuseValue(
    into index: Int, _ block: Range<Int>, _ live: RegisterBits
  ) -> Bool {
    guard let effect = effects[index]?.first else { return false }
    for register in uses[index].reads {
      let isDead = !live[register] || uses[index].writes.contains(register)
      guard isDead, effect.count(of: register) == 1,
        let source = producer(of: register, before: index, block),
        case .set(_, let value)? = effects[source]?.first, let kind = value.kind,
        let combined = effect.map({ $0.replacing(register, with: value, kind: kind) }),
        let place = meetingPlace(source, index),
        let instruction = Self.encoding(combined)
      else { continue }
      replace(place, by: instruction)
      remove(place == index ? source : index)
      return true
    }
    return false
  }

  private static func encoding(_ effect: Effect) -> Instruction? {
    let simple = effect.simplified
    if let instruction = PatternMatch.instruction(for: [simple]) { return instruction }
    return simple == effect ? nil : PatternMatch.instruction(for: [effect])
  }

  /// The instruction of the block that gives `register` its value for `index` alone.
  private func producer(of register: UInt64, before index: Int, _ block: Range<Int>) -> Int? {
    var position = index - 1
    while position >= block.lowerBound {
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

  // MARK: Two neighbours

  /// - Returns: whether anything changed.
  mutating func fuseNeighbours() -> Bool {
    var isChanged = false
    for block in blocks {
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

  private mutating func fusePair(_ first: Int, _ second: Int) -> Bool {
    guard let one = effects[first], one.count == 1,
      case .set(.value(let register), let value) = one[0],
      let two = effects[second], two.count == 1, let kind = value.kind
    else { return false }
    var candidates: [[Effect]] = []
    if let named = two[0].map({ $0.replacing(register, with: .result(kind), kind: kind) }) {
      candidates.append([one[0], named])
      // A copy's source says the same as the copy.
      if case .register = value, two[0].count(of: register) > 0,
        let source = two[0].map({ $0.replacing(register, with: value, kind: kind) })
      {
        candidates.append([one[0], source])
      }
    }
    for candidate in candidates {
      // What the second step reads by its register must not be what the first one sets.
      guard candidate[1].count(of: register) == 0,
        let instruction = PatternMatch.instruction(for: candidate)
      else { continue }
      if case .set(.value(register), _) = candidate[1] { continue }
      replace(second, by: instruction)
      remove(first)
      return true
    }
    return false
  }
}
