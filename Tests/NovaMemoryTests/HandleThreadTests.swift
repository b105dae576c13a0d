// HandleThreadTests.swift — threads that share a contract, and every allocation's failure.

import MemoryModel
import TestSupport
import Testing

@testable import NovaMemory

@Suite struct HandleThreadTests {
  @Test func `of racing releases exactly one succeeds`() throws {
    #expect(try fault(Stress.racingReleases(threadCount: 4, roundCount: 60)) == nil)
  }

  @Test func `threads lend, swap, verify and release`() throws {
    print("NOVA_SEED=\(TestSeed.value)")
    let seed = UInt64(TestSeed.value)
    #expect(
      try fault(Stress.exchanges(seed: seed, threadCount: 4, stepCount: 20_000)) == nil)
  }

  @Test func `a consumer finds what the producer wrote`() throws {
    #expect(try fault(Stress.producerAndConsumer(count: 30_000)) == nil)
  }

  @Test func `bytes stay during an access, whoever releases them`() throws {
    #expect(try fault(Stress.releasesDuringAccess(roundCount: 300)) == nil)
  }

  @Test func `a long block's size stays while the block before comes and goes`() throws {
    #expect(try fault(Stress.sizesBesideNeighbours(roundCount: 2000)) == nil)
  }

  @Test(arguments: [1 << 18, 1 << 22])
  func `whichever allocation fails, nothing leaks`(byteCount: Int) throws {
    let outcome = try FaultWalk.run(byteCount: byteCount) { arena in arena.checkInvariants() }
    #expect(outcome.failure.map { "\($0)" } == nil)
    #expect(outcome.allocationCount > 70)
  }

  private func fault(_ failure: StaticString?) -> String? { failure.map { "\($0)" } }
}
