// FunctionBuilder+Encode.swift — instructions to words: fields, branches, and what the frame needs.
// Hosted. Imports NovaBytecode. The encoding: Bytecode.md in the book.

import NovaBytecode

extension FunctionBuilder {
  /// The function as the file has it.
  ///
  /// - Parameters:
  ///   - number: in the index space of functions.
  ///   - typeIndex: its type's.
  ///   - signatures: of what its calls name.
  ///   - optimizer: changes the code first.
  ///   - names: gets the names of the function, its registers and labels.
  ///   - lines: gets the function's lines in a text.
  ///   - workspace: what the passes know and have room for.
  /// - Returns: the words and what belongs to them.
  /// - Throws: `BuilderError`, with the instruction where there is one.
  consuming func finished(
    number: UInt32, typeIndex: UInt32, signatures: CallSignatures, optimizer: CodeOptimizer?,
    names: inout [ModuleName], lines: inout CodeLines, in workspace: inout CodeWorkspace
  ) throws(BuilderError) -> FunctionContents {
    var function = consume self
    guard !function.instructions.isEmpty else {
      throw BuilderError(.emptyFunction, function: number, textLine: function.firstTextLine)
    }
    optimizer?.fuse(&function, signatures, in: &workspace.fusing)
    function.relaxBranches()
    optimizer?.forward(&function)
    var encoder = CodeEncoder(function: function, number: number, signatures: signatures)
    let contents = try encoder.contents(typeIndex: typeIndex)
    function.addNames(number: number, offsets: encoder.offsets, to: &names)
    guard lines.isKept else { return contents }
    let words = zip(encoder.offsets, function.instructions).map { ($0, $1.textLine) }
    lines.functions.append((function.firstTextLine, words))
    return contents
  }

  private func addNames(number: UInt32, offsets: [Int], to names: inout [ModuleName]) {
    if let name { names.append(ModuleName(.function, index: number, name: name)) }
    for (register, name) in registerNames {
      names.append(ModuleName(.register, index: number, part: UInt32(register), name: name))
    }
    guard !labelNames.isEmpty else { return }
    var named = Set<UInt32>()
    for (label, name) in labelNames.sorted(by: { $0.key.index < $1.key.index }) {
      // Behind the last instruction there is no word that a name could be of.
      guard let position = labelPositions[Int(label.index)], position < instructions.count else {
        continue
      }
      let word = UInt32(offsets[position])
      // Of several names of one place the first is kept.
      guard named.insert(word).inserted else { continue }
      names.append(ModuleName(.label, index: number, part: word, name: name))
    }
  }
}

/// Encodes one function.
private struct CodeEncoder {
  let function: FunctionBuilder
  let number: UInt32
  let signatures: CallSignatures
  private let fields = FieldTable.shared
  private let roles = OperandRoles.table
  /// Where each instruction begins, and the end.
  let offsets: [Int]
  private var index = 0
  private var words: [UInt64] = []
  private var places: [(word: UInt32, place: SourcePlace)] = []
  // One more than the highest register that an instruction names or a call reaches, and the line
  // of the text that needs it.
  private var registerEnd: Int
  private var registerEndLine: UInt32
  private var lowestWindow: (base: Int, instruction: Int)?

  init(function: FunctionBuilder, number: UInt32, signatures: CallSignatures) {
    self.function = function
    self.number = number
    self.signatures = signatures
    offsets = function.wordOffsets()
    registerEnd = max(
      1, function.signature.parameters.count, function.signature.results.count,
      Int(function.registerNames.keys.max() ?? 0) + 1)
    registerEndLine = function.firstTextLine
    words.reserveCapacity(offsets[offsets.count - 1])
  }

  mutating func contents(typeIndex: UInt32) throws(BuilderError) -> FunctionContents {
    for instruction in function.instructions {
      if let place = instruction.place, !function.mergesPlaces || place != places.last?.place {
        places.append((UInt32(words.count), place))
      }
      if instruction.operation.base == .brTable {
        try encodeBranchTable(instruction)
      } else {
        try encode(instruction)
      }
      index += 1
    }
    let (registerCount, windowBase) = try frame()
    return FunctionContents(
      typeIndex: typeIndex, registerCount: registerCount, windowBase: windowBase, words: words,
      places: places)
  }

