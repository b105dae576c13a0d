// CheckFile.swift — what the verifier asks of each shape of instruction, packed for its fast path.
// Hosted. Imports OperationTable. Read by NovaBytecode/Verifier*.swift.

import OperationTable

/// The generated file of the verifier.
enum CheckFile {
  static var text: String {
    var shapes: [Shape] = []
    var words: [UInt64] = []
    for operation in OperationTable.operations where !shapes.contains(Shape(operation)) {
      shapes.append(Shape(operation))
      words += checks(of: operation)
    }
    return Generate.header("OperationChecks.swift", "shapes as the verifier needs them") + """

      /// Eight words for each shape: bits of word 0 that must be zero; fields of word 0 that name
      /// registers; those that are read; 63 in the lanes that are not; the highest bits of all;
      /// bits of word 1 that must be zero; where forwarded operands stand; kinds (see
      /// `InstructionCheck`).
      let operationChecks: InlineArray<\(words.count), UInt64> = [
      \(BytecodeFiles.rows(words.map { $0 == 0 ? "0" : "0x" + String($0, radix: 16) }))
      ]

      """
  }

  private static func mask(_ operand: Operand) -> UInt64 {
    let bits = operand.place.bitCount == 64 ? ~0 : UInt64(1) << UInt64(operand.place.bitCount) - 1
    return bits << UInt64(operand.place.bitOffset % 64)
  }

  private static func checks(of operation: OperationSpecification) -> [UInt64] {
    let registers = operation.operands.filter { $0.role.reads || $0.role.writes }
    let first = registers.filter { $0.place.bitOffset < 64 }
    let isByte = first.contains { $0.place == .a0 || $0.place == .a1 }
    let writes = operation.operands.filter(\.role.writes)
    let reads = operation.readOperands
    let x0 = reads.firstIndex { $0.place == .x0 && $0.role == .readInt }
    let inSecondWord = registers.count - first.count
    // What the lanes of word 0, x0 and two writes can't say is checked by operand.
    let isComplex =
      writes.count > 2 || inSecondWord > 1 || (inSecondWord == 1 && (x0 ?? 3) > 2)
    var used: UInt64 = 0xffff
    for operand in operation.operands where operand.place.bitOffset < 64 { used |= mask(operand) }
    let readMask = first.filter(\.role.reads).reduce(0) { $0 | mask($1) }
    let offsets = writes.map { UInt64($0.place.bitOffset) }
    var used1: UInt64 = 0
    for operand in operation.operands where operand.place.bitOffset >= 64 { used1 |= mask(operand) }
    let highest = first.reduce(UInt64(0)) {
      $0 | 1 << UInt64($1.place.bitOffset + $1.place.bitCount - 1)
    }
    // The verifier takes four lanes apart, at bits 16, 24, 32 and 48; by then it knows that every
    // register is below 64, so that a field of 16 bits has nothing in its upper byte.
    var readFill: UInt64 = 0
    for (offset, lane) in [(16, 0xff), (32, 0xffff), (48, 0xffff)] as [(UInt64, UInt64)]
    where readMask & lane << offset == 0 { readFill |= 63 << offset }
    if !isByte || readMask & 0xff00_0000 == 0 { readFill |= 63 << 24 }
    let kinds: [(Int, Bool)] = [
      (4, isByte), (5, isComplex),
      (6, !isComplex && writes.first?.role.isFloat == false),
      (7, !isComplex && writes.first?.role.isFloat == true),
      (8, operation.operands.contains { $0.role == .branch && $0.place == .imm32 }),
      (9, !isComplex && inSecondWord == 1),
      (10, !isComplex && writes.count == 2),
      (11, !isComplex && writes.count == 2 && !writes[1].role.isFloat),
    ]
    let fields =
      UInt64(operation.wordCount) | ((offsets.first ?? 0) & 63) << 16 | UInt64((x0 ?? -1) + 1) << 22
      | (offsets.count > 1 ? offsets[1] & 63 : 0) << 24
    return [
      ~used, first.reduce(0) { $0 | mask($1) }, readMask, readFill, highest, ~used1,
      forwarding(of: operation),
      kinds.reduce(fields) { $0 | ($1.1 ? 1 << UInt64($1.0) : 0) },
    ]
  }

  /// Sixteen bits for each form, from form 1 at bit 16: the field's first bit, 6 whether it is a
  /// byte, 7 whether it is an integer's, 8 whether it is a float's.
  private static func forwarding(of operation: OperationSpecification) -> UInt64 {
    var packed: UInt64 = 0
    for (index, operand) in operation.readOperands.prefix(3).enumerated()
    where operand.place.bitOffset < 64 {
      let code =
        UInt64(operand.place.bitOffset) | (operand.place.bitCount == 8 ? 1 << 6 : 0)
        | (operand.role.isFloat ? 1 << 8 : 1 << 7)
      packed |= code << UInt64(16 * (index + 1))
    }
    return packed
  }
}
