// ProgramRun.swift — this process becomes the program: natively where it can be, else under qemu.
// Hosted. Imports Glibc.

import Glibc

/// Why a program could not be run; this process goes on.
public enum ProgramRunError: Error, Equatable {
  /// The emulator for the program's CPU is not on PATH.
  case noEmulator(name: String)
  /// The kernel refused to run the file; `errno` as it gave it.
  case refused(path: String, errno: Int32)
}

/// How a program is started.
public struct ProgramRun: Sendable, Equatable {
  /// The program itself, or the emulator.
  public var executable: String
  /// From `argv[0]` on.
  public var arguments: [String]

  /// The command that runs a program: the program itself, or an emulator before it.
  ///
  /// - Parameters:
  ///   - program: path of a static ELF program for `target`.
  ///   - target: the CPU that it is for.
  ///   - arguments: after the program's name.
  ///   - name: the program's name to itself, if not its path.
  /// - Throws: `ProgramRunError` when the emulator is missing.
  public init(
    _ program: String, target: Target, arguments: [String], name: String? = nil
  ) throws(ProgramRunError) {
    // A name without a slash would be looked for on PATH by emulators that do so.
    let path = program.contains("/") ? program : "./\(program)"
    guard target != Target.host else {
      executable = path
      self.arguments = [name ?? path] + arguments
      return
    }
    guard let emulator = findExecutable(named: target.emulator) else {
      throw .noEmulator(name: target.emulator)
    }
    executable = emulator
    self.arguments = [emulator] + (name.map { ["-0", $0] } ?? []) + [path] + arguments
  }

  /// Replaces this process; signals, descriptors and the exit status are then the program's own.
  public func replaceProcess() throws(ProgramRunError) -> Never {
    // SAFETY: the vector ends with a null and lives as long as execve can read it.
    let error = unsafe withCStrings(arguments) { argv in
      _ = unsafe execv(executable, argv)
      return errno
    }
    throw .refused(path: executable, errno: error)
  }
}
