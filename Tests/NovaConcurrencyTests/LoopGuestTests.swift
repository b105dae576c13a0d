// LoopGuestTests.swift — the run loop in freestanding programs; the promises stand in the guest
// `loop`.

import TestSupport
import Testing

@Suite struct LoopGuestTests {
  @Test(arguments: GuestCPU.allCases)
  func `a freestanding program is woken by threads and by time`(cpu: GuestCPU) throws {
    let completion = try Guests.run("loop", on: cpu)
    let report = TAPReport(parsing: completion.output)
    #expect(report.isComplete, "\(completion)")
    #expect(report.passed.contains("no wake from another thread is lost"))
  }
}
