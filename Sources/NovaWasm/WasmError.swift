// WasmError.swift — why a WebAssembly file was not translated, and where in it.
// Hosted. Imports NovaAssembler. Design: NovaCore.docc/WebAssembly.md.

import NovaAssembler

/// Why a WebAssembly file was refused; nothing was written.
public struct WasmError: Error, Equatable {
  /// A function of the file.
  public struct Function: Equatable, Sendable {
    /// In the function index space, imported ones first.
    public let index: Int
    /// From the name section.
    public let name: String?

    init(index: Int, name: String?) { (self.index, self.name) = (index, name) }
  }

  /// What is wrong.
  public var cause: Cause
  /// Where, in bytes from the beginning of the file.
  public var offset: Int
  /// Whose code it is; nil outside of code.
  public var function: Function?

  init(_ cause: Cause, at offset: Int, in function: Function? = nil) {
    (self.cause, self.offset, self.function) = (cause, offset, function)
  }

  /// What is wrong with a file.
  public enum Cause: Equatable, Sendable {
    // Malformed: the bytes are no module's.

    /// The file does not begin with `\0asm`.
    case notWasm
    /// The file is of another version of the binary format than 1.
    case unknownVersion(UInt32)
    /// The file, a section or a function's code ends inside of a value.
    case truncated
    /// An integer has more bytes or bits than its type allows.
    case malformedInteger
    /// A name is not UTF-8.
    case malformedName
    /// A section's number is unknown.
    case unknownSection(UInt8)
    /// A section comes twice or behind one that it must precede.
    case sectionOrder(UInt8)
    /// A section or a function's code holds more bytes than were read.
    case excessBytes(Int)
    /// A byte that selects a form has a value that no form has.
    case malformedForm(UInt8)
    /// The number of functions and of function bodies differ.
    case bodyCount(functions: Int, bodies: Int)
    /// The number of data segments is not the one that was announced.
    case dataCount(announced: Int, found: Int)
    /// Code names a data segment, and no data count section announces any.
    case dataCountMissing
    /// An operation's number is unknown; those behind a prefix count `prefix << 8 | number`.
    case unknownOperation(UInt32)
    /// A function has 2³² locals or more.
    case localCount(UInt64)
    /// An `else` that belongs to no `if`.
    case misplacedElse

    // Invalid: the module breaks a rule.

    /// An index names nothing: there are `count` of its kind.
    case indexOutOfRange(WasmIndexSpace, index: UInt32, count: Int)
    /// A value has another type than is wanted there.
    case typeMismatch(expected: WasmValueType, found: WasmValueType)
    /// A number is wanted where there is a reference, or the other way round.
    case wrongKindOfType(WasmValueType)
    /// A block's stack holds no value where one is wanted.
    case missingValue
    /// A block's stack holds values at its end that its type doesn't have.
    case excessValues(Int)
    /// The labels of a `br_table` take different numbers of values.
    case branchArity(expected: Int, found: Int)
    /// A function called in place of this one gives other results.
    case tailCallResults
    /// An `if` without `else` whose results are not its parameters.
    case missingElse
    /// A `select` with another number of types than one.
    case selectArity(Int)
    /// A global that is constant is set.
    case immutableGlobal(UInt32)
    /// An access promises more alignment than its width.
    case alignment(exponent: UInt32, maximum: UInt32)
    /// The least size is more than the greatest.
    case sizesReversed(minimum: UInt64, maximum: UInt64)
    /// A memory of more pages than there are addresses.
    case memoryTooLarge(pages: UInt64)
    /// More than one memory, where the options allow one.
    case secondMemory
    /// Two exports of this name.
    case duplicateExport(String)
    /// The start function takes or gives values.
    case startType
    /// An initial value that no constant expression is.
    case constantRequired
    /// A reference to a function that nothing outside of code names.
    case undeclaredReference(UInt32)

    // Neither.

    /// The file uses something that the translation does not carry.
    case unsupported(WasmFeature)
    /// A function has more locals than `WasmLimits.localCountMax`.
    case tooManyLocals(UInt64)
    /// A function needs more registers than an `.nvc` function can have.
    case tooManyRegisters(Int)
    /// The module that came out was refused by its builder: a limit of the format was exceeded.
    case module(BuilderError)
  }

  /// What kind of refusal it is, as the specification counts them.
  public enum Kind: Equatable, Sendable {
    /// The bytes are no module's.
    case malformed
    /// The module breaks a rule.
    case invalid
    /// The module may be a good one, and uses what is not translated.
    case unsupported
    /// The module may be a good one, and is too large for us.
    case limit
  }

  /// What kind of refusal it is.
  public var kind: Kind {
    switch cause {
    case .notWasm, .unknownVersion, .truncated, .malformedInteger, .malformedName, .unknownSection,
      .sectionOrder, .excessBytes, .malformedForm, .bodyCount, .dataCount, .dataCountMissing,
      .unknownOperation, .localCount, .misplacedElse:
      .malformed
    case .indexOutOfRange, .typeMismatch, .wrongKindOfType, .missingValue, .excessValues,
      .branchArity, .tailCallResults, .missingElse, .selectArity, .immutableGlobal, .alignment,
      .sizesReversed,
      .memoryTooLarge, .secondMemory, .duplicateExport, .startType, .constantRequired,
      .undeclaredReference:
      .invalid
    case .unsupported: .unsupported
    case .tooManyLocals, .tooManyRegisters, .module: .limit
    }
  }
}

/// What a WebAssembly file may use and the translation does not carry.
public enum WasmFeature: Error, Equatable, Sendable {
  /// 128-bit vectors.
  case simd
  /// Shared memories and atomic operations.
  case threads
  /// Exception handling.
  case exceptions
  /// Tail calls.
  case tailCalls
  /// Typed function references and garbage collection.
  case typedReferences
  /// 64-bit memories and tables.
  case memory64
  /// An initial value that is computed from an imported global.
  case computedConstant
}

/// What an index of WebAssembly can name.
public enum WasmIndexSpace: Error, Equatable, Sendable {
  case type, function, table, memory, global, element, data, local, label
}

/// Bounds of what is translated.
public enum WasmLimits {
  /// Locals of one function, its parameters included.
  public static let localCountMax = 16_384
  /// Bytes of a source file's name, or of its folder's.
  public static let sourceNameByteCountMax = 4096
  /// Bytes of all source files' names with their folders.
  public static let sourceNamesByteCountMax = 1 << 24
  /// Pages of a memory.
  public static let memoryPageCountMax: UInt64 = 65_536
}
