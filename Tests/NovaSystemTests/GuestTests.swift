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
}
