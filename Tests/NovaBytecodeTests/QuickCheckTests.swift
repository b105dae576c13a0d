// QuickCheckTests.swift — the quick check accepts what the one that finds reasons accepts.

import TestSupport
import Testing

@testable import NovaBytecode

@Suite struct QuickCheckTests {
  /// Both verdicts on the last function of a module: how many registers it clears, nil for none.
  func verdicts(_ image: ModuleImage) throws -> (quick: Int?, full: Int?) {
    try ModuleImage.withModule(image.bytes) { bytes in
      let view = try ModuleReader.read(bytes)
      let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Verifier.scratchByteCount(for: view), alignment: 8)
      defer { unsafe scratch.deallocate() }
      let own = view.functions.count - 1
      // SAFETY: nobody else uses the scratch.
      var room = unsafe Scratch(scratch)
      let quick = QuickCheck.run(view, own, room)
      do throws(VerifierError) {
        var check = try FunctionCheck(view, own, &room)
        try check.checkStructure()
        return (quick, try check.checkRegisters(&room))
      } catch {
        return (quick, nil)
      }
    }
  }

  /// A word that differs in a bit, a field or by one, as a register at the edge of those there are.
  private func mutation(
    _ word: UInt64, _ registerCount: UInt64, _ generator: inout SeededGenerator
  ) -> UInt64 {
    let place = [16, 24, 32, 48][Int(generator.next() % 4)] as UInt64
    switch generator.next() % 4 {
    case 0: return word ^ 1 << (generator.next() % 64)
    case 1: return word &+ 1 << place
    case 2: return word & ~(0xff << place) | (registerCount &- 2 &+ generator.next() % 4) << place
    default: return word & ~(0xff << place) | (60 + generator.next() % 4) << place
    }
  }

  /// Functions of accepted instructions, each also with a word that is a little different.
  @Test func `both checks come to the same verdict on random functions`() throws {
    print("NOVA_SEED=\(TestSeed.value)")
    var generator = SeededGenerator(seed: UInt64(TestSeed.value))
    var counts = [true: 0, false: 0]
    for _ in 0..<40 {
      let registerCount = UInt16(24 + generator.next() % 39)
      var words: [UInt64] = []
      for _ in 0..<60 {
        let longer = words + [generator.next()]
        var image = RandomCode.image(longer, registerCount: registerCount)
        let verdict = try verdicts(image)
        #expect(verdict.quick == verdict.full, "\(longer), \(registerCount) registers")
        counts[verdict.full != nil, default: 0] += 1
        if verdict.full != nil { words = longer }
        let place = 1 + Int(generator.next() % UInt64(image.code.count - 1))
        image.code[place] = mutation(image.code[place], UInt64(registerCount), &generator)
        let changed = try verdicts(image)
        #expect(changed.quick == changed.full, "\(image.code), \(registerCount) registers")
        counts[changed.full != nil, default: 0] += 1
      }
    }
    #expect(counts[true, default: 0] > 100 && counts[false, default: 0] > 100, "\(counts)")
  }

  @Test func `functions with more registers than a word has bits for are left to the full check`()
    throws
  {
    for registerCount: UInt16 in [62, 63] {
      let verdict = try verdicts(RandomCode.image([], registerCount: registerCount))
      #expect(verdict.full == 0 && verdict.quick == (registerCount <= 62 ? 0 : nil))
    }
  }
}
