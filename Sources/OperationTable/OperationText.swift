// OperationText.swift — an operation's meaning in one line, from its tree.
// Hosted. Imports nothing. Shown in NovaCore.docc/Operations.md.

extension OperationSpecification {
  /// The steps with `;` between, as the reference page shows them.
  package var meaning: String {
    body.isEmpty ? "nothing" : body.map(\.text).joined(separator: "; ")
  }
}

extension Statement {
  var text: String {
    switch self {
    case .bind(let name, let value): "\(name) = \(value.text)"
    case .set(let place, let value): "R[\(place.name)] := \(value.text)"
    case .store(let access, let address, let memory, let value):
      "\(access.text(at: address, memory)) := \(value.text)"
    case .setGlobal(let place, let value): "G[\(place.name)] := \(value.text)"
    case .setImportedGlobal(let place, let value):
      "imported G[\(place.name)] := \(value.text)"
    case .zeroRange(let first, let count):
      "R[\(first.name)] … R[\(first.name) + \(count.name) - 1] := 0"
    case .branch(let place, nil): "go to \(place.name)"
    case .branch(let place, let condition?): "if \(condition.text) go to \(place.name)"
    case .branchTable(let index, let last):
      "go to entry min(\(index.text), \(last.name)) of the table that follows"
    case .call(let base, let function):
      "call function \(function.name) with its frame at R[\(base.name)]"
    case .callIndirect(let base, let index, let type, let table):
      "call element \(index.text) of table \(table?.name ?? "0"), of type \(type.name), with its "
        + "frame at R[\(base.name)]"
    case .tailCall(let function):
      "return what function \(function.name) returns, which takes this frame"
    case .tailCallIndirect(let index, let type, let table):
      "return what element \(index.text) of table \(table?.name ?? "0"), of type \(type.name), "
        + "returns, which takes this frame"
    case .leave(nil): "return"
    case .leave(let value?): "R[0] := \(value.text); return"
    case .trapUnreachable: "trap"
    case .exit: "the outermost call returns"
    case .exitInstance: "the caller's instance goes on"
    case .slow(let reason): reason.text
    }
  }
}

extension SlowReason {
  var text: String {
    switch self {
    case .importCall: "call imported function imm32 with its frame at R[a]"
    case .importTailCall: "return what imported function imm32 returns, which takes this frame"
    case .memoryGrow: "grow memory c by R[b] pages; R[a] := its pages before, or 2³²-1"
    case .memoryCopy: "copy R[c] bytes from memory x1 at R[b] to memory x0 at R[a]"
    case .memoryFill: "set R[c] bytes of memory x0 at R[a] to the low byte of R[b]"
    case .memoryInit: "copy R[c] bytes of data segment xhi at R[b] to memory x0 at R[a]"
    case .dataDrop: "data segment imm32 has no bytes any more"
    case .tableGet: "R[a] := element R[b] of table c"
    case .tableSet: "element R[a] of table c := R[b]"
    case .tableGrow:
      "grow table x0 by R[c] elements R[b]; R[a] := its elements before, or 2³²-1"
    case .tableCopy: "copy R[c] elements from table x1 at R[b] to table x0 at R[a]"
    case .tableFill: "set R[c] elements of table x0 at R[a] to R[b]"
    case .tableInit: "copy R[c] elements of segment xhi at R[b] to table x0 at R[a]"
    case .elementDrop: "element segment imm32 has no elements any more"
    case .functionReference: "R[a] := a reference to function imm32"
    case .importReference: "R[a] := a reference to imported function imm32"
    }
  }
}

extension Access {
  func text(at address: Expression, _ memory: Place?) -> String {
    let place = memory.map { "M[\($0.name)]" } ?? "M"
    return "\(place)[\(address.text), \(byteCount)]"
  }
}

