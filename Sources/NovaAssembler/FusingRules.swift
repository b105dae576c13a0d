// FusingRules.swift — what decides at once that two operations cannot be joined.
// Hosted. Imports NovaBytecode and OperationTable. Design: NovaCore.docc/Operations.md, "Fusing".

import NovaBytecode
import OperationTable

/// A node of an operation's trees, or what stands above the topmost: exchanged comparisons are one.
private enum TreeNode: Hashable {
  case register, number
  case operation(ExpressionOperator)
  case setValue
  case storeAddress(Access)
  case storeValue(Access)
  case condition

  init(_ tree: ExpressionTree) {
    switch tree {
    case .register, .place, .result: self = .register
    case .number, .field: self = .number
    case .node(.compare(let comparison, let kind), _):
      self = .operation(.compare(comparison.isGreater ? comparison.exchanged : comparison, kind))
    case .node(let operation, _): self = .operation(operation)
    }
  }
}

extension Comparison {
  fileprivate var isGreater: Bool {
    switch self {
    case .greaterSigned, .greaterUnsigned, .greaterOrEqualSigned, .greaterOrEqualUnsigned: true
    default: false
    }
  }
}

/// Two nodes, one the other's operand, as patterns have them.
private struct TreeEdge: Hashable {
  let parent: TreeNode
  let child: TreeNode
}

/// What two operations must have so that a third may mean both; saying yes promises nothing.
///
/// Made from the patterns themselves: the operator that takes a value, and the one that made it,
/// stand so in some pattern.
struct FusingRules {
  /// What one operation has.
  struct Traits {
    /// Steps that effects say; 0 where they do not.
    var effectCount: Int8 = 0
    /// Whether the only step sets a register.
    var isSet = false
    var actsOrTraps = true
    var endsWithBranch = false
    /// Number of the node that makes the value; of 32 or 64 bits, integer or float.
    fileprivate var root: Int16 = 0
    fileprivate var kind: Kind?
    fileprivate var addsNumber = false
    /// By operand: number of the node that takes the register, and what of it; 0 for none.
    fileprivate var parents = InlineArray<6, Int16>(repeating: 0)
    fileprivate var kinds = InlineArray<6, Kind?>(repeating: nil)
    /// Which steps, for neighbours.
    fileprivate var second: Int16 = 0
  }

  static let shared = FusingRules()

  private var traits = [Traits](repeating: Traits(), count: Operation.numberCount)
  private var nodes: [TreeNode: Int16] = [:]
  private var nodeCount = 0
  private var edges: Set<TreeEdge> = []
  // By number of the parent and number of the child.
  private var isEdge: [Bool] = []
  private var neighbours: [Bool] = []
  private var secondCount = 0

  /// What `operation` has.
  @inline(__always) func traits(of operation: Operation) -> Traits {
    traits[Int(operation.base.rawValue)]
  }

  /// Whether the value that `source` makes may be taken in where `operand` of `reader` is.
  @inline(__always) func mayTake(_ source: Operation, _ reader: Operation, operand: Int) -> Bool {
    let from = traits(of: source)
    let to = traits(of: reader)
    let parent = to.parents[operand]
    guard parent > 0, from.root > 0, let kind = from.kind, let wanted = to.kinds[operand] else {
      return false
    }
    // A copy, and a sum of sums, vanish.
    if from.root == Self.registerNumber || (from.addsNumber && parent == from.root) { return true }
    if kind == wanted { return isEdge[Int(parent) * nodeCount + Int(from.root)] }
    return !kind.isFloat && !wanted.isFloat
  }

  /// Whether `first` and `second`, neighbours, may be one operation.
  @inline(__always) func mayJoin(_ first: Operation, _ second: Operation) -> Bool {
    let one = traits[Int(first.base.rawValue)]
    let two = traits[Int(second.base.rawValue)]
    return one.isSet && two.second > 0 && neighbours[Int(one.root) * secondCount + Int(two.second)]
  }

