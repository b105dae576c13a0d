// Verifier+Registers.swift — pass 2: ranges, definite assignment, forwarding.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Pass 2 over one function: what holds before the instruction at hand.
struct RegisterCheck {
  let function: FunctionCheck
  let states: RegisterStates
  let registerCount: Int
  let windowBase: Int
  let resultCount: Int
  /// The register that holds the last integer result, and the last float's, when it is known.
  var integerResult: UInt64?
  var floatResult: UInt64?
  /// Whether control reaches the instruction.
  var isReached = true
  /// Registers that instructions clear by the run, all together.
  var clearedCount = 0

  init(_ function: FunctionCheck, _ states: RegisterStates) {
    self.function = function
    self.states = states
    registerCount = Int(function.entry.registerCount)
    windowBase = Int(function.entry.windowBase)
    let type = function.indices.view.types[Int(function.entry.typeIndex)]
    resultCount = Int(type.resultCount)
    states.insert(0, count: Int(type.parameterCount))
  }

  /// What is more than reading and writing registers.
  private static var uncommon: OperationFlags {
    .branch | .branchTable | .call | .terminator | .returns | .slow | .writesRange
  }

  mutating func run() throws(VerifierError) {
    var word = 0
    var nextTarget = target(from: 0)
    while word < function.count {
      if word == nextTarget {
        enter(word)
        nextTarget = target(from: word &+ 1)
      } else if !isReached {
        throw function.error(.unreachable, at: word, UInt64(word))
      }
      let instruction = function.instruction(word)
      let check = InstructionCheck(instruction)
      try checkOperands(instruction, at: word)
      if check.flags.isDisjoint(with: Self.uncommon) {
        word = word &+ check.wordCount
      } else {
        word = try finish(instruction, check, at: word)
      }
    }
  }

  /// The first branch target from `word` on.
  @inline(__always) private func target(from word: Int) -> Int {
    var position = word >> 6
    // SAFETY: the bitmaps have a bit for each word and at least one more.
    var bits = unsafe function.targets[position] & (~0 &<< UInt64(word))
    let end = FunctionCheck.bitmapWordCount(function.count)
    while bits == 0 {
      position = position &+ 1
      guard position < end else { return .max }
      // SAFETY: position < end.
      bits = unsafe function.targets[position]
    }
    return position &* 64 &+ bits.trailingZeroBitCount
  }

  /// Begins a block at a branch target.
  ///
  /// Where control comes back to, the set is fixed now: no more than what every earlier way
  /// brings, and only what calls in between can't take away. Each branch back is held to it, so
  /// any guess would be sound; where only such branches lead, it is the set of the code before.
  private mutating func enter(_ word: Int) {
    // SAFETY: `word` is one of the function's, and the bitmaps have a bit for each of them.
    let isReachedBefore = unsafe function.isSet(function.reached, word)
    if isReachedBefore {
      if isReached { states.intersect(word) } else { states.restore(word) }
    }
    if unsafe function.isSet(function.loops, word) {
      states.remove(from: windowBase)
      states.save(word)
    }
    isReached = true
    (integerResult, floatResult) = (nil, nil)
  }

  /// Takes the current set along a branch.
  private func branch(to target: Int, from word: Int) throws(VerifierError) {
    if target <= word {
      guard let missing = states.firstMissing(target) else { return }
      throw function.error(.undefinedAtLoop(target: target), at: word, UInt64(missing))
    }
    // SAFETY: the first pass held `target` to the function; the bitmaps have a bit for each word.
    if unsafe function.isSet(function.reached, target) {
      states.narrow(target)
    } else {
      states.save(target)
      unsafe function.set(function.reached, target)
    }
  }

  /// Does what is special of an instruction whose registers were checked.
  private mutating func finish(
    _ instruction: UInt64, _ check: InstructionCheck, at word: Int
  ) throws(VerifierError) -> Int {
    let flags = check.flags
    var end = word &+ check.wordCount
    if flags.contains(.branch) {
      try branch(to: check.target(instruction, at: word), from: word)
    } else if flags.contains(.branchTable) {
      let entryCount = Int(instruction >> 32 & 0xffff) + 1
      for entry in 0..<entryCount {
        try branch(to: function.branchTableTarget(entry, at: word), from: word)
      }
      end = word + 1 + (entryCount + 1) / 2
    } else if flags.contains(.call) {
      try call(instruction, at: word)
    } else if flags.contains(.tail) {
      try tailCall(instruction, at: word)
    } else if flags.contains(.writesRange) {
      let (first, count) = (Int(instruction >> 16 & 0xffff), Int(instruction >> 32 & 0xffff))
      guard count > 0, first + count <= registerCount else {
        throw function.error(
          .rangeOutOfRange(count: count, registerCount: registerCount), at: word, UInt64(first))
      }
      states.insert(first, count: count)
      clearedCount += count
    } else if flags.contains(.returns), instruction & 0x3ff == Operation.retn.rawValue {
      try checkDefined(0, count: resultCount, at: word)
    }
    if !flags.isDisjoint(with: .call | .slow | .writesRange) {
      (integerResult, floatResult) = (nil, nil)
    }
    if flags.contains(.terminator) { isReached = false }
    return end
  }

