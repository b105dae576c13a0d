// CodeOptimizer.swift — makes code shorter and faster without changing what it means.
// Hosted. Imports NovaBytecode. Forwarding and fusing: Operations.md in the book.

import NovaBytecode

/// Rewrites the instructions of a function before their words are made.
///
/// `fuse` replaces sequences by operations that mean them; `forward` marks operands that are the
/// last result. Both keep what a function does, its traps and their order, and its fuel.
public struct CodeOptimizer: Sendable {
  /// Whether sequences are replaced by fused operations.
  public var fuses = true
  /// Whether operands that are the last result are marked.
  public var forwards = true

  /// Both passes.
  public init() {}

  /// Marks operands that were written by the instruction before, so that the interpreter takes them
  /// from its forwarding register.
  ///
  /// A value is forwarded within a block, past conditional branches, until something else writes
  /// its register or gives a result of the same kind.
  ///
  /// - Complexity: O(instructions).
  func forward(_ function: inout FunctionBuilder) {
    guard forwards else { return }
    let roles = OperandRoles.table
    var isTarget = [Bool](repeating: false, count: function.instructions.count + 1)
    for position in function.labelPositions { if let position { isTarget[position] = true } }
    var results = LastResults()
    for index in function.instructions.indices {
      if isTarget[index] { results = LastResults() }
      let instruction = function.instructions[index]
      let roles = roles[instruction.operation]
      if let read = results.forwardedRead(of: instruction, roles),
        let forwarding = instruction.operation.base.forwarding(read)
      {
        function.instructions[index].operation = forwarding
      }
      results.note(instruction, roles)
    }
  }
}

/// Which registers the two forwarding registers repeat.
private struct LastResults {
  var integer: UInt64?
  var float: UInt64?

  /// The first of the registers that an instruction reads, counted by reads, that is forwarded.
  @inline(__always)
  func forwardedRead(of instruction: Instruction, _ roles: OperandRoles) -> Int? {
    guard integer != nil || float != nil else { return nil }
    var read = 0
    for operand in 0..<roles.count where roles.reads >> UInt8(operand) & 1 != 0 {
      let last = roles.floats >> UInt8(operand) & 1 != 0 ? float : integer
      if let last, last == instruction.operands[operand],
        instruction.operation.base.forwarding(read) != nil
      {
        return read
      }
      read += 1
    }
    return nil
  }

  /// Follows what an instruction writes.
  @inline(__always) mutating func note(_ instruction: Instruction, _ roles: OperandRoles) {
    let flags = roles.flags
    guard flags.isDisjoint(with: .call | .slow | .terminator | .writesRange) else {
      self = LastResults()
      return
    }
    guard !flags.isDisjoint(with: .writesInt | .writesFloat) else { return }
    var (integers, floats) = (0, 0)
    for operand in 0..<roles.count where roles.writes >> UInt8(operand) & 1 != 0 {
      let register = instruction.operands[operand]
      if roles.floats >> UInt8(operand) & 1 != 0 {
        floats += 1
        float = register
        if integer == register { integer = nil }
      } else {
        integers += 1
        integer = register
        if float == register { float = nil }
      }
    }
    // Of two results of one instruction nothing says which is forwarded.
    if integers > 1 { integer = nil }
    if floats > 1 { float = nil }
  }
}
