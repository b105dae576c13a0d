// Verifier+Registers.swift — pass 2: ranges, definite assignment, forwarding.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Pass 2 over one function: what holds before the instruction at hand.
struct RegisterCheck<States: RegisterStates> {
  let function: FunctionCheck
  var states: States
  let registerCount: Int
  let windowBase: Int
  let resultCount: Int
  /// The register that holds the last integer result, and the last float's: its bit where sets are
  /// one word, else its number and one; zero when it isn't known.
  var integerResult: UInt64 = 0
  var floatResult: UInt64 = 0
  /// Whether control reaches the instruction.
  var isReached = true
  /// Registers that instructions clear by the run, all together.
  var clearedCount = 0

  private func result(_ register: UInt64) -> UInt64 {
    States.isOneWord ? 1 &<< register : register + 1
  }

  init(_ function: FunctionCheck, _ states: States) {
    self.function = function
    self.states = states
    registerCount = Int(function.entry.registerCount)
    windowBase = Int(function.entry.windowBase)
    let type = function.view.types[Int(function.entry.typeIndex)]
    resultCount = Int(type.resultCount)
    self.states.insert(0, count: Int(type.parameterCount))
  }

  /// What leaves the straight way of pass 2.
  private static var uncommon: OperationFlags {
    .branch | .branchTable | .call | .terminator | .returns | .slow | .writesRange
  }

  mutating func run() throws(VerifierError) {
    // What carries into a lane's highest bit from `registerCount` on; bytes: with 63 at most.
    let lanes = UInt64(0x8000 - registerCount) &* 0x0001_0001_0001_0000
    let byteLanes =
      lanes & 0xffff_ffff_0000_0000 | UInt64(0x80 - registerCount & 0x7f) &* 0x0101_0000
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
      let kinds = check.kinds
      if States.isOneWord && kinds & 0x20 == 0 {
        // Every register is below the count: in lanes of 16 bits, or of 8 where bytes name them.
        let registers = instruction & check.registerMask
        let sum = registers &+ (kinds & 0x10 != 0 ? byteLanes : lanes)
        let outside = (registers | sum) & check.highestBits
        // Every register that is read is defined; lanes that aren't read say 63, which always is.
        let read = instruction & check.readMask | check.readFill
        let needed: UInt64 =
          1 &<< (read >> 16) | 1 &<< (read >> 24) | 1 &<< (read >> 32) | 1 &<< (read >> 48)
        // What is forwarded went to the register that the field names.
        let code = check.forwarding &>> (instruction >> 10 & 3 &* 16)
        let field: UInt64 = 1 &<< (instruction &>> code)
        let last = code & 0x100 != 0 ? floatResult : integerResult
        let notForwarded = code & 0x180 != 0 ? field & ~last : 0
        guard outside | needed & ~states.bits | notForwarded == 0 else {
          try checkOperands(instruction, at: word)
          preconditionFailure("what the lanes refuse, the operands refuse")
        }
        if kinds & 0x200 != 0 { try checkSecondWord(instruction, kinds, at: word) }
        // A new result is the only one; without one, the old stays unless its register is written.
        let written = (kinds & 0xc0 != 0 ? 1 : 0) &<< (instruction &>> (kinds >> 16))
        states.bits |= written
        integerResult = kinds & 0x40 != 0 ? written : integerResult & ~written
        floatResult = kinds & 0x80 != 0 ? written : floatResult & ~written
        if kinds & 0x400 != 0 {
          let second: UInt64 = 1 &<< (instruction &>> (kinds >> 24))
          states.bits |= second
          integerResult = kinds & 0x800 != 0 ? second : integerResult & ~second
          floatResult = kinds & 0x800 == 0 ? second : floatResult & ~second
        }
      } else {
        try checkOperands(instruction, at: word)
      }
      let end = word &+ check.wordCount
      if !check.flags.isDisjoint(with: Self.uncommon) {
        word = try leaveStraightWay(instruction, check, at: word)
      } else {
        word = end
      }
    }
  }

  /// Checks the register that x0 names, where sets are one word.
  @inline(__always) private mutating func checkSecondWord(
    _ instruction: UInt64, _ kinds: UInt64, at word: Int
  ) throws(VerifierError) {
    let register = function.instruction(word &+ 1) & 0xffff
    let bit: UInt64 = 1 &<< register
    let isForwarded = instruction >> 10 & 3 == kinds >> 22 & 3
    guard register < UInt64(registerCount), states.bits & bit != 0,
      !isForwarded || integerResult == bit
    else {
      try checkOperands(instruction, at: word)
      preconditionFailure("what the lanes refuse, the operands refuse")
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
    (integerResult, floatResult) = (0, 0)
  }

  /// Takes the current set along a branch.
  private mutating func branch(to target: Int, from word: Int) throws(VerifierError) {
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
  private mutating func leaveStraightWay(
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
      (integerResult, floatResult) = (0, 0)
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
  private mutating func call(_ instruction: UInt64, at word: Int) throws(VerifierError) {
    let descriptor = Operation(rawValue: UInt16(truncatingIfNeeded: instruction)).descriptor
    let second = descriptor.wordCount > 1 ? function.instruction(word + 1) : 0
    var (base, typeIndex) = (0, 0)
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      let value = Int(truncatingIfNeeded: operand.field(instruction, second))
      switch operand.role {
      case .windowBase: base = value
      case .function:
        let view = function.view
        typeIndex = view.typeIndex(ofFunction: view.importedFunctionCount + value)
      case .import: typeIndex = function.view.typeIndex(ofFunction: value)
      case .type: typeIndex = value
      default: break
      }
    }
    let type = function.view.types[typeIndex]
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
      guard operation.forwardedOperand != readIndex || result(register) == last else {
        throw function.error(.notForwarded, at: word, register)
      }
      readIndex += 1
    }
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      guard operand.role.writes else { continue }
      let register = operand.field(instruction, second)
      states.insert(Int(register))
      let written = result(register)
      if integerResult == written { integerResult = 0 }
      if floatResult == written { floatResult = 0 }
      if operand.role.isFloat { floatResult = written } else { integerResult = written }
    }
  }
}