  private func checkDefined(
    _ first: Int, count: Int, at word: Int
  ) throws(VerifierError) {
    guard let register = states.firstMissing(first, count: count) else { return }
    throw function.error(.undefinedRegister, at: word, UInt64(register))
  }

  /// Takes arguments from the window and leaves results there; all else of it is gone.
  private func call(_ instruction: UInt64, at word: Int) throws(VerifierError) {
    let second = InstructionCheck(instruction).wordCount > 1 ? function.instruction(word + 1) : 0
    let (base, type) = function.indices.call(instruction, second)
    let (parameterCount, resultCount) = (Int(type.parameterCount), Int(type.resultCount))
    guard base >= windowBase else {
      throw function.error(.windowBelowBase(windowBase: windowBase), at: word, UInt64(base))
    }
    let needed = max(parameterCount, resultCount)
    guard base + needed <= registerCount else {
      throw function.error(
        .windowBeyondRegisters(registerCount: registerCount, needed: needed), at: word,
        UInt64(base))
    }
    try checkDefined(base, count: parameterCount, at: word)
    states.remove(from: base)
    states.insert(base, count: resultCount)
  }

  /// Takes arguments from the first registers; what takes the frame over has room for its results.
  private func tailCall(_ instruction: UInt64, at word: Int) throws(VerifierError) {
    let second = InstructionCheck(instruction).wordCount > 1 ? function.instruction(word + 1) : 0
    let type = function.indices.call(instruction, second).type
    let needed = Int(max(type.parameterCount, type.resultCount))
    guard needed <= registerCount else {
      throw function.error(
        .windowBeyondRegisters(registerCount: registerCount, needed: needed), at: word, 0)
    }
    try checkDefined(0, count: Int(type.parameterCount), at: word)
  }

  /// Checks and applies an instruction's registers operand by operand.
  private mutating func checkOperands(
    _ instruction: UInt64, at word: Int
  ) throws(VerifierError) {
    let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction))
    let descriptor = operation.descriptor
    let second = descriptor.wordCount > 1 ? function.instruction(word + 1) : 0
    var readIndex = 0
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      guard operand.role.reads || operand.role.writes else { continue }
      let register = operand.field(instruction, second)
      guard register < UInt64(registerCount) else {
        throw function.error(.registerOutOfRange(registerCount: registerCount), at: word, register)
      }
      guard operand.role.reads else { continue }
      guard states.contains(Int(register)) else {
        throw function.error(.undefinedRegister, at: word, register)
      }
      let last = operand.role.isFloat ? floatResult : integerResult
      guard operation.forwardedOperand != readIndex || register == last else {
        throw function.error(.notForwarded, at: word, register)
      }
      readIndex += 1
    }
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      guard operand.role.writes else { continue }
      let register = operand.field(instruction, second)
      states.insert(Int(register))
      if integerResult == register { integerResult = nil }
      if floatResult == register { floatResult = nil }
      if operand.role.isFloat { floatResult = register } else { integerResult = register }
    }
  }
}

extension FunctionCheck {
  /// Pass 2, with sets as large as the function's registers ask for.
  ///
  /// - Returns: how many registers instructions clear by the run.
  mutating func checkRegisters(_ scratch: inout Scratch) throws(VerifierError) -> Int {
    let registerCount = Int(entry.registerCount)
    var targetCount = 0
    for position in 0..<Self.bitmapWordCount(count) {
      // SAFETY: the bitmap has as many words.
      targetCount += unsafe targets[position].nonzeroBitCount
    }
    let needed = Self.scratchWordCount(entry, targetCount: targetCount)
    guard needed - Self.bitmapWordCount(count) * 4 <= scratch.wordCount else {
      throw error(
        .scratchTooSmall(needed: (needed + 1) * 8), at: 0, UInt64(scratch.byteCount))
    }
    let numberWordCount = RegisterStates.numberWordCount(count)
    // SAFETY: the scratch was just found to have room, and the numbers are given right here.
    let numbers = unsafe UnsafeMutableRawPointer(scratch.take(numberWordCount))
      .assumingMemoryBound(to: UInt32.self)
    var number: UInt32 = 0
    for word in 0..<count where unsafe isSet(targets, word) {
      unsafe numbers[word] = number
      number += 1
    }
    let sets = unsafe scratch.take(
      (targetCount + 1) * RegisterStates.setWordCount(registerCount))
    let states = unsafe RegisterStates(
      registerCount: registerCount, sets: sets, numbers: numbers)
    var check = RegisterCheck(self, states)
    try check.run()
    return check.clearedCount
  }
}
