// NativeTests.swift — the state at `main` on this machine's own CPU: all zero, and dirt is found.

import Glibc
import TestSupport
import Testing

@testable import NovaToolchain

/// Programs for x86_64, observed where the machine is one.
@Suite(.enabled(if: Target.host == .x86_64, "needs an x86_64 machine"))
struct NativeTests {
  /// Registers that are not zero at `main` by the ABI or by the kernel's choice.
  private static let exceptions: Set<String> = [
    "rip", "rsp", "eflags", "cs", "ss", "fcw", "fs_base", "mxcsr", "pkru",
  ]

  private func hello() throws -> NativeProbe {
    try NativeProbe(program: Guests.path(of: "hello", on: .x86_64))
  }

  private func nonzero(_ snapshot: Snapshot) -> [String] {
    snapshot.registers.filter { value in
      !Self.exceptions.contains(value.name) && value.bytes.contains { $0 != 0 }
    }.map(\.name)
  }

  private func region(_ name: String, _ snapshot: Snapshot) throws -> MemoryRegion {
    try #require(snapshot.memory.first { $0.name == name })
  }

  @Test func `every register, the stack and the heap are zero at main`() throws {
    let probe = try hello()
    let observation = try probe.observe(Perturbation(name: "baseline"))
    let main = observation.atMain
    #expect(nonzero(main) == [])
    #expect(main.registers.count >= 60)
    func word(_ name: String) -> UInt64? {
      main.registers.first { $0.name == name }?.bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    #expect(word("rip") == probe.places.main)
    #expect(word("eflags") == 0x202)
    #expect(word("mxcsr") == 0x1f80)
    #expect(word("fcw") == 0x37f)
    let stack = try region("stack", main)
    #expect(word("rsp") == stack.address + stack.byteCount - 8)
    // Main's return address is all that the stack holds.
    let top = try #require(stack.nonzeroPages.values.first)
    #expect(stack.nonzeroPages.count == 1)
    #expect(top.dropLast(8).allSatisfy { $0 == 0 })
    #expect(try region("heap", main).nonzeroPages.isEmpty)
    #expect(observation.ending == .exited(0))
    #expect(String(decoding: observation.output, as: UTF8.self).hasSuffix("\n"))
    #expect(observation.atEnd != nil)
  }

  @Test func `wide registers are there where the CPU has them`() throws {
    let names = try hello().observe(Perturbation(name: "baseline")).atMain.registers.map(\.name)
    let layout = ExtendedLayout.host
    #expect(names.contains("ymm15") == (layout.avx != nil))
    #expect(names.contains("zmm31") == (layout.zmmHigh != nil))
    #expect(names.contains("k7") == (layout.masks != nil))
    #expect(Set(names).count == names.count)
  }

  @Test func `calls are logged on both sides of main, with what they mean`() throws {
    let observation = try hello().observe(Perturbation(name: "baseline"))
    let before = observation.callsBeforeMain
    #expect(before.contains { $0.name == "mmap" && $0.result == "0x2000000000" })
    #expect(before.allSatisfy { !$0.result.isEmpty })
    let text = String(decoding: observation.output, as: UTF8.self)
    #expect(
      observation.callsFromMain.contains {
        $0.name == "write" && $0.arguments.hasPrefix("1, \"\(text.dropLast())\\n\"")
          && $0.result == "\(text.utf8.count)"
      })
    #expect(
      observation.callsFromMain.last
        == SystemCall(
          name: "exit_group", arguments: "0", result: ""))
  }

  @Test func `mappings are named, and none is writable and executable`() throws {
    let mappings = try hello().observe(Perturbation(name: "baseline")).atMain.mappings
    let names = mappings.map(\.name)
    for name in ["image-text", "image-data", "stack", "heap", "kernel-stack"] {
      #expect(names.contains(name), "\(names)")
    }
    #expect(names.count { $0 == "stack-guard" } == 2)
    #expect(mappings.filter { $0.name == "stack-guard" }.allSatisfy { $0.permissions == "---" })
    #expect(mappings.allSatisfy { !($0.permissions.contains("w") && $0.permissions.contains("x")) })
    #expect(mappings.first { $0.name == "image-text" }?.permissions == "r-x")
  }

  @Test func `the state is the same whatever the run varies`() throws {
    var probe = try hello()
    probe.countsInstructions = true
    let baseline = try probe.observe(Perturbation(name: "baseline"))
    var changed = Perturbation(name: "changed")
    changed.environment = (0..<300).map { "VARIABLE_\($0)=\(String(repeating: "v", count: $0))" }
    changed.arguments = ["one", String(repeating: "a", count: 5000)]
    changed.workingDirectory = "/"
    changed.randomisesAddresses = false
    changed.skippedProcessCount = 3
    changed.stackLimitBytes = 16 << 20
    var closed = Perturbation(name: "closed")
    closed.closedDescriptors = [0, 1, 2]
    for perturbation in [changed, closed] {
      let other = try probe.observe(perturbation)
      #expect(other.atMain.registers == baseline.atMain.registers)
      #expect(other.atMain.memory == baseline.atMain.memory)
      #expect(other.atEnd?.memory == baseline.atEnd?.memory)
      #expect(other.ending == baseline.ending)
      #expect(other.processIdentifier != baseline.processIdentifier)
    }
    let again = try probe.observe(changed)
    #expect(again.trace == baseline.trace)
    #expect(again.callsFromMain == baseline.callsFromMain)
    let count = try #require(baseline.trace?.instructionCount)
    #expect(count > 50)
    probe.instructionCountMax = count - 1
    #expect(try probe.observe(changed).trace == nil)
  }

  @Test func `dirt in a wide register, a mask or the stack is found`() throws {
    try #require(ExtendedLayout.host.zmmHigh != nil, "needs AVX-512")
    let program = try PlantedProgram(
      assembly: """
            .globl __wrap_main
        __wrap_main:
            movl $0x5a5a5a5a,%eax
            vpbroadcastd %eax,%zmm16
            kmovw %eax,%k1
            movb $0x77,-5000(%rsp)
            movl $0,%eax
            jmp __real_main
            .section .nova_bootstrap.default,"a"
            .quad 0x10, __real_main
        """, main: "int main(void) { return 3; }")
    let observation = try NativeProbe(program: program.path).observe(Perturbation(name: "dirty"))
    #expect(nonzero(observation.atMain) == ["zmm16", "k1"])
    let zmm16 = observation.atMain.registers.first { $0.name == "zmm16" }
    #expect(zmm16?.bytes == [UInt8](repeating: 0x5a, count: 64))
    let k1 = observation.atMain.registers.first { $0.name == "k1" }
    #expect(k1?.bytes == [0x5a, 0x5a, 0, 0, 0, 0, 0, 0])
    let stack = try region("stack", observation.atMain)
    let address = stack.address + stack.byteCount - 8 - 5000
    #expect(stack.byte(at: address) == 0x77)
    #expect(stack.nonzeroPages.count == 2)
    #expect(observation.ending == .exited(3))
  }

  @Test func `a program that never ends is killed, one that faults is seen to die`() throws {
    let endless = try PlantedProgram(main: "int main(void) { for (;;) __asm__ volatile(\"\"); }")
    var probe = try NativeProbe(program: endless.path)
    probe.timeLimitMilliseconds = 300
    #expect(throws: NativeProbeError.timedOut(limitMilliseconds: 300)) {
      try probe.observe(Perturbation(name: "endless"))
    }
    let fatal = try PlantedProgram(
      main: "int main(void) { *(volatile int *)8 = 1; return 0; }")
    let observation = try NativeProbe(program: fatal.path).observe(Perturbation(name: "fatal"))
    // By the signal itself, or by the status of start-up's report.
    #expect([.killed(signal: SIGSEGV), .exited(128 + SIGSEGV)].contains(observation.ending))
  }

  @Test func `a program that ends in start-up is told apart`() throws {
    let absurd = try PlantedProgram(
      main: "int main(void) { return 0; }", options: ["-Wl,--defsym,nova_stack_size=1"])
    #expect {
      try NativeProbe(program: absurd.path).observe(Perturbation(name: "absurd"))
    } throws: {
      guard case .neverReachedMain(.exited(120), let text) = $0 as? NativeProbeError else {
        return false
      }
      return text.contains("stack size")
    }
  }

  @Test func `programs that cannot be observed are refused`() throws {
    let foreign = try Guests.path(of: "hello", on: .aarch64)
    #expect(
      throws: NativeProbeError.wrongCPU(path: foreign, found: .aarch64, host: .x86_64)
    ) { try NativeProbe(program: foreign) }
    #expect(throws: NativeProbeError.notOurs(path: "/bin/sh", .noBootstrapNote)) {
      try NativeProbe(program: "/bin/sh")
    }
    #expect(throws: NativeProbeError.file(.unreadable(path: "/absent", errno: ENOENT))) {
      try NativeProbe(program: "/absent")
    }
    #expect(NativeProbeError.tracingForbidden(errno: EPERM).remedy?.contains("ptrace") == true)
    var wrong = Perturbation(name: "wrong")
    wrong.workingDirectory = "/absent"
    let probe = try hello()
    #expect(
      throws: NativeProbeError.process(
        .refused(step: .workingDirectory, executable: probe.program, errno: ENOENT))
    ) { try probe.observe(wrong) }
  }
}

