// QuickCheck+Leave.swift — second words, branches, calls and what else isn't common.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

extension QuickCheck {
  /// What `leave` is for, besides second words.
  static var rare: UInt64 {
    flags(.branchTable | .call | .returns | .slow | .writesRange | .indexed | .internal) | byOperand
  }

  /// Checks what is special of an instruction whose first word was checked, but for its branch.
  ///
  /// - Returns: the next instruction's word; nil where something is wrong.
  @inline(never) func leave(
    _ instruction: UInt64, _ record: UInt64, at word: Int, _ state: inout State
  ) -> Int? {
    var next = word &+ 1
    var second: UInt64 = 0
    if record & Self.twoWords != 0 {
      // SAFETY: there is a mark for each word.
      guard next < count, unsafe marks[next] == 0 else { return nil }
      second = self.instruction(next)
      let check = InstructionCheck(instruction)
      guard second & check.unusedMask1 == 0 else { return nil }
      next &+= 1
      if record & Self.readsSecondWord != 0 {
        guard readSecond(instruction, second, check.readMask1, record, &state) else { return nil }
      }
    }
    guard record & (Self.rare | missing) != 0 else { return next }
    if record & Self.byOperand != 0 {
      guard checkOperands(instruction, second, &state) else { return nil }
    }
    return finish(instruction, second, record, at: word, next: next, &state)
  }

  /// Checks registers that the second word names, at x0 and perhaps x1, and then writes a.
  @inline(__always) private func readSecond(
    _ instruction: UInt64, _ second: UInt64, _ mask: UInt64, _ record: UInt64,
    _ state: inout State
  ) -> Bool {
    let places: UInt64 = 0x0001_0001
    let registers = second & mask
    let unused = registers & ~(63 &* places)
    let beyond = (registers &+ UInt64(64 &- registerCount) &* places) & (64 &* places)
    let read = registers | 63 &* places & ~mask
    let needed = 1 &<< read | 1 &<< (read >> 16)
    guard beyond | unused | needed & ~state.defined == 0 else { return false }
    // Form 3 takes what x0 names from the last result.
    guard instruction >> 10 & 3 != 3 || (second << 16 ^ state.integer) & 63 << 16 == 0 else {
      return false
    }
    let isFloat = record & Self.flags(.writesFloat) != 0
    state.write(instruction >> 16 & 63, isInteger: !isFloat, isFloat: isFloat)
    return true
  }

  /// Takes the current set along a branch of the instruction from `word` up to `next`.
  @inline(__always) func branch(
    to target: Int, from word: Int, next: Int, _ defined: UInt64
  ) -> Bool {
    if target <= word {
      // SAFETY: the first pass held such targets to the function; the mark of one that no
      // instruction began at is no set, but then this way was left before.
      return unsafe marks[target] & ~(defined | Self.loop) == 0
    }
    guard target >= next, target < count else { return false }
    // SAFETY: the target is a word of the function.
    let mark = unsafe marks[target]
    unsafe marks[target] =
      mark & Self.reached != 0 ? mark & (defined | Self.loop) : mark | defined
    return true
  }

