// Verifier+Lines.swift — lines begin where instructions do, so that text can say them.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

extension Verifier {
  /// Refuses a line that begins within an instruction.
  ///
  /// - Parameter view: a module whose code was checked.
  /// - Throws: `VerifierError` of `.lineInsideInstruction`.
  /// - Complexity: O(words of the functions that have lines); nothing without lines.
  static func checkLines(_ view: ModuleView) throws(VerifierError) {
    var line = 0
    for own in 0..<view.functions.count {
      guard line < view.lines.count else { return }
      let entry = view.functions[own]
      let start = Int(entry.firstWord)
      var word = 0
      while line < view.lines.count, word < Int(entry.wordCount) {
        let place = Int(view.lines[line].firstWord) - start
        guard place < Int(entry.wordCount) else { break }
        guard place >= word else {
          throw VerifierError(
            function: view.importedFunctionCount + own, wordOffset: place,
            reason: .lineInsideInstruction, value: UInt64(view.lines[line].line))
        }
        if place == word { line += 1 }
        word += wordCount(view.codeWord(start + word))
      }
      // A line within the last instruction.
      guard line < view.lines.count else { return }
      let place = Int(view.lines[line].firstWord) - start
      guard place >= Int(entry.wordCount) else {
        throw VerifierError(
          function: view.importedFunctionCount + own, wordOffset: place,
          reason: .lineInsideInstruction, value: UInt64(view.lines[line].line))
      }
    }
  }

  /// The words of an instruction that was checked.
  private static func wordCount(_ instruction: UInt64) -> Int {
    let descriptor = Operation(rawValue: UInt16(truncatingIfNeeded: instruction)).descriptor
    guard descriptor.flags.contains(.branchTable) else { return descriptor.wordCount }
    return 1 + (Int(instruction >> 32 & 0xffff) + 2) / 2
  }
}
