// OperandRoles.swift — what an operation does with each of its operands, as bits.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// The operands of an operation by what they are for: bit 0 is the first.
///
/// Passes over much code ask this of every instruction; `OperationForm` has the rest.
struct OperandRoles: Sendable {
  /// What the operation does besides computing.
  private(set) var flags = OperationFlags(rawValue: 0)
  private var operandCount: UInt8 = 0
  private var words: UInt8 = 0
  private(set) var reads: UInt8 = 0
  private(set) var writes: UInt8 = 0
  /// Those that concern the float result.
  private(set) var floats: UInt8 = 0
  /// Registers, and labels: their numbers mean nothing by themselves.
  private(set) var registers: UInt8 = 0
  private(set) var labels: UInt8 = 0

  var count: Int { Int(operandCount) }
  /// Words of an instruction; a branch table's entries come on top.
  var wordCount: Int { Int(words) }

  /// Of an operation, forwarded or not.
  @inline(__always) static func of(_ operation: Operation) -> OperandRoles {
    table[Int(operation.rawValue & 0x3ff)]
  }

  /// Of each number that an operation can have.
  static let table: [OperandRoles] = (0..<UInt16(Operation.numberCount)).map { number in
    let operation = Operation(rawValue: number)
    var roles = OperandRoles()
    guard operation.isValid else { return roles }
    let form = OperationForm.of(operation)
    roles.flags = operation.descriptor.flags
    roles.operandCount = UInt8(form.fields.count)
    roles.words = UInt8(form.wordCount)
    for (index, field) in form.fields.enumerated() {
      let bit: UInt8 = 1 << UInt8(index)
      if field.role.reads { roles.reads |= bit }
      if field.role.writes { roles.writes |= bit }
      if field.role.isFloat { roles.floats |= bit }
      if field.kind == .register { roles.registers |= bit }
      if field.kind == .label { roles.labels |= bit }
    }
    return roles
  }
}

extension [OperandRoles] {
  /// Those of an operation, forwarded or not, of a table of all.
  @inline(__always) subscript(_ operation: Operation) -> OperandRoles {
    self[Int(operation.rawValue & 0x3ff)]
  }
}
