// QuickCheckTests+Registers.swift — each place that names a register, right and beyond the frame.
// Hosted. Imports NovaBytecode.

import Testing

@testable import NovaBytecode

extension QuickCheckTests {
  private static let registerCount = RandomCode.registerCount

  /// A function around an instruction whose registers are 0, but for the operand at `position`.
  ///
  /// Control may go on behind it or not, and what it may forward was just computed.
  private func image(
    _ operation: Operation, _ position: Int? = nil, register: UInt64 = 0
  ) -> ModuleImage {
    let descriptor = operation.descriptor
    var words = [UInt64(operation.rawValue), 0]
    for index in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: index)
      let value: UInt64 =
        switch operand.role {
        case .windowBase: 16
        case .writeRange, .count: descriptor.flags.contains(.branchTable) ? 0 : 1
        // A function without parameters and results, or one that gives what this one gives.
        case .type: descriptor.flags.contains(.tail) ? 0 : 1
        case .function: descriptor.flags.contains(.tail) ? 1 : 0
        default: index == position ? register : 0
        }
      words[operand.place.bitOffset / 64] |= value << UInt64(operand.place.bitOffset % 64)
    }
    if descriptor.flags.contains(.branchTable) { words[1] = 1 }
    let count = descriptor.flags.contains(.branchTable) ? 2 : descriptor.wordCount
    let forwarded = operation.forwardedOperand.flatMap { descriptor.readOperand($0) }
    let code =
      [
        Instruction.wide(.brIf, 0, 1 + count),
        Instruction.abc(forwarded?.role.isFloat == true ? .movFloat : .mov, 0, 0),
      ] + words[..<count]
    return RandomCode.image(code: code, registerCount: UInt16(Self.registerCount))
  }

  /// The operation and its forwarded forms.
  private func forms(of operation: Operation) -> [Operation] {
    [operation] + (0..<3).compactMap { operation.forwarding($0) }
  }

  @Test func `no place of an instruction takes a register beyond the frame`() throws {
    var (acceptedCount, refusedCount) = (0, 0)
    for operation in RandomCode.operations.flatMap(forms) {
      let descriptor = operation.descriptor
      let operands = (0..<descriptor.operandCount).map { descriptor.operand(at: $0) }
      // The module has none of these.
      let missing: [OperandRole] = [.import, .importedGlobal, .data, .element]
      guard !operands.contains(where: { missing.contains($0.role) }) else { continue }
      let places = operands.indices.filter {
        operands[$0].role.reads || operands[$0].role.writes
      }
      guard !places.isEmpty else { continue }
      let right = try verdicts(image(operation))
      #expect(right.quick == 0 && right.full == 0, "\(operation)")
      acceptedCount += 1
      for place in places {
        // 63 stands for no register in the quick check's sets; of 64 the lower bits are 0.
        for register in [UInt64(Self.registerCount), 62, 63, 64] {
          let wrong = try verdicts(image(operation, place, register: register))
          #expect(
            wrong.quick == nil && wrong.full == nil, "\(operation), operand \(place): \(register)")
          refusedCount += 1
        }
      }
    }
    #expect(acceptedCount > 400 && refusedCount > 3000, "\(acceptedCount), \(refusedCount)")
  }
}
