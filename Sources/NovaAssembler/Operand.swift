// Operand.swift — what an instruction is told: registers, numbers, labels and indices.
// Hosted. Imports nothing.

/// A place in a function's code that branches name.
public struct Label: Hashable, Sendable {
  /// Counts from 0 in the order of `FunctionBuilder.makeLabel()`.
  public let index: UInt32

  init(index: UInt32) { self.index = index }
}

/// A register of a function's frame: a 64-bit slot.
public struct Register: Hashable, Comparable, Sendable {
  /// Counts from 0, the first parameter.
  public let number: UInt16

  /// The register with this number.
  public init(_ number: UInt16) { self.number = number }

  /// The register `distance` further on; a precondition when no such number exists.
  public func advanced(by distance: Int) -> Register {
    Register(UInt16(Int(number) + distance))
  }

  /// By number.
  public static func < (left: Register, right: Register) -> Bool { left.number < right.number }
}

/// One operand of an instruction, as `FunctionBuilder.emit` takes it.
public struct Operand: Equatable, Sendable {
  /// What an operand names.
  public enum Kind: UInt8, Sendable {
    /// A register; also the first register of a call's window.
    case register
    /// A number that is in the instruction itself.
    case immediate
    /// A place in the function.
    case label
    /// A function, import, type, global, memory, table, data or element segment, by its number.
    case index
  }

  /// What the operand names.
  public let kind: Kind
  /// The number; a negative one in two's complement.
  public let bits: UInt64

  init(kind: Kind, bits: UInt64) {
    self.kind = kind
    self.bits = bits
  }

  /// A register.
  public static func register(_ register: Register) -> Operand {
    Operand(kind: .register, bits: UInt64(register.number))
  }

  /// A register, by its number.
  public static func register(_ number: UInt16) -> Operand {
    Operand(kind: .register, bits: UInt64(number))
  }

  /// A whole number, checked against its field when the function is finished.
  public static func immediate(_ value: Int64) -> Operand {
    Operand(kind: .immediate, bits: UInt64(bitPattern: value))
  }

  /// A bit pattern.
  public static func bits(_ value: UInt64) -> Operand { Operand(kind: .immediate, bits: value) }

  /// The bit pattern of a number.
  public static func float(_ value: Double) -> Operand { .bits(value.bitPattern) }

  /// The bit pattern of a number, upper half zero.
  public static func float(_ value: Float) -> Operand { .bits(UInt64(value.bitPattern)) }

  /// A place in the function.
  public static func label(_ label: Label) -> Operand {
    Operand(kind: .label, bits: UInt64(label.index))
  }

  /// A function, import, type, global, memory, table, or data or element segment.
  public static func index(_ index: UInt32) -> Operand {
    Operand(kind: .index, bits: UInt64(index))
  }
}
