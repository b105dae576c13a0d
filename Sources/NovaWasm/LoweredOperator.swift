// LoweredOperator.swift — the operators of the lowering, by number, and what passes ask of them.
// Hosted. Imports NovaBytecode. Design: NovaCore.docc/WebAssembly.md, "From stack to registers".

import NovaBytecode

/// An operator's name as a number, so that an instruction is a few plain words.
struct LoweredOperator: Hashable, ExpressibleByStringLiteral {
  let number: UInt8

  /// What an instruction that is no operator has.
  static let none = LoweredOperator(number: 0)

  private init(number: UInt8) { self.number = number }

  init(_ name: String) {
    guard let number = Self.numbers[name] else {
      preconditionFailure("there is no operator \(name)")
    }
    self.init(number: number)
  }

  init(stringLiteral name: String) { self.init(name) }

  /// As `i32.add`; empty for `none`.
  var name: String { Self.names[Int(number)] }
  var traits: OperatorTraits { Self.traits[Int(number)] }

  private static let names: [String] = {
    var names = [""]
    var seen: Set<String> = [""]
    func add(_ name: String) { if seen.insert(name).inserted { names.append(name) } }
    for numeric in OperatorTable.numericNames + OperatorTable.saturatingNames { add(numeric.name) }
    for access in OperatorTable.loadNames + OperatorTable.storeNames { add(access.name) }
    // Conditions that only branches have.
    for type in ["f32", "f64"] { for name in ["nlt", "nle"] { add("\(type).\(name)") } }
    for name in [
      "select", "ref.is_null", "ref.func", "global.get", "global.set", "memory.size", "memory.grow",
      "memory.init", "data.drop", "memory.copy", "memory.fill", "table.get", "table.set",
      "table.init", "elem.drop", "table.copy", "table.grow", "table.size", "table.fill",
    ] { add(name) }
    precondition(names.count <= 256, "a byte has room for every operator")
    return names
  }()

  private static let numbers: [String: UInt8] = Dictionary(
    uniqueKeysWithValues: names.enumerated().map { ($1, UInt8($0)) })

  private static let traits: [OperatorTraits] = names.map { OperatorTraits($0) { numbers[$0] } }

  fileprivate init(known number: UInt8) { self.number = number }
}

/// What is known of an operator.
struct OperatorTraits {
  enum Family: UInt8 {
    /// Values in, a value out.
    case value
    case load
    case store
    /// Numbers of memories, tables or segments in `immediate`.
    case indexed
    case other
  }

  let family: Family
  /// Whether the operands may change places.
  let isCommutative: Bool
  /// Whether a signed 16-bit immediate may be the second operand.
  let takesImmediate: Bool
  let canTrapOrAct: Bool
  /// Whether it compares with zero.
  let isEqualZero: Bool
  /// Of a difference: the sum with the second operand's negative; else 0.
  let sum: UInt8
  let isComparison: Bool
  /// Whether it is a float's `gt` or `ge`, which only exists exchanged.
  let isGreaterFloat: Bool
  /// Of a comparison: the operator that holds exactly when it does not.
  let negated: UInt8
  /// Of a comparison: the operator with the operands exchanged.
  let exchanged: UInt8
  /// Operations that the operator becomes: plain, with an immediate, and as branches.
  let operation: UInt16
  let immediateOperation: UInt16
  let branch: UInt16
  let immediateBranch: UInt16
  /// Forms of loads and stores.
  let absolute: UInt16
  let wide: UInt16
  let far: UInt16
  let immediateAbsolute: UInt16
  let immediateWide: UInt16

  /// What stands for an operation that there is not.
  private static let missing: UInt16 = 0xffff

  fileprivate init(_ name: String, _ number: (String) -> UInt8?) {
    func operation(_ name: String) -> UInt16 { Operation(name: name)?.rawValue ?? Self.missing }
    let prefix = String(name.prefix(4))
    let condition = String(name.dropFirst(4))
    isCommutative = OperatorTable.isCommutative(name)
    takesImmediate = OperatorTable.takesImmediate(name)
    canTrapOrAct = OperatorTable.canTrapOrAct(name)
    isEqualZero = condition == "eqz"
    sum = prefix.hasPrefix("i") && condition == "sub" ? number(prefix + "add") ?? 0 : 0
    let conditions =
      name.hasPrefix("i") ? OperatorTable.integerConditions : OperatorTable.floatConditions
    isComparison = name.dropFirst(3).first == "." && conditions.contains(condition)
    let isCondition = isComparison || ["nlt", "nle"].contains(condition)
    isGreaterFloat = name.hasPrefix("f") && ["gt", "ge"].contains(condition)
    negated =
      isCondition && !isGreaterFloat
      ? number(prefix + OperatorTable.negated(condition)) ?? 0 : 0
    exchanged = isComparison ? number(prefix + OperatorTable.exchanged(condition)) ?? 0 : 0
    family =
      if name.contains(".load") {
        .load
      } else if name.contains(".store") {
        .store
      } else if name.hasPrefix("memory.") || name.hasPrefix("table.") || name.hasSuffix(".drop") {
        .indexed
      } else if name.hasPrefix("global.") || name == "ref.func" || name.isEmpty {
        .other
      } else {
        .value
      }
    let base =
      switch name {
      case "i32.eqz", "i64.eqz": prefix + "eqi"
      case "i64.extend_i32_s": "i64.extend32_s"
      default: name
      }
    self.operation = operation(base)
    immediateOperation = operation(base + "i")
    branch = operation("br." + name)
    immediateBranch = operation("br.\(name)i")
    absolute = operation(name + ".absolute")
    wide = operation(name + ".wide")
    far = operation(name + ".far")
    immediateAbsolute = operation(name + "i.absolute")
    immediateWide = operation(name + "i.wide")
  }

  /// The operation of this number; a precondition that there is one.
  static func operation(_ number: UInt16) -> Operation {
    precondition(number != missing, "the operation table has each form that is emitted")
    return Operation(rawValue: number)
  }
}

extension LoweredOperator {
  var negated: LoweredOperator {
    precondition(traits.negated != 0, "only a condition can be turned around")
    return LoweredOperator(known: traits.negated)
  }
  /// Of a difference: the sum with the second operand's negative.
  var sum: LoweredOperator? { traits.sum == 0 ? nil : LoweredOperator(known: traits.sum) }
  var exchanged: LoweredOperator { LoweredOperator(known: traits.exchanged) }
  var isGreaterFloat: Bool { traits.isGreaterFloat }
}

// Those that the lowering names itself.
extension LoweredOperator {
  static let i32Eqz: LoweredOperator = "i32.eqz"
  static let i64Eqz: LoweredOperator = "i64.eqz"
  static let i32Eq: LoweredOperator = "i32.eq"
  static let i64Eq: LoweredOperator = "i64.eq"
  static let i32Ne: LoweredOperator = "i32.ne"
  static let i32Wrap: LoweredOperator = "i32.wrap_i64"
  static let i64ExtendUnsigned: LoweredOperator = "i64.extend_i32_u"
  static let select: LoweredOperator = "select"
  static let refIsNull: LoweredOperator = "ref.is_null"
  static let refFunc: LoweredOperator = "ref.func"
  static let globalGet: LoweredOperator = "global.get"
  static let globalSet: LoweredOperator = "global.set"
}
