// LoopStateTests.swift — states of a job compare by what they ask for.

import NovaConcurrency
import Testing

@Suite struct LoopStateTests {
  @Test func `two times differ`() {
    #expect(LoopState.waiting(until: 1) != LoopState.waiting(until: 2))
  }
}
