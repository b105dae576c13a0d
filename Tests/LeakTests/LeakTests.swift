// LeakTests.swift — every planted leak is found and named, on each CPU where it exists.
// Runs real programs under real emulators; built by `make leaks`.

import Glibc
import NovaToolchain
import TestSupport
import Testing

/// A planted leak and what the check must say of it.
struct PlantedLeak: Sendable, CustomTestStringConvertible {
  var name: String
  var cpus: [GuestCPU] = GuestCPU.allCases
  /// Parts of one finding's text, all of which it must have.
  var finding: [String]

  var testDescription: String { name }

  static let all = [
    PlantedLeak(name: "register", cpus: [.x86_64], finding: ["register r12 at main", "0x5a"]),
    PlantedLeak(name: "register", cpus: [.aarch64], finding: ["register x21 at main", "0x5a"]),
    PlantedLeak(name: "register", cpus: [.riscv64], finding: ["register s5 at main", "0x5a"]),
    PlantedLeak(name: "vector", cpus: [.x86_64], finding: ["register xmm7 at main", "0xffff"]),
    PlantedLeak(name: "vector", cpus: [.aarch64], finding: ["register z7 at main", "0x5a5a"]),
    PlantedLeak(name: "vector", cpus: [.riscv64], finding: ["register v7 at main", "0x5050505"]),
    PlantedLeak(name: "float", cpus: [.riscv64], finding: ["register ft7 at main", "0x5a"]),
    PlantedLeak(name: "predicate", cpus: [.aarch64], finding: ["register p3 at main", "0xffff"]),
    PlantedLeak(name: "stack", finding: ["of the stack", "at main", "0x5a"]),
    PlantedLeak(name: "heap", finding: ["byte 0x2000123456 of the heap at main", "0x5a"]),
    PlantedLeak(name: "bss", finding: ["of the bss (leaked) at main", "0x5a"]),
    PlantedLeak(name: "environment", finding: ["of the bss (leaked", "depends on environment"]),
    PlantedLeak(name: "arguments", finding: ["of the bss (leaked", "depends on arguments"]),
    PlantedLeak(
      name: "reads-arguments", finding: ["the output to descriptor 1", "depends on arguments"]),
    PlantedLeak(name: "at-random", finding: ["of the bss (leaked", "depends on AT_RANDOM"]),
    PlantedLeak(name: "clock", finding: ["of the bss (leaked", "clock"]),
    PlantedLeak(name: "counter", finding: ["of the bss (leaked", "clock"]),
    PlantedLeak(name: "pid", finding: ["of the bss (leaked", "process id"]),
    PlantedLeak(
      name: "working-directory", finding: ["of the bss (leaked", "depends on working directory"]),
    PlantedLeak(
      name: "program-path", finding: ["of the bss (leaked", "depends on path of the program"]),
    PlantedLeak(name: "local-address", finding: ["of the bss (leaked", "kernel's initial stack"]),
    PlantedLeak(name: "extra-call", finding: ["before main", "sched_yield"]),
  ]
}

@Suite struct LeakTests {
  @Test(arguments: PlantedLeak.all)
  func `a planted leak is found and named`(leak: PlantedLeak) throws {
    for cpu in leak.cpus {
      let result = try checked(leak.name, on: cpu)
      #expect(result.verdict == .different, "\(cpu)")
      let findings = result.differences.filter { $0.weight == .failure }.map { $0.description }
      #expect(
        findings.contains { finding in leak.finding.allSatisfy { finding.contains($0) } },
        "\(cpu): \(leak.finding) is not among:\n\(findings.joined(separator: "\n"))")
    }
  }

  @Test(arguments: GuestCPU.allCases)
  func `a program without a leak passes`(cpu: GuestCPU) throws {
    let result = try checked("none", on: cpu)
    let failures = result.differences.filter { $0.weight == .failure }.map { $0.description }
    #expect(failures == [])
    #expect(result.verdict == .same)
    #expect(result.qemuRunCount >= 32)
    #expect((result.nativeRunCount > 0) == (Target.host?.rawValue == cpu.rawValue))
  }

  @Test(arguments: GuestCPU.allCases)
  func `what initialisers do alike in every run is no leak, and is said`(cpu: GuestCPU) throws {
    let result = try checked("initialised", on: cpu)
    let failures = result.differences.filter { $0.weight == .failure }.map { $0.description }
    #expect(failures == [])
    #expect(result.verdict == .same)
    #expect(result.manifest.text.contains("written by an initialiser"))
    #expect(result.manifest.text.contains("made by an initialiser"))
  }

  @Test(
    .enabled(if: Wide.isOffered, "this machine's CPU has no AVX-512: masks and wide vectors"),
    arguments: [("mask", "register k3 at main"), ("wide", "register zmm20")])
  func `an AVX-512 leak is found natively`(name: String, place: String) throws {
    let result = try checked(name, on: .x86_64)
    let findings = result.differences.filter { $0.weight == .failure }.map { $0.description }
    #expect(
      findings.contains { $0.contains(place) && $0.contains("(native)") },
      "\(place) is not among:\n\(findings.joined(separator: "\n"))")
  }

  private func checked(_ name: String, on cpu: GuestCPU) throws -> CheckResult {
    let path = "\(Guests.root)/build/leaks/\(cpu)/\(name)"
    // SAFETY: access reads a null-terminated string that lives for the call.
    let isBuilt = unsafe access(path, X_OK) == 0
    try #require(isBuilt, "there is no \(path): run make leaks")
    var options = CheckOptions()
    let plugIn: String = try #require(QemuProbe.plugIn(in: Guests.root), "run make plugin")
    options.plugIn = plugIn
    return try StartupCheck(program: path, options: options).run { _ in }
  }
}

/// The wide and mask registers of x86_64, which qemu does not emulate.
enum Wide {
  /// Whether this machine's CPU has them.
  static var isOffered: Bool {
    guard let bytes = try? readFile("/proc/cpuinfo") else { return false }
    return String(decoding: bytes, as: UTF8.self).contains(" avx512f ")
  }
}
