// TrapTests.swift — how a freestanding program ends at each trap and fault, and what it reports.

import Testing
import TestSupport

/// A fault that the guest `crash` makes, and how its report begins.
struct Fault: Sendable, CustomTestStringConvertible {
  /// The guest's argument.
  var kind: String
  var signal: Int32
  var signalName: String
  var words: String

  init(_ kind: String, _ signal: Int32, _ signalName: String, _ words: String) {
    self.kind = kind
    self.signal = signal
    self.signalName = signalName
    self.words = words
  }

  var testDescription: String { kind }

  /// What the hardware decides, the same on every CPU.
  static let memory = [
    Fault("c-recursion", 11, "SIGSEGV", "stack overflow: guard page below the main stack"),
    Fault("swift-recursion", 11, "SIGSEGV", "stack overflow: guard page below the main stack"),
    Fault("c-null", 11, "SIGSEGV", "null dereference: address below 64 KiB"),
    Fault("chain", 11, "SIGSEGV", "null dereference: address below 64 KiB"),
    Fault("c-call-null", 11, "SIGSEGV", "call of a null function pointer"),
    Fault("c-execute-heap", 11, "SIGSEGV", "execution of non-executable memory"),
    Fault("c-write-constant", 11, "SIGSEGV", "write to the read-only image"),
    Fault("c-heap-overrun", 11, "SIGSEGV", "heap overrun: past the end of the arena"),
    Fault("c-above-stack", 11, "SIGSEGV", "access above the main stack: upper guard page"),
    Fault("c-unmapped", 11, "SIGSEGV", "access to an unmapped address"),
    Fault("c-bus", 7, "SIGBUS", "access past the end of a mapped file"),
    Fault("c-signal", 11, "SIGSEGV", "signal from a process"),
    Fault("c-abort", 6, "SIGABRT", "abort"),
    Fault("c-smash", 6, "SIGABRT", "stack smashing: buffer overrun on the stack"),
  ]

  /// The same faults in a thread: its own stack is named.
  static let inThread = memory.map { fault in
    let words = fault.words.split(separator: " ").map { $0 == "main" ? "thread's" : $0 }
    return Fault(fault.kind, fault.signal, fault.signalName, words.joined(separator: " "))
  }

  /// Checks of the compiler; each CPU has its own trap instruction and signal.
  static func checks(on cpu: GuestCPU) -> [Fault] {
    ["c-trap", "swift-array-bounds", "swift-integer-overflow", "swift-fatal"].map { kind in
      Fault(
        kind, cpu == .aarch64 ? 5 : 4, cpu == .aarch64 ? "SIGTRAP" : "SIGILL",
        "runtime check failed: trap instruction")
    }
  }
}

@Suite struct TrapTests {
  private func expect(_ fault: Fault, from end: Completion, on cpu: GuestCPU) {
    #expect(end.status == 128 + fault.signal)
    #expect(end.output == "before the fault\n", "buffered output comes first")
    let lines = end.errorOutput.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "nova: fault: \(fault.words)")
    #expect(end.errorOutput.hasSuffix("\n  end of report\n"))
    #expect(lines.filter { $0.hasPrefix("nova: fault:") }.count == 1)
    guard lines.count > 3 else { return }
    #expect(lines[1].hasPrefix("  report 1, cpu \(cpu), build id "))
    #expect(lines[1].utf8.count == "  report 1, cpu \(cpu), build id ".utf8.count + 40)
    #expect(lines[2].hasPrefix("  signal \(fault.signal) (\(fault.signalName)), "))
    let pc = lines[2].suffix(18)
    #expect(lines.contains("    #0 \(pc)"), "the backtrace begins where the fault was")
    #expect(lines.contains("  registers"))
    #expect(end.errorOutput.contains(" \(pc)"))
  }

  @Test(arguments: GuestCPU.allCases, Fault.memory)
  func `a fault is reported in words, once, and decides the status`(
    cpu: GuestCPU, fault: Fault
  ) throws {
    try expect(fault, from: Guests.run("crash", on: cpu, arguments: [fault.kind]), on: cpu)
  }

  @Test(arguments: GuestCPU.allCases, Fault.inThread)
  func `a fault in a thread is reported with the thread's stack`(
    cpu: GuestCPU, fault: Fault
  ) throws {
    let end = try Guests.run("crash", on: cpu, arguments: [fault.kind, "thread"])
    expect(fault, from: end, on: cpu)
    let lines = end.errorOutput.split(separator: "\n")
    #expect(lines.contains("  stack of thread 2"))
    #expect(lines.contains { $0.hasPrefix("    #2 ") }, "a backtrace of the thread's callers")
  }

  @Test(arguments: GuestCPU.allCases)
  func `a failed check is reported with the CPU's own signal`(cpu: GuestCPU) throws {
    for fault in Fault.checks(on: cpu) {
      try expect(fault, from: Guests.run("crash", on: cpu, arguments: [fault.kind]), on: cpu)
    }
  }

  @Test func `x86_64 reports a division`() throws {
    let fault = Fault("c-divide", 8, "SIGFPE", "division by zero, or a quotient out of range")
    try expect(
      fault, from: Guests.run("crash", on: .x86_64, arguments: [fault.kind]), on: .x86_64)
  }

  #if arch(x86_64)
    @Test(arguments: Fault.memory + Fault.checks(on: .x86_64))
    func `the kernel's signals are reported like the emulator's`(fault: Fault) throws {
      let program = try Guests.path(of: "crash", on: .x86_64)
      let end = try Completion.run(program, arguments: [fault.kind], environment: [])
      expect(fault, from: end, on: .x86_64)
    }

    @Test(arguments: Fault.inThread)
    func `the kernel's signals in a thread are reported like the emulator's`(
      fault: Fault
    ) throws {
      let program = try Guests.path(of: "crash", on: .x86_64)
      let end = try Completion.run(program, arguments: [fault.kind, "thread"], environment: [])
      expect(fault, from: end, on: .x86_64)
      #expect(end.errorOutput.contains("\n  stack of thread 2\n"))
    }
  #endif

  @Test(arguments: GuestCPU.allCases)
  func `an overflow's backtrace stops at its named depth`(cpu: GuestCPU) throws {
    let end = try Guests.run("crash", on: cpu, arguments: ["c-recursion"])
    #expect(end.errorOutput.contains("\n    #63 0x"))
    #expect(!end.errorOutput.contains("\n    #64 "))
    #expect(end.errorOutput.hasSuffix("\n    deeper frames omitted\n  end of report\n"))
  }

  @Test(arguments: GuestCPU.allCases)
  func `a fault while reporting ends the report, not in a loop`(cpu: GuestCPU) throws {
    let end = try Guests.run("crash", on: cpu, arguments: ["c-lost-stack"])
    #expect(end.status == (cpu == .x86_64 ? 132 : 133), "the first signal's")
    #expect(end.output == "before the fault\n")
    #expect(end.errorOutput.hasPrefix("nova: fault: runtime check failed: trap instruction\n"))
    #expect(end.errorOutput.contains("\nnova: fault: another one while reporting\n  signal 11 "))
    #expect(end.errorOutput.hasSuffix("\n  end of report\n"))
  }

  @Test(arguments: GuestCPU.allCases)
  func `a signal's sender is named`(cpu: GuestCPU) throws {
    let end = try Guests.run("crash", on: cpu, arguments: ["c-signal"])
    #expect(end.errorOutput.contains("  signal 11 (SIGSEGV), sent by process "))
    #expect(!end.errorOutput.contains("sent by process 0,"))
  }
}
