// MutationTests.swift — a module changed anywhere is refused or is a module, never a fault.

import NovaBytecode
import TestSupport
import Testing

@Suite struct MutationTests {
  /// Reads and, where it is read, verifies; whether both accept.
  private func isAccepted(_ bytes: [UInt8]) -> Bool {
    ModuleImage.withModule(bytes) { module in
      do throws(FormatError) {
        let view = try ModuleReader.read(module)
        let scratch = UnsafeMutableRawBufferPointer.allocate(
          byteCount: Verifier.scratchByteCount(for: view), alignment: 8)
        defer { unsafe scratch.deallocate() }
        do throws(VerifierError) {
          // SAFETY: nobody else uses the scratch.
          _ = unsafe try Verifier.verify(view, scratch: scratch)
          return true
        } catch {
          return false
        }
      } catch {
        return false
      }
    }
  }

  /// Words that are likely to be just wrong.
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

  private func check(_ image: ModuleImage, rounds: Int) {
    let original = image.bytes
    #expect(isAccepted(original))
    var generator = SeededGenerator(seed: UInt64(TestSeed.value))
    print("NOVA_SEED=\(TestSeed.value)")
    var acceptedCount = 0
    for _ in 0..<rounds {
      var bytes = original
      for _ in 0...generator.next() % 2 {
        let place = Int(generator.next() % UInt64(bytes.count / 8)) * 8
        let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
        bytes.replaceSubrange(
          place..<place + 8, with: ModuleImage.littleEndian([mutation(word, &generator)]))
      }
      ModuleImage.rehash(&bytes)
      if isAccepted(bytes) { acceptedCount += 1 }
    }
    // Some mutations change what nothing depends on, such as a constant; most do harm.
    #expect(acceptedCount > 0 && acceptedCount < rounds, "\(acceptedCount) of \(rounds)")
  }

  @Test func `mutations of every section are refused or accepted`() {
    check(.sample, rounds: 6000)
  }

  @Test func `mutations of code are refused or accepted, with small and with large sets`() {
    for registerCount: UInt16 in [12, 200] {
      var image = VerifierTests.image
      image.addFunction(
        [
          Instruction.wide(.const32, 2, 100), Instruction.abc(.mov, 4, 0),
          Instruction.abc(.i32AddAdd, 5 | 1 << 8, 4, 0, forwarding: 1),
          Instruction.wide(.call, 4, 2), Instruction.abc(.select, 3, 4, 0), 1,
          Instruction.abc(.mov2, 6 | 3 << 8, 7, 2), Instruction.abc(.i32Load, 6, 7, 8),
          Instruction.abc(.brTable, 0, 2), 0x0000_0002_0000_0003, 4,
          Instruction.abc(.i32Addi, 2, 2, -1), Instruction.abc(.brI32LtSi, 2, 9, 1),
          Instruction.wide(.jmp, 0, -13), Instruction.abc(.ret, 2),
        ], type: 0, registerCount: registerCount)
      check(image, rounds: 6000)
    }
  }
}
