// RandomTests.swift — random modules are shown and assembled again without a changed bit.

import NovaBytecode
import TestSupport
import Testing

@testable import NovaAssembler

@Suite struct RandomTests {
  private static let moduleCount = 60
  private static let mutationCount = 400

  /// Shows and assembles; the result is the same file.
  private func expectExact(_ bytes: [UInt8], _ place: String) throws {
    let text = try Disassembler.text(of: bytes)
    do {
      let again = try Assembler.assemble(text)
      #expect(again == bytes, "\(place): another module than from:\n\(text)")
    } catch {
      let source = SourceText(Array(text.utf8))
      Issue.record("\(place):\n\(error.text(of: source, path: "text"))\n\(text)")
    }
  }

  private func isVerified(_ bytes: [UInt8]) throws -> Bool {
    let file = ModuleFile(bytes)
    return try file.withView { view in (try? file.verify(view)) != nil }
  }

  @Test(arguments: [false, true]) func `random modules are exact`(isOptimized: Bool) throws {
    print("NOVA_SEED=\(TestSeed.value)")
    var operations = Set<Operation>()
    for index in 0..<Self.moduleCount {
      var random = RandomModule(seed: UInt64(TestSeed.value) + UInt64(index))
      let contents = try random.contents(isOptimized: isOptimized)
      let bytes = try contents.fileBytes()
      let place = "NOVA_SEED=\(TestSeed.value), module \(index)"
      let file = ModuleFile(bytes)
      try file.withView { view in
        do throws(VerifierError) { try file.verify(view) } catch {
          Issue.record("\(place): the generator's module is refused: \(error.text(in: view))")
        }
      }
      try expectExact(bytes, place)
      for function in contents.functions {
        operations.formUnion(try Disassembler.operations(of: function))
      }
    }
    let bases = Set(operations.map(\.base))
    #expect(bases.count > Operation.allBases.count * 9 / 10, "only \(bases.count) operations")
    #expect(isOptimized == operations.contains { $0.forwardedOperand != nil })
  }

  @Test func `a module with a changed word is exact, where it is one`() throws {
    print("NOVA_SEED=\(TestSeed.value)")
    var random = RandomModule(seed: UInt64(TestSeed.value))
    let original = try random.contents(isOptimized: true)
    var generator = SeededGenerator(seed: UInt64(TestSeed.value) ^ 0xffff_0000)
    var acceptedCount = 0
    for index in 0..<Self.mutationCount {
      var contents = original
      let function = Int.random(in: contents.functions.indices, using: &generator)
      let word = Int.random(in: contents.functions[function].words.indices, using: &generator)
      contents.functions[function].words[word] ^= 1 << UInt64.random(in: 0..<64, using: &generator)
      let bytes = try contents.fileBytes()
      guard try isVerified(bytes) else { continue }
      acceptedCount += 1
      try expectExact(bytes, "NOVA_SEED=\(TestSeed.value), mutation \(index)")
    }
    #expect(acceptedCount > 0 && acceptedCount < Self.mutationCount)
  }
}
