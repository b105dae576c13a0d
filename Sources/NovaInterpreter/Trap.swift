// Trap.swift — why a module was stopped, and where.
// Freestanding, no heap. Imports nothing. Source of the kinds: WebAssembly 2.0, section 4.4.

/// Why a module was stopped.
///
/// The instruction has not happened: registers and memory are as before it. Raw values never
/// change.
public enum TrapKind: UInt8, Equatable, Sendable {
  /// `unreachable` was reached.
  case unreachable = 0
  /// An integer was divided by zero.
  case integerDivisionByZero = 1
  /// A quotient, or a float's integer, does not fit.
  case integerOverflow = 2
  /// A NaN has no integer.
  case invalidConversion = 3
  /// An access goes beyond the memory's end, or a segment's.
  case memoryOutOfBounds = 4
  /// An index is not below the table's element count, or a segment's.
  case tableOutOfBounds = 5
  /// The element called is null.
  case nullReference = 6
  /// The function called is of another type than the caller says.
  case typeMismatch = 7
  /// Call depth or register stack are at their limit.
  case stackExhausted = 8
  /// A reference names no function of a living instance.
  case invalidReference = 9
}

/// A trap: kind and place.
@safe public struct Trap: Equatable, Sendable {
  /// Why.
  public let kind: TrapKind
  /// The instance's number.
  public let instanceNumber: UInt32
  /// Which of the instance's own functions.
  public let functionIndex: UInt32
  /// The instruction, in words from the function's beginning.
  public let wordOffset: UInt32

  /// A trap of `kind` at a place.
  public init(
    kind: TrapKind, instanceNumber: UInt32, functionIndex: UInt32, wordOffset: UInt32
  ) {
    self.kind = kind
    self.instanceNumber = instanceNumber
    self.functionIndex = functionIndex
    self.wordOffset = wordOffset
  }
}