  private mutating func encode(_ instruction: Instruction) throws(BuilderError) {
    let range = fields.range(of: instruction.operation)
    let roles = roles[instruction.operation]
    var word0 = UInt64(instruction.operation.rawValue)
    var word1: UInt64 = 0
    for operand in 0..<range.count {
      let field = fields[range.lowerBound + operand]
      var value = instruction.operands[operand]
      if field.role == .branch {
        let end = offsets[index] + roles.wordCount
        value = UInt64(bitPattern: Int64(try target(UInt32(value)) - end))
        guard field.accepts(value) else {
          throw error(.branchTooFar(words: Int(Int64(bitPattern: value))))
        }
      } else if !field.accepts(value) {
        throw error(
          .operandOutOfRange(
            operand: operand, value: value, minimum: field.minimum, maximum: field.maximum))
      }
      value &= field.mask
      if field.bitOffset < 64 {
        word0 |= value << UInt64(field.bitOffset)
      } else {
        word1 |= value << UInt64(field.bitOffset - 64)
      }
    }
    words.append(word0)
    if roles.wordCount == 2 { words.append(word1) }
    noteRegisters(instruction, roles, range)
  }

  private func target(_ label: UInt32) throws(BuilderError) -> Int {
    guard let position = function.labelPositions[Int(label)] else {
      throw error(.unplacedLabel(Label(index: label)))
    }
    return offsets[position]
  }

  /// Offsets count from the word behind the first; two stand in each word.
  private mutating func encodeBranchTable(_ instruction: Instruction) throws(BuilderError) {
    let targets = function.branchTables[Int(instruction.operands[1])]
    guard let last = UInt16(exactly: targets.count - 1) else {
      throw error(
        .operandOutOfRange(
          operand: 1, value: UInt64(targets.count), minimum: 1, maximum: 1 << 16))
    }
    let register = instruction.operands[0]
    let origin = offsets[index] + 1
    words.append(
      UInt64(instruction.operation.rawValue) | (register & 0xffff) << 16 | UInt64(last) << 32)
    for pair in stride(from: 0, to: targets.count, by: 2) {
      var word: UInt64 = 0
      for half in 0..<min(2, targets.count - pair) {
        let distance = try target(targets[pair + half].index) - origin
        guard let offset = Int32(exactly: distance) else {
          throw error(.branchTooFar(words: distance))
        }
        word |= UInt64(UInt32(bitPattern: offset)) << UInt64(32 * half)
      }
      words.append(word)
    }
    needRegisters(Int(register) + 1, instruction)
  }

  private mutating func needRegisters(_ count: Int, _ instruction: Instruction) {
    guard count > registerEnd else { return }
    (registerEnd, registerEndLine) = (count, instruction.textLine)
  }

  private mutating func noteRegisters(
    _ instruction: Instruction, _ roles: OperandRoles, _ range: Range<Int>
  ) {
    for operand in 0..<roles.count where roles.registers >> UInt8(operand) & 1 != 0 {
      needRegisters(Int(instruction.operands[operand]) + 1, instruction)
    }
    guard !roles.flags.isDisjoint(with: .call | .tail | .writesRange) else { return }
    let called = signatures.counts(of: instruction)
    let reach = called.map { max($0.parameters, $0.results) } ?? 0
    if roles.flags.contains(.tail) { needRegisters(reach, instruction) }
    for operand in 0..<range.count {
      let register = Int(instruction.operands[operand])
      switch fields[range.lowerBound + operand].role {
      case .writeRange: needRegisters(register + rangeCount(instruction, range), instruction)
      case .windowBase:
        if register < lowestWindow?.base ?? .max { lowestWindow = (register, index) }
        needRegisters(register + reach, instruction)
      default: break
      }
    }
  }

  private func rangeCount(_ instruction: Instruction, _ range: Range<Int>) -> Int {
    for operand in 0..<range.count where fields[range.lowerBound + operand].role == .count {
      return max(1, Int(instruction.operands[operand]))
    }
    return 1
  }

  /// Registers of the frame, and where windows begin in it.
  private func frame() throws(BuilderError) -> (registerCount: UInt16, windowBase: UInt16) {
    let most = BuilderLimits.registerCountMax
    let registerCount = Int(function.registerCount ?? UInt16(min(registerEnd, most)))
    guard registerEnd <= registerCount, registerCount <= most else {
      throw BuilderError(
        .registerCountTooSmall(needed: registerEnd, registerCount: registerCount),
        function: number, textLine: registerEndLine)
    }
    let windowBase = function.windowBase ?? UInt16(lowestWindow?.base ?? registerCount)
    guard windowBase <= registerCount else {
      throw BuilderError(
        .windowBaseTooHigh(windowBase: windowBase, registerCount: UInt16(registerCount)),
        function: number, textLine: function.firstTextLine)
    }
    if let lowestWindow, lowestWindow.base < Int(windowBase) {
      throw BuilderError(
        .windowTooLow(base: UInt16(lowestWindow.base), windowBase: windowBase), function: number,
        instruction: lowestWindow.instruction,
        textLine: function.instructions[lowestWindow.instruction].textLine)
    }
    return (UInt16(registerCount), windowBase)
  }

  private func error(_ cause: BuilderError.Cause) -> BuilderError {
    BuilderError(
      cause, function: number, instruction: index,
      textLine: function.instructions[index].textLine)
  }
}
