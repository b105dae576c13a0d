// OperatorTable.swift — WebAssembly's operators: names, operand types, result type.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 5.4 "Instructions".

/// An operator that takes values from the stack and puts one there, by its name.
struct NumericName {
  let name: String
  let operand: WasmValueType
  let operandCount: Int
  let result: WasmValueType
}

/// An operator that takes values from the stack and puts one there.
struct NumericOperator {
  let operation: LoweredOperator
  let operand: WasmValueType
  let operandCount: UInt8
  let result: WasmValueType

  init(_ named: NumericName) {
    operation = LoweredOperator(named.name)
    operand = named.operand
    operandCount = UInt8(named.operandCount)
    result = named.result
  }
}

/// A load's or a store's operator.
struct MemoryOperator {
  let operation: LoweredOperator
  /// Of what is loaded or stored.
  let type: WasmValueType
  /// Of the byte count.
  let widthExponent: UInt32

  init(_ named: MemoryName) {
    operation = LoweredOperator(named.name)
    (type, widthExponent) = (named.type, named.widthExponent)
  }
}

/// A load's or a store's name, the type of what is loaded or stored, and how wide it is.
struct MemoryName {
  let name: String
  let type: WasmValueType
  /// Of the byte count.
  let widthExponent: UInt32
}

enum OperatorTable {
  static let integerConditions = [
    "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u",
  ]
  static let floatConditions = ["eq", "ne", "lt", "gt", "le", "ge"]
  static let integerBinary = [
    "add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u", "and", "or", "xor", "shl", "shr_s",
    "shr_u", "rotl", "rotr",
  ]
  static let floatUnary = ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"]
  static let floatBinary = ["add", "sub", "mul", "div", "min", "max", "copysign"]

  /// 0x45 … 0xc4, in order.
  static let numeric = numericNames.map(NumericOperator.init)
  /// Behind prefix 0xfc, 0 … 7.
  static let saturating = saturatingNames.map(NumericOperator.init)
  /// 0x28 … 0x35, in order.
  static let loads = loadNames.map(MemoryOperator.init)
  /// 0x36 … 0x3e, in order.
  static let stores = storeNames.map(MemoryOperator.init)

  static let numericNames: [NumericName] = {
    var table: [NumericName] = []
    // `first` is where the run begins: a run that is too long or too short is noticed.
    func add(
      _ first: Int, _ names: [String], _ type: WasmValueType, count: Int, result: WasmValueType
    ) {
      precondition(table.count == first - 0x45, "the operators' numbers have no gaps")
      for name in names {
        table.append(
          NumericName(
            name: "\(type).\(name)", operand: type, operandCount: count, result: result))
      }
    }
    add(0x45, ["eqz"], .i32, count: 1, result: .i32)
    add(0x46, integerConditions, .i32, count: 2, result: .i32)
    add(0x50, ["eqz"], .i64, count: 1, result: .i32)
    add(0x51, integerConditions, .i64, count: 2, result: .i32)
    add(0x5b, floatConditions, .f32, count: 2, result: .i32)
    add(0x61, floatConditions, .f64, count: 2, result: .i32)
    add(0x67, ["clz", "ctz", "popcnt"], .i32, count: 1, result: .i32)
    add(0x6a, integerBinary, .i32, count: 2, result: .i32)
    add(0x79, ["clz", "ctz", "popcnt"], .i64, count: 1, result: .i64)
    add(0x7c, integerBinary, .i64, count: 2, result: .i64)
    add(0x8b, floatUnary, .f32, count: 1, result: .f32)
    add(0x92, floatBinary, .f32, count: 2, result: .f32)
    add(0x99, floatUnary, .f64, count: 1, result: .f64)
    add(0xa0, floatBinary, .f64, count: 2, result: .f64)
    table += conversions
    add(0xc0, ["extend8_s", "extend16_s"], .i32, count: 1, result: .i32)
    add(0xc2, ["extend8_s", "extend16_s", "extend32_s"], .i64, count: 1, result: .i64)
    return table
  }()

  private static func conversion(
    _ result: WasmValueType, _ name: String, _ operand: WasmValueType
  ) -> NumericName {
    NumericName(name: "\(result).\(name)", operand: operand, operandCount: 1, result: result)
  }

  /// 0xa7 … 0xbf, in order.
  private static let conversions = [
    conversion(.i32, "wrap_i64", .i64),
    conversion(.i32, "trunc_f32_s", .f32), conversion(.i32, "trunc_f32_u", .f32),
    conversion(.i32, "trunc_f64_s", .f64), conversion(.i32, "trunc_f64_u", .f64),
    conversion(.i64, "extend_i32_s", .i32), conversion(.i64, "extend_i32_u", .i32),
    conversion(.i64, "trunc_f32_s", .f32), conversion(.i64, "trunc_f32_u", .f32),
    conversion(.i64, "trunc_f64_s", .f64), conversion(.i64, "trunc_f64_u", .f64),
    conversion(.f32, "convert_i32_s", .i32), conversion(.f32, "convert_i32_u", .i32),
    conversion(.f32, "convert_i64_s", .i64), conversion(.f32, "convert_i64_u", .i64),
    conversion(.f32, "demote_f64", .f64),
    conversion(.f64, "convert_i32_s", .i32), conversion(.f64, "convert_i32_u", .i32),
    conversion(.f64, "convert_i64_s", .i64), conversion(.f64, "convert_i64_u", .i64),
    conversion(.f64, "promote_f32", .f32),
    conversion(.i32, "reinterpret_f32", .f32), conversion(.i64, "reinterpret_f64", .f64),
    conversion(.f32, "reinterpret_i32", .i32), conversion(.f64, "reinterpret_i64", .i64),
  ]

