// OutputTests.swift — print is buffered, and nothing of it is lost.

import Glibc
import NovaABI
import NovaToolchain
import TestSupport
import Testing

@Suite struct OutputTests {
  static let byteCount = 1 << 20
  static let emulated: [Machine] = [.x86_64, .aarch64, .riscv64]

  /// Calls of write to descriptor 1 that qemu traced.
  static func writes(_ outcome: ProcessOutcome) -> [Substring] {
    outcome.errorText.split(separator: "\n").filter { $0.contains(" write(1,") }
  }

  @Test(arguments: emulated)
  func `a megabyte of print makes tens of system calls`(machine: Machine) throws {
    let outcome = try machine.run("crt-print", ["megabyte"], options: ["-strace"])
    #expect(outcome.output.count == Self.byteCount)
    let count = Self.writes(outcome).count
    #expect(count >= 10 && count <= 64, "\(count) writes")
  }

  @Test(arguments: Machine.allCases)
  func `what was printed is written at exit`(machine: Machine) throws {
    let outcome = try machine.run("crt-print", ["lines"])
    #expect(outcome.outputText == "one\ntwo three\nno newline")
    #expect(outcome.status == 0)
  }

  @Test(arguments: Machine.allCases)
  func `what was printed is written at a trap`(machine: Machine) throws {
    let outcome = try machine.run("crt-print", ["trap"])
    #expect(outcome.outputText == "printed before the trap")
    #expect(outcome.status == 128 + SIGILL || outcome.status == 128 + SIGTRAP)
  }

  @Test(arguments: emulated)
  func `a terminal gets whole lines as they end`(machine: Machine) throws {
    // SAFETY: open reads a literal.
    let terminal = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
    defer { close(terminal) }
    var locked: Int32 = 0
    var number: Int32 = -1
    // SAFETY: both calls take the address of an integer: TIOCSPTLCK, TIOCGPTN.
    #expect(unsafe ioctl(terminal, 0x4004_5431, &locked) == 0)
    #expect(unsafe ioctl(terminal, 0x8004_5430, &number) == 0)
    var request = try machine.request("crt-print", ["lines"], options: ["-strace"])
    request.output = .file("/dev/pts/\(number)")
    let writes = Self.writes(try run(request))
    // qemu shows the address, not the bytes: the count after it tells the lines apart.
    let counts = writes.map { $0.split(separator: ",").last?.split(separator: ")").first ?? "" }
    #expect(counts == ["4", "10", "10"], "one⏎, two three⏎, no newline")
  }

  @Test(arguments: Machine.allCases)
  func `a full disk neither stops nor spins the program, and shows in its status`(
    machine: Machine
  ) throws {
    for mode in ["megabyte", "lines"] {
      var request = try machine.request("crt-print", [mode])
      request.output = .file("/dev/full")
      request.timeLimitMilliseconds = 20_000
      #expect(try run(request).status == NOVA_STATUS_output_lost)
    }
  }

  @Test func `a non-blocking pipe that fills up loses nothing`() throws {
    let perl = try #require(findExecutable(named: "perl"))
    let guest = try Guests.path(of: "crt-print", on: Machine.native.cpu)
    let script = "use Fcntl; fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK) or die; exec @ARGV"
    let outcome = try run(ProcessRequest(perl, ["-e", script, guest, "megabyte"]))
    #expect(outcome.status == 0)
    #expect(outcome.output.count == Self.byteCount)
  }

  @Test func `a closed standard output is no error`() throws {
    var request = try Machine.native.request("crt-print", ["megabyte"])
    request.output = .closed
    #expect(try run(request).status == 0)
  }
}
