// QemuProbeTests.swift — what an observation under qemu shows, on each CPU, and what it must not.

import NovaABI
import TestSupport
import Testing

@testable import NovaToolchain

/// A probe of a guest of qemu/programs.
func probe(_ guest: String, on cpu: GuestCPU, plugIn: Bool = true) throws -> QemuProbe {
  let target = try #require(Target(rawValue: cpu.rawValue))
  let path = plugIn ? QemuProbe.plugIn(in: Guests.root) : nil
  if plugIn { try #require(path != nil, "there is no plug-in: run make plugin") }
  return try QemuProbe(target: target, program: Guests.path(of: guest, on: cpu), plugIn: path)
}

func perturbation(_ name: String, _ arguments: String...) -> Perturbation {
  var perturbation = Perturbation(name: name)
  perturbation.arguments = arguments
  return perturbation
}

@Suite struct QemuProbeTests {
  /// Registers that are not zero at `main`, by design: stack pointer, program counter, return
  /// address, global pointer, and the initial control values of the CPU.
  private let nonzero: [GuestCPU: Set<String>] = [
    .x86_64: [
      "rsp", "rip", "eflags", "cs", "ss", "cr0", "cr4", "efer", "fctrl", "fs_base", "mxcsr",
    ],
    .aarch64: ["x30", "sp", "pc", "vg", "TPIDR_EL0"],
    .riscv64: ["ra", "sp", "gp", "tp", "pc"],
  ]

  @Test(arguments: GuestCPU.allCases)
  func `at main every register is zero but the documented ones`(cpu: GuestCPU) throws {
    let observation = try probe("hello", on: cpu).observe(perturbation("baseline"))
    let registers = observation.atMain.registers
    #expect(registers.count >= [.x86_64: 66, .aarch64: 86, .riscv64: 69][cpu, default: 0])
    let dirty = registers.filter { register in register.bytes.contains { $0 != 0 } }
    #expect(Set(dirty.map(\.name)) == nonzero[cpu])
    #expect(!registers.contains { RegisterLayout.countersOfTime.contains($0.name) })
    let high = try #require(observation.atMain.memory.first { $0.name == "stack" }).upperBound
    let pointer = try #require(registers.first { $0.name == "rsp" || $0.name == "sp" })
    #expect(pointer.word == (cpu == .x86_64 ? high - 8 : high))
    #expect(observation.output == Array("hello\n".utf8))
    #expect(observation.ending == .exited(0))
  }

  @Test func `wide registers come from the log`() throws {
    var wide = perturbation("cpu-max")
    wide.cpuModel = "max"
    let registers = try probe("hello", on: .x86_64).observe(wide).atMain.registers
    let upper = registers.filter { $0.source == "trace" }
    #expect(upper.map(\.name) == (0..<16).map { "ymm\($0)" })
    #expect(upper.allSatisfy { $0.bytes == [UInt8](repeating: 0, count: 32) })
  }

  @Test(arguments: GuestCPU.allCases)
  func `the stack and the heap are zero at main, and a byte left there is found`(
    cpu: GuestCPU
  ) throws {
    let observation = try probe("observed", on: cpu).observe(perturbation("marks", "marks"))
    let heap = try #require(observation.atMain.memory.first { $0.name == "heap" })
    #expect(heap.nonzeroPages.isEmpty)
    #expect(heap.byteCount == 64 << 20)
    let stack = try #require(observation.atMain.memory.first { $0.name == "stack" })
    // x86_64's return address.
    #expect(stack.nonzeroPages.count == (cpu == .x86_64 ? 1 : 0))
    #expect(stack.byteCount == 8 << 20)
    let places = String(decoding: observation.output, as: UTF8.self).split(separator: "\n")
    let addresses = places.compactMap { UInt64($0) }
    try #require(addresses.count == 2)
    let memory = try #require(observation.atEnd).memory
    #expect(memory.first { $0.name == "stack" }?.byte(at: addresses[0]) == 0x5a)
    #expect(memory.first { $0.name == "heap" }?.byte(at: addresses[1]) == 0xa5)
  }

  @Test(arguments: GuestCPU.allCases)
  func `runs that differ in environment, arguments, folder and process agree`(
    cpu: GuestCPU
  ) throws {
    let probe = try probe("hello", on: cpu)
    let baseline = try probe.observe(perturbation("baseline"))
    var changed = perturbation("changed", "one", "two")
    changed.environment = ["A=1", "PATH=/bin", "LONG=" + String(repeating: "x", count: 5000)]
    changed.workingDirectory = "/usr"
    changed.randomSeed = 42
    changed.stackLimitBytes = 1 << 20
    changed.skippedProcessCount = 3
    let other = try probe.observe(changed)
    #expect(other.atMain.registers == baseline.atMain.registers)
    #expect(other.atMain.memory == baseline.atMain.memory)
    #expect(other.atEnd?.registers == baseline.atEnd?.registers)
    #expect(other.atEnd?.memory == baseline.atEnd?.memory)
    #expect(other.callsFromMain == baseline.callsFromMain)
    #expect(other.callsFromMain.map(\.name).last == "exit_group")
    #expect(other.callsBeforeMain.map(\.name) == baseline.callsBeforeMain.map(\.name))
    #expect(other.trace == baseline.trace)
    #expect(other.output == baseline.output)
    #expect(baseline.trace?.instructionCount ?? 0 > 100)
    #expect(baseline.trace?.accessCount ?? 0 > 50)
  }

  @Test(arguments: GuestCPU.allCases)
  func `the mappings have the permissions that the program sees`(cpu: GuestCPU) throws {
    let mappings = try probe("hello", on: cpu).observe(perturbation("b")).atMain.mappings
    let permissions = Dictionary(mappings.map { ($0.name, $0.permissions) }) { one, _ in one }
    #expect(permissions["image-text"] == "r-x")
    #expect(permissions["image-data"] == "rw-")
    #expect(permissions["stack"] == "rw-")
    #expect(permissions["stack-guard"] == "---")
    #expect(permissions["heap"] == "rw-")
    #expect(permissions["kernel-stack"] == "rw-")
    #expect(mappings.filter { $0.name == "stack-guard" }.count == 2)
    #expect(!mappings.contains { $0.name == "other" || $0.name == "break" })
    for (one, next) in zip(mappings, mappings.dropFirst()) { #expect(one.high <= next.low) }
  }

  @Test(arguments: GuestCPU.allCases)
  func `the stub alone shows the same memory`(cpu: GuestCPU) throws {
    // Small: the stub needs 45 ms per MiB.
    let small = try PatchedGuest(
      "hello", on: cpu, [NOVA_KEY_stack_byte_count: 1 << 16, NOVA_KEY_heap_byte_count: 1 << 20])
    var probe = try QemuProbe(target: small.target, program: small.path)
    let direct = try probe.runForState(perturbation("direct"), ScratchFolder(in: "/tmp"))
    probe.guestBase = 0x1000_0000_0000
    let slow = try probe.runForState(perturbation("slow"), ScratchFolder(in: "/tmp"))
    #expect(slow.atMain.memory.map(\.byteCount).contains(1 << 20))
    #expect(slow.atMain.registers == direct.atMain.registers)
    #expect(slow.atMain.memory == direct.atMain.memory)
    #expect(slow.atMain.mappings.isEmpty)
  }

  @Test(arguments: GuestCPU.allCases, [[0], [1, 2], [0, 1, 2]] as [[Int32]])
  func `closed descriptors are closed in the program`(cpu: GuestCPU, closed: [Int32]) throws {
    let probe = try probe("hello", on: cpu)
    var perturbed = perturbation("closed")
    perturbed.closedDescriptors = closed
    let observation = try probe.observe(perturbed)
    let opened = observation.callsBeforeMain.filter { $0.name == "openat" }
    #expect(opened.map(\.result) == closed.map(String.init))
    #expect(observation.output.isEmpty == closed.contains(1))
    #expect(observation.ending == .exited(0))
    let baseline = try probe.observe(perturbation("baseline"))
    #expect(observation.atMain.registers == baseline.atMain.registers)
    #expect(observation.trace == baseline.trace)
  }

  @Test(arguments: GuestCPU.allCases)
  func `the environment arrives in its order, and only in the program`(cpu: GuestCPU) throws {
    var perturbed = perturbation("environment", "environment")
    perturbed.environment = ["LD_PRELOAD=/none", "QEMU_STRACE=1", "B=x,y", "A=", "C=ä b"]
    let observation = try probe("observed", on: cpu).observe(perturbed)
    #expect(
      String(decoding: observation.output, as: UTF8.self)
        == "LD_PRELOAD=/none\nQEMU_STRACE=1\nB=x,y\nA=\nC=ä b\n")
    #expect(observation.errorOutput.isEmpty)
  }

  @Test(arguments: GuestCPU.allCases)
  func `a fault of the program is handed on to it`(cpu: GuestCPU) throws {
    let observation = try probe("observed", on: cpu).observe(perturbation("trap", "trap"))
    let signal: Int32 = cpu == .aarch64 ? 5 : 4
    #expect([.killed(signal: signal), .exited(128 + signal)].contains(observation.ending))
    #expect(observation.callsFromMain.contains { $0.name.hasPrefix("signal SIG") })
    #expect(observation.trace?.instructionCount ?? 0 > 0)
  }
}

extension MemoryRegion {
  var upperBound: UInt64 { address + byteCount }
}

extension RegisterValue {
  var word: UInt64 { bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
