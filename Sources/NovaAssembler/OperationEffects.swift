// OperationEffects.swift — what an instruction does, as steps over expression trees.
// Hosted. Imports NovaBytecode and OperationTable. Design: NovaCore.docc/Operations.md, "Fusing".

import NovaBytecode
import OperationTable

/// One step: a register set, a store, or a branch.
///
/// Registers, numbers and labels are values in an
/// instruction, and places in a pattern.
enum Effect: Hashable {
  case set(Slot, ExpressionTree)
  case store(Access, address: ExpressionTree, value: ExpressionTree)
  /// Always, when there is no condition.
  case branch(Slot, ExpressionTree?)

  /// A register or label, or the place that a pattern has for one.
  enum Slot: Hashable {
    case value(UInt64)
    case place(Place)
  }

  var trees: [ExpressionTree] {
    switch self {
    case .set(_, let tree): [tree]
    case .store(_, let address, let value): [address, value]
    case .branch(_, let condition): condition.map { [$0] } ?? []
    }
  }

  var shape: Int {
    var hasher = Hasher()
    switch self {
    case .set: hasher.combine(0)
    case .store(let access, _, _): hasher.combine(access)
    case .branch: hasher.combine(1)
    }
    hasher.combine(trees.map(\.shape))
    return hasher.finalize()
  }

  /// The effect with every tree replaced; nil where one cannot be.
  func map(_ transform: (ExpressionTree) -> ExpressionTree?) -> Effect? {
    switch self {
    case .set(let slot, let tree):
      guard let tree = transform(tree) else { return nil }
      return .set(slot, tree)
    case .store(let access, let address, let value):
      guard let address = transform(address), let value = transform(value) else { return nil }
      return .store(access, address: address, value: value)
    case .branch(let slot, let condition):
      guard let condition else { return self }
      guard let condition = transform(condition) else { return nil }
      return .branch(slot, condition)
    }
  }

  var simplified: Effect { map(\.simplified) ?? self }

  /// Whether it can trap or do more than set a register.
  var actsOrTraps: Bool {
    if case .set(_, let tree) = self { return tree.canTrap }
    return true
  }

  func count(of register: UInt64) -> Int { trees.reduce(0) { $0 + $1.count(of: register) } }

  /// The effect of a statement; nil where it is another kind of one.
  init?(
    _ statement: Statement, bound: [String: ExpressionTree], fill: ((Place) -> UInt64)?
  ) {
    func slot(_ place: Place) -> Slot { fill.map { .value($0(place)) } ?? .place(place) }
    func tree(_ expression: Expression) -> ExpressionTree? {
      ExpressionTree(expression, bound: bound, fill: fill)
    }
    switch statement {
    case .set(let place, let value):
      guard let value = tree(value) else { return nil }
      self = .set(slot(place), value)
    case .store(let access, let address, nil, let value):
      guard let address = tree(address), let value = tree(value) else { return nil }
      self = .store(access, address: address, value: value)
    case .branch(let place, let condition):
      guard let condition else {
        self = .branch(slot(place), nil)
        return
      }
      guard let condition = tree(condition) else { return nil }
      self = .branch(slot(place), condition)
    default: return nil
    }
  }
}

/// A base operation whose meaning effects say.
struct OperationPattern {
  let operation: Operation
  let specification: OperationSpecification
  let effects: [Effect]
  let wordCount: Int

  init?(_ specification: OperationSpecification) {
    let operation = Operation(rawValue: UInt16(specification.number))
    guard operation.isValid,
      let effects = Self.effects(of: specification, fill: nil), !effects.isEmpty
    else { return nil }
    self.operation = operation
    self.specification = specification
    self.effects = effects
    wordCount = specification.wordCount
  }

  /// What an operation does: nil where effects do not say it.
  static func effects(
    of specification: OperationSpecification, fill: ((Place) -> UInt64)?
  ) -> [Effect]? {
    var bound: [String: ExpressionTree] = [:]
    var effects: [Effect] = []
    for statement in specification.body {
      if case .bind(let name, let value) = statement {
        guard let tree = ExpressionTree(value, bound: bound, fill: fill) else { return nil }
        bound[name] = tree
        continue
      }
      guard let effect = Effect(statement, bound: bound, fill: fill) else { return nil }
      effects.append(effect)
    }
    // What follows the step that sets a register to what was named speaks of it as the result.
    for index in effects.indices {
      guard case .set(_, let value) = effects[index], let kind = value.kind,
        bound.values.contains(value)
      else { continue }
      for next in effects.indices where next > index {
        guard let named = effects[next].map({ $0.naming(value, .result(kind)) }) else {
          return nil
        }
        effects[next] = named
      }
    }
    return effects
  }

  /// The most effects that one operation has.
  static let effectCountMax = byShape.keys.map(\.count).max() ?? 0

  /// All of them by the shapes of their effects.
  static let byShape: [[Int]: [OperationPattern]] = Dictionary(
    grouping: OperationTable.operations.compactMap(OperationPattern.init),
    by: { $0.effects.map(\.shape) })

  /// Specifications by number.
  static let specifications: [Int: OperationSpecification] = Dictionary(
    uniqueKeysWithValues: OperationTable.operations.map { ($0.number, $0) })
}

extension ExpressionTree {
  /// The kind of the value.
  var kind: Kind? {
    switch self {
    case .register(_, let kind), .number(_, let kind), .place(_, let kind), .field(_, let kind, _),
      .result(let kind):
      kind
    case .node(let operation, _):
      switch operation {
      case .unary(_, let kind), .binary(_, let kind), .choose(let kind): kind
      case .compare: .i32
      case .convert(_, _, let kind): kind
      case .load(let access): access.kind
      }
    }
  }

  /// The tree with every `part` replaced.
  func naming(_ part: ExpressionTree, _ name: ExpressionTree) -> ExpressionTree {
    if self == part { return name }
    guard case .node(let operation, let operands) = self else { return self }
    return .node(operation, operands.map { $0.naming(part, name) })
  }
}