  private static let registerNumber: Int16 = 1
  init() {
    nodes = [.register: Self.registerNumber]
    var patterns: [OperationPattern] = []
    for specification in OperationTable.operations {
      guard let pattern = OperationPattern(specification) else { continue }
      patterns.append(pattern)
      for effect in pattern.effects { collect(effect) }
    }
    // 0 is no node's number.
    for edge in edges {
      for node in [edge.parent, edge.child] where nodes[node] == nil {
        nodes[node] = Int16(nodes.count + 1)
      }
    }
    nodeCount = nodes.count
    let count = nodeCount + 1
    isEdge = [Bool](repeating: false, count: count * count)
    var seconds: [[Int]: Int16] = [:]
    for pattern in patterns { note(pattern, &seconds) }
    secondCount = seconds.count + 1
    neighbours = [Bool](repeating: false, count: count * secondCount)
    for edge in edges {
      isEdge[Int(number(edge.parent)) * nodeCount + Int(number(edge.child))] = true
    }
    for pattern in patterns where pattern.effects.count > 1 {
      guard case .set(_, let value) = pattern.effects[0],
        let second = seconds[steps(Array(pattern.effects.dropFirst()))]
      else { continue }
      neighbours[Int(number(TreeNode(value))) * secondCount + Int(second)] = true
    }
  }

  private func number(_ node: TreeNode) -> Int16 { nodes[node] ?? 0 }

  private mutating func collect(_ effect: Effect) {
    for (parent, tree) in Self.roots(effect) { collect(tree, below: parent) }
  }

  private static func roots(_ effect: Effect) -> [(TreeNode, ExpressionTree)] {
    switch effect {
    case .set(_, let value): [(.setValue, value)]
    case .store(let access, let address, let value):
      [(.storeAddress(access), address), (.storeValue(access), value)]
    case .branch(_, let condition): condition.map { [(.condition, $0)] } ?? []
    }
  }

  private mutating func collect(_ tree: ExpressionTree, below parent: TreeNode) {
    let node = TreeNode(tree)
    edges.insert(TreeEdge(parent: parent, child: node))
    guard case .node(_, let operands) = tree else { return }
    for operand in operands { collect(operand, below: node) }
  }

  private mutating func note(_ pattern: OperationPattern, _ seconds: inout [[Int]: Int16]) {
    var found = Traits()
    found.effectCount = Int8(pattern.effects.count)
    found.actsOrTraps = pattern.effects.contains(where: \.actsOrTraps)
    if case .branch? = pattern.effects.last { found.endsWithBranch = true }
    let steps = steps(pattern.effects)
    found.second = seconds[steps] ?? Int16(seconds.count + 1)
    seconds[steps] = found.second
    if pattern.effects.count == 1 {
      if case .set(_, let value) = pattern.effects[0] {
        found.isSet = true
        found.root = number(TreeNode(value))
        found.kind = value.kind
        if case .node(.binary(.add, _), let operands) = value, case .field = operands[1] {
          found.addsNumber = true
        }
      }
      for (parent, tree) in Self.roots(pattern.effects[0]) {
        note(tree, below: parent, of: pattern, &found)
      }
    }
    traits[Int(pattern.operation.rawValue)] = found
  }

  private func note(
    _ tree: ExpressionTree, below parent: TreeNode, of pattern: OperationPattern,
    _ found: inout Traits
  ) {
    switch tree {
    case .place(let place, let kind):
      guard let operand = pattern.specification.operands.firstIndex(where: { $0.place == place })
      else { return }
      // What reads a register twice takes nothing in.
      found.parents[operand] = found.parents[operand] == 0 ? number(parent) : -1
      found.kinds[operand] = kind
    case .node(_, let operands):
      for operand in operands { note(operand, below: TreeNode(tree), of: pattern, &found) }
    default: break
    }
  }

  /// The kinds of steps and what makes their values, as numbers.
  private func steps(_ effects: [Effect]) -> [Int] {
    effects.flatMap { effect in
      let kind =
        switch effect {
        case .set: -1
        case .store: -2
        case .branch: -3
        }
      return [kind]
        + Self.roots(effect).flatMap { [Int(number($0.0)), Int(number(TreeNode($0.1)))] }
    }
  }
}

extension FusingRules {
  /// How many steps an operation can have that follows another in one.
  static let effectCountMax = OperationPattern.effectCountMax
}
