// MutationRunTests.swift — every corpus file with any one word changed: refused, or run equally.

import ModuleRunsHosted
import NovaAssembler
import NovaModules
import TestSupport
import Testing

@Suite(.serialized) struct MutationRunTests {
  /// Of those that are accepted, every so many run on each CPU as well.
  private static let guestStride = 16

  /// A word that is likely to be just wrong.
  private func mutation(_ word: UInt64, _ generator: inout SeededGenerator) -> UInt64 {
    switch generator.next() % 6 {
    case 0: word ^ 1 << (generator.next() % 64)
    case 1: word ^ 0xff << (generator.next() % 8 * 8)
    case 2: word &+ 1 << (generator.next() % 4 * 16)
    case 3: word &- 1 << (generator.next() % 4 * 16)
    case 4: word & ~(0xffff << (generator.next() % 4 * 16))
    default: generator.next()
    }
  }

  private func isVerified(_ bytes: [UInt8]) -> Bool {
    let file = ModuleFile(bytes)
    return (try? file.withView { view in (try? file.verify(view)) != nil }) ?? false
  }

  /// The mutants of a file that are accepted, and how many were refused.
  private func mutants(
    of bytes: [UInt8], _ generator: inout SeededGenerator
  ) -> (accepted: [[UInt8]], refusedCount: Int) {
    var accepted: [[UInt8]] = []
    var refusedCount = 0
    for place in stride(from: 0, to: bytes.count, by: 8) {
      var mutant = bytes
      let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
      mutant.replaceSubrange(
        place..<place + 8, with: ModuleImage.littleEndian([mutation(word, &generator)]))
      ModuleImage.rehash(&mutant)
      if isVerified(mutant) { accepted.append(mutant) } else { refusedCount += 1 }
    }
    return (accepted, refusedCount)
  }

  @Test func `a corpus file with a changed word is refused, or comes to the same everywhere`()
    throws
  {
    print("NOVA_SEED=\(TestSeed.value)")
    var generator = SeededGenerator(seed: UInt64(TestSeed.value))
    let runtime = try Runs.runtime()
    var ran: [[UInt8]] = []
    var lines = ""
    var (acceptedCount, refusedCount) = (0, 0)
    for (name, bytes) in try Runs.corpus() {
      let mutants = mutants(of: bytes, &generator)
      refusedCount += mutants.refusedCount
      for mutant in mutants.accepted {
        acceptedCount += 1
        let verdict = Runs.verdict(
          of: mutant, seed: UInt64(TestSeed.value), on: runtime, with: Runs.hosts)
        guard case .same(let steps) = verdict else {
          Issue.record("NOVA_SEED=\(TestSeed.value), of \(name), accepted \(acceptedCount)")
          continue
        }
        guard acceptedCount % Self.guestStride == 0 else { continue }
        ran.append(mutant)
        lines += "\(steps.count) \(ModuleRuns.digest(of: steps))\n"
      }
    }
    print("accepted \(acceptedCount), refused \(refusedCount)")
    #expect(acceptedCount > 1000 && refusedCount > acceptedCount)
    for cpu in GuestCPU.allCases {
      let completion = try Runs.onGuest(ran, seed: TestSeed.value, cpu, with: Runs.hosts)
      #expect(completion.output == lines + "handles left: 0\n", "\(cpu): \(completion.errorOutput)")
    }
  }
}
