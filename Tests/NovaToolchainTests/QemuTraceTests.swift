// QemuTraceTests.swift — both kinds of trace agree, and the first difference is found and named.

import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct QemuTraceTests {
  @Test(arguments: GuestCPU.allCases)
  func `the register trace agrees with the plug-in`(cpu: GuestCPU) throws {
    var probe = try probe("hello", on: cpu)
    let counted = try probe.runForTrace(perturbation("b"), ScratchFolder(in: "/tmp"))
    probe.plugIn = nil
    let logged = try probe.runForTrace(perturbation("b"), ScratchFolder(in: "/tmp"))
    #expect(counted.instructions.instructionCount == logged.instructions.instructionCount)
    #expect(counted.instructions.programCounterHash == logged.instructions.programCounterHash)
    #expect(counted.instructions.checkpoints == logged.instructions.checkpoints)
    #expect(counted.instructions.countsAccesses && !logged.instructions.countsAccesses)
    #expect(counted.callsFromMain == logged.callsFromMain)
    #expect(counted.callsBeforeMain.map(\.name) == logged.callsBeforeMain.map(\.name))
    #expect(counted.registersAtMain == logged.registersAtMain)
  }

  @Test(arguments: GuestCPU.allCases)
  func `a plug-in that qemu cannot load is replaced by the register trace`(
    cpu: GuestCPU
  ) throws {
    var probe = try probe("hello", on: cpu)
    probe.plugIn = "/etc/passwd"
    let run = try probe.runForTrace(perturbation("b"), ScratchFolder(in: "/tmp"))
    #expect(!run.instructions.countsAccesses)
    #expect(run.instructions.instructionCount > 100)
  }

  @Test(arguments: GuestCPU.allCases, [true, false])
  func `a branch that depends on the input is named`(cpu: GuestCPU, plugIn: Bool) throws {
    let probe = try probe("observed", on: cpu, plugIn: plugIn)
    let short = perturbation("short", "branch")
    let long = perturbation("long", "branch", "x")
    let found = try #require(try probe.divergence(between: short, and: long))
    #expect(found.kind == .instruction)
    let last = try #require(found.last)
    let left = try #require(found.left)
    let right = try #require(found.right)
    #expect(left.instructionNumber == last.instructionNumber + 1)
    #expect(right.instructionNumber == left.instructionNumber)
    #expect(left.programCounter != right.programCounter)
    // Both ways begin in the function that decides.
    #expect(last.symbol?.isEmpty == false)
    #expect(probe.image.symbol(at: last.programCounter)?.name == last.symbol)
    #expect(try probe.divergence(between: short, and: short) == nil)
  }

  @Test(arguments: GuestCPU.allCases)
  func `an access that depends on the input is named`(cpu: GuestCPU) throws {
    let probe = try probe("observed", on: cpu)
    let found = try #require(
      try probe.divergence(
        between: perturbation("one", "read"), and: perturbation("two", "read", "x")))
    #expect(found.kind == .access)
    #expect(found.left?.programCounter == found.right?.programCounter)
    #expect(found.left?.accessedAddress != found.right?.accessedAddress)
    #expect(found.left?.instructionNumber == found.right?.instructionNumber)
  }

  @Test func `checkpoints thin out and keep their interval`() {
    let count = 600_000
    let trace = InstructionTrace(programCounters: (0..<count).map { UInt64($0) })
    #expect(trace.checkpointInterval == 1024)
    #expect(trace.checkpoints.count == count / 1024)
    var hash = TraceHash()
    for pc in 0..<1024 { hash.add(UInt64(pc)) }
    #expect(trace.checkpoints.first == hash.value)
    var other = trace
    other.checkpoints[100] ^= 1
    #expect(QemuProbe.lastCommonCheckpoint(trace, other) == 100 * 1024)
    #expect(QemuProbe.lastCommonCheckpoint(trace, trace) == UInt64(count / 1024 * 1024))
  }

  @Test func `a log is read line by line, whatever breaks it`() {
    let text = """
      12 write(1,0x403ae0,6) = 6
      12 openat(AT_FDCWD,"a) = b",O_RDONLY) = 3
      nova-trace: main
      --- SIGSEGV {si_signo=SIGSEGV, si_code=1, si_addr=0x10} ---
      12 write(1,0x479004,2)
       = 2
      12 exit_group(0)
      RAX=0000000000000000
      YMM01=0000000000000001 0000000000000002 0000000000000003 0000000000000004
      """
    let log = QemuLog(Array(text.utf8), main: 0)
    #expect(
      log.callsBeforeMain == [
        SystemCall(name: "write", arguments: "1,0x403ae0,6", result: "6"),
        SystemCall(name: "openat", arguments: "AT_FDCWD,\"a) = b\",O_RDONLY", result: "3"),
      ])
    #expect(
      log.callsFromMain == [
        SystemCall(
          name: "signal SIGSEGV", arguments: "{si_signo=SIGSEGV, si_code=1, si_addr=0x10}",
          result: ""),
        SystemCall(name: "write", arguments: "1,0x479004,2", result: "2"),
        SystemCall(name: "exit_group", arguments: "0", result: ""),
      ])
    #expect(log.wideRegisters.map(\.name) == ["ymm1"])
    #expect(log.wideRegisters.first?.bytes.first == 4)
    #expect(log.wideRegisters.first?.bytes.last == 0)
  }

  @Test func `packets are expanded and target descriptions read`() {
    #expect(GDBRemote.expanded(Array("0* 1".utf8)) == Array("00001".utf8))
    let tags = XMLTag.tags(
      in: "<?xml version=\"1.0\"?><f><!-- <reg name=\"no\"/> --><reg name='a' bitsize=\"64\"/></f>")
    #expect(tags.map(\.name) == ["f", "reg"])
    #expect(tags.last?.attributes == ["name": "a", "bitsize": "64"])
    #expect(Hexadecimal.bytes(of: Array("0aF".utf8)) == nil)
    #expect(Hexadecimal.bytes(of: Array("0aFf".utf8)) == [10, 255])
  }
}
