// ProgramRun.swift — this process becomes the program: natively where it can be, else under qemu.
// Hosted. Imports CNovaProbe, Glibc.

import CNovaProbe
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

  /// Puts a program into memory that lives as long as the processes that have it open: this one
  /// and what it becomes.
  ///
  /// - Parameters:
  ///   - bytes: the program's file.
  ///   - name: what an error calls it.
  /// - Returns: a path by which this process, and what it becomes, reach the file.
  /// - Throws: `ProgramRunError.refused`.
  public static func memoryFile(
    _ bytes: [UInt8], name: String
  ) throws(ProgramRunError) -> String {
    let own = nova_memory_file()
    guard own >= 0 else { throw .refused(path: name, errno: Int32(-own)) }
    // The first descriptor ends with this program; the second stays with what it becomes.
    let descriptor = dup(Int32(own))
    guard descriptor >= 0 else { throw .refused(path: name, errno: errno) }
    var written = 0
    while written < bytes.count {
      // SAFETY: the buffer holds the rest of the bytes, and lives for the call.
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          descriptor, buffer.baseAddress.unsafelyUnwrapped + written, bytes.count - written)
      }
      guard count > 0 else {
        guard errno == EINTR else { throw .refused(path: name, errno: errno) }
        continue
      }
      written += count
    }
    return "/proc/self/fd/\(descriptor)"
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
