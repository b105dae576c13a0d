// ThreadTests.swift — how a program with several threads prints, ends and faults, on each CPU.

import NovaABI
import NovaToolchain
import TestSupport
import Testing

@Suite struct ThreadTests {
  @Test(arguments: Machine.allCases)
  func `each thread has its storage, and a mutex lets in one`(machine: Machine) throws {
    let report = TAPReport(parsing: try machine.run("crt-threads").outputText)
    #expect(report.isComplete, "\(report.failed)")
  }

  @Test(arguments: Machine.allCases)
  func `lines of several threads stay whole, and each is there once`(machine: Machine) throws {
    let outcome = try machine.run("crt-threads", ["print"])
    let lines = outcome.outputText.split(separator: "\n")
    #expect(outcome.status == 0)
    #expect(lines.first == "before" && lines.last == "hook")
    let expected = "ABCD".flatMap { letter in
      (0..<200).map { number in
        let digits = String(number)
        let zeros = String(repeating: "0", count: 3 - digits.count)
        return "thread \(letter), line \(zeros)\(digits)"
      }
    }
    #expect(lines.dropFirst().dropLast().map(String.init).sorted() == expected)
  }

  @Test(arguments: Machine.allCases)
  func `threads that exit at once end the program once`(machine: Machine) throws {
    let outcome = try machine.run("crt-threads", ["exit"])
    #expect(outcome.outputText == "before\nhook\n")
    #expect(outcome.status == 7)
  }

  @Test(arguments: Machine.allCases)
  func `main's return ends threads that still run`(machine: Machine) throws {
    let outcome = try machine.run("crt-threads", ["return"])
    #expect(outcome.outputText == "before\nhook\n")
    #expect(outcome.status == 5)
  }

  @Test(arguments: Machine.allCases)
  func `threads that fault at once make one report`(machine: Machine) throws {
    let outcome = try machine.run("crt-threads", ["fault"])
    #expect(outcome.status == 128 + 11)
    #expect(outcome.outputText == "before\n", "buffered output is not lost, hooks do not run")
    let text = outcome.errorText
    #expect(text.hasPrefix("nova: fault: null dereference: address below 64 KiB\n"))
    #expect(text.hasSuffix("\n  end of report\n"))
    #expect(text.split(separator: "\n").count { $0.hasPrefix("nova: fault:") } == 1)
    #expect(text.split(separator: "\n").count { $0.hasPrefix("  stack of thread ") } == 1)
  }

  @Test(arguments: Machine.allCases)
  func `a fault in the middle of printing is reported`(machine: Machine) throws {
    let outcome = try machine.run("crt-threads", ["print-fault"])
    #expect(outcome.status == 128 + 11)
    #expect(outcome.outputText.hasPrefix("before\n"))
    #expect(outcome.errorText.hasSuffix("\n  end of report\n"))
  }

  @Test(arguments: Machine.allCases)
  func `a thread whose place is taken starts elsewhere`(machine: Machine) throws {
    let values = try machine.run("crt-threads", ["elsewhere"]).values
    #expect(values["taken"] == UInt64(NOVA_THREAD_STACK_BASE))
    #expect(values["errno"] == 0)
    #expect(values["low"].map { $0 != 0 && $0 != UInt64(NOVA_THREAD_STACK_BASE) } == true)
    #expect(values["errno of a large one"] == 0)
  }

  @Test(arguments: Machine.allCases)
  func `a strict program starts no thread elsewhere`(machine: Machine) throws {
    let strict = UInt64(NOVA_ADDRESS_strict.rawValue)
    let guest = try PatchedGuest(
      "crt-threads", on: machine.cpu,
      bootstrap: [UInt64(NOVA_KEY_address_policy.rawValue): strict])
    let values = try guest.run(on: machine, ["elsewhere"]).values
    #expect(values["errno"] == UInt64(NOVA_EEXIST))
    #expect(values["low"] == 0)
    #expect(values["errno of a large one"] == UInt64(NOVA_EEXIST))
  }
}
