// PatternMatch.swift — finds the operation that does what some effects say.
// Hosted. Imports NovaBytecode and OperationTable. Design: NovaCore.docc/Operations.md, "Fusing".

import NovaBytecode
import OperationTable

/// What a pattern's places hold so far.
struct PatternMatch {
  private(set) var values: [Place: UInt64] = [:]

  /// The instruction that does exactly `effects`; the shortest, and of these the first in number.
  static func instruction(for effects: [Effect]) -> Instruction? {
    var best: (instruction: Instruction, wordCount: Int)?
    for pattern in OperationPattern.byShape[effects.map(\.shape)] ?? [] {
      if let best, best.wordCount <= pattern.wordCount { continue }
      var match = PatternMatch()
      let fits = zip(pattern.effects, effects).allSatisfy { match.unify($0, $1) }
      guard fits, let instruction = match.instruction(pattern) else { continue }
      best = (instruction, pattern.wordCount)
    }
    return best?.instruction
  }

  /// The pattern's instruction with its operands; nil where one is too large for its field.
  private func instruction(_ pattern: OperationPattern) -> Instruction? {
    var instruction = Instruction(pattern.operation)
    let form = OperationForm.of(pattern.operation)
    for (operand, field) in zip(pattern.specification.operands, form.fields) {
      guard let value = values[operand.place], field.accepts(value) else { return nil }
      instruction.append(value)
    }
    return instruction
  }

  private mutating func bind(_ place: Place, _ value: UInt64) -> Bool {
    if let bound = values[place] { return bound == value }
    values[place] = value
    return true
  }

  private mutating func unify(_ pattern: Effect, _ effect: Effect) -> Bool {
    switch (pattern, effect) {
    case (.set(.place(let place), let wanted), .set(.value(let register), let tree)):
      return bind(place, register) && unify(wanted, tree)
    case (.store(let wanted, let to, let what), .store(let access, let address, let value)):
      return wanted == access && unify(to, address) && unify(what, value)
    case (.branch(.place(let place), let wanted), .branch(.value(let label), let condition)):
      guard bind(place, label) else { return false }
      guard let wanted, let condition else { return wanted == nil && condition == nil }
      return unify(wanted, condition)
    default: return false
    }
  }

  private mutating func unify(_ pattern: ExpressionTree, _ tree: ExpressionTree) -> Bool {
    switch (pattern, tree) {
    case (.place(let place, let wanted), .register(let register, let kind)):
      return wanted == kind && bind(place, register)
    case (.field(let place, let wanted, let signed), .number(let number, let kind)):
      guard wanted == kind, let value = Self.field(number, kind, place, signed: signed) else {
        return false
      }
      return bind(place, value)
    case (.number, .number), (.result, .result): return pattern == tree
    case (.node(let wanted, let places), .node(let operation, let operands)):
      guard places.count == operands.count else { return false }
      let before = self
      if wanted == operation {
        let fits = zip(places, operands).allSatisfy { unify($0, $1) }
        if fits { return true }
        self = before
      }
      guard operands.count == 2, wanted == operation.exchanged,
        operation.mayExchange
      else { return false }
      if unify(places[0], operands[1]) && unify(places[1], operands[0]) { return true }
      self = before
      return false
    default: return false
    }
  }

  /// How a field of `place` holds a number of `kind`; nil where it does not fit.
  private static func field(
    _ number: UInt64, _ kind: Kind, _ place: Place, signed: Bool
  ) -> UInt64? {
    let unused = UInt64(64 - place.bitCount)
    guard unused > 0 else { return number }
    if signed {
      let wide = kind == .i32 ? Int64(Int32(truncatingIfNeeded: number)) : Int64(bitPattern: number)
      guard (wide << Int64(unused)) >> Int64(unused) == wide else { return nil }
      return UInt64(bitPattern: wide)
    }
    return (number << unused) >> unused == number ? number : nil
  }
}

extension ExpressionOperator {
  /// Whether two operands may stand in either order, with the exchanged operator.
  var mayExchange: Bool {
    if case .compare(let comparison, _) = self { return comparison.canExchange }
    return exchanged != nil
  }
}
