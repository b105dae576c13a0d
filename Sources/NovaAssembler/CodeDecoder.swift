// CodeDecoder.swift — words to instructions and the places that they branch to.
// Hosted. Imports NovaBytecode. The encoding: Bytecode.md in the book.

import NovaBytecode

/// Why code cannot be shown: no verified module has it.
public struct CodeError: Error, Equatable {
  /// What is wrong.
  public enum Cause: Equatable, Sendable {
    /// The word names no operation.
    case unknownOperation(UInt16)
    /// The instruction goes on behind the function's end.
    case truncated
    /// The branch leads to no instruction.
    case badTarget(Int)
    /// Bits are set that no operand has.
    case unusedBits
    /// A line begins within an instruction.
    case misplacedLine
  }

  /// The function, imports counted.
  public var function: UInt32
  /// The word in it.
  public var word: Int
  /// What is wrong.
  public var cause: Cause
}

/// An instruction of a file.
struct DecodedInstruction {
  var operation: Operation
  var word: Int
  var wordCount: Int
  /// As their fields hold them; a branch's is the word that it leads to.
  var operands: [UInt64]
  /// The words that a branch table leads to.
  var targets: [Int] = []
}

/// Decodes one function.
struct CodeDecoder {
  private let words: [UInt64]
  private let function: UInt32
  private(set) var instructions: [DecodedInstruction] = []
  /// Words that something branches to.
  private(set) var targets = Set<Int>()
  /// Words at which instructions begin.
  private(set) var starts = Set<Int>()

  init(_ words: [UInt64], function: UInt32) throws(CodeError) {
    self.words = words
    self.function = function
    var word = 0
    while word < words.count {
      let instruction = try decode(word)
      starts.insert(word)
      instructions.append(instruction)
      word += instruction.wordCount
    }
    for instruction in instructions {
      let found =
        instruction.targets
        + zip(instruction.operands, OperationForm.of(instruction.operation).fields)
        .compactMap { $1.role == .branch ? Int(Int64(bitPattern: $0)) : nil }
      for target in found {
        guard starts.contains(target) else { throw error(.badTarget(target), instruction.word) }
        targets.insert(target)
      }
    }
  }

  private func error(_ cause: CodeError.Cause, _ word: Int) -> CodeError {
    CodeError(function: function, word: word, cause: cause)
  }

  private func decode(_ word: Int) throws(CodeError) -> DecodedInstruction {
    let operation = Operation(rawValue: UInt16(truncatingIfNeeded: words[word]))
    guard operation.isValid else {
      throw error(.unknownOperation(operation.rawValue), word)
    }
    if operation.base == .brTable { return try decodeBranchTable(operation, word) }
    let form = OperationForm.of(operation)
    let end = word + form.wordCount
    guard end <= words.count else { throw error(.truncated, word) }
    let second = form.wordCount > 1 ? words[word + 1] : 0
    var (used0, used1): (UInt64, UInt64) = (0xffff, 0)
    var operands: [UInt64] = []
    for field in form.fields {
      var value = field.value(words[word], second)
      if field.role == .branch {
        value = UInt64(bitPattern: Int64(end) + Int64(bitPattern: value))
      }
      operands.append(value)
      if field.bitOffset < 64 {
        used0 |= field.mask << UInt64(field.bitOffset)
      } else {
        used1 |= field.mask << UInt64(field.bitOffset - 64)
      }
    }
    guard words[word] & ~used0 == 0, second & ~used1 == 0 else {
      throw error(.unusedBits, word)
    }
    return DecodedInstruction(
      operation: operation, word: word, wordCount: form.wordCount, operands: operands)
  }

  private func decodeBranchTable(
    _ operation: Operation, _ word: Int
  ) throws(CodeError) -> DecodedInstruction {
    let count = Int(words[word] >> 32 & 0xffff) + 1
    let wordCount = 1 + (count + 1) / 2
    guard word + wordCount <= words.count else { throw error(.truncated, word) }
    let isPadded = count % 2 == 1 && words[word + wordCount - 1] >> 32 != 0
    guard words[word] >> 48 == 0, !isPadded else { throw error(.unusedBits, word) }
    let targets = (0..<count).map { index in
      let pair = words[word + 1 + index / 2]
      let offset = Int32(truncatingIfNeeded: pair >> UInt64(index % 2 * 32))
      return word + 1 + Int(offset)
    }
    return DecodedInstruction(
      operation: operation, word: word, wordCount: wordCount,
      operands: [words[word] >> 16 & 0xffff], targets: targets)
  }
}

extension Disassembler {
  /// The operations of a function, in the order of its instructions.
  ///
  /// - Throws: `CodeError` for words that are no instructions.
  public static func operations(of function: FunctionContents) throws(CodeError) -> [Operation] {
    try CodeDecoder(function.words, function: 0).instructions.map(\.operation)
  }
}
