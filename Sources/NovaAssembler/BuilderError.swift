// BuilderError.swift — why a module could not be built, and what bounds one.
// Hosted. Imports NovaBytecode. In words: Diagnostic+Text.swift.

import NovaBytecode

/// Why `ModuleBuilder` refuses; nothing was written.
public struct BuilderError: Error, Equatable {
  /// What is wrong.
  public enum Cause: Equatable, Sendable {
    /// A label that is branched to stands nowhere.
    case unplacedLabel(Label)
    /// A number does not fit the operand, which takes `minimum … maximum`.
    case operandOutOfRange(operand: Int, value: UInt64, minimum: Int64, maximum: UInt64)
    /// A branch would reach over more words than its widest form.
    case branchTooFar(words: Int)
    /// The frame needs more registers than `registerCount` says, or than a frame has.
    case registerCountTooSmall(needed: Int, registerCount: Int)
    /// The first register of windows lies behind the frame.
    case windowBaseTooHigh(windowBase: UInt16, registerCount: UInt16)
    /// A call's window begins below the first register of windows.
    case windowTooLow(base: UInt16, windowBase: UInt16)
    /// A function has no instructions.
    case emptyFunction
    /// Two exports have this name.
    case duplicateExport([UInt8])
    /// Two names are given to one thing.
    case duplicateName(NameKind, index: UInt32, part: UInt32)
    /// Two sections have this kind, or it is a known one's.
    case badSectionKind(UInt16)
    /// A section's bytes are no whole number of its entries, or there are none.
    case badSectionByteCount(kind: UInt16, byteCount: Int, entryByteCount: UInt32)
    /// The file would have more than `maximum` bytes.
    case fileTooLarge(byteCount: Int, maximum: Int)
  }

  /// The index of the function it is in, imports counted; null: in none.
  public var function: UInt32?
  /// The number of the instruction in the function; null: in none.
  public var instruction: Int?
  /// The line of the text that the instruction stands on; 0: there is no text.
  public var textLine: UInt32
  /// What is wrong.
  public var cause: Cause

  init(_ cause: Cause, function: UInt32? = nil, instruction: Int? = nil, textLine: UInt32 = 0) {
    (self.cause, self.function) = (cause, function)
    (self.instruction, self.textLine) = (instruction, textLine)
  }
}

/// What bounds every function that is built.
public enum BuilderLimits {
  /// Registers of a frame.
  public static var registerCountMax: Int { FormatLimits.registerCountMax }
}
