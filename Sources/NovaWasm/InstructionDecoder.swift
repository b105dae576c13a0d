// InstructionDecoder.swift — a function's bytes as instructions.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 5.4 "Instructions".

/// Reads one function's instructions, one after the other.
struct InstructionDecoder {
  private let typeCount: Int
  /// Whether an index of a memory is a number; otherwise it is one byte that is zero.
  private let namesMemories: Bool
  private let hasDataCount: Bool
  private let hasTailCalls: Bool
  private(set) var reader: WasmReader
  /// Where the instruction that was decoded last begins.
  private(set) var offset = 0
  /// Of the branch table that was decoded last.
  private(set) var labels: [UInt32] = []

  init(_ module: WasmModule, _ reader: WasmReader) {
    typeCount = module.types.count
    namesMemories = module.features.contains(.multipleMemories)
    // Without any data segment, an index of one is out of range, count or not.
    hasDataCount = module.dataCount != nil || module.data.isEmpty
    hasTailCalls = module.features.contains(.tailCalls)
    self.reader = reader
  }

  mutating func next() throws(WasmError) -> WasmInstruction {
    offset = reader.position
    let operation = try reader.byte()
    switch operation {
    case 0x00: return .unreachable
    case 0x01: return .nop
    case 0x02: return .block(try blockType())
    case 0x03: return .loop(try blockType())
    case 0x04: return .conditional(try blockType())
    case 0x05: return .alternative
    case 0x0b: return .end
    case 0x0c: return .branch(try reader.unsigned32())
    case 0x0d: return .branchIf(try reader.unsigned32())
    case 0x0e:
      labels.removeAll(keepingCapacity: true)
      for _ in 0...(try reader.count()) { labels.append(try reader.unsigned32()) }
      return .branchTable
    case 0x0f: return .return
    case 0x10: return .call(try reader.unsigned32())
    case 0x11:
      let type = try reader.unsigned32()
      return .callIndirect(type: type, table: try reader.unsigned32())
    case 0x12 where hasTailCalls: return .returnCall(try reader.unsigned32())
    case 0x13 where hasTailCalls:
      let type = try reader.unsigned32()
      return .returnCallIndirect(type: type, table: try reader.unsigned32())
    case 0x1a: return .drop
    case 0x1b: return .select
    case 0x1c:
      let count = try reader.count()
      var first: WasmValueType?
      for _ in 0..<count {
        let type = try reader.valueType()
        first = first ?? type
      }
      return .selectTyped(count: count, first)
    case 0x20...0x26: return try variable(operation)
    case 0x28...0x35:
      return .load(OperatorTable.loads[Int(operation) - 0x28], try memoryArgument())
    case 0x36...0x3e:
      return .store(OperatorTable.stores[Int(operation) - 0x36], try memoryArgument())
    case 0x3f: return .memorySize(try memoryIndex())
    case 0x40: return .memoryGrow(try memoryIndex())
    case 0x41: return .constant(.i32, try reader.signed(width: 32))
    case 0x42: return .constant(.i64, try reader.signed(width: 64))
    case 0x43: return .constant(.f32, Int64(try reader.littleEndian(byteCount: 4)))
    case 0x44:
      return .constant(.f64, Int64(bitPattern: try reader.littleEndian(byteCount: 8)))
    case 0x45...0xc4: return .numeric(OperatorTable.numeric[Int(operation) - 0x45])
    case 0xd0: return .refNull(try reader.referenceType())
    case 0xd1: return .refIsNull
    case 0xd2: return .refFunc(try reader.unsigned32())
    case 0xfc: return try prefixed(try reader.unsigned32())
    default: throw Self.refusal(operation, at: offset)
    }
  }

  /// Whether an operation of this number, or one behind this prefix, is decoded.
  static func isKnown(_ operation: UInt8) -> Bool {
    switch operation {
    case 0x00...0x05, 0x0b...0x13, 0x1a...0x1c, 0x20...0x26, 0x28...0xc4, 0xd0...0xd2, 0xfc: true
    default: false
    }
  }

