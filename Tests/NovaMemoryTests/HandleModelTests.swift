// HandleModelTests.swift — random requests against a plain model.

import MemoryModel
import TestSupport
import Testing

@testable import NovaMemory

@Suite struct HandleModelTests {
  /// Small enough to be exhausted; from 1 MiB on, threads have lists of their own.
  @Test(arguments: [16384, 65536, 1 << 20, 1 << 22])
  func `random requests agree with the model`(byteCount: Int) throws {
    print("NOVA_SEED=\(TestSeed.value)")
    let outcome = try ModelRun.run(
      ModelRun.Plan(
        seed: UInt64(TestSeed.value), stepCount: 40_000, byteCount: byteCount, isAlone: false))
    if let failure = outcome.failure {
      Issue.record("step \(outcome.stepCount) of \(byteCount) bytes: \(failure)")
    }
    #expect(outcome.refusalCount > 1000)
  }
}
