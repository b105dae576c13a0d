// InstructionTests.swift — what the interpreter knows of instructions beside their records.

import NovaBytecode
import Testing

@testable import NovaInterpreter

@Suite struct InstructionTests {
  @Test func `instructions that handlers leave to others are as long as their records say`() {
    let all: [Operation] = (UInt16(0)..<1024).map { Operation(rawValue: $0) }
    let left = all.filter { operation in
      let descriptor = OperationDescriptor(operation)
      return descriptor.exists && descriptor.base == operation
        && !descriptor.flags.isDisjoint(with: .slow | .call)
    }
    #expect(left.contains(.memoryCopy) && left.contains(.callIndirectFar))
    for operation in left {
      #expect(
        Instruction.wordCount(of: operation) == UInt(OperationDescriptor(operation).wordCount),
        "\(operation.rawValue)")
    }
  }
}
