// DequeStressTests.swift — the deque and the parking under real threads, here and in guests.

import DequeStressHosted
import TestSupport
import Testing

@Suite struct DequeStressTests {
  @Test(arguments: [0, 1, 3, 7]) func `each node is visited once in each round`(
    threadCount: Int
  ) throws {
    for capacity: UInt32 in [4, 16, 256] {
      let stress = try DequeStress(
        threadCount: threadCount, nodeCount: 5000, capacity: capacity)
      #expect(try stress.run(roundCount: 10) == 0)
    }
  }

  @Test func `nobody sleeps on between short rounds`() throws {
    let stress = try DequeStress(threadCount: 3, nodeCount: 5, capacity: 16)
    #expect(try stress.run(roundCount: 2000) == 0)
  }
}

@Suite struct DequeGuestTests {
  @Test(arguments: GuestCPU.allCases)
  func `real workers share a tree on each CPU`(cpu: GuestCPU) throws {
    let report = TAPReport(parsing: try Guests.run("deque", on: cpu).output)
    #expect(report.isComplete, "\(report.failed)")
  }
}
