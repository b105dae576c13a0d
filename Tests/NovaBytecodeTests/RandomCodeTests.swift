// RandomCodeTests.swift — both ways of checking registers come to the same verdict.

import NovaBytecode
import TestSupport
import Testing

@Suite struct RandomCodeTests {
  private func verdict(_ words: [UInt64], registerCount: UInt16) -> VerifierError? {
    do {
      try VerifierTests.verify(RandomCode.image(words, registerCount: registerCount))
      return nil
    } catch {
      return error as? VerifierError
    }
  }

  /// Keeps what is accepted and goes on from there, so that functions grow long.
  @Test func `sets of one word and of many accept and refuse the same`() {
    print("NOVA_SEED=\(TestSeed.value)")
    var generator = SeededGenerator(seed: UInt64(TestSeed.value))
    var acceptedCount = 0
    var refusedCount = 0
    for _ in 0..<60 {
      var words: [UInt64] = []
      for _ in 0..<60 {
        let longer = words + [generator.next()]
        let small = verdict(longer, registerCount: 24)
        let large = verdict(longer, registerCount: 200)
        #expect(small == nil ? large == nil : isSame(small, large), "\(longer)")
        if small == nil {
          words = longer
          acceptedCount += 1
        } else {
          refusedCount += 1
        }
      }
    }
    #expect(acceptedCount > 100 && refusedCount > 100, "\(acceptedCount), \(refusedCount)")
  }

  /// Payloads that say how many registers there are differ; what needs more registers may do.
  private func isSame(_ small: VerifierError?, _ large: VerifierError?) -> Bool {
    switch small?.reason {
    case .windowBeyondRegisters, .rangeOutOfRange, .registerOutOfRange: true
    default: small == large
    }
  }
}
