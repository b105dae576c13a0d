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
    let hasMemory = view.memoryCount > 0
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
      if flags.contains(.branchTable) { word = try checkBranchTable(instruction, at: start) }
      if flags.contains(.returns) { try checkReturn(instruction, at: start) }
      if !flags.isDisjoint(with: .indexed | .call) { try checkIndices(instruction, at: start) }
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
    let resultCount = Int(view.types[Int(entry.typeIndex)].resultCount)
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

  /// Checks what an instruction names of the module.
  private func checkIndices(_ instruction: UInt64, at word: Int) throws(VerifierError) {
    let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction & 0x3ff))
    let descriptor = operation.descriptor
    let second = descriptor.wordCount > 1 ? self.instruction(word + 1) : 0
    var table: Int?
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      let value = operand.field(instruction, second)
      switch operand.role {
      // Instructions count own and imported functions apart, each from 0.
      case .function:
        _ = try checkIndex(value, .function, below: view.functions.count, at: word)
      case .import:
        _ = try checkIndex(value, .import, below: view.importedFunctionCount, at: word)
      case .global, .importedGlobal:
        try checkGlobal(
          value, operand.role, isSet: operation == .globalSet || operation == .globalSetFar,
          at: word)
      case .type:
        _ = try checkIndex(value, .type, below: view.types.count, at: word)
      case .memory: _ = try checkIndex(value, .memory, below: view.memoryCount, at: word)
      case .data: _ = try checkIndex(value, .data, below: view.dataSegments.count, at: word)
      case .table:
        let index = try checkIndex(value, .table, below: view.tableCount, at: word)
        try checkElements(table, view.tableType(index).elementType, value, at: word)
        table = index
      case .element:
        let count = view.elementSegments.count
        let index = try checkIndex(value, .element, below: count, at: word)
        try checkElements(table, view.elementSegments[index].elementType, value, at: word)
      default: break
      }
    }
    guard descriptor.flags.contains(.indirect) else { return }
    // The short form names no table: it is table 0.
    let index = try checkIndex(UInt64(table ?? 0), .table, below: view.tableCount, at: word)
    guard view.tableType(index).elementType == ValueType.funcref.rawValue else {
      throw error(.notFunctionTable, at: word, UInt64(index))
    }
  }

  /// Instructions count own and imported globals apart, each from 0.
  private func checkGlobal(
    _ value: UInt64, _ role: OperandRole, isSet: Bool, at word: Int
  ) throws(VerifierError) {
    let isOwn = role == .global
    let count = isOwn ? view.globals.count : view.importedGlobalCount
    let number = try checkIndex(value, role, below: count, at: word)
    let index = isOwn ? view.importedGlobalCount + number : number
    guard !isSet || view.globalType(index).isMutable else {
      throw error(.immutableGlobal, at: word, value)
    }
  }

  /// Checks that what is copied to `table` is what its elements are.
  private func checkElements(
    _ table: Int?, _ type: UInt8, _ value: UInt64, at word: Int
  ) throws(VerifierError) {
    guard let table, view.tableType(table).elementType != type else { return }
    throw error(.wrongElementType, at: word, value)
  }
}
