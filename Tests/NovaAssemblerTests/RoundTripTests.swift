// RoundTripTests.swift — text to bytes to text to bytes: nothing is lost on the way.

import NovaBytecode
import TestSupport
import Testing

@testable import NovaAssembler

@Suite struct RoundTripTests {
  /// Assembles, shows, assembles again; the second text is the first.
  private func expectExact(_ source: String) throws {
    let bytes = try assembled(source)
    let text = try Disassembler.text(of: bytes)
    let again = try assembled(text)
    #expect(again == bytes, "another module than from:\n\(text)")
    #expect(try Disassembler.text(of: again) == text)
  }

  private func assembled(_ source: String) throws -> [UInt8] {
    do { return try Assembler.assemble(source) } catch {
      Issue.record("\(error.text(of: SourceText(Array(source.utf8)), path: "text"))\n\(source)")
      throw error
    }
  }

  @Test(arguments: CorpusProgram.all)
  func `a program of the corpus is exact, or is refused as said`(
    program: CorpusProgram
  ) throws {
    guard case .refused(let faults) = program.expectation else {
      return try expectExact(program.text)
    }
    do {
      _ = try Assembler.assemble(program.text)
      Issue.record("\(program) is accepted")
    } catch {
      let source = SourceText(Array(program.text.utf8))
      let found = error.text(of: source, path: "").split(separator: "\n")
        .filter { $0.hasPrefix(":") }
        .map { String($0.dropFirst()).replacing(": error: ", with: ": ") }
      #expect(found == faults)
    }
  }
}
