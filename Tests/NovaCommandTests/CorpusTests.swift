// CorpusTests.swift — every program of the corpus does what it says, as written and optimised.

import NovaToolchain
import TestSupport
import Testing

@Suite struct CorpusTests {
  /// How `nova run` tells each trap that a program of the corpus expects.
  private static let traps = [
    "integerDivisionByZero": "an integer was divided by zero",
    "integerOverflow": "a result does not fit its integer",
    "memoryOutOfBounds": "an access was beyond the end of its memory or segment",
    "stackExhausted": "the call depth or the registers of all calls are at their limit",
  ]

  /// `TYPE VALUE, …` without the types.
  private func values(_ list: Substring) -> [String] {
    list.split(separator: ",").map { String($0.split(separator: " ").last ?? "") }
  }

  /// What `nova run` prints of a result; whole numbers in hexadecimal stand for their decimal ones.
  private func printed(_ value: String) -> String {
    guard value.hasPrefix("0x"), let bits = UInt64(value.dropFirst(2), radix: 16) else {
      return value
    }
    return "\(Int64(bitPattern: bits))"
  }

  @Test(arguments: CorpusProgram.all, [false, true])
  func `a program gives what it says`(program: CorpusProgram, isOptimized: Bool) throws {
    guard case .run(let text) = program.expectation, !program.text.contains("\n.import ") else {
      return
    }
    let open = try #require(text.firstIndex(of: "("))
    let close = try #require(text.firstIndex(of: ")"))
    let arguments = values(text[text.index(after: open)..<close])
    let outcome = text[text.index(after: close)...].drop { $0 == " " }
    let folder = try TemporaryFolder()
    let module = "\(folder.path)/module.nvc"
    let source = "\(CorpusProgram.folder)/\(program.name)"
    let made = try Command.nova(
      ["asm", source, "-o", module] + (isOptimized ? ["-O"] : []))
    try #require(made.status == 0, "\(made.errorOutput)")
    let ran = try Command.nova(["run", module, "--invoke", String(text[..<open])] + arguments)
    if outcome.hasPrefix("traps ") {
      let words = try #require(Self.traps[String(outcome.dropFirst("traps ".count))])
      #expect(ran.status == 1)
      #expect(ran.errorOutput.contains(words), "\(ran.errorOutput)")
    } else {
      #expect(ran.status == 0, "\(ran.errorOutput)")
      let expected = values(outcome.dropFirst("= ".count)).map(printed)
      #expect(ran.output == expected.map { $0 + "\n" }.joined())
    }
  }
}
