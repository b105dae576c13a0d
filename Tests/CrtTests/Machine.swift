// Machine.swift — where the tests of crt/ run a guest: natively, or under qemu-user.

import NovaToolchain
import TestSupport

/// Something that runs a guest.
enum Machine: String, CaseIterable, Sendable, CustomStringConvertible {
  case native, x86_64, aarch64, riscv64

  var description: String { self == .native ? "native" : "qemu-\(rawValue)" }

  /// The CPU whose guests it runs; natively the host's.
  var cpu: GuestCPU { GuestCPU(rawValue: rawValue) ?? Machine.hostCPU }

  /// Native only where guests for the host's CPU exist, which is everywhere that NovaCore builds.
  static var hostCPU: GuestCPU {
    #if arch(arm64)
      .aarch64
    #else
      .x86_64
    #endif
  }

  /// A request that starts `program` on this machine, with an empty environment.
  ///
  /// - Parameters:
  ///   - program: the program's file.
  ///   - arguments: after the program's name.
  ///   - options: of the emulator; none natively.
  /// - Returns: the request, not started.
  /// - Throws: `GuestError.notStarted` when the emulator is missing.
  func request(
    program: String, _ arguments: [String] = [], options: [String] = []
  ) throws -> ProcessRequest {
    var request = ProcessRequest(program, arguments)
    if self != .native {
      guard let emulator = findExecutable(named: cpu.emulator) else {
        throw GuestError.notStarted(program: cpu.emulator, errno: 2)
      }
      request = ProcessRequest(emulator, options + [program] + arguments)
    }
    request.environment = []
    return request
  }

  /// A request that starts the guest `name`.
  func request(
    _ name: String, _ arguments: [String] = [], options: [String] = []
  ) throws -> ProcessRequest {
    try request(program: Guests.path(of: name, on: cpu), arguments, options: options)
  }

  /// Runs the guest `name` to its end.
  func run(
    _ name: String, _ arguments: [String] = [], options: [String] = []
  ) throws -> ProcessOutcome {
    try NovaToolchain.run(request(name, arguments, options: options))
  }
}

extension ProcessOutcome {
  /// What the guest said in lines of "name value".
  var values: [String: UInt64] {
    var values: [String: UInt64] = [:]
    for line in outputText.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let last = words.last, let value = UInt64(last) else { continue }
      values[words.dropLast().joined(separator: " ")] = value
    }
    return values
  }

  /// The exit status, or 128 + the signal.
  var status: Int32 {
    switch ending {
    case .exited(let status): status
    case .killed(let signal): 128 + signal
    }
  }
}