/// A C program over crt; removed with the value.
///
/// Assembly may define `__wrap_main`, which start-up then calls for `main`; the record's last word
/// for the key 0x10 says where the program's own `main` is.
private final class PlantedProgram {
  let path: String
  private let folder: TemporaryFolder

  init(assembly: String? = nil, main: String, options: [String] = []) throws {
    let root = Guests.root
    folder = try TemporaryFolder()
    path = "\(folder.path)/program"
    var sources = try run(
      ProcessRequest("/bin/sh", ["-c", "ls \(root)/crt/*.c \(root)/crt/x86_64/*.S"])
    ).outputText.split(separator: "\n").map(String.init)
    func add(_ name: String, _ text: String) throws {
      try folder.write(text + "\n", to: name)
      sources.append("\(folder.path)/\(name)")
    }
    try add("main.c", main)
    var arguments = [
      "--target=x86_64-unknown-linux-gnu", "-nostdlib", "-static", "-ffreestanding", "-fno-pic",
      "-O1", "-DNOVA_FREESTANDING=1", "-std=gnu2x", "-I\(root)/crt/include", "-fuse-ld=lld",
      "-Wl,--gc-sections", "-Wl,-T,\(root)/linker/nova.ld", "-o", path,
    ]
    if let assembly {
      try add("planted.S", assembly)
      arguments.append("-Wl,--wrap=main")
    }
    let clang = try #require(findExecutable(named: "clang"))
    let outcome = try run(ProcessRequest(clang, arguments + options + sources))
    #expect(outcome.isSuccess, "\(outcome.errorText)")
  }
}
