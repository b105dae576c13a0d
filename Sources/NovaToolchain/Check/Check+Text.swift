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
    case .output(let descriptor, let offset):
      "byte \(offset) of the output to descriptor \(descriptor)"
    case .ending: "how the program ends"
    }
  }
}

extension Difference: CustomStringConvertible {
  /// The finding in two lines: what and where, then why.
  public var description: String {
    let compared = baseline.map { "in the run \($0)" } ?? "by the rule"
    let exact = divergence.map { "\n  \($0.text)" } ?? ""
    return """
      \(place.text): \(expected) \(compared), \(found) in the run \(run)\(exact)
        \(weight == .failure ? "cause" : "normalised, cause"): \(cause)
      """
  }
}

extension Divergence {
  /// Where two runs part, in words.
  public var text: String {
    let after = last.map { "after \($0.text): " } ?? ""
    return "\(after)\(left?.text ?? "the end"), then \(right?.text ?? "the end") in the other run"
  }
}

extension TracePlace {
  /// The place in words: number, address and function of an instruction.
  public var text: String {
    let function = symbol.map { " (\($0)+\(offsetBytes))" } ?? ""
    let access = accessedAddress.map { " accesses \(hexadecimal($0))" } ?? ""
    return "instruction \(instructionNumber) at \(hexadecimal(programCounter))\(function)\(access)"
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
      "cannot write \(path): \(Self.text(errno)); nothing was changed, name a file in a writable "
        + "folder"
    }
  }

  private static func text(_ errno: Int32) -> String {
    // SAFETY: strerror returns a null-terminated string that lives until this thread's next call.
    unsafe String(cString: strerror(errno))
  }
}

extension CheckError {
  /// The error for a run that qemu's probe could not observe, with what to do.
  static func probe(run: String, program: String, _ error: ProbeError) -> CheckError {
    func failed(_ reason: String, _ remedy: String) -> CheckError {
      .run(name: run, reason: reason, remedy: remedy)
    }
    switch error {
    case .file(let error):
      return .program(
        path: program, reason: "it cannot be read: \(error)", remedy: "check the path")
    case .notOurs(let path, let error): return .notNova(path: path, error)
    case .incompleteRecord(let path, let key):
      return .program(
        path: path, reason: "its bootstrap record lacks key \(hexadecimal(UInt64(key)))",
        remedy: "build it again with this version of NovaCore")
    case .wrongCPU(let path, let found, let expected):
      return .wrongTarget(path: path, found: found, wanted: expected)
    case .emulatorMissing(let name, let package):
      return failed("\(name) is not on PATH", "install it: apt-get install \(package)")
    case .emulatorFailed(let ending, let message):
      return failed(
        "the emulator ended early (\(ending.text)): \(message.trimmingSpaces)",
        "see `nova doctor`; qemu-user 7.2 or newer is needed")
    case .neverReachedMain(let ending, let errorOutput):
      return failed(
        "the program ended before main (\(ending.text))"
          + (errorOutput.isEmpty ? "" : ": \(errorOutput.trimmingSpaces)"),
        "an initialiser ends it, or start-up refuses; run it alone to see why")
    case .timedOut(let stage, let limit):
      return failed(
        "no end after \(limit) ms (\(stage.rawValue))",
        "check a program that ends by itself, without input, or give it more time: --time-limit")
    case .cannotCloseDescriptors:
      return failed(
        "descriptors can only be closed with the trace plug-in", "build it: make plugin")
    case .scratch(let path, let errno):
      return .unwritable(path: path, errno: errno)
    case .logTooLarge(let byteCountMax):
      return failed(
        "the log of system calls is larger than \(byteCountMax) bytes", "check a shorter program")
    case .process(.refused(let step, let executable, let errno)):
      return failed(
        "\(executable) could not be started (\(step)): \(text(errno))",
        "raise the limit or give the permission, and run the check again")
    case .unpassableVariable, .process, .gdb, .unreadableMemory, .contradictoryMemory:
      return failed("\(error)", "run the check again; see `nova doctor` if it stays")
    }
  }
}
