// Operand.swift — where an operand stands in an instruction and what it is for.
// Hosted. Imports nothing. Design: NovaCore.docc/Operations.md.

/// Where an operand stands in the one or two words of an instruction; raw values are packed into
/// descriptors.
package enum Place: UInt8, Sendable, CaseIterable {
  /// Word 0, bits 16–31.
  case a
  /// Word 0, bits 32–47.
  case b
  /// Word 0, bits 48–63.
  case c
  /// Word 0, bits 16–23: the low half of `a`.
  case a0
  /// Word 0, bits 24–31: the high half of `a`.
  case a1
  /// Word 0, bits 32–63.
  case imm32
  /// Word 1, bits 0–15.
  case x0
  /// Word 1, bits 16–31.
  case x1
  /// Word 1, bits 32–47.
  case x2
  /// Word 1, bits 48–63.
  case x3
  /// Word 1, bits 0–31.
  case xlo
  /// Word 1, bits 32–63.
  case xhi
  /// Word 1, whole.
  case x

  /// The field's first bit within the instruction; 64 and more is word 1.
  package var bitOffset: Int {
    switch self {
    case .a, .a0: 16
    case .b, .imm32: 32
    case .c: 48
    case .a1: 24
    case .x0, .xlo, .x: 64
    case .x1: 80
    case .x2, .xhi: 96
    case .x3: 112
    }
  }

  /// The field's width in bits.
  package var bitCount: Int {
    switch self {
    case .a0, .a1: 8
    case .a, .b, .c, .x0, .x1, .x2, .x3: 16
    case .imm32, .xlo, .xhi: 32
    case .x: 64
    }
  }

  /// As generated Swift and the reference page spell it.
  package var name: String { "\(self)" }
}

/// What an operand is for.
///
/// "Int" and "Float" say which forwarding register it concerns: slots are untyped 64 bits. Raw
/// values are packed into descriptors.
package enum Role: UInt8, Sendable, CaseIterable {
  case readInt
  case readFloat
  case writeInt
  case writeFloat
  /// Read, then written by the same instruction.
  case updateInt
  case updateFloat
  /// The first of the registers that the instruction sets; a `count` says how many.
  case writeRange
  /// An immediate that is sign-extended.
  case signed
  /// An immediate that is zero-extended.
  case unsigned
  /// An immediate taken as it is: constants, masks and shift counts.
  case bits
  case memoryOffset
  /// Signed, in words, from the end of the instruction.
  case branch
  case function
  case `import`
  case type
  case global
  /// A global that another module or the host owns.
  case importedGlobal
  case memory
  case table
  case data
  case element
  /// The register at which the callee's frame begins.
  case windowBase
  case count

  package var reads: Bool {
    switch self {
    case .readInt, .readFloat, .updateInt, .updateFloat: true
    default: false
    }
  }

  package var writes: Bool {
    switch self {
    case .writeInt, .writeFloat, .updateInt, .updateFloat: true
    default: false
    }
  }

  /// Whether the field is an index of something of the module's.
  package var isIndex: Bool {
    switch self {
    case .function, .import, .type, .global, .importedGlobal, .memory, .table, .data, .element:
      true
    default: false
    }
  }

  /// Whether the value forwarded for this operand is the float one.
  package var isFloat: Bool {
    switch self {
    case .readFloat, .writeFloat, .updateFloat: true
    default: false
    }
  }
}

/// One operand of an operation.
package struct Operand: Sendable, Hashable {
  package let place: Place
  package let role: Role

  package init(_ place: Place, _ role: Role) {
    self.place = place
    self.role = role
  }
}
