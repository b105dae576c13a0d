// ExpressionTree.swift — what an instruction computes, with its registers and numbers filled in.
// Hosted. Imports OperationTable. Design: NovaCore.docc/Operations.md, "Fusing".

import OperationTable

/// An operator of `OperationTable.Expression`, its operands left out.
enum ExpressionOperator: Hashable {
  case unary(UnaryOperator, Kind)
  case binary(BinaryOperator, Kind)
  case compare(Comparison, Kind)
  case convert(Conversion, Kind, Kind)
  case load(Access)
  case choose(Kind)

  /// The operator that means the same with its two operands exchanged.
  var exchanged: ExpressionOperator? {
    switch self {
    case .binary(let operation, _): operation.isCommutative ? self : nil
    case .compare(let comparison, let kind): .compare(comparison.exchanged, kind)
    default: nil
    }
  }

  /// Whether computing it can trap.
  var canTrap: Bool {
    switch self {
    case .load: true
    case .binary(let operation, _):
      switch operation {
      case .divideSigned, .divideUnsigned, .remainderSigned, .remainderUnsigned: true
      default: false
      }
    case .convert(let conversion, _, _):
      conversion == .truncateSigned || conversion == .truncateUnsigned
    default: false
    }
  }
}

extension Comparison {
  /// The comparison that means the same with its operands exchanged; itself where there is none.
  var exchanged: Comparison {
    switch self {
    case .lessSigned: .greaterSigned
    case .lessUnsigned: .greaterUnsigned
    case .lessOrEqualSigned: .greaterOrEqualSigned
    case .lessOrEqualUnsigned: .greaterOrEqualUnsigned
    case .greaterSigned: .lessSigned
    case .greaterUnsigned: .lessUnsigned
    case .greaterOrEqualSigned: .lessOrEqualSigned
    case .greaterOrEqualUnsigned: .lessOrEqualUnsigned
    case .equal, .notEqual, .less, .lessOrEqual, .notLess, .notLessOrEqual: self
    }
  }

  /// Whether operands may be exchanged when the comparison is too.
  var canExchange: Bool {
    switch self {
    case .less, .lessOrEqual, .notLess, .notLessOrEqual: false
    default: true
    }
  }
}

/// An expression over registers and numbers, or, in a pattern, over places for them.
indirect enum ExpressionTree: Hashable {
  case register(UInt64, Kind)
  /// A number by its bits, those beyond the kind's width zero.
  case number(UInt64, Kind)
  /// A pattern's place for a register.
  case place(Place, Kind)
  /// A pattern's place for a number.
  case field(Place, Kind, signed: Bool)
  /// What the first of two steps computed.
  case result(Kind)
  case node(ExpressionOperator, [ExpressionTree])

  /// Whether computing it can trap.
  var canTrap: Bool {
    guard case .node(let operation, let operands) = self else { return false }
    return operation.canTrap || operands.contains(where: \.canTrap)
  }

  /// How often register `number` is read.
  func count(of number: UInt64) -> Int {
    switch self {
    case .register(let register, _): register == number ? 1 : 0
    case .node(_, let operands): operands.reduce(0) { $0 + $1.count(of: number) }
    default: 0
    }
  }

  var isNumber: Bool {
    if case .number = self { return true }
    return false
  }

  /// The tree with every read of register `number` replaced by `value`, whose kind is `kind`; nil
  /// where the kinds do not go together.
  func replacing(
    _ number: UInt64, with value: ExpressionTree, kind: Kind
  ) -> ExpressionTree? {
    switch self {
    case .register(number, let wanted):
      switch (kind, wanted) {
      case _ where kind == wanted: return value
      case (.i32, .i64): return .node(.convert(.extendUnsigned, .i32, .i64), [value])
      case (.i64, .i32):
        if case .node(.convert(.extendUnsigned, _, _), let inner) = value { return inner[0] }
        if case .register(let register, .i64) = value { return .register(register, .i32) }
        return .node(.convert(.wrap, .i64, .i32), [value])
      default: return nil
      }
    case .node(let operation, let operands):
      var replaced: [ExpressionTree] = []
      for operand in operands {
        guard let operand = operand.replacing(number, with: value, kind: kind) else { return nil }
        replaced.append(operand)
      }
      return .node(operation, replaced)
    default: return self
    }
  }

  /// A number that trees of one shape share, operands that may be exchanged in either order.
  var shape: Int {
    switch self {
    case .register, .place: return 1
    case .number, .field: return 2
    case .result: return 3
    case .node(let operation, let operands):
      var hasher = Hasher()
      var shapes = operands.map(\.shape)
      switch operation {
      case .compare(let comparison, let kind) where comparison.canExchange:
        let other = comparison.exchanged
        hasher.combine(min(comparison.hashValue, other.hashValue))
        hasher.combine(kind)
        shapes.sort()
      case _ where operation.exchanged != nil:
        hasher.combine(operation)
        shapes.sort()
      default: hasher.combine(operation)
      }
      hasher.combine(shapes)
      return hasher.finalize()
    }
  }
}

