// FusingRules.swift — which two instructions one operation means.
// Hosted. Imports NovaBytecode. The operations: Fused.swift in OperationTable.

import NovaBytecode

/// Pairs of instructions and the operation that means both.
enum FusingRules {
  /// The instruction that does what `first` and then `second` do; null when there is none.
  ///
  /// Both stores are kept, so that nothing needs to know which registers are read later.
  static func fused(_ first: Instruction, _ second: Instruction) -> Instruction? {
    switch (first.operation, second.operation) {
    case (.mov, .mov):
      fitting(
        .mov2,
        [
          first.operands[0], first.operands[1], second.operands[0], second.operands[1],
        ])
    case (.mov, .jmp):
      fitting(.movJmp, [first.operands[0], first.operands[1], second.operands[0]])
    case (.const32, .jmp):
      // The fused field is sign-extended to 32 bits.
      fitting(
        .const32Jmp,
        [
          UInt64(
            bitPattern: Int64(Int32(truncatingIfNeeded: first.operands[1]))), second.operands[0],
        ],
        register: first.operands[0])
    default: nil
    }
  }

  /// The instruction, if every operand fits its field.
  private static func fitting(
    _ operation: Operation, _ operands: [UInt64], register: UInt64? = nil
  ) -> Instruction? {
    let all = (register.map { [$0] } ?? []) + operands
    let form = OperationForm.of(operation)
    for (operand, field) in zip(all, form.fields) where field.kind != .label {
      guard field.accepts(operand) else { return nil }
    }
    return Instruction(operation, operands: all)
  }
}
