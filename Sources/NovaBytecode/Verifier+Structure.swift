// Verifier+Structure.swift — pass 1: operations, unused bits, indices, branch targets.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

extension FunctionCheck {
  /// What leaves the straight way of pass 1.
  private static var uncommon: OperationFlags {
    .branchTable | .indexed | .call | .returns | .internal
  }

  /// Finds instructions and targets, and checks everything that isn't a register.
  mutating func checkStructure() throws(VerifierError) {
    var word = 0
    var flags = OperationFlags(rawValue: 0)
    let hasMemory = indices.view.memoryCount > 0
    let hasTailCalls = indices.view.needs(.tailCalls)
    let uncommon = hasMemory ? Self.uncommon : Self.uncommon | .memory
    while word < count {
      let instruction = instruction(word)
      let check = InstructionCheck(instruction)
      guard check.hasForm(instruction), instruction & check.unusedMask == 0 else {
        throw operationError(instruction, at: word)
      }
      flags = check.flags
      if flags.contains(.branch) { try markTarget(check.target(instruction, at: word), from: word) }
      let end = word &+ check.wordCount
      if check.wordCount > 1 { try checkSecondWord(check, at: word) }
      word = end
      guard !flags.isDisjoint(with: uncommon) else { continue }
      let start = end &- check.wordCount
      if flags.contains(.internal) { throw operationError(instruction, at: start) }
      if flags.contains(.memory), !hasMemory {
        throw error(.noMemory, at: start, instruction & 0x3ff)
      }
      if flags.contains(.tail), !hasTailCalls {
        throw error(.featureNotNamed(.tailCalls), at: start, instruction & 0x3ff)
      }
      if flags.contains(.branchTable) { word = try checkBranchTable(instruction, at: start) }
      if flags.contains(.returns) { try checkReturn(instruction, at: start) }
      if !flags.isDisjoint(with: .indexed | .call) {
        let second = check.wordCount > 1 ? self.instruction(start &+ 1) : 0
        try indices.check(instruction, second, at: start)
        if flags.contains(.tail) { try checkTail(instruction, second, at: start) }
      }
    }
    guard flags.contains(.terminator) else {
      throw error(.noTerminator, at: count, UInt64(count))
    }
    for position in 0..<Self.bitmapWordCount(count) {
      // SAFETY: the bitmaps have as many words.
      let wrong = unsafe interior[position] & targets[position]
      if wrong != 0 {
        let target = position * 64 + wrong.trailingZeroBitCount
        throw error(.targetInsideInstruction, at: target, UInt64(target))
      }
    }
  }

  private func operationError(_ instruction: UInt64, at word: Int) -> VerifierError {
    let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction))
    let base = operation.base.descriptor
    guard operation.rawValue < 4096, base.exists, !base.flags.contains(.internal) else {
      return error(.unknownOperation, at: word, UInt64(operation.rawValue))
    }
    guard operation.isValid else {
      return error(.unknownForm, at: word, UInt64(operation.rawValue))
    }
    return error(.unusedBits, at: word, instruction & InstructionCheck(instruction).unusedMask)
  }

  @inline(__always) private func markTarget(_ target: Int, from word: Int) throws(VerifierError) {
    guard UInt(bitPattern: target) < UInt(bitPattern: count) else {
      throw error(
        .targetOutOfRange(wordCount: count), at: word, UInt64(bitPattern: Int64(target)))
    }
    // SAFETY: the target is a word of the function, and the bitmaps have a bit for each of them.
    unsafe set(targets, target)
    if target <= word { unsafe set(loops, target) }
  }

  @inline(__always) private func checkSecondWord(
    _ check: InstructionCheck, at word: Int
  ) throws(VerifierError) {
    guard word &+ 1 < count else {
      throw error(.truncatedInstruction(available: count - word), at: word, 2)
    }
    // SAFETY: the second word is still in the function, so it has a bit.
    unsafe set(interior, word &+ 1)
    let wrong = instruction(word &+ 1) & check.unusedMask1
    guard wrong == 0 else { throw error(.unusedBits, at: word + 1, wrong) }
  }

  /// Checks the offsets behind a branch table's word, two a word; an odd count leaves half a word.
  private func checkBranchTable(
    _ instruction: UInt64, at word: Int
  ) throws(VerifierError) -> Int {
    let entryCount = Int(instruction >> 32 & 0xffff) + 1
    let end = word + 1 + (entryCount + 1) / 2
    guard end <= count else {
      throw error(.truncatedInstruction(available: count - word), at: word, UInt64(end - word))
    }
    for entry in 0..<entryCount {
      try markTarget(branchTableTarget(entry, at: word), from: word)
    }
    // SAFETY: the words up to `end` are in the function, so they have bits.
    for interiorWord in word + 1..<end { unsafe set(interior, interiorWord) }
    let unused = entryCount % 2 == 0 ? 0 : self.instruction(end - 1) >> 32
    guard unused == 0 else { throw error(.unusedBits, at: end - 1, unused << 32) }
    return end
  }

  /// Where an entry of the branch table at `word` leads.
  @inline(__always) func branchTableTarget(_ entry: Int, at word: Int) -> Int {
    let pair = instruction(word &+ 1 &+ entry >> 1)
    let offset = Int32(truncatingIfNeeded: pair &>> UInt64(32 &* (entry & 1)))
    return word &+ 1 &+ Int(offset)
  }

  private func checkReturn(_ instruction: UInt64, at word: Int) throws(VerifierError) {
    let resultCount = Int(indices.view.types[Int(entry.typeIndex)].resultCount)
    let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction & 0x3ff))
    let isRight =
      switch operation {
      case .ret0: resultCount == 0
      case .retn: resultCount > 0
      default: resultCount == 1
      }
    guard isRight else {
      throw error(.wrongResultCount(expected: resultCount), at: word, UInt64(operation.rawValue))
    }
  }
  /// A function that takes this one's frame gives what this one gives.
  private func checkTail(
    _ instruction: UInt64, _ second: UInt64, at word: Int
  ) throws(VerifierError) {
    let resultCount = Int(indices.view.types[Int(entry.typeIndex)].resultCount)
    guard Int(indices.call(instruction, second).type.resultCount) == resultCount else {
      throw error(.wrongResultCount(expected: resultCount), at: word, instruction & 0x3ff)
    }
  }
}
