// DeterministicTests.swift — a seed decides everything, and the same seed the same.

import NovaConcurrency
import NovaMemory
import TestSupport
import Testing

@Suite struct DeterministicTests {
  /// What a run did, in order: (task, worker) pairs in a number each.
  private final class Log: @unchecked Sendable {
    // Only the one thread of a deterministic run writes.
    var steps: [Int] = []
  }

  private func run(_ configuration: TaskExecutor.Configuration) throws -> [Int] {
    let log = Log()
    try withExecutor(configuration) { executor in
      @Sendable func walk(_ worker: borrowing Worker, _ node: Int) {
        log.steps.append(node * 10 + worker.index)
        if node >= 16 { return }
        _ = worker.join({ walk($0, node * 2) }, { walk($0, node * 2 + 1) })
      }
      let tree = try executor.spawn { (worker: borrowing Worker) in walk(worker, 1) }
      for number in 100..<120 {
        _ = try executor.spawn { (worker: borrowing Worker) in
          log.steps.append(number * 10 + worker.index)
        }
      }
      try tree.join()
    }
    return log.steps
  }

  @Test func `the same seed gives the same schedule, another seed another`() throws {
    let seed = UInt64(TestSeed.value)
    print("NOVA_SEED=\(seed)")
    let first = try run(.init(workerCount: 3, mode: .deterministic(seed: seed)))
    let again = try run(.init(workerCount: 3, mode: .deterministic(seed: seed)))
    #expect(first == again)
    #expect(Set(first.map { $0 / 10 }) == Set(1..<32).union(100..<120))
    let others = try (1...10).map {
      try run(.init(workerCount: 3, mode: .deterministic(seed: seed + $0)))
    }
    #expect(Set(others).count > 5)
  }

  @Test func `every worker has its part`() throws {
    let steps = try (0..<5).flatMap {
      try run(.init(workerCount: 3, mode: .deterministic(seed: $0)))
    }
    #expect(Set(steps.map { $0 % 10 }) == [0, 1, 2, 3])
  }

  @Test func `a token repeats the run`() throws {
    let arena = try Arena(byteCount: 16 << 20)
    let executor = try TaskExecutor(
      .init(workerCount: 2, mode: .deterministic(seed: 77)), memory: arena)
    let token = try #require(executor.replayToken)
    #expect(token == ReplayToken(seed: 77, workerCount: 2))
    try executor.shutdown()
    try unsafe executor.release()
    let first = try run(.init(workerCount: 2, mode: .deterministic(seed: 77)))
    #expect(try run(.init(replaying: token)) == first)
  }

  // The figures are the same in the guests of all CPUs: see qemu/programs/Sources/executor.
  @Test func `seed 1 gives the schedule that it gives everywhere`() throws {
    let steps = try run(.init(workerCount: 3, mode: .deterministic(seed: 1)))
    #expect(digest(steps) == 16_185_637_943_632_160_751)
  }

  @Test func `parallel executors have no token`() throws {
    try withExecutor(.init(workerCount: 0)) { executor in #expect(executor.replayToken == nil) }
  }

  @Test func `virtual time moves with the schedule alone`() throws {
    func end(_ seed: UInt64) throws -> UInt64 {
      var time: UInt64 = 0
      try withExecutor(.init(workerCount: 1, mode: .deterministic(seed: seed))) { executor in
        for _ in 0..<10 { _ = try executor.spawn { 1 } }
        try executor.shutdown()
        time = executor.clock.now
      }
      return time
    }
    let time = try end(5)
    #expect(time >= 10 * Clock.stepNanoseconds)
    #expect(try end(5) == time)
  }

  /// FNV-1a over the steps.
  private func digest(_ steps: [Int]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for step in steps { hash = (hash ^ UInt64(step)) &* 0x100_0000_01b3 }
    return hash
  }
}
