// DriverGuestTests.swift — drivers in freestanding programs, granted and not, on each CPU.

import TestSupport
import Testing

@Suite struct DriverGuestTests {
  @Test(arguments: GuestCPU.allCases, [("drivers", 27), ("drivers-default", 21)])
  func `built-in, linked and own drivers are there as granted`(
    cpu: GuestCPU, guest: (name: String, promiseCount: Int)
  ) throws {
    let completion = try Guests.run(
      guest.name, on: cpu, arguments: ["one"], environment: ["NAME=value"])
    let report = TAPReport(parsing: completion.output)
    #expect(report.isComplete, "\(report.failed) \(completion.errorOutput)")
    #expect(report.passed.count == guest.promiseCount)
    #expect(completion.status == 0)
    #expect(completion.output.contains("\n# written through the console\n"))
    #expect(completion.errorOutput == "error\n")
  }
}
