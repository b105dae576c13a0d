// ManifestTests.swift — the sample programs start exactly as qemu/manifests says, on each CPU.
// Real programs under real emulators. NOVA_UPDATE=1 (`make manifests`) writes the files instead.

import Glibc
import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct ManifestTests {
  /// Programs whose manifest is in version control.
  static let samples = ["hello", "classes"]
  /// Most system calls before `main` under the default policies.
  static let callCountMax = 14

  @Test(arguments: samples, GuestCPU.allCases)
  func `a sample starts as its manifest says`(sample: String, cpu: GuestCPU) throws {
    let result = try Checked.guest(sample, on: cpu)
    let file = ManifestFile(path: "\(Guests.root)/qemu/manifests/\(cpu)/\(sample).manifest")
    if Checked.isUpdating { try file.replace(with: result.manifest.text) }
    let difference = try file.difference(from: result.manifest.text)
    #expect(
      difference == nil, "run make manifests if this is meant:\n\(difference?.text ?? "")")
    let failures = result.differences.filter { $0.weight == .failure }.map { $0.description }
    #expect(failures == [])
    #expect(result.qemuRunCount >= 32)
    let calls = result.manifest.callsBeforeMain
    #expect(calls.count <= Self.callCountMax, "system calls before main")
    #expect(calls.allSatisfy { !$0.reason.isEmpty })
  }

  @Test func `a picture is well-formed and names every mapping and call`() throws {
    let result = try Checked.guest("hello", on: .x86_64)
    let picture = result.picture
    #expect(picture.hasPrefix("<svg "))
    #expect(picture.hasSuffix("</svg>\n"))
    let inputs = result.manifest.inputs
    let varied = inputs.count { $0.how.contains("varied in") }
    #expect(picture.contains(", \(varied) of \(inputs.count) inputs varied,"))
    for mapping in result.manifest.mappings { #expect(picture.contains(">\(mapping.name)<")) }
    for call in result.manifest.callsBeforeMain { #expect(picture.contains(">\(call.call.name)<")) }
    for input in result.manifest.inputs { #expect(picture.contains(">\(input.name)<")) }
  }

  @Test(.enabled(if: GuestCPU.allCases.contains { $0.rawValue == Target.host?.rawValue }))
  func `native runs leave no trace in the manifest`() throws {
    let cpu = try #require(GuestCPU.allCases.first { $0.rawValue == Target.host?.rawValue })
    let both = try Checked.guest("hello", on: cpu)
    let emulated = try Checked.guest("hello", on: cpu, runsNatively: false)
    #expect(both.nativeRunCount > 0)
    #expect(emulated.nativeRunCount == 0)
    #expect(both.manifest.text == emulated.manifest.text)
  }

  @Test func `a stripped copy elsewhere has the same manifest`() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = "\(folder.path)/a copy, stripped"
    let tool = try #require(
      findExecutable(named: "llvm-objcopy") ?? findExecutable(named: "objcopy"))
    let guest = try Guests.path(of: "hello", on: .aarch64)
    try #require(try run(ProcessRequest(tool, ["--strip-all", guest, path])).isSuccess)
    let result = try Checked.program(path)
    #expect(result.manifest.text == (try Checked.guest("hello", on: .aarch64)).manifest.text)
  }

  @Test func `two checks of one program agree to the last byte`() throws {
    let first = try Checked.guest("hello", on: .riscv64)
    let second = try Checked.guest("hello", on: .riscv64)
    #expect(first.manifest.text == second.manifest.text)
    #expect(first.json == second.json)
    #expect(first.picture == second.picture)
  }
}

/// Checks of real programs.
enum Checked {
  /// Whether expected manifests are written instead of compared.
  static var isUpdating: Bool {
    // SAFETY: no test changes the environment while others run.
    unsafe getenv("NOVA_UPDATE") != nil
  }

  static func guest(
    _ name: String, on cpu: GuestCPU, runsNatively: Bool = true,
    progress: @escaping @Sendable (CheckProgress) -> Void = { _ in }
  ) throws -> CheckResult {
    try program(Guests.path(of: name, on: cpu), runsNatively: runsNatively, progress: progress)
  }

  static func program(
    _ path: String, runsNatively: Bool = true,
    progress: @escaping @Sendable (CheckProgress) -> Void = { _ in }
  ) throws -> CheckResult {
    var options = CheckOptions()
    options.runsNatively = runsNatively
    let plugIn: String = try #require(QemuProbe.plugIn(in: Guests.root), "run make plugin")
    options.plugIn = plugIn
    return try StartupCheck(program: path, options: options).run(progress: progress)
  }
}
