// Expression.swift — what an operation computes, as a tree.
// Hosted. Imports nothing. The operators mean what WebAssembly 2.0, section 4.3, says of them.

/// The type of a value within an operation.
package enum Kind: String, Sendable, Hashable {
  case i32, i64, f32, f64

  package var isFloat: Bool { self == .f32 || self == .f64 }
  package var bitCount: Int { self == .i32 || self == .f32 ? 32 : 64 }
}

/// Operators of one operand whose result has the operand's kind.
package enum UnaryOperator: Sendable, Hashable {
  case countLeadingZeros, countTrailingZeros, populationCount
  case extend8, extend16, extend32
  case negate, absolute, squareRoot, ceiling, floor, truncate, nearest
}

/// Operators of two operands of one kind and a result of the same.
///
/// Shift and rotation counts are taken modulo the kind's width; integer arithmetic wraps; a
/// division traps on zero and on overflow; float arithmetic whose result is a NaN gives the
/// canonical one.
package enum BinaryOperator: Sendable, Hashable {
  case add, subtract, multiply, divide
  case divideSigned, divideUnsigned, remainderSigned, remainderUnsigned
  case and, or, exclusiveOr
  case shiftLeft, shiftRightSigned, shiftRightUnsigned, rotateLeft, rotateRight
  case minimum, maximum, copySign

  /// Whether the operands may change places.
  package var isCommutative: Bool {
    switch self {
    case .add, .multiply, .and, .or, .exclusiveOr, .minimum, .maximum: true
    default: false
    }
  }
}

/// Comparisons; the last two are for floats and hold for NaN.
package enum Comparison: Sendable, Hashable {
  case equal, notEqual
  case lessSigned, lessUnsigned, lessOrEqualSigned, lessOrEqualUnsigned
  case greaterSigned, greaterUnsigned, greaterOrEqualSigned, greaterOrEqualUnsigned
  case less, lessOrEqual, notLess, notLessOrEqual
}

/// Conversions between kinds.
package enum Conversion: Sendable, Hashable {
  /// i64 → i32: the low half.
  case wrap
  /// i32 → i64.
  case extendSigned, extendUnsigned
  /// Float → integer toward zero; traps when the operand is a NaN or the result does not fit.
  case truncateSigned, truncateUnsigned
  /// Float → integer toward zero; NaN gives 0, what does not fit the nearest bound.
  case saturateSigned, saturateUnsigned
  /// Integer → float, to nearest, ties to even.
  case convertSigned, convertUnsigned
  /// f64 → f32 and f32 → f64.
  case demote, promote
  /// The same bits in the kind of equal width.
  case reinterpret
}

/// How a value lies in memory: little-endian, at any address.
package struct Access: Sendable, Hashable {
  package let byteCount: Int
  package let isSigned: Bool
  /// The kind that a load gives and a store takes.
  package let kind: Kind

  package init(_ kind: Kind, _ byteCount: Int, isSigned: Bool = false) {
    self.kind = kind
    self.byteCount = byteCount
    self.isSigned = isSigned
  }
}

/// What the machine's state says besides registers and memory.
package enum StateValue: Sendable, Hashable {
  /// Pages of the memory that the place names.
  case memoryPageCount(Place)
  /// Elements of the table that the place names.
  case tableElementCount(Place)
  /// The 64 bits of a global of the instance itself, or of one that it imports.
  case global(Place)
  case importedGlobal(Place)
}

/// An expression; each node's kind is known from the node.
package indirect enum Expression: Sendable, Hashable {
  /// The register that the field names: its low half for 32-bit kinds.
  case register(Place, Kind)
  /// The field itself.
  case immediate(Place, Kind, signed: Bool)
  case constant(UInt64, Kind)
  /// What `Statement.bind` computed.
  case bound(String, Kind)
  case unary(UnaryOperator, Kind, Expression)
  case binary(BinaryOperator, Kind, Expression, Expression)
  /// 1 when it holds, else 0; `Kind` is the operands'.
  case compare(Comparison, Kind, Expression, Expression)
  case convert(Conversion, from: Kind, to: Kind, Expression)
  /// Memory `memory` (0 where nil) at an i64 address; traps outside.
  case load(Access, address: Expression, memory: Place?)
  /// The first when the i32 condition is not 0, else the second; both are computed.
  case choose(Kind, when: Expression, Expression, Expression)
  case state(StateValue)

  package var kind: Kind {
    switch self {
    case .register(_, let kind), .immediate(_, let kind, _), .constant(_, let kind),
      .bound(_, let kind), .unary(_, let kind, _), .binary(_, let kind, _, _),
      .convert(_, _, let kind, _), .choose(let kind, _, _, _):
      kind
    case .compare: .i32
    case .load(let access, _, _): access.kind
    case .state(let value):
      switch value {
      case .memoryPageCount, .tableElementCount: .i32
      case .global, .importedGlobal: .i64
      }
    }
  }
}

extension Expression {
  /// Whether the value is computed by float arithmetic, whose NaN is the canonical one.
  ///
  /// Negation, magnitude, sign and moves keep the bits that there are.
  package var canMakeNaN: Bool {
    switch self {
    case .unary(let operation, let kind, _):
      kind.isFloat && ![.negate, .absolute].contains(operation)
    case .binary(let operation, let kind, _, _): kind.isFloat && operation != .copySign
    case .convert(let conversion, _, _, _): [.demote, .promote].contains(conversion)
    default: false
    }
  }
}

/// Why an operation cannot be done in a handler and is left to the outer loop.
package enum SlowReason: String, Sendable, Hashable {
  case importCall, importTailCall, memoryGrow, memoryCopy, memoryFill, memoryInit, dataDrop
  case tableGet, tableSet, tableGrow, tableCopy, tableFill, tableInit, elementDrop
  case functionReference, importReference
}

/// One step of an operation.
///
/// An instruction reads all of its registers before it writes any; one that traps leaves registers
/// and memory as they were.
package enum Statement: Sendable, Hashable {
  /// Names a value for the steps that follow.
  case bind(String, Expression)
  /// Sets the register that the field names; 32-bit kinds clear the upper half.
  case set(Place, Expression)
  case store(Access, address: Expression, memory: Place?, value: Expression)
  case setGlobal(Place, Expression)
  case setImportedGlobal(Place, Expression)
  /// Sets `count` registers to zero.
  case zeroRange(first: Place, count: Place)
  /// Goes to the branch target; always when there is no condition.
  case branch(Place, when: Expression?)
  /// Goes to the target that the index selects; the last one when it is beyond `last`.
  case branchTable(index: Expression, last: Place)
  case call(base: Place, function: Place)
  /// `table` is table 0 where nil.
  case callIndirect(base: Place, index: Expression, type: Place, table: Place?)
  /// The function goes on in this frame, and returns to this one's caller; its arguments are in the
  /// first registers.
  case tailCall(function: Place)
  /// `table` is table 0 where nil.
  case tailCallIndirect(index: Expression, type: Place, table: Place?)
  /// Back to the caller, with the value in register 0 when there is one.
  case leave(Expression?)
  case trapUnreachable
  /// Ends the outermost call; no module may contain it.
  case exit
  /// Ends a call into another instance; no module may contain it.
  case exitInstance
  case slow(SlowReason)
}
