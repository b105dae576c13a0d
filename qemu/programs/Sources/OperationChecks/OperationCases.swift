// OperationCases.swift — every operation in every form, over values at the edges.
// Freestanding and hosted. Imports NovaBytecode and NovaInterpreter. Same cases on every CPU.

import NovaBytecode
import NovaInterpreter

/// One instruction with the registers before it.
public struct OperationCase {
  /// Base operation or a form of it.
  public let operation: Operation
  /// One or two words.
  public let words: [UInt64]
  /// All of the frame.
  public let registers: [UInt64]
}

/// The cases and their digest.
public enum OperationCases {
  /// Bits at which integers of either width, addresses and shifts change their behaviour.
  static let integers: [UInt64] = [
    0, 1, 2, 4, 7, 31, 32, 33, 63, 64, 200, 248, 252, 254, 255, 256, 0x7fff, 0x8000, 0xff80,
    0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff, 0x1_0000_0000, 0x1234_5678_9abc_def0,
    0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_8000_0000, .max - 1, .max,
  ]

  /// Bits at which floats of either width do: f32 in the low half, then f64.
  static let floats: [UInt64] = {
    let values: [Double] = [
      0, -0.0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2.5, -2.5, 0.1, -0.99, 1e-300, 2147483647,
      2147483648, -2147483648, -2147483648.5, -2147483649, 4294967295, 4294967296,
      4503599627370495.5, 4503599627370496, 9223372036854775808, -9223372036854775808,
      18446744073709551616, 1e300, .infinity, -.infinity,
    ]
    var bits: [UInt64] = []
    for value in values {
      bits.append(value.bitPattern)
      bits.append(UInt64(Float(value).bitPattern))
    }
    // NaN of every kind: quiet, with a payload, negative, signalling.
    return bits + [
      0x7fc0_0000, 0x7fc1_2345, 0xffc0_0001, 0x7f80_0001, 0x0080_0000, 0x4b00_0001,
      0x7ff8_0000_0000_0000, 0x7ff8_0000_1234_5678, 0xfff8_0000_0000_0001,
      0x7ff0_0000_0000_0001, 0xdead_beef_3f80_0000,
    ]
  }()

  private static let mostCasesPerForm = 120

  /// Every case in order.
  public static func forEach(_ body: (OperationCase) -> Void) {
    for number in 0..<UInt16(Operation.numberCount) {
      let base = Operation(rawValue: number)
      guard base.isValid else { continue }
      let skipped: OperationFlags = .branchTable | .call | .slow | .returns | .internal | .tail
      guard base.descriptor.flags.isDisjoint(with: skipped) else { continue }
      forEachCase(of: base, body)
      for index in 0..<3 {
        if let form = base.forwarding(index) { forEachCase(of: form, body) }
      }
    }
  }

  private static func forEachCase(of operation: Operation, _ body: (OperationCase) -> Void) {
    let descriptor = operation.descriptor
    var values: [Int] = []
    for index in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: index)
      values.append(
        !operand.role.reads ? 1 : operand.role.isFloat ? floats.count : integers.count)
    }
    var combinations = 1
    for count in values { combinations *= count }
    let count = min(max(combinations, 24), mostCasesPerForm)
    var random = UInt64(operation.rawValue) &+ 1
    for index in 0..<count {
      var choice = combinations <= mostCasesPerForm ? UInt64(index) : next(&random) >> 11
      var words: [UInt64] = [UInt64(operation.rawValue), 0]
      var registers = (0..<UInt64(Machine.registerCount)).map { $0 &* 0x0101_0101_0101_0101 }
      for position in 0..<descriptor.operandCount {
        let operand = descriptor.operand(at: position)
        let field: UInt64
        if operand.role.reads {
          let all = operand.role.isFloat ? floats : integers
          registers[position + 1] = all[Int(choice % UInt64(all.count))]
          choice /= UInt64(all.count)
          field = UInt64(position + 1)
        } else {
          field = immediate(operand, position, next(&random) >> 13)
        }
        let bits = operand.place.bitCount
        let mask: UInt64 = bits == 64 ? .max : 1 << UInt64(bits) - 1
        let offset = operand.place.bitOffset
        words[offset / 64] |= (field & mask) << UInt64(offset % 64)
      }
      if descriptor.wordCount == 1 { words.removeLast() }
      body(OperationCase(operation: operation, words: words, registers: registers))
    }
  }

  private static func immediate(
    _ operand: OperandDescriptor, _ position: Int, _ random: UInt64
  ) -> UInt64 {
    switch operand.role {
    case .writeInt, .writeFloat, .writeRange: return UInt64(position + 1)
    case .branch: return 2
    case .global, .importedGlobal, .memory: return random & 1
    case .table, .type: return 0
    case .count: return random % 6 + 1
    case .memoryOffset: return [0, 1, 3, 8, 120, 249, 252, 255][Int(random & 7)]
    case .signed: return [0, 1, .max, 5, 100, 0x80, 0x7f, 0x8000][Int(random & 7)]
    default: return [0, 1, .max, 5, 31, 0x3c, 0x9669_3cc3_5aa5_f00f, 8][Int(random & 7)]
    }
  }

  private static func next(_ state: inout UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }

  /// The words of a function around a case: what is forwarded is set, branches end elsewhere.
  ///
  /// Register 15 says which way a branch went.
  public static func function(of test: OperationCase) -> [UInt64] {
    var words: [UInt64] = []
    if let index = test.operation.forwardedOperand,
      let operand = test.operation.descriptor.readOperand(index)
    {
      let register = operand.field(test.words[0], test.words.count > 1 ? test.words[1] : 0)
      let move: Operation = operand.role.isFloat ? .movFloat : .mov
      words.append(UInt64(move.rawValue) | register << 16 | register << 32)
    }
    let mark = UInt64(Operation.const32.rawValue) | 15 << 16
    let end = UInt64(Operation.ret0.rawValue)
    return words + test.words + [mark | 1 << 32, end, mark | 2 << 32, end]
  }

  /// Folds a result into a digest, FNV-1a over words.
  public static func fold(_ result: RunResult, into digest: inout UInt64) {
    var local = digest
    func add(_ word: UInt64) { local = (local ^ word) &* 0x100_0000_01b3 }
    add(UInt64(result.outcome))
    add(UInt64(result.wordOffset))
    for word in result.registers { add(word) }
    for byte in result.memory { add(UInt64(byte)) }
    for word in result.globals { add(word) }
    digest = local
  }

  /// Digest of every case's result in a mode.
  public static func digest(_ machine: Machine, mode: ExecutionMode, fuel: UInt64) -> UInt64 {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    forEach { test in
      fold(
        machine.run(function(of: test), test.registers, mode: mode, fuel: fuel), into: &digest)
    }
    return digest
  }
}
