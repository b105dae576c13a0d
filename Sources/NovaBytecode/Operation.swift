// Operation.swift — the operation of an instruction: a base operation, or a forwarded form of one.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Operations.md.

/// An operation, as the low 16 bits of an instruction name it.
///
/// Bits 0–9 are the base operation; bits 10–11 say which of the registers that it reads, counted
/// from 1, is taken from the last result instead (0: none); bits 12–15 are 0.
@frozen public struct Operation: RawRepresentable, Hashable, Sendable {
  /// The low 16 bits of the instruction.
  public let rawValue: UInt16

  /// Any bits; `isValid` says whether they name an operation.
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Numbers that a base operation can have.
  public static let numberCount = 1024

  /// Whether this names an operation that a module may contain, in a form that it has.
  public var isValid: Bool {
    let descriptor = OperationDescriptor(self)
    guard rawValue < 4096, descriptor.exists, !descriptor.flags.contains(.internal) else {
      return false
    }
    guard let index = forwardedOperand else { return true }
    return descriptor.canForward(index)
  }

  /// The operation without forwarding.
  @inlinable public var base: Operation { Operation(rawValue: rawValue & 0x3ff) }

  /// Which of the registers that it reads, counted from 0, is taken from the last result.
  @inlinable public var forwardedOperand: Int? {
    let form = Int(rawValue >> 10 & 3)
    return form == 0 ? nil : form - 1
  }

  /// The form that takes read operand `index` from the last result; nil when there is none.
  public func forwarding(_ index: Int) -> Operation? {
    guard descriptor.canForward(index) else { return nil }
    return Operation(rawValue: rawValue & 0x3ff | UInt16(index + 1) << 10)
  }

  /// What the operation's encoding is; the same for all of its forms.
  @inlinable public var descriptor: OperationDescriptor { OperationDescriptor(self) }
}

/// What a verifier or an optimiser asks of an operation.
///
/// A set of bits; not an `OptionSet`, whose literals are arrays, which need a heap.
@frozen public struct OperationFlags: RawRepresentable, Hashable, Sendable {
  /// A bit for each flag.
  public let rawValue: UInt32

  /// Any bits.
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Whether all flags of `other` are here.
  @inlinable public func contains(_ other: Self) -> Bool {
    rawValue & other.rawValue == other.rawValue
  }

  /// Whether no flag of `other` is here.
  @inlinable public func isDisjoint(with other: Self) -> Bool { rawValue & other.rawValue == 0 }

  /// The flags of both.
  @inlinable public static func | (left: Self, right: Self) -> Self {
    Self(rawValue: left.rawValue | right.rawValue)
  }
}