  /// Checks and applies the registers of an instruction of two words operand by operand.
  @inline(never) private func checkOperands(
    _ instruction: UInt64, _ second: UInt64, _ state: inout State
  ) -> Bool {
    let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction))
    let descriptor = operation.descriptor
    var readIndex = 0
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      guard operand.role.reads || operand.role.writes else { continue }
      let register = operand.field(instruction, second)
      guard register < UInt64(registerCount) else { return false }
      guard operand.role.reads else { continue }
      let last = operand.role.isFloat ? state.float : state.integer
      guard state.defined & 1 &<< register != 0,
        operation.forwardedOperand != readIndex || register &* Self.places == last
      else { return false }
      readIndex += 1
    }
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      guard operand.role.writes else { continue }
      state.write(
        operand.field(instruction, second), isInteger: !operand.role.isFloat,
        isFloat: operand.role.isFloat)
    }
    return true
  }

  /// Checks what is rare: indices, calls, returns, tables of branches, runs of registers.
  @inline(never) private func finish(
    _ instruction: UInt64, _ second: UInt64, _ record: UInt64, at word: Int, next: Int,
    _ state: inout State
  ) -> Int? {
    let flags = OperationFlags(rawValue: UInt32(truncatingIfNeeded: record >> 32))
    guard !flags.contains(.internal), record & missing == 0 else { return nil }
    let isDirectCall = instruction & 0x3ff == Operation.call.rawValue
    if isDirectCall {
      // The commonest, without looking at operands one by one.
      let function = Int(instruction >> 32)
      guard function < functions.count else { return nil }
      let type = types[Int(functions[function].typeIndex)]
      guard call(Int(instruction >> 16 & 0xffff), type, &state) else { return nil }
    } else if !flags.isDisjoint(with: .indexed | .call) {
      do { try indices.check(instruction, second, at: word) } catch { return nil }
    }
    if flags.contains(.returns) {
      guard isRightReturn(instruction, state.defined) else { return nil }
    }
    if flags.contains(.branchTable) { return branchTable(instruction, at: word, state.defined) }
    if flags.contains(.call), !isDirectCall {
      let (base, type) = indices.call(instruction, second)
      guard call(base, type, &state) else { return nil }
    }
    if flags.contains(.tail) {
      guard isRightTail(indices.call(instruction, second).type, state.defined) else { return nil }
    }
    if flags.contains(.writesRange) {
      let (first, count) = (Int(instruction >> 16 & 0xffff), Int(instruction >> 32 & 0xffff))
      guard count > 0, first + count <= registerCount else { return nil }
      state.defined |= Self.set(first, count)
      state.clearedCount += count
    }
    if !flags.isDisjoint(with: .call | .slow | .writesRange) { state.forgetResults() }
    return next
  }

  private func isRightReturn(_ instruction: UInt64, _ defined: UInt64) -> Bool {
    switch Operation(rawValue: UInt16(truncatingIfNeeded: instruction & 0x3ff)) {
    case .ret0: resultCount == 0
    case .retn: resultCount > 0 && Self.set(0, resultCount) & ~defined == 0
    default: resultCount == 1
    }
  }

  /// Whether a function of `type` can take this frame: its arguments are in the first registers,
  /// and it gives what this one gives.
  private func isRightTail(_ type: FunctionTypeEntry, _ defined: UInt64) -> Bool {
    let (parameterCount, calleeResultCount) = (Int(type.parameterCount), Int(type.resultCount))
    return calleeResultCount == resultCount && max(parameterCount, resultCount) <= registerCount
      && Self.set(0, parameterCount) & ~defined == 0
  }

  /// Goes along the branches of a table, two offsets a word; an odd count leaves half a word.
  private func branchTable(_ instruction: UInt64, at word: Int, _ defined: UInt64) -> Int? {
    let entryCount = Self.entryCount(instruction)
    // The first pass found the table within the function.
    let next = word &+ 1 &+ (entryCount &+ 1) / 2
    for entry in 0..<entryCount {
      guard branch(to: entryTarget(entry, at: word), from: word, next: next, defined) else {
        return nil
      }
    }
    // SAFETY: there is a mark for each word.
    for interior in word + 1..<next where unsafe marks[interior] != 0 { return nil }
    guard entryCount % 2 == 0 || self.instruction(next - 1) >> 32 == 0 else { return nil }
    return next
  }

  /// Takes arguments from the window and leaves results there; all else of it is gone.
  private func call(_ base: Int, _ type: FunctionTypeEntry, _ state: inout State) -> Bool {
    let (parameterCount, resultCount) = (Int(type.parameterCount), Int(type.resultCount))
    guard base >= windowBase,
      base + max(parameterCount, resultCount) <= registerCount,
      Self.set(base, parameterCount) & ~state.defined == 0
    else { return false }
    state.defined =
      state.defined & (Self.reached | Self.set(0, base)) | Self.set(base, resultCount)
    return true
  }
}
