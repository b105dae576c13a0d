// VerifierError.swift — why code is not run, and what bounds its verification.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Why `Verifier` refused a module.
public struct VerifierError: Error, Equatable {
  /// The function, an index of imported functions, then own ones.
  public var function: Int
  /// The instruction, in words from the function's beginning.
  public var wordOffset: Int
  /// What is wrong.
  public var reason: Reason
  /// The offending value.
  public var value: UInt64

  /// An error of these parts.
  public init(function: Int, wordOffset: Int, reason: Reason, value: UInt64) {
    (self.function, self.wordOffset) = (function, wordOffset)
    (self.reason, self.value) = (reason, value)
  }

  /// What can be wrong with code; each payload says what would have been right.
  public enum Reason: Equatable, Sendable {
    // Structure.

    /// Bits 0–15, the value, name no operation, or none that a module may contain.
    case unknownOperation
    /// The operation, the value, has no form that forwards this operand.
    case unknownForm
    /// Bits without a meaning are set: the value.
    case unusedBits
    /// The instruction, of as many words as the value says, goes beyond the function's end.
    case truncatedInstruction(available: Int)
    /// A branch to a word, the value as a signed number, that the function doesn't have.
    case targetOutOfRange(wordCount: Int)
    /// A branch leads to the value's word, which is no instruction's first.
    case targetInsideInstruction
    /// Control would leave the function at its end, after the value's words.
    case noTerminator
    /// A number beyond what the module has; functions and globals that are its own are counted
    /// apart from imported ones.
    case indexOutOfRange(role: OperandRole, count: Int)
    /// The global is set and can't be.
    case immutableGlobal
    /// Memory 0 is accessed, and there is none; the value is the operation.
    case noMemory
    /// The table of that index holds no functions.
    case notFunctionTable
    /// Table and segment, or table and table, hold different types; the value is the second index.
    case wrongElementType
    /// The operation, the value, returns another number of results than the function's type says.
    case wrongResultCount(expected: Int)

    /// The operation, the value, needs a feature that the header doesn't name.
    case featureNotNamed(ModuleFeature)

    // Registers.

    /// A register beyond the function's.
    case registerOutOfRange(registerCount: Int)
    /// A register that no instruction has written on some way to here.
    case undefinedRegister
    /// The last integer (or float) result didn't go to the forwarded operand's register, the value,
    /// or the register was written since, or a branch leads to between.
    case notForwarded
    /// A call's frame, at the value's register, begins below the registers that calls may use.
    case windowBelowBase(windowBase: Int)
    /// A call's frame at the value's register has no room for its arguments or results.
    case windowBeyondRegisters(registerCount: Int, needed: Int)
    /// A run of registers from the value's one on ends beyond the function's, or has none.
    case rangeOutOfRange(count: Int, registerCount: Int)
    /// Code that no control reaches; the value is the word.
    case unreachable
    /// A branch back to `target`, where the value's register is taken as defined and isn't here.
    case undefinedAtLoop(target: Int)

    // Lines.

    /// A line, the value, begins at a word that is no instruction's first.
    case lineInsideInstruction

    // Limits.

    /// The function has more words, the value, than are verified.
    case functionTooLarge(limit: Int)
    /// The scratch's byte count, the value, is too small for this function.
    case scratchTooSmall(needed: Int)
  }
}

/// What bounds the verification of every module.
public enum VerifierLimits {
  /// Words of one function: 16 MiB.
  @inlinable public static var functionWordCountMax: Int { 1 << 21 }
  /// What `Verifier.scratchByteCount` asks for at most; functions that need more are refused.
  @inlinable public static var scratchByteCountMax: Int { 64 << 20 }
}

/// A module whose code was verified: what may be run.
///
/// Only `Verifier.verify` makes one, in this process or, of the modules in a program's own file,
/// when the program was built (`VerifiedModule.init(builtIn:statement:)`). It holds that no
/// instruction reaches a register beyond its function's, one that wasn't written, or a word that
/// isn't an instruction; that each index is one of the module's, of the right type; that control
/// stays in its function; and that each forwarded operand's register holds what is forwarded, so
/// that the form means what its base form means.
/// What depends on values is checked as they are used: addresses, references, divisors, depth.
public struct VerifiedModule: Sendable {
  /// The module.
  public let view: ModuleView
  /// The most that is done between two charges of fuel within one function: words of its code, and
  /// one for each 64 bytes of registers that it clears.
  public let functionWeightMax: Int

  init(verified view: ModuleView, functionWeightMax: Int) {
    self.view = view
    self.functionWeightMax = functionWeightMax
  }
}
