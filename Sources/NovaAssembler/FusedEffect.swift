// FusedEffect.swift — what instructions do together, and the instruction that does it.
// Hosted. Imports NovaBytecode and OperationTable. Design: NovaCore.docc/Operations.md, "Fusing".

import NovaBytecode
import OperationTable

/// An instruction's only effect, with what makes its values taken in.
struct FusedEffect {
  /// Nil where there is no such effect.
  private var effect: Effect?

  init(_ instruction: Instruction) {
    let effects = Self.effects(of: instruction)
    effect = effects?.count == 1 ? effects?[0] : nil
  }

  /// The same with what `source` sets `register` to in the register's place, where it is read once.
  func taking(_ source: Instruction, for register: UInt64) -> FusedEffect {
    var taken = self
    taken.effect = nil
    guard let effect, effect.count(of: register) == 1,
      let sources = Self.effects(of: source), sources.count == 1,
      case .set(_, let value) = sources[0], let kind = value.kind
    else { return taken }
    taken.effect = effect.map { $0.replacing(register, with: value, kind: kind) }
    return taken
  }

  /// The instruction that does exactly this.
  var instruction: Instruction? {
    guard let effect else { return nil }
    let simple = effect.simplified
    if let instruction = PatternMatch.instruction(for: [simple]) { return instruction }
    return simple == effect ? nil : PatternMatch.instruction(for: [effect])
  }

  /// What an instruction does; nil where effects do not say it.
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

  /// The instruction that has the effects of both, in order.
  static func pair(_ first: Instruction, _ second: Instruction) -> Instruction? {
    guard let one = effects(of: first), one.count == 1,
      case .set(.value(let register), let value) = one[0], let kind = value.kind,
      let two = effects(of: second), two.count < OperationPattern.effectCountMax
    else { return nil }
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
      guard rest.count == two.count, !setsAgain else { continue }
      if let instruction = PatternMatch.instruction(for: one + rest) { return instruction }
    }
    return nil
  }
}
