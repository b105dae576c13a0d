// InterruptTests.swift — a check that is interrupted leaves neither processes nor files.

import Glibc
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct InterruptTests {
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a check that a signal ends removes what it made`(signal: Int32) throws {
    var request = ProcessRequest(
      Command.path, ["check", try Guests.path(of: "hello", on: .riscv64), "--emulated-only"])
    request.environment = ["NOVACORE_ROOT=\(Guests.root)", "PATH=/usr/bin:/bin"]
    var command = try ChildProcess(request)
    var emulators: [Emulator] = []
    while emulators.isEmpty {
      try #require(command.poll() == nil, "the check ended before an emulator was seen")
      emulators = try Emulator.all(startedBy: command.processIdentifier)
    }
    command.send(signal: signal)
    let outcome = try command.collect(timeLimitMilliseconds: 10_000, outputByteCountMax: 1 << 20)
    #expect(outcome.ending == .killed(signal: signal))
    for emulator in emulators {
      #expect(!Files.exists(emulator.folder), "\(emulator.folder) is left")
      // The kernel kills it when its parent is gone, a moment later at most.
      #expect(try emulator.isGone(within: 5000), "process \(emulator.identifier) is left")
    }
  }
}

/// An emulator that a check has started.
private struct Emulator {
  var identifier: String
  /// Its folder for sockets and logs.
  var folder: String

  /// The children of a process that have a socket for the gdb protocol.
  static func all(startedBy process: Int32) throws -> [Emulator] {
    let listed = try Command.run("sh", ["-c", "cat /proc/\(process)/task/*/children 2>/dev/null"])
    return listed.output.split(separator: " ").compactMap { child in
      guard let line = try? readFile("/proc/\(child)/cmdline") else { return nil }
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard let option = words.firstIndex(of: "-g"), option + 1 < words.count else { return nil }
      return Emulator(identifier: String(child), folder: Files.parent(of: words[option + 1]))
    }
  }

  /// Whether the process has ended, or is only waited for, after a while.
  func isGone(within milliseconds: Int) throws -> Bool {
    for _ in 0..<milliseconds {
      guard let bytes = try? readFile("/proc/\(identifier)/cmdline"), !bytes.isEmpty else {
        return true
      }
      usleep(1000)
    }
    return false
  }
}
