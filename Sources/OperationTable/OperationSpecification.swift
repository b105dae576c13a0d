// OperationSpecification.swift — one operation: name, encoding, meaning, what follows from them.
// Hosted. Imports nothing. Design: NovaCore.docc/Operations.md.

/// The description of one base operation.
///
/// Its forwarded forms follow from it.
package struct OperationSpecification: Sendable {
  /// As in assembly text.
  package let name: String
  /// Bits 0–9 of the instruction; never changes once a release carried it.
  package let number: Int
  /// In the order of the text.
  package let operands: [Operand]
  package let body: [Statement]
  /// Which of the operands that are read, counted from 0, may be forwarded.
  package let forwardable: [Int]

  /// Words of an instruction, a branch table's entries not counted.
  package var wordCount: Int { operands.contains { $0.place.bitOffset >= 64 } ? 2 : 1 }

  /// The operands that a forwarded form can take from the last result.
  package var readOperands: [Operand] { operands.filter { $0.role.reads } }

  package var flags: OperationFlags {
    var flags: OperationFlags = []
    for statement in body {
      switch statement {
      case .branch(_, nil): flags.formUnion([.branch, .terminator])
      case .branch: flags.insert(.branch)
      case .branchTable: flags.formUnion([.branchTable, .terminator])
      case .call: flags.insert(.call)
      case .callIndirect: flags.formUnion([.call, .indirect])
      case .tailCall: flags.formUnion([.tail, .terminator])
      case .tailCallIndirect: flags.formUnion([.tail, .terminator, .indirect])
      case .leave: flags.formUnion([.terminator, .returns])
      case .trapUnreachable: flags.insert(.terminator)
      case .exit, .exitInstance: flags.formUnion([.terminator, .internal])
      case .slow(.importCall): flags.formUnion([.slow, .call])
      case .slow(.importTailCall): flags.formUnion([.slow, .tail, .terminator])
      case .slow: flags.insert(.slow)
      default: break
      }
    }
    for operand in operands {
      if operand.role.writes { flags.insert(operand.role.isFloat ? .writesFloat : .writesInt) }
      let isByte = operand.place == .a0 || operand.place == .a1
      if isByte, operand.role.reads || operand.role.writes { flags.insert(.byteRegisters) }
      if operand.role == .writeRange { flags.insert(.writesRange) }
      if operand.role.isIndex { flags.insert(.indexed) }
    }
    if accessesMemory0 { flags.insert(.memory) }
    return flags
  }

  /// Units of fuel that a taken branch or a call is charged, before the effect.
  package var cost: Int {
    flags.isDisjoint(with: [.branch, .branchTable, .call, .tail]) ? 0 : 1
  }

  /// Number of the form that takes read operand `index` from the last result.
  package func number(forwarding index: Int) -> Int { number | (index + 1) << 10 }

  /// Name of that form.
  package func name(forwarding index: Int) -> String { "\(name).\(["x", "y", "z"][index])" }
}

/// What a verifier or an optimiser asks of an operation; raw bits are packed into descriptors.
package struct OperationFlags: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Control never falls through to the next instruction.
  package static let terminator = Self(rawValue: 1 << 0)
  /// Has an operand of role `branch`.
  package static let branch = Self(rawValue: 1 << 1)
  package static let branchTable = Self(rawValue: 1 << 2)
  /// Writes the registers from its window base on.
  package static let call = Self(rawValue: 1 << 3)
  package static let indirect = Self(rawValue: 1 << 4)
  package static let returns = Self(rawValue: 1 << 5)
  /// Left to the outer loop; nothing is forwarded past it.
  package static let slow = Self(rawValue: 1 << 6)
  package static let writesInt = Self(rawValue: 1 << 7)
  package static let writesFloat = Self(rawValue: 1 << 8)
  /// `a0` or `a1` names a register.
  package static let byteRegisters = Self(rawValue: 1 << 9)
  package static let writesRange = Self(rawValue: 1 << 10)
  /// No module may contain it.
  package static let `internal` = Self(rawValue: 1 << 11)
  /// Means a sequence of other operations.
  package static let fused = Self(rawValue: 1 << 12)
  /// Has an operand that counts something of the module's, such as its tables.
  package static let indexed = Self(rawValue: 1 << 13)
  /// Loads from memory 0 or stores to it.
  package static let memory = Self(rawValue: 1 << 14)
  /// Leaves its frame to the function that it calls.
  package static let tail = Self(rawValue: 1 << 15)
}

extension OperationFlags {
  /// Each flag with its name and meaning, for what is generated.
  package static let named: [(name: String, summary: String, flag: OperationFlags)] = [
    ("terminator", "Control never falls through to the next instruction.", .terminator),
    ("branch", "Has an operand of role `branch`.", .branch),
    ("branchTable", "Is followed by a table of branch offsets.", .branchTable),
    ("call", "Writes the registers from its window base on.", .call),
    ("indirect", "Calls what an element of a table refers to.", .indirect),
    ("returns", "Ends the function.", .returns),
    ("slow", "Left to the outer loop; nothing is forwarded past it.", .slow),
    ("writesInt", "Sets a register, and the integer forwarding register.", .writesInt),
    ("writesFloat", "Sets a register, and the float forwarding register.", .writesFloat),
    ("byteRegisters", "`a0` or `a1` names a register.", .byteRegisters),
    ("writesRange", "Sets a run of registers.", .writesRange),
    ("internal", "No module may contain it.", .internal),
    ("fused", "Means a sequence of other operations.", .fused),
    ("indexed", "Has an operand that counts something of the module's.", .indexed),
    ("memory", "Loads from memory 0 or stores to it.", .memory),
    ("tail", "Leaves its frame to the function that it calls.", .tail),
  ]
}