  static let saturatingNames = [
    conversion(.i32, "trunc_sat_f32_s", .f32), conversion(.i32, "trunc_sat_f32_u", .f32),
    conversion(.i32, "trunc_sat_f64_s", .f64), conversion(.i32, "trunc_sat_f64_u", .f64),
    conversion(.i64, "trunc_sat_f32_s", .f32), conversion(.i64, "trunc_sat_f32_u", .f32),
    conversion(.i64, "trunc_sat_f64_s", .f64), conversion(.i64, "trunc_sat_f64_u", .f64),
  ]

  /// A load that zero-extends to 64 bits is the one to 32 bits.
  static let loadNames = [
    MemoryName(name: "i32.load", type: .i32, widthExponent: 2),
    MemoryName(name: "i64.load", type: .i64, widthExponent: 3),
    MemoryName(name: "f32.load", type: .f32, widthExponent: 2),
    MemoryName(name: "f64.load", type: .f64, widthExponent: 3),
    MemoryName(name: "i32.load8_s", type: .i32, widthExponent: 0),
    MemoryName(name: "i32.load8_u", type: .i32, widthExponent: 0),
    MemoryName(name: "i32.load16_s", type: .i32, widthExponent: 1),
    MemoryName(name: "i32.load16_u", type: .i32, widthExponent: 1),
    MemoryName(name: "i64.load8_s", type: .i64, widthExponent: 0),
    MemoryName(name: "i32.load8_u", type: .i64, widthExponent: 0),
    MemoryName(name: "i64.load16_s", type: .i64, widthExponent: 1),
    MemoryName(name: "i32.load16_u", type: .i64, widthExponent: 1),
    MemoryName(name: "i64.load32_s", type: .i64, widthExponent: 2),
    MemoryName(name: "i32.load", type: .i64, widthExponent: 2),
  ]

  /// Narrow stores of i64 are those of i32.
  static let storeNames = [
    MemoryName(name: "i32.store", type: .i32, widthExponent: 2),
    MemoryName(name: "i64.store", type: .i64, widthExponent: 3),
    MemoryName(name: "f32.store", type: .f32, widthExponent: 2),
    MemoryName(name: "f64.store", type: .f64, widthExponent: 3),
    MemoryName(name: "i32.store8", type: .i32, widthExponent: 0),
    MemoryName(name: "i32.store16", type: .i32, widthExponent: 1),
    MemoryName(name: "i32.store8", type: .i64, widthExponent: 0),
    MemoryName(name: "i32.store16", type: .i64, widthExponent: 1),
    MemoryName(name: "i32.store", type: .i64, widthExponent: 2),
  ]

  private static let commutative: Set<String> = ["add", "mul", "and", "or", "xor"]

  /// Whether integer operator `name` (as `i32.add`) gives the same with its operands exchanged.
  static func isCommutative(_ name: String) -> Bool {
    name.hasPrefix("i") && commutative.contains(String(name.dropFirst(4)))
  }

  private static let immediateOperators: Set<String> = [
    "add", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr",
  ]

  /// Whether operator `name` has a form whose second operand is a signed 16-bit immediate.
  static func takesImmediate(_ name: String) -> Bool {
    guard name.hasPrefix("i") else { return false }
    let operation = String(name.dropFirst(4))
    return immediateOperators.contains(operation) || integerConditions.contains(operation)
  }

  /// The condition that holds exactly when `condition` does not; of integers, or of floats, where
  /// `nlt` is "not less", which unordered operands fulfil.
  static func negated(_ condition: String) -> String {
    switch condition {
    case "eq": "ne"
    case "ne": "eq"
    case "lt_s": "ge_s"
    case "lt_u": "ge_u"
    case "le_s": "gt_s"
    case "le_u": "gt_u"
    case "gt_s": "le_s"
    case "gt_u": "le_u"
    case "ge_s": "lt_s"
    case "ge_u": "lt_u"
    case "lt": "nlt"
    case "le": "nle"
    case "nlt": "lt"
    case "nle": "le"
    default: preconditionFailure("no such condition: \(condition)")
    }
  }

  /// The condition with its operands exchanged.
  static func exchanged(_ condition: String) -> String {
    switch condition {
    case "lt_s": "gt_s"
    case "lt_u": "gt_u"
    case "le_s": "ge_s"
    case "le_u": "ge_u"
    case "gt_s": "lt_s"
    case "gt_u": "lt_u"
    case "ge_s": "le_s"
    case "ge_u": "le_u"
    case "gt": "lt"
    case "ge": "le"
    default: condition
    }
  }

  /// Whether operator `name` can trap, or does more than give a value.
  static func canTrapOrAct(_ name: String) -> Bool {
    name.contains("load") || name.contains("div_") || name.contains("rem_")
      || name.contains(".trunc_f") || name.hasPrefix("memory.") || name.hasPrefix("table.")
      || name.contains("store")
  }
}