extension ExpressionTree {
  /// The tree of `expression`; `fill` gives what stands in a place, and places stay without it.
  init?(
    _ expression: Expression, bound: [String: ExpressionTree] = [:], fill: ((Place) -> UInt64)?
  ) {
    func sub(_ expression: Expression) -> ExpressionTree? {
      ExpressionTree(expression, bound: bound, fill: fill)
    }
    switch expression {
    case .register(let place, let kind):
      if let fill { self = .register(fill(place), kind) } else { self = .place(place, kind) }
    case .immediate(let place, let kind, let signed):
      if let fill {
        self = .number(fill(place) & kind.mask, kind)
      } else {
        self = .field(place, kind, signed: signed)
      }
    case .constant(let value, let kind): self = .number(value & kind.mask, kind)
    case .bound(let name, _):
      guard let tree = bound[name] else { return nil }
      self = tree
    case .unary(let operation, let kind, let operand):
      guard let operand = sub(operand) else { return nil }
      self = .node(.unary(operation, kind), [operand])
    case .binary(let operation, let kind, let left, let right):
      guard let left = sub(left), let right = sub(right) else { return nil }
      self = .node(.binary(operation, kind), [left, right])
    case .compare(let comparison, let kind, let left, let right):
      guard let left = sub(left), let right = sub(right) else { return nil }
      self = .node(.compare(comparison, kind), [left, right])
    case .convert(let conversion, let from, let to, let operand):
      guard let operand = sub(operand) else { return nil }
      self = .node(.convert(conversion, from, to), [operand])
    case .load(let access, let address, nil):
      guard let address = sub(address) else { return nil }
      self = .node(.load(access), [address])
    case .choose(let kind, let condition, let first, let second):
      guard let condition = sub(condition), let first = sub(first), let second = sub(second)
      else { return nil }
      self = .node(.choose(kind), [condition, first, second])
    case .load, .state: return nil
    }
  }

  /// The same value with fewer operators: sums with zero, sums of sums, shift counts.
  var simplified: ExpressionTree {
    guard case .node(let operation, let operands) = self else { return self }
    let parts = operands.map(\.simplified)
    guard case .binary(let binary, let kind) = operation, !kind.isFloat else {
      return .node(operation, parts)
    }
    if binary == .add, case .node(operation, let inner) = parts[0], case .number = inner[1],
      !parts[1].isNumber
    {
      // (x + 4) + y as (x + y) + 4, which patterns have.
      return .node(operation, [.node(operation, [inner[0], parts[1]]), inner[1]])
    }
    guard case .number(let number, _) = parts[1] else { return .node(operation, parts) }
    switch binary {
    case .add:
      if number == 0 { return parts[0] }
      if case .node(.binary(.add, kind), let inner) = parts[0],
        case .number(let other, _) = inner[1]
      {
        return ExpressionTree.node(
          operation, [inner[0], .number((number &+ other) & kind.mask, kind)]
        ).simplified
      }
    case .shiftLeft, .shiftRightSigned, .shiftRightUnsigned, .rotateLeft:
      return .node(operation, [parts[0], .number(number & UInt64(kind.bitCount - 1), kind)])
    case .rotateRight:
      let count = (0 &- number) & UInt64(kind.bitCount - 1)
      return .node(.binary(.rotateLeft, kind), [parts[0], .number(count, kind)])
    default: break
    }
    return .node(operation, parts)
  }
}

extension Kind {
  /// The bits that a value of the kind has.
  var mask: UInt64 { bitCount == 64 ? .max : 0xffff_ffff }
}
