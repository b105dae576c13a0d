// Guests.swift — where `make guests` puts the programs of qemu/programs, and how to run them.
// Hosted. Imports Glibc.

import Glibc

/// A CPU that guests are built for.
public enum GuestCPU: String, CaseIterable, Sendable, CustomStringConvertible {
  case x86_64, aarch64, riscv64

  /// The compiler's name for the CPU without an operating system.
  public var triple: String {
    switch self {
    case .x86_64: "x86_64-unknown-none-elf"
    case .aarch64: "aarch64-none-none-elf"
    case .riscv64: "riscv64-none-none-eabi"
    }
  }

  /// The emulator that runs a guest.
  public var emulator: String { "qemu-\(rawValue)" }

  /// The CPU's name, as folders and emulators spell it.
  public var description: String { rawValue }
}

/// Why a guest could not be used.
public enum GuestError: Error, Equatable, CustomStringConvertible {
  /// No file at `path`.
  case missing(path: String)
  /// `posix_spawnp` refused `program` with this errno.
  case notStarted(program: String, errno: Int32)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .missing(let path): "there is no guest at \(path): run make guests"
    case .notStarted(let program, let errno):
      "\(program) did not start (errno \(errno)): install qemu-user"
    }
  }
}

/// The built programs of qemu/programs.
public enum Guests {
  /// The repository's root folder.
  public static var root: String {
    var path = Substring(#filePath)
    for _ in 0..<3 {
      guard let slash = path.lastIndex(of: "/") else { break }
      path = path[..<slash]
    }
    return String(path)
  }

  /// The file of the guest `name`.
  ///
  /// - Throws: `GuestError.missing` when it was not built.
  public static func path(of name: String, on cpu: GuestCPU) throws(GuestError) -> String {
    let path = "\(root)/build/guests/\(cpu)/\(cpu.triple)/release/\(name)"
    // SAFETY: access reads a null-terminated string that lives for the call.
    guard unsafe access(path, X_OK) == 0 else { throw .missing(path: path) }
    return path
  }

  /// Runs the guest `name` under qemu-user and waits for it.
  ///
  /// - Parameters:
  ///   - name: the guest's.
  ///   - cpu: the guest's.
  ///   - arguments: the program's arguments after its name.
  ///   - environment: `NAME=value`, the program's whole environment.
  /// - Returns: how it ended and what it wrote.
  /// - Throws: `GuestError`.
  public static func run(
    _ name: String, on cpu: GuestCPU, arguments: [String] = [], environment: [String] = []
  ) throws(GuestError) -> Completion {
    let program = try path(of: name, on: cpu)
    return try Completion.run(
      cpu.emulator, arguments: [program] + arguments, environment: environment)
  }
}
