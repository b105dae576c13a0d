// ProcessArenaTests.swift — the arena below Swift's own allocations, in guests on each CPU.

import TestSupport
import Testing

@Suite struct ProcessArenaTests {
  @Test(arguments: GuestCPU.allCases)
  func `Swift's objects draw on the arena and give back`(cpu: GuestCPU) throws {
    let completion = try Guests.run("arena", on: cpu)
    let report = TAPReport(parsing: completion.output)
    #expect(report.isComplete, "\(report.failed) \(completion.errorOutput)")
    #expect(completion.status == 0)
  }

  @Test(arguments: GuestCPU.allCases, ["grow", "pointer"])
  func `no room ends in a report, not in corruption`(cpu: GuestCPU, choice: String) throws {
    let completion = try Guests.run("exhaust", on: cpu, arguments: [choice])
    #expect(completion.output.isEmpty)
    #expect(completion.errorOutput.hasPrefix("nova: out of memory: "))
    #expect(completion.errorOutput.contains("build with a larger --heap-size\n"))
    #expect(completion.status > 128)
  }

  @Test(arguments: GuestCPU.allCases)
  func `a block released twice ends in a report`(cpu: GuestCPU) throws {
    let completion = try Guests.run("exhaust", on: cpu, arguments: ["twice"])
    #expect(completion.output.isEmpty)
    #expect(completion.errorOutput.hasPrefix("nova: memory was released that is not lent"))
    #expect(completion.status > 128)
  }
}
