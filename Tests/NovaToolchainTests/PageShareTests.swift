// PageShareTests.swift — sharing pages changes nothing of what a run showed.

import Testing

@testable import NovaToolchain

@Suite struct PageShareTests {
  private func observation(_ pages: [UInt64: [UInt8]]) -> Observation {
    let region = MemoryRegion(name: "heap", address: 0, byteCount: 1 << 20, nonzeroPages: pages)
    let snapshot = Snapshot(registers: [], memory: [region], mappings: [])
    return Observation(
      perturbation: Perturbation(name: "run"), atMain: snapshot, atEnd: snapshot,
      callsBeforeMain: [], callsFromMain: [], trace: nil, output: [], errorOutput: [],
      ending: .exited(0))
  }

  @Test func `an observation stays what it was`() {
    let share = PageShare()
    let variants: [[UInt64: [UInt8]]] = [
      [0: [1, 2], 4096: [3]], [0: [1, 2], 4096: [3]], [0: [1, 2], 4096: [4]], [8192: [5]], [:],
    ]
    for pages in variants {
      let shared = share.shared(observation(pages))
      #expect(shared.atMain == observation(pages).atMain)
      #expect(shared.atEnd == observation(pages).atEnd)
    }
  }

  @Test func `equal pages of two runs lie in one place`() {
    let share = PageShare()
    func address(_ observation: Observation, _ page: UInt64) -> UInt? {
      // SAFETY: the address is compared, never read.
      unsafe observation.atMain.memory[0].nonzeroPages[page]?.withUnsafeBytes {
        UInt(bitPattern: $0.baseAddress)
      }
    }
    func pages(_ last: UInt8) -> [UInt64: [UInt8]] {
      [0: [UInt8](repeating: 1, count: 4096), 4096: [UInt8](repeating: last, count: 4096)]
    }
    let first = share.shared(observation(pages(2)))
    let other = share.shared(observation(pages(3)))
    #expect(address(first, 0) == address(other, 0))
    #expect(address(first, 4096) != address(other, 4096))
  }
}
