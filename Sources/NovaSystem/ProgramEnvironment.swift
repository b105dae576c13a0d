// ProgramEnvironment.swift — envp as borrowed bytes.
// Freestanding. Imports NovaABI. Source: System V ABI, "Process Initialization".

import NovaABI

/// The environment that the program was started with; empty in a set-user-id start (`AT_SECURE`).
///
/// A hosted program that changes its environment through libc still sees the first one here.
public struct ProgramEnvironment: Sendable {
  /// The process's environment.
  public static var current: ProgramEnvironment { ProgramEnvironment() }

  /// How many variables there are.
  ///
  /// - Complexity: O(n).
  public var count: Int {
    var count = 0
    // SAFETY: the vector ends with a null, which ends the loop.
    while unsafe variable(at: count) != nil { count += 1 }
    return count
  }

  /// The bytes `NAME=value` of a variable, in the order in which the parent passed them.
  ///
  /// - Parameter index: `0 ..< count`.
  /// - Complexity: O(`index`), because the vector is checked to its end.
  public subscript(index: Int) -> Span<UInt8> {
    @_lifetime(immortal)
    get {
      precondition(index >= 0 && index < count, "there is no variable of this index")
      guard let string = unsafe variable(at: index) else {
        preconditionFailure("the environment ends early")
      }
      // SAFETY: the system's strings end with a zero and stay as they are.
      return unsafe span(ofString: string)
    }
  }

  /// The bytes of the value of `name`; nil when it is not set.
  ///
  /// - Complexity: O(size of the environment).
  @_lifetime(immortal)
  public func value(of name: StaticString) -> Span<UInt8>? {
    // SAFETY: a static string of more than one scalar or an ASCII one is a pointer to its bytes.
    precondition(name.hasPointerRepresentation, "a variable's name is a string")
    let bytes = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    return unsafe value(of: bytes.span)
  }

  /// The bytes of the value of the variable with the name in `name`; nil when it is not set.
  ///
  /// - Complexity: O(size of the environment).
  @_lifetime(immortal)
  public func value(of name: Span<UInt8>) -> Span<UInt8>? {
    var index = 0
    // SAFETY: the vector ends with a null, each of its strings with a zero; a mismatch, and with it
    // the zero, ends the comparison.
    while let string = unsafe variable(at: index) {
      var matched = 0
      while matched < name.count, unsafe UInt8(bitPattern: string[matched]) == name[matched] {
        matched += 1
      }
      if matched == name.count, unsafe UInt8(bitPattern: string[matched]) == UInt8(ascii: "=") {
        return unsafe span(ofString: string + matched + 1)
      }
      index += 1
    }
    return nil
  }

  private func variable(at index: Int) -> UnsafePointer<CChar>? {
    // SAFETY: the vector lives as long as the process and ends with a null, which stops each
    // caller.
    unsafe nova_started().pointee.environment[index]
  }
}
