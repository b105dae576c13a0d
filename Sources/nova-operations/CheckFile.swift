// CheckFile.swift — what the quick check asks of each shape of instruction, as masks.
// Hosted. Imports OperationTable. Read by NovaBytecode/QuickCheck*.swift.

import OperationTable

/// The generated file of the quick check.
enum CheckFile {
  static var text: String {
    var shapes: [Shape] = []
    var words: [UInt64] = []
    for operation in OperationTable.operations where !shapes.contains(Shape(operation)) {
      shapes.append(Shape(operation))
      words += checks(of: operation)
    }
    // The shape of numbers that no operation has: all of their bits are too many.
    words += [~0, 0, 0, 0, 0, 0, 0, 0]
    return Generate.header("OperationChecks.swift", "shapes as the quick check needs them") + """

      /// Eight words for each shape: bits of word 0 that are zero where registers are below 64; the
      /// six bits that are left of each register; 63 where no register is read; 63 at the first
      /// place where none is written; for form 0 and each other form, which bits name the last
      /// result, and bit 12 where that is a float's.
      let operationChecks: InlineArray<\(words.count), UInt64> = [
      \(BytecodeFiles.rows(words.map { $0 == 0 ? "0" : "0x" + String($0, radix: 16) }))
      ]

      """
  }

  static func mask(_ operand: Operand) -> UInt64 {
    let bits = operand.place.bitCount == 64 ? ~0 : UInt64(1) << UInt64(operand.place.bitCount) - 1
    return bits << UInt64(operand.place.bitOffset % 64)
  }

  /// Of a field that names a register, what is left when it is below 64.
  private static func lowMask(_ operand: Operand) -> UInt64 {
    63 << UInt64(operand.place.bitOffset % 64)
  }

  /// The first bits of the fields where word 0 may name a register: a or a0, a1, b, c.
  private static let places = [16, 24, 32, 48]

  /// Whether word 1 names integers that are read, at x0 and perhaps x1, and word 0 one that is
  /// written, at a.
  private static func readsSecondWord(_ operation: OperationSpecification) -> Bool {
    let registers = operation.operands.filter { $0.role.reads || $0.role.writes }
    let second = registers.filter { $0.place.bitOffset >= 64 }
    let reads = operation.readOperands
    return !second.isEmpty && registers.filter(\.role.writes).map(\.place) == [.a]
      && second.allSatisfy {
        !$0.role.writes && !$0.role.isFloat && [.x0, .x1].contains($0.place)
      }
      // Form 3 alone is one of the second word: its third read operand.
      && operation.forwardable.allSatisfy { (reads[$0].place.bitOffset >= 64) == ($0 == 2) }
  }

  /// What word 0 and at most two writes can't say is checked operand by operand.
  private static func isByOperand(_ operation: OperationSpecification) -> Bool {
    guard !readsSecondWord(operation) else { return false }
    let registers = operation.operands.filter { $0.role.reads || $0.role.writes }
    let writes = registers.filter(\.role.writes)
    return registers.contains { !places.contains($0.place.bitOffset) } || writes.count > 2
      || writes.first.map { $0.place.bitOffset != 16 } ?? false
      || (writes.count == 2
        && (writes[1].role.isFloat || ![24, 32].contains(writes[1].place.bitOffset)))
  }

  /// Bits 20–27 of an operation's record: the first write is an integer, a float; two words;
  /// branches by 32 bits; checked operand by operand; another integer is written at bit 24, at
  /// bit 32; word 1 names registers, and what word 0 writes comes after them.
  static func marks(of operation: OperationSpecification) -> UInt64 {
    let isByOperand = isByOperand(operation)
    let readsSecondWord = readsSecondWord(operation)
    let writes = isByOperand || readsSecondWord ? [] : operation.operands.filter(\.role.writes)
    let second = writes.count == 2 ? writes[1].place.bitOffset : 0
    let marks = [
      writes.first?.role.isFloat == false, writes.first?.role.isFloat == true,
      operation.wordCount == 2,
      operation.operands.contains { $0.role == .branch && $0.place == .imm32 },
      isByOperand, second == 24, second == 32, readsSecondWord,
    ]
    return marks.enumerated().reduce(0) { $0 | ($1.element ? 1 << UInt64(20 + $1.offset) : 0) }
  }

  private static func checks(of operation: OperationSpecification) -> [UInt64] {
    let isByOperand = isByOperand(operation)
    let registers = operation.operands.filter {
      ($0.role.reads || $0.role.writes) && !isByOperand && $0.place.bitOffset < 64
    }
    let fields = registers.reduce(UInt64(0)) { $0 | lowMask($1) }
    var zero = Shape(operation).words[6]
    for operand in registers { zero |= mask(operand) & ~lowMask(operand) }
    var readFill: UInt64 = 0
    for place in places {
      let isRead = registers.contains { $0.place.bitOffset == place && $0.role.reads }
      if !isRead { readFill |= 63 << UInt64(place) }
    }
    let writes =
      !readsSecondWord(operation)
      && registers.contains { $0.place.bitOffset == 16 && $0.role.writes }
    var forms: [UInt64] = [0]
    for form in 0..<3 {
      // A form that the operation hasn't is never right: its own bits are among those compared.
      guard operation.forwardable.contains(form) else {
        forms.append(0xc00)
        continue
      }
      let operand = operation.readOperands[form]
      let isElsewhere = isByOperand || operand.place.bitOffset >= 64
      forms.append(isElsewhere ? 0 : lowMask(operand) | (operand.role.isFloat ? 1 << 12 : 0))
    }
    return [zero, fields, readFill, writes ? 0 : 63 << 16] + forms
  }
}
