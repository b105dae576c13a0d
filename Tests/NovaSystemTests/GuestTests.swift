// GuestTests.swift — ordinary Swift runs freestanding on each CPU.

import Testing
import TestSupport

@Suite struct GuestTests {
  @Test(arguments: GuestCPU.allCases)
  func `print reaches the standard output`(cpu: GuestCPU) throws {
    let completion = try Guests.run("hello", on: cpu)
    #expect(completion == Completion(status: 0, output: "hello\n"))
  }

  @Test(arguments: GuestCPU.allCases)
  func `classes, arrays, closures and a dictionary work`(cpu: GuestCPU) throws {
    let completion = try Guests.run("classes", on: cpu)
    let expected = "410\n0 1\n1 2\n2 4\n4 1\n5 1\n6 1\n"
    #expect(completion == Completion(status: 0, output: expected))
  }

  @Test(arguments: GuestCPU.allCases)
  func `threads start, share, sleep, wake and end`(cpu: GuestCPU) throws {
    let report = TAPReport(parsing: try Guests.run("threads", on: cpu).output)
    #expect(report.isComplete, "\(report.failed)")
  }

  #if arch(x86_64)
    @Test func `threads do the same on the machine itself`() throws {
      let program = try Guests.path(of: "threads", on: .x86_64)
      let end = try Completion.run(program, arguments: [], environment: [])
      #expect(end.status == 0)
      let report = TAPReport(parsing: end.output)
      #expect(report.isComplete, "\(report.failed)")
    }
  #endif
}
