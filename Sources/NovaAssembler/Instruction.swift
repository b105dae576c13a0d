// Instruction.swift — one instruction before its words: an operation and what it is told.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// One instruction of a function that is being built.
public struct Instruction: Sendable, BitwiseCopyable {
  /// The most operands that an instruction has in its words.
  public static let operandCountMax = 6

  /// What is done.
  public var operation: Operation
  /// In the order of the operation's descriptor; a label by its index, a branch table by its index
  /// in `FunctionBuilder.branchTables`, everything else as its field holds it.
  public var operands: InlineArray<6, UInt64>
  /// How many of `operands` are meant.
  public var operandCount: Int { Int(count) }
  private var count: UInt8
  /// Where code comes from, from this instruction on; null: from where the one before comes.
  public var place: SourcePlace?
  /// The line of the text that the instruction stands on, for errors; 0 when there is no text.
  public var textLine: UInt32

  /// An instruction without operands.
  public init(_ operation: Operation) {
    self.operation = operation
    operands = InlineArray(repeating: 0)
    count = 0
    place = nil
    textLine = 0
  }

  /// An instruction with operands as their fields hold them.
  public init(_ operation: Operation, operands: [UInt64]) {
    precondition(operands.count <= Self.operandCountMax, "an instruction has at most 6 operands")
    self.init(operation)
    for operand in operands { append(operand) }
  }

  /// Adds an operand.
  public mutating func append(_ operand: UInt64) {
    operands[operandCount] = operand
    count += 1
  }
}
