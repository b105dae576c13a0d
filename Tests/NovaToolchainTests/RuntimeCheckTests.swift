// RuntimeCheckTests.swift — programs with a runtime run the same however they are started.
// Real programs under real emulators. Guests: `runtime-alone`, `runtime-workers`.

import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct RuntimeCheckTests {
  private func tasks(workers: Int) -> String {
    "workers \(workers)\nfibonacci 144 89\nsquares 332833500\n"
  }
  private let loop = "spawned 36\n"

  private func expectSame(
    _ name: String, on cpu: GuestCPU, output: String
  ) throws -> Manifest {
    #expect(try Guests.run(name, on: cpu).output == output)
    let result = try Checked.guest(name, on: cpu)
    let failures = result.differences.filter { $0.weight == .failure }.map { $0.description }
    #expect(failures == [])
    #expect(result.qemuRunCount >= 32)
    return result.manifest
  }

  @Test(arguments: GuestCPU.allCases)
  func `without threads a runtime takes the same course in every run`(
    cpu: GuestCPU
  ) throws {
    let output = tasks(workers: 0) + tasks(workers: 3) + loop
    let manifest = try expectSame("runtime-alone", on: cpu, output: output)
    #expect(!manifest.isMultithreaded)
    #expect(manifest.trace != nil, "the course from main is compared")
  }

  @Test(arguments: GuestCPU.allCases)
  func `a runtime with workers starts, prints and ends the same in every run`(
    cpu: GuestCPU
  ) throws {
    let manifest = try expectSame("runtime-workers", on: cpu, output: tasks(workers: 2) + loop)
    #expect(manifest.isMultithreaded)
  }
}
