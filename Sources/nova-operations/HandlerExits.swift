// HandlerExits.swift — what handlers leave to others, and where the context has it.
// Hosted. Imports nothing.

/// Functions of a handler's type in the words of a context below its header.
enum HandlerExits {
  /// In the order of their words.
  static let names = [
    "exit_done", "exit_slow", "exit_fuel", "exit_call", "exit_instance", "trap_unreachable",
    "trap_zero", "trap_overflow", "trap_memory", "trap_element", "trap_null", "trap_type",
    "trap_stack", "trap_conversion", "canonical_f32_a", "canonical_f32_a0", "canonical_f64_a",
    "canonical_f64_a0",
  ]

  /// Bytes of a context's header that come before them, counted downwards.
  static let headerByteCount = 256

  /// Bytes from the context down to the word of `name`.
  static func offset(_ name: String) -> Int {
    guard let index = names.firstIndex(of: name) else {
      preconditionFailure("\(name) is no exit")
    }
    return headerByteCount + (index + 1) * 8
  }
}
