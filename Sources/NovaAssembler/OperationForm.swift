// OperationForm.swift — an operation's operands, unpacked for those who build and print code.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// How an operation's instruction is laid out.
struct OperationForm: Sendable {
  /// One operand's field.
  struct Field: Sendable {
    let role: OperandRole
    /// The first bit; 64 and more is the second word.
    let bitOffset: Int
    let bitCount: Int
    let kind: Operand.Kind
    /// What the operand may be, `minimum` to `maximum`.
    let minimum: Int64
    let maximum: UInt64

    init(_ operand: OperandDescriptor) {
      role = operand.role
      bitOffset = operand.place.bitOffset
      bitCount = operand.place.bitCount
      let mask = UInt64.max >> UInt64(64 - operand.place.bitCount)
      (kind, minimum, maximum) =
        switch operand.role {
        case .readInt, .readFloat, .writeInt, .writeFloat, .updateInt, .updateFloat, .writeRange,
          .windowBase:
          (.register, 0, min(mask, UInt64(BuilderLimits.registerCountMax - 1)))
        case .signed: (.immediate, -1 << Int64(bitCount - 1), mask / 2)
        // Constants are bits: a negative one stands for its two's complement.
        case .bits: (.immediate, bitCount > 8 ? -1 << Int64(bitCount - 1) : 0, mask)
        case .unsigned, .memoryOffset: (.immediate, 0, mask)
        case .count: (.immediate, 0, mask)
        case .branch: (.label, -1 << Int64(bitCount - 1), mask / 2)
        case .function, .import, .type, .global, .importedGlobal, .memory, .table, .data,
          .element:
          (.index, 0, mask)
        }
    }

    var mask: UInt64 { UInt64.max >> UInt64(64 - bitCount) }

    /// Whether the field holds a value, a negative one in two's complement of 64 bits.
    func accepts(_ value: UInt64) -> Bool {
      if bitCount == 64 { return true }
      return value <= maximum
        || (Int64(bitPattern: value) < 0 && Int64(bitPattern: value) >= minimum)
    }

    /// The field's value in an instruction, sign-extended where it is signed.
    func value(_ word0: UInt64, _ word1: UInt64) -> UInt64 {
      let word = bitOffset < 64 ? word0 : word1
      let value = word >> UInt64(bitOffset & 63) & mask
      guard role == .signed || role == .branch, bitCount < 64 else { return value }
      let unused = Int64(64 - bitCount)
      return UInt64(bitPattern: Int64(bitPattern: value << UInt64(unused)) >> unused)
    }
  }

  let wordCount: Int
  let fields: [Field]
  /// The operand that names a target with fewer than 32 bits.
  let nearBranchOperand: Int?
  /// How the address is written, if the operation has one.
  let address: AddressSyntax?

  /// The form of an operation, forwarded or not; a precondition that it is valid.
  static func of(_ operation: Operation) -> OperationForm {
    guard let form = forms[Int(operation.base.rawValue)] else {
      preconditionFailure("no operation has this number")
    }
    return form
  }

  private static let forms: [OperationForm?] = (0..<UInt16(Operation.numberCount)).map { number in
    let operation = Operation(rawValue: number)
    return operation.isValid ? OperationForm(operation) : nil
  }

  private init(_ operation: Operation) {
    let descriptor = operation.descriptor
    wordCount = descriptor.wordCount
    let fields = (0..<descriptor.operandCount).map { Field(descriptor.operand(at: $0)) }
    self.fields = fields
    nearBranchOperand = fields.firstIndex { $0.role == .branch && $0.bitCount < 32 }
    address = AddressSyntax(operation.name)
  }
}

/// The fields of all operations in a row, for those who encode much.
struct FieldTable: Sendable {
  static let shared = FieldTable()

  private var fields: [OperationForm.Field] = []
  // By number, and behind the last: its first field.
  private var starts: [UInt16] = []

  private init() {
    for number in 0..<UInt16(Operation.numberCount) {
      starts.append(UInt16(fields.count))
      let operation = Operation(rawValue: number)
      if operation.isValid { fields += OperationForm.of(operation).fields }
    }
    starts.append(UInt16(fields.count))
  }

  /// Where the fields of an operation, forwarded or not, stand.
  @inline(__always) func range(of operation: Operation) -> Range<Int> {
    let number = Int(operation.rawValue & 0x3ff)
    return Int(starts[number])..<Int(starts[number + 1])
  }

  @inline(__always) subscript(_ index: Int) -> OperationForm.Field { fields[index] }
}

/// How text writes an address, by the last part of the operation's name.
enum AddressSyntax: Sendable {
  /// `[base + offset]`
  case offset
  /// `[base + offset], memory`
  case far
  /// `[offset]`
  case absolute
  /// `[base + base]`
  case indexed
  /// `[base + base + offset]`
  case summed
  /// `[base << count + offset]`
  case shifted

  /// How many operands stand between the brackets.
  var operandCount: Int {
    switch self {
    case .absolute: 1
    case .offset, .far, .indexed: 2
    case .summed, .shifted: 3
    }
  }

  init?(_ name: String) {
    let parts = name.split(separator: ".")
    guard parts.count >= 2, parts.count <= 3, ["i32", "i64", "f32", "f64"].contains(parts[0]),
      parts[1].hasPrefix("load") || parts[1].hasPrefix("store")
    else { return nil }
    switch parts.count == 3 ? parts[2] : "" {
    case "", "wide", "wrapping": self = .offset
    case "far": self = .far
    case "absolute": self = .absolute
    case "indexed", "scaled": self = .indexed
    case "summed": self = .summed
    case "shifted": self = .shifted
    default: return nil
    }
  }
}