  /// A block's type: none, a value type, or a function type's number.
  private mutating func blockType() throws(WasmError) -> BlockType {
    let start = reader.position
    let index = try reader.signed(width: 33)
    if index == -64 { return .empty }
    if index < 0 {
      reader.position = start
      return .value(try reader.valueType())
    }
    let number = UInt32(truncatingIfNeeded: index)
    try WasmModule.check(number, of: .type, count: typeCount, offset: start)
    return .function(number)
  }

  private mutating func variable(_ operation: UInt8) throws(WasmError) -> WasmInstruction {
    let index = try reader.unsigned32()
    return switch operation {
    case 0x20: .localGet(index)
    case 0x21: .localSet(index)
    case 0x22: .localTee(index)
    case 0x23: .globalGet(index)
    case 0x24: .globalSet(index)
    case 0x25: .tableGet(index)
    default: .tableSet(index)
    }
  }

  /// In version 2.0 the index is a byte that is zero.
  private mutating func memoryIndex() throws(WasmError) -> UInt32 {
    guard !namesMemories else { return try reader.unsigned32() }
    let start = reader.position
    let byte = try reader.byte()
    guard byte == 0 else { throw WasmError(.malformedForm(byte), at: start) }
    return 0
  }

  /// Bit 6 of the alignment says that a memory's index follows.
  private mutating func memoryArgument() throws(WasmError) -> MemoryArgument {
    let start = reader.position
    var alignment = try reader.unsigned32()
    var memory: UInt32 = 0
    if namesMemories, alignment & 0x40 != 0 {
      alignment &= ~0x40
      memory = try reader.unsigned32()
    }
    guard alignment < 32 else {
      throw WasmError(.malformedForm(UInt8(truncatingIfNeeded: alignment)), at: start)
    }
    return MemoryArgument(
      alignmentExponent: alignment, memory: memory, offset: try reader.unsigned32())
  }

  private mutating func prefixed(_ number: UInt32) throws(WasmError) -> WasmInstruction {
    switch number {
    case 0...7: return .numeric(OperatorTable.saturating[Int(number)])
    case 8:
      let segment = try dataIndex()
      return .memoryInit(segment: segment, memory: try memoryIndex())
    case 9: return .dataDrop(try dataIndex())
    case 10:
      let destination = try memoryIndex()
      return .memoryCopy(to: destination, from: try memoryIndex())
    case 11: return .memoryFill(try memoryIndex())
    case 12:
      let segment = try reader.unsigned32()
      return .tableInit(segment: segment, table: try reader.unsigned32())
    case 13: return .elementDrop(try reader.unsigned32())
    case 14:
      let destination = try reader.unsigned32()
      return .tableCopy(to: destination, from: try reader.unsigned32())
    case 15: return .tableGrow(try reader.unsigned32())
    case 16: return .tableSize(try reader.unsigned32())
    case 17: return .tableFill(try reader.unsigned32())
    default: throw WasmError(.unknownOperation(0xfc00 | number), at: offset)
    }
  }

  private mutating func dataIndex() throws(WasmError) -> UInt32 {
    guard hasDataCount else { throw WasmError(.dataCountMissing, at: offset) }
    return try reader.unsigned32()
  }

  /// The error for an operation that is not translated.
  static func refusal(_ operation: UInt8, at offset: Int) -> WasmError {
    let feature: WasmFeature
    switch operation {
    case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f: feature = .exceptions
    case 0x12, 0x13: feature = .tailCalls
    case 0x14, 0x15, 0xd3...0xd6, 0xfb: feature = .typedReferences
    case 0xfd: feature = .simd
    case 0xfe: feature = .threads
    default: return WasmError(.unknownOperation(UInt32(operation)), at: offset)
    }
    return WasmError(.unsupported(feature), at: offset)
  }
}
