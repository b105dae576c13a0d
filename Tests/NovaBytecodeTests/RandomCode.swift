// RandomCode.swift — functions that are nearly valid, from random words.

import NovaBytecode
import TestSupport

/// Makes modules out of words: each says an operation, and what its fields are.
struct RandomCode {
  /// Every operation that a module may contain.
  static let operations: [Operation] = (0..<UInt16(Operation.numberCount)).map {
    Operation(rawValue: $0)
  }.filter(\.isValid)

  /// Registers that instructions name are below this.
  static let registerCount = 24

  /// A module whose last function has an instruction for each word, and returns.
  static func image(_ words: [UInt64], registerCount: UInt16) -> ModuleImage {
    let code = words.flatMap { instruction($0, count: words.count) }
    return image(code: code, registerCount: registerCount)
  }

  /// A module whose last function has this code, and returns.
  static func image(code: [UInt64], registerCount: UInt16) -> ModuleImage {
    var image = ModuleImage()
    image.addType([.i32, .i32, .f64], [.i32])
    image.addType()
    image.memories = [MemoryEntry(limits: SizeLimits(minimum: 1))]
    image.features = ModuleFeature.tailCalls.bit
    image.tables = [
      TableEntry(elementType: ValueType.funcref.rawValue, limits: SizeLimits(minimum: 1))
    ]
    image.globals = [
      GlobalEntry(valueType: ValueType.i64.rawValue, mutability: 1, initial: Constant(.i64))
    ]
    image.addFunction([Instruction.abc(.ret0)], type: 1)
    image.addFunction(
      code + [Instruction.abc(.ret, 0)], type: 0, registerCount: registerCount, windowBase: 16)
    image.exports = [
      ExportEntry(name: image.addString("run"), kind: ExternalKind.function.rawValue, index: 1)
    ]
    return image
  }

  /// An instruction of the operation that the word's low half chooses, forwarded if it can be.
  private static func instruction(_ word: UInt64, count: Int) -> [UInt64] {
    var generator = SeededGenerator(seed: word)
    let base = operations[Int(word & 0xffff_ffff) % operations.count]
    let form = Int(word >> 32 & 15)
    let operation = form < 3 ? base.forwarding(form) ?? base : base
    let descriptor = operation.descriptor
    var fields = [UInt64(operation.rawValue), 0]
    if descriptor.flags.contains(.branchTable) {
      // Two entries: to the next instruction, and some further.
      let further = 2 + generator.next() % 8
      return [
        fields[0] | generator.next() % 8 << 16 | 1 << 32, 2 | further << 32,
      ]
    }
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      let value = value(operand, &generator)
      let bits = operand.place.bitCount
      let mask = bits == 64 ? ~0 : UInt64(1) << UInt64(bits) - 1
      let offset = operand.place.bitOffset
      fields[offset / 64] |= (value & mask) << UInt64(offset % 64)
    }
    return Array(fields[..<descriptor.wordCount])
  }

  private static func value(
    _ operand: OperandDescriptor, _ generator: inout SeededGenerator
  ) -> UInt64 {
    switch operand.role {
    // Few registers, so that what is read was often written.
    case .readInt, .readFloat, .writeInt, .writeFloat, .updateInt, .updateFloat:
      generator.next() % 4 == 0
        ? generator.next() % UInt64(registerCount) : generator.next() % 4
    case .writeRange: generator.next() % 8
    case .count: 1 + generator.next() % 8
    case .branch: UInt64(bitPattern: Int64(generator.next() % 12) - 3)
    case .windowBase: 16 + generator.next() % 4
    case .function, .import, .type, .global, .importedGlobal, .memory, .table, .data, .element:
      generator.next() % 2
    case .signed, .unsigned, .bits, .memoryOffset: generator.next()
    }
  }
}
