// GuestTests.swift — ordinary Swift runs freestanding on each CPU.

import Testing
import TestSupport

@Suite struct GuestTests {
  @Test(arguments: GuestCPU.allCases)
  func `print reaches the standard output`(cpu: GuestCPU) throws {
    let completion = try Guests.run("hello", on: cpu)
    #expect(completion == Completion(status: 0, output: "hello\n"))
  }
}