extension Expression {
  var text: String {
    switch self {
    case .register(let place, let kind): "R[\(place.name)].\(kind.rawValue)"
    case .immediate(let place, _, let isSigned):
      isSigned ? "signed \(place.name)" : place.name
    case .constant(let value, _): "\(value)"
    case .bound(let name, _): name
    case .unary(let operation, _, let operand): "\(operation.text)(\(operand.text))"
    case .binary(let operation, _, let left, let right):
      if let function = operation.function {
        "\(function)(\(left.text), \(right.text))"
      } else {
        "(\(left.text) \(operation.infix) \(right.text))"
      }
    case .compare(let comparison, _, let left, let right):
      "(\(left.text) \(comparison.text) \(right.text))"
    case .convert(let conversion, _, let to, let operand):
      conversion == .extendUnsigned
        ? operand.text : "\(to.rawValue).\(conversion.text)(\(operand.text))"
    case .load(let access, let address, let memory):
      (access.isSigned ? "signed " : "") + access.text(at: address, memory)
    case .choose(_, let condition, let first, let second):
      "\(condition.text) ≠ 0 ? \(first.text) : \(second.text)"
    case .state(.memoryPageCount(let place)): "pages of memory \(place.name)"
    case .state(.tableElementCount(let place)): "elements of table \(place.name)"
    case .state(.global(let place)): "G[\(place.name)]"
    case .state(.importedGlobal(let place)): "imported G[\(place.name)]"
    }
  }
}

extension UnaryOperator {
  var text: String {
    switch self {
    case .countLeadingZeros: "clz"
    case .countTrailingZeros: "ctz"
    case .populationCount: "popcnt"
    case .extend8: "extend8_s"
    case .extend16: "extend16_s"
    case .extend32: "extend32_s"
    case .negate: "neg"
    case .absolute: "abs"
    case .squareRoot: "sqrt"
    case .ceiling: "ceil"
    case .floor: "floor"
    case .truncate: "trunc"
    case .nearest: "nearest"
    }
  }
}

extension BinaryOperator {
  var function: String? {
    switch self {
    case .rotateLeft: "rotl"
    case .rotateRight: "rotr"
    case .minimum: "min"
    case .maximum: "max"
    case .copySign: "copysign"
    default: nil
    }
  }

  var infix: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "×"
    case .divide, .divideSigned: "÷"
    case .divideUnsigned: "÷ᵤ"
    case .remainderSigned: "rem"
    case .remainderUnsigned: "remᵤ"
    case .and: "&"
    case .or: "|"
    case .exclusiveOr: "^"
    case .shiftLeft: "<<"
    case .shiftRightSigned: ">>"
    case .shiftRightUnsigned: ">>ᵤ"
    case .rotateLeft, .rotateRight, .minimum, .maximum, .copySign: ""
    }
  }
}

extension Comparison {
  var text: String {
    switch self {
    case .equal: "="
    case .notEqual: "≠"
    case .lessSigned, .less: "<"
    case .lessUnsigned: "<ᵤ"
    case .lessOrEqualSigned, .lessOrEqual: "≤"
    case .lessOrEqualUnsigned: "≤ᵤ"
    case .greaterSigned: ">"
    case .greaterUnsigned: ">ᵤ"
    case .greaterOrEqualSigned: "≥"
    case .greaterOrEqualUnsigned: "≥ᵤ"
    case .notLess: "not <"
    case .notLessOrEqual: "not ≤"
    }
  }
}

extension Conversion {
  var text: String {
    switch self {
    case .wrap: "wrap"
    case .extendSigned: "extend_s"
    case .extendUnsigned: "extend_u"
    case .truncateSigned: "trunc_s"
    case .truncateUnsigned: "trunc_u"
    case .saturateSigned: "trunc_sat_s"
    case .saturateUnsigned: "trunc_sat_u"
    case .convertSigned: "convert_s"
    case .convertUnsigned: "convert_u"
    case .demote: "demote"
    case .promote: "promote"
    case .reinterpret: "reinterpret"
    }
  }
}