extension FunctionCheck {
  /// Pass 2, with sets as large as the function's registers ask for.
  ///
  /// - Returns: how many registers instructions clear by the run.
  mutating func checkRegisters(_ scratch: inout Scratch) throws(VerifierError) -> Int {
    let registerCount = Int(entry.registerCount)
    let isOneWord = registerCount <= OneWordStates.registerCountMax
    var targetCount = 0
    if !isOneWord {
      for position in 0..<Self.bitmapWordCount(count) {
        // SAFETY: the bitmap has as many words.
        targetCount += unsafe targets[position].nonzeroBitCount
      }
    }
    let needed = Self.scratchWordCount(entry, targetCount: targetCount)
    guard needed - Self.bitmapWordCount(count) * 4 <= scratch.wordCount else {
      throw error(
        .scratchTooSmall(needed: (needed + 1) * 8), at: 0, UInt64(scratch.byteCount))
    }
    if isOneWord {
      // SAFETY: the scratch was just found to have room for a word for each word of code.
      let states = unsafe OneWordStates(saved: scratch.take(OneWordStates.wordCount(count)))
      var check = RegisterCheck(self, states)
      try check.run()
      return check.clearedCount
    }
    let numberWordCount = ManyWordStates.numberWordCount(count)
    // SAFETY: the scratch was just found to have room, and the numbers are given right here.
    let numbers = unsafe UnsafeMutableRawPointer(scratch.take(numberWordCount))
      .assumingMemoryBound(to: UInt32.self)
    var number: UInt32 = 0
    for word in 0..<count where unsafe isSet(targets, word) {
      unsafe numbers[word] = number
      number += 1
    }
    let sets = unsafe scratch.take(
      (targetCount + 1) * ManyWordStates.setWordCount(registerCount))
    let states = unsafe ManyWordStates(
      registerCount: registerCount, sets: sets, numbers: numbers)
    var check = RegisterCheck(self, states)
    try check.run()
    return check.clearedCount
  }
}
