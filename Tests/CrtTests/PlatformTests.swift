// PlatformTests.swift — what Embedded Swift's runtime asks of a platform, in both contracts.

import NovaABI
import NovaToolchain
import TestSupport
import Testing

@Suite struct PlatformTests {
  static let entropy = [
    UInt64(NOVA_KEY_entropy_policy.rawValue): UInt64(NOVA_ENTROPY_kernel.rawValue)
  ]

  @Test(arguments: Machine.allCases)
  func `each hook of the newer contract keeps its promises`(machine: Machine) throws {
    var request = try machine.request("crt-platform")
    request.input = .bytes(Array("first\n".utf8) + Array(repeating: UInt8(ascii: "x"), count: 300))
    let outcome = try run(request)
    let report = TAPReport(parsing: outcome.outputText)
    #expect(report.isComplete, "\(report.failed)")
    #expect(outcome.outputText.contains("# out\n"))
    #expect(outcome.values["# random"] != outcome.values["# seed"])
  }

  static let ends: [(way: String, status: [Int32], message: String)] = [
    ("error", [132, 133], "Fatal error: the message\n"),
    ("error-at", [132, 133], "file.swift:1234: Precondition failed: the message\n"),
    ("exit", [42], ""),
    ("lock-twice", [132, 133], "nova: a thread locked a mutex that it holds\n"),
    ("unlock-free", [132, 133], "nova: a thread unlocked a mutex that it does not hold\n"),
    ("exhaust", [132, 133], "nova: out of memory: 1152921504606846976 bytes requested"),
    ("key", [132, 133], "nova: thread-local storage has the keys 0 … 7\n"),
  ]

  @Test(arguments: Machine.allCases, 0..<ends.count)
  func `an end says its reason after what was printed`(machine: Machine, index: Int) throws {
    let end = Self.ends[index]
    let outcome = try machine.run("crt-platform", [end.way])
    #expect(end.status.contains(outcome.status), "\(outcome.status)")
    #expect(outcome.outputText == "before\n")
    #expect(outcome.errorText.hasPrefix(end.message))
  }

  @Test(arguments: Machine.allCases)
  func `128-bit integers, half floats and wide atomics agree with their models`(
    machine: Machine
  ) throws {
    let seed = environmentVariable("NOVA_SEED").map { [$0] } ?? []
    let outcome = try machine.run("crt-builtins", seed)
    let report = TAPReport(parsing: outcome.outputText)
    #expect(report.isComplete, "seed \(outcome.values["# seed"] ?? 0): \(report.failed)")
  }

  @Test func `this compiler speaks the contract up to Swift 6.3, and the linker drops the other`()
    throws
  {
    let file = try ELFFile(readFile(Guests.path(of: "crt-print", on: .x86_64)))
    let names = Set(file.symbols.map(\.name))
    #expect(names.contains("putchar"), "print hands over byte by byte")
    for unused in [
      "_swift_writeToStandardOutput", "_swift_allocate", "__udivti3", "swift_stdlib_readLine_stdin",
      "_swift_mutex_lock", "arc4random_buf", "__atomic_load_16", "__truncdfhf2",
    ] {
      #expect(!names.contains(unused), "\(unused) is linked though nothing uses it")
    }
  }

  @Test func `random numbers and hashes are the same on every machine, in every run`() throws {
    let outputs = try Machine.allCases.map { try $0.run("crt-random").outputText }
    let lines = outputs[0].split(separator: "\n")
    #expect(lines.count == 5 && Set(lines).count == 5, "the numbers of one run differ")
    #expect(Set(outputs).count == 1)
    #expect(try Machine.native.run("crt-random").outputText == outputs[0])
  }

  @Test(arguments: Machine.allCases)
  func `with entropy random numbers and hashes differ between runs`(machine: Machine) throws {
    let guest = try PatchedGuest("crt-random", on: machine.cpu, bootstrap: Self.entropy)
    let first = try guest.run(on: machine).outputText.split(separator: "\n")
    let second = try guest.run(on: machine).outputText.split(separator: "\n")
    #expect(first.count == 5 && second.count == 5)
    #expect(Set(first).isDisjoint(with: second))
  }

  @Test(arguments: Machine.allCases)
  func `the stack guard is fixed, or the kernel's with entropy`(machine: Machine) throws {
    let fixed = try machine.run("crt-start").values["guard"]
    #expect(try fixed != nil && fixed == machine.run("crt-start").values["guard"])
    let guest = try PatchedGuest("crt-start", on: machine.cpu, bootstrap: Self.entropy)
    let first = try #require(guest.run(on: machine).values["guard"])
    let second = try #require(guest.run(on: machine).values["guard"])
    #expect(first != second && first != fixed)
    #expect(first & 0xff == 0 && (fixed ?? 1) & 0xff == 0, "the lowest byte ends a string")
  }

  @Test(arguments: Machine.allCases)
  func `a buffer on the stack that is overrun stops the program with 134`(
    machine: Machine
  ) throws {
    let outcome = try machine.run("crt-smash")
    #expect(outcome.status == 134)
    #expect(outcome.outputText == "before\nwithin\n")
    #expect(outcome.errorText.contains("stack smashing"))
  }
}
