// ProgramArguments.swift — argc and argv as borrowed bytes; Embedded Swift has no CommandLine.
// Freestanding. Imports NovaABI. Source: System V ABI, "Process Initialization".

import NovaABI

/// The program's arguments, in the memory where the system put them: looking costs no allocation.
///
/// Argument 0 is the program's name as its parent gave it. There may be no argument at all.
public struct ProgramArguments: Sendable {
  /// The process's arguments.
  public static var current: ProgramArguments { ProgramArguments() }

  /// How many there are, the program's name included.
  public var count: Int {
    // SAFETY: the start record lives as long as the process and is not written after start-up.
    unsafe Int(nova_started().pointee.argument_count)
  }

  /// The indices of all arguments, `0 ..< count`.
  public var indices: Range<Int> { 0..<count }

  /// The bytes of an argument, without the terminating zero; UTF-8 by custom, but nobody checks.
  ///
  /// - Parameter index: `0 ..< count`.
  public subscript(index: Int) -> Span<UInt8> {
    @_lifetime(immortal)
    get {
      precondition(index >= 0 && index < count, "there is no argument of this index")
      // SAFETY: `arguments` holds argument_count strings, and index was just checked.
      guard let string = unsafe nova_started().pointee.arguments[index] else {
        preconditionFailure("the argument vector ends early")
      }
      return unsafe span(ofString: string)
    }
  }
}

/// The bytes of a string that lives as long as the process, without its terminating zero.
///
/// - Safety: `string` must end with a zero and never change.
@unsafe @_lifetime(immortal)
func span(ofString string: UnsafePointer<CChar>) -> Span<UInt8> {
  var count = 0
  // SAFETY: promised by the caller; the zero itself is the last byte read.
  while unsafe string[count] != 0 { count += 1 }
  let bytes = unsafe UnsafeRawBufferPointer(start: string, count: count)
  return unsafe _overrideLifetime(
    Span(_unsafeBytes: bytes), borrowing: ())
}
