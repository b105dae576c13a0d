// ProgramStrings.swift — arguments and variables copied into strings, which needs the arena.
// Freestanding. Imports NovaSystem.

import NovaSystem

extension ProgramArguments {
  /// A copy of an argument; bytes that are not UTF-8 become U+FFFD.
  ///
  /// - Parameter index: `0 ..< count`.
  /// - Returns: the copy, without the terminating zero.
  public func string(at index: Int) -> String { String(copying: self[index]) }
}

extension ProgramEnvironment {
  /// A copy of the value of `name`, nil when it is not set; bytes that are not UTF-8 become U+FFFD.
  ///
  /// - Complexity: O(size of the environment).
  public func string(of name: StaticString) -> String? {
    guard let value = value(of: name) else { return nil }
    return String(copying: value)
  }
}

extension String {
  /// A copy of `bytes`, repaired where they are not UTF-8.
  package init(copying bytes: Span<UInt8>) {
    // SAFETY: the buffer is read before the closure returns.
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
