// RandomRunTests.swift — random modules come to the same in every way of running, on every CPU.

import ModuleRunsHosted
import NovaModules
import NovaToolchain
import TestSupport
import Testing

@testable import NovaAssembler

@Suite(.serialized) struct RandomRunTests {
  private static let moduleCount = 200

  /// The batch's modules, and how many of which kind.
  private func modules() throws -> [[UInt8]] {
    print("NOVA_SEED=\(TestSeed.value)")
    return try (0..<Self.moduleCount).map { index in
      let generator = SeededGenerator(seed: UInt64(TestSeed.value) << 32 | UInt64(index))
      var random = RandomModule(generator, isForRunning: true)
      return try random.contents(isOptimized: index % 2 == 1).fileBytes()
    }
  }

  @Test func `random modules come to the same in every way and on every CPU`() throws {
    let modules = try modules()
    let runtime = try Runs.runtime()
    let before = runtime.memoryContract.stats
    var steps: [RunStep] = []
    var lines = ""
    for (index, module) in modules.enumerated() {
      let verdict = Runs.verdict(
        of: module, seed: UInt64(TestSeed.value), on: runtime,
        with: Runs.providers)
      guard case .same(let taken) = verdict else {
        Issue.record("NOVA_SEED=\(TestSeed.value), module \(index): \(verdict)")
        continue
      }
      steps += taken
      lines += "\(taken.count) \(ModuleRuns.digest(of: taken))\n"
    }
    #expect(runtime.memoryContract.stats.liveCount == before.liveCount)
    // A batch in which most calls are refused, or trap at once, would show nothing.
    let returned = steps.count { if case .returned = $0 { true } else { false } }
    let trapped = steps.count { if case .trapped = $0 { true } else { false } }
    let exhausted = steps.count { if case .exhausted = $0 { true } else { false } }
    let refused = steps.count { if case .refused = $0 { true } else { false } }
    print(
      "returned \(returned), trapped \(trapped), out of fuel \(exhausted), refused \(refused)")
    #expect(returned > Self.moduleCount && trapped > Self.moduleCount && exhausted > 0)
    #expect(refused < Self.moduleCount)
    for cpu in GuestCPU.allCases {
      let completion = try Runs.onGuest(modules, seed: TestSeed.value, cpu, with: Runs.providers)
      #expect(completion.errorOutput.isEmpty, "\(cpu): \(completion.errorOutput)")
      #expect(completion.output == lines + "handles left: 0\n", "\(cpu)")
    }
  }
}
