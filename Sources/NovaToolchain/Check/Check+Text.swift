// Check+Text.swift — findings and errors in words, with the remedy.
// Hosted. Imports Glibc for the text of an errno.

import Glibc

extension DifferencePlace {
  /// The place in words.
  public var text: String {
    switch self {
    case .register(let name, let moment): "register \(name) \(moment.rawValue)"
    case .byte(let address, let region, let symbol, let moment):
      "byte \(hexadecimal(address)) of the \(region)"
        + (symbol.map { " (\($0))" } ?? "") + " \(moment.rawValue)"
    case .mapping(let name, let moment): "mapping \(name) \(moment.rawValue)"
    case .call(let index, let phase): "system call \(index + 1) \(phase.rawValue)"
    case .instruction(let first, let last):
      if let last, last > first + 1 {
        "an instruction between \(first) and \(last) from main"
      } else {
        "instruction \(first) from main"
      }
    case .access: "the addresses of data accesses from main"
    case .output(let descriptor, let offset): "byte \(offset) of the output to descriptor \(descriptor)"
    case .ending: "how the program ends"
    }
  }
}

extension Difference: CustomStringConvertible {
  /// The finding in two lines: what and where, then why.
  public var description: String {
    let compared = baseline.map { "in the run \($0)" } ?? "by the rule"
    return """
      \(place.text): \(expected) \(compared), \(found) in the run \(run)
        \(weight == .failure ? "cause" : "normalised, cause"): \(cause)
      """
  }
}

extension CheckError: CustomStringConvertible {
  /// What happened and what to do about it.
  public var description: String {
    switch self {
    case .program(let path, let reason, let remedy): "\(path): \(reason); \(remedy)"
    case .wrongTarget(let path, let found, let wanted):
      "\(path) is for \(found.rawValue), not \(wanted.rawValue); check it with --target "
        + "\(found.rawValue), or build it with --target \(wanted.rawValue)"
    case .run(let name, let reason, let remedy): "the run \(name) failed: \(reason); \(remedy)"
    case .unreadable(let path, let errno):
      "cannot read \(path): \(Self.text(errno)); write it with --update, or name another file"
    case .unwritable(let path, let errno):
      "cannot write \(path): \(Self.text(errno)); nothing was changed, name a file in a writable folder"
    }
  }

  private static func text(_ errno: Int32) -> String {
    // SAFETY: strerror returns a null-terminated string that lives until this thread's next call.
    unsafe String(cString: strerror(errno))
  }
}
