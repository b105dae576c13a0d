// WasmError.swift — why a WebAssembly file was not translated.
// Hosted. Imports NovaAssembler. Design: NovaCore.docc/WebAssembly.md.

import NovaAssembler

/// Why a WebAssembly file was refused; nothing was written.
///
/// An `offset` counts bytes from the beginning of the file.
public enum WasmError: Error, Equatable {
  /// The file does not begin with `\0asm`.
  case notWasm
  /// The file is of another version of the binary format than 1.
  case unsupportedVersion(UInt32)
  /// The file, a section or a function's code ends inside of a value.
  case truncated(offset: Int)
  /// An integer has more bytes or bits than its type allows.
  case malformedInteger(offset: Int)
  /// A name is not UTF-8.
  case malformedName(offset: Int)
  /// A section's number is unknown.
  case unknownSection(id: UInt8, offset: Int)
  /// A section comes twice or behind one that it must precede.
  case sectionOrder(id: UInt8, offset: Int)
  /// A section holds more or fewer bytes than it says.
  case sectionLength(id: UInt8, offset: Int)
  /// A byte that selects a form has a value that no form has.
  case malformedForm(byte: UInt8, offset: Int)
  /// The number of functions and of function bodies differ.
  case bodyCount(functions: Int, bodies: Int)
  /// The file uses something that the translation does not carry yet.
  case unsupported(WasmFeature, offset: Int)
  /// An operation's number is unknown; those behind a prefix count `prefix << 8 | number`.
  case unknownOperation(UInt32, offset: Int)
  /// An index names nothing: there are `count` of its kind.
  case indexOutOfRange(WasmIndexSpace, index: UInt32, count: Int, offset: Int)
  /// An operand has another type than its operation takes.
  case typeMismatch(function: Int, offset: Int, expected: WasmValueType, found: WasmValueType)
  /// A block's stack holds fewer values than its operation or its end takes.
  case stackUnderflow(function: Int, offset: Int)
  /// A block's stack holds more values at its end than its type says.
  case stackOverflow(function: Int, offset: Int)
  /// A global that is constant is set.
  case immutableGlobal(function: Int, offset: Int, global: UInt32)
  /// A function's control structure does not fit: an `else` without `if`, code behind its end.
  case malformedControl(function: Int, offset: Int)
  /// A function has more locals than `WasmLimits.localCountMax`.
  case tooManyLocals(function: Int, count: Int)
  /// A function needs more registers than an `.nvc` function can have.
  case tooManyRegisters(function: Int, count: Int)
  /// The module that came out was refused by its builder: a limit of the format was exceeded.
  case module(BuilderError)
}

/// What a WebAssembly file may use and the translation does not carry yet.
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
  /// More than one memory.
  case multipleMemories
  /// An import that is no function.
  case importedTable
  /// An import that is no function.
  case importedMemory
  /// An import that is no function.
  case importedGlobal
  /// An initial value that is computed from a global or a function reference.
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
}
