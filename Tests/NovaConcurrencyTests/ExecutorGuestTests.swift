// ExecutorGuestTests.swift — the executor on raw threads, on each CPU.

import TestSupport
import Testing

@Suite struct ExecutorGuestTests {
  @Test(arguments: GuestCPU.allCases)
  func `tasks run freestanding, and a seed gives the schedule that it gives hosted`(
    cpu: GuestCPU
  ) throws {
    let completion = try Guests.run("executor", on: cpu)
    let report = TAPReport(parsing: completion.output)
    #expect(report.isComplete, "\(report.failed) \(completion.errorOutput)")
    #expect(completion.status == 0)
  }
}
