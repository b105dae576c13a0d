// MemoryTests.swift — memcpy, memmove, memset and memcmp do what C says, on every CPU and policy.
// The checks are the guest's: qemu/programs/Sources/MemoryChecks.

import TestSupport
import Testing

@Suite struct MemoryTests {
  /// The default policy, and the one that uses what the CPU offers.
  static let programs = ["memory", "memory-native"]

  @Test(arguments: programs, GuestCPU.allCases)
  func `the primitives touch what they were told to and nothing else`(
    program: String, cpu: GuestCPU
  ) throws {
    expectComplete(try Guests.run(program, on: cpu, environment: ["NOVA_SEED=\(TestSeed.value)"]))
  }

  @Test(arguments: programs)
  func `the same on this machine's CPU, without qemu`(program: String) throws {
    #if arch(x86_64)
      let cpu = GuestCPU.x86_64
    #elseif arch(arm64)
      let cpu = GuestCPU.aarch64
    #else
      let cpu = GuestCPU.riscv64
    #endif
    let path = try Guests.path(of: program, on: cpu)
    expectComplete(
      try Completion.run(path, arguments: [], environment: ["NOVA_SEED=\(TestSeed.value)"]))
  }

  private func expectComplete(_ completion: Completion) {
    let report = TAPReport(parsing: completion.output)
    #expect(completion.status == 0, "\(completion)")
    #expect(report.isComplete, "NOVA_SEED=\(TestSeed.value): \(report.failed)")
    #expect(report.planned == 9)
  }
}
