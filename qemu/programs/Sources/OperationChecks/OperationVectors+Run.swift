// OperationVectors+Run.swift — runs a vector on a machine and compares everything it left.
// Freestanding and hosted. Imports NovaBytecode and NovaInterpreter.

import NovaBytecode
import NovaInterpreter

extension OperationVector {
  /// The case that a machine runs: registers are numbered by the operand that names them.
  private var test: OperationCase {
    let descriptor = operation.descriptor
    var words: [UInt64] = [UInt64(operation.rawValue), 0]
    var registers = Self.untouched
    var rest = operands[...]
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      var field = UInt64(position + 1)
      switch operand.role {
      case .readInt, .readFloat:
        guard let value = rest.popFirst() else { preconditionFailure("a vector lacks an operand") }
        registers[position + 1] = value
      case .writeInt, .writeFloat: break
      case .branch: field = 2
      default:
        guard let value = rest.popFirst() else { preconditionFailure("a vector lacks an operand") }
        field = value
      }
      let bits = operand.place.bitCount
      let mask: UInt64 = bits == 64 ? .max : 1 << UInt64(bits) - 1
      words[operand.place.bitOffset / 64] |= (field & mask) << UInt64(operand.place.bitOffset % 64)
    }
    precondition(rest.isEmpty, "a vector has an operand too many")
    if descriptor.wordCount == 1 { words.removeLast() }
    return OperationCase(operation: operation, words: words, registers: registers)
  }

  private static let untouched = (0..<UInt64(Machine.registerCount)).map {
    $0 &* 0x0101_0101_0101_0101
  }

  /// What a machine must come to, all registers, memory and globals included.
  private func expected(_ test: OperationCase) -> RunResult {
    var expected = RunResult(
      outcome: 0, wordOffset: 0, registers: test.registers,
      memory: (0..<Machine.memoryByteCount).map(Machine.byte),
      globals: (0..<2).map(Machine.global))
    let descriptor = operation.descriptor
    let isBranch = descriptor.flags.contains(.branch)
    expected.registers[15] = 1
    switch result {
    case .trap(let kind):
      expected.outcome = 16 + Int(kind)
      expected.wordOffset = operation.forwardedOperand == nil ? 0 : 1
      expected.registers[15] = test.registers[15]
    case .value(let value) where isBranch: expected.registers[15] = value == 0 ? 1 : 2
    case .value(let value):
      for position in 0..<descriptor.operandCount
      where descriptor.operand(at: position).role.writes {
        expected.registers[position + 1] = value
      }
    case .stored(let bytes, let address, let byteCount):
      for index in 0..<byteCount {
        let shift = UInt64(byteCount - 1 - index) * 8
        expected.memory[Int(address) + index] = UInt8(truncatingIfNeeded: bytes >> shift)
      }
    }
    return expected
  }

  /// Runs the vector; nil when it came to what it must, else what it came to and what it should.
  public func failure(on machine: Machine, mode: ExecutionMode) -> (RunResult, RunResult)? {
    let test = test
    let expected = expected(test)
    let result = machine.run(
      OperationCases.function(of: test), test.registers, mode: mode, fuel: 1_000)
    return result == expected ? nil : (result, expected)
  }
}
