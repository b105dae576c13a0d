// OperationDescriptor.swift — how an operation is encoded and what it does to registers.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Operations.md.

/// One operand of an instruction.
@frozen public struct OperandDescriptor: Hashable, Sendable {
  /// Where its field is.
  public let place: OperandPlace
  /// What it is for.
  public let role: OperandRole

  /// The operand's field, zero-extended.
  @inlinable public func field(_ word0: UInt64, _ word1: UInt64) -> UInt64 {
    let offset = place.bitOffset
    let word = offset < 64 ? word0 : word1
    let count = place.bitCount
    return word >> UInt64(offset & 63) & (count == 64 ? ~0 : 1 << UInt64(count) - 1)
  }

  /// The operand's field, sign-extended.
  @inlinable public func signedField(_ word0: UInt64, _ word1: UInt64) -> Int64 {
    let unused = UInt64(64 - place.bitCount)
    return Int64(bitPattern: field(word0, word1) << unused) >> Int64(unused)
  }

  @inline(__always) init(packed: UInt64) {
    // SAFETY: the generator wrote raw values of these very enumerations, which count from 0.
    unsafe place = unsafeBitCast(UInt8(truncatingIfNeeded: packed & 15), to: OperandPlace.self)
    // SAFETY: as above.
    unsafe role = unsafeBitCast(UInt8(truncatingIfNeeded: packed >> 4 & 63), to: OperandRole.self)
  }
}

/// The encoding of an operation: two words looked up, the rest on demand.
public struct OperationDescriptor: Sendable {
  /// The operation without forwarding.
  public let base: Operation
  let record: UInt64

  /// Of any 16 bits; `exists` is false for those that name nothing.
  @inline(__always) public init(_ operation: Operation) {
    base = operation.base
    record = operationRecords[Int(operation.rawValue & 0x3ff)]
  }

  /// Whether the base number is an operation's.
  @inline(__always) public var exists: Bool { record >> 19 & 1 != 0 }

  /// What the operation does besides computing.
  @inline(__always) public var flags: OperationFlags {
    OperationFlags(rawValue: UInt32(truncatingIfNeeded: record >> 32))
  }

  /// Units of fuel charged for a taken branch or a call.
  @inline(__always) public var cost: Int { Int(record >> 8 & 0xff) }

  /// Whether read operand `index`, counted from 0, can be taken from the last result.
  @inline(__always) public func canForward(_ index: Int) -> Bool {
    index >= 0 && index < 3 && record >> UInt64(16 + index) & 1 != 0
  }

  @inline(__always) func shape(_ word: Int) -> UInt64 {
    operationShapes[Int(record & 0xff) * 8 + word]
  }

  /// Words of an instruction; a branch table's entries come on top.
  @inline(__always) public var wordCount: Int { Int(shape(5)) }

  /// At most 6.
  @inline(__always) public var operandCount: Int { Int(shape(0) >> 60) }

  /// - Precondition: `index < operandCount`.
  public func operand(at index: Int) -> OperandDescriptor {
    precondition(index >= 0 && index < operandCount, "the operation has fewer operands")
    return OperandDescriptor(packed: shape(0) >> UInt64(index * 10))
  }

  /// Read operand `index`, counted from 0, in the order of forwarded forms; nil when there are
  /// fewer.
  public func readOperand(_ index: Int) -> OperandDescriptor? {
    var left = index
    for position in 0..<operandCount {
      let operand = operand(at: position)
      guard operand.role.reads else { continue }
      if left == 0 { return operand }
      left -= 1
    }
    return nil
  }

  /// Ones over the fields of word 0 that name a register that is read: 16-bit lanes, or bytes
  /// where `flags` has `byteRegisters`.
  @inline(__always) public var readMask: UInt64 { shape(1) }
  /// The same for registers that are written.
  @inline(__always) public var writeMask: UInt64 { shape(2) }
  /// The same in word 1.
  @inline(__always) public var readMask1: UInt64 { shape(3) }
  /// The same for registers that are written, in word 1.
  @inline(__always) public var writeMask1: UInt64 { shape(4) }
}
