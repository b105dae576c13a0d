// WasmModule+Segments.swift — reads and checks element and data segments, and constant expressions.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, sections 3.3.8 "Expressions" and 5.5 "Modules".

extension WasmModule {
  /// Flags: bit 0 not active, bit 1 explicit table or declarative, bit 2 expressions.
  mutating func readElements(_ reader: inout WasmReader) throws(WasmError) {
    let start = reader.position
    let flags = try reader.unsigned32()
    guard flags < 8 else {
      throw WasmError(.malformedForm(UInt8(truncatingIfNeeded: flags)), at: start)
    }
    var mode = WasmSegmentMode.passive
    var table: WasmTable?
    if flags & 1 == 0 {
      let index = flags & 2 == 0 ? 0 : try reader.unsigned32()
      try Self.check(index, of: .table, count: tables.count, offset: start)
      table = tables[Int(index)]
      mode = .active(target: index, offset: try constant(&reader, .i32))
    } else if flags & 2 != 0 {
      mode = .declarative
    }
    let type = try elementType(&reader, flags)
    if let table, table.elementType != type {
      throw WasmError(.typeMismatch(expected: table.elementType, found: type), at: start)
    }
    var elements: [WasmConstant] = []
    for _ in 0..<(try reader.count()) {
      if flags & 4 != 0 {
        elements.append(try constant(&reader, type))
      } else {
        elements.append(.function(try declareReference(&reader)))
      }
    }
    self.elements.append(WasmElementSegment(mode: mode, elementType: type, elements: elements))
  }

  private func elementType(
    _ reader: inout WasmReader, _ flags: UInt32
  ) throws(WasmError) -> WasmValueType {
    guard flags & 3 != 0 else { return .funcref }
    if flags & 4 != 0 { return try reader.referenceType() }
    let offset = reader.position
    let kind = try reader.byte()
    guard kind == 0 else { throw WasmError(.malformedForm(kind), at: offset) }
    return .funcref
  }

  private mutating func declareReference(_ reader: inout WasmReader) throws(WasmError) -> UInt32 {
    let offset = reader.position
    let function = try reader.unsigned32()
    try Self.check(function, of: .function, count: functionTypes.count, offset: offset)
    declaredReferences.insert(function)
    return function
  }

  mutating func readData(_ reader: inout WasmReader) throws(WasmError) {
    let start = reader.position
    let flags = try reader.unsigned32()
    guard flags < 3 else {
      throw WasmError(.malformedForm(UInt8(truncatingIfNeeded: flags)), at: start)
    }
    var mode = WasmSegmentMode.passive
    if flags != 1 {
      let memory = flags == 2 ? try reader.unsigned32() : 0
      try Self.check(memory, of: .memory, count: memories.count, offset: start)
      mode = .active(target: memory, offset: try constant(&reader, .i32))
    }
    data.append(WasmDataSegment(mode: mode, bytes: try reader.take(try reader.count())))
  }

  // MARK: Constant expressions

  /// A value of a constant expression's stack.
  private struct ConstantOperand {
    let type: WasmValueType
    let value: WasmConstant
  }

  /// Reads a constant expression up to its `end`, which must give a value of `type`.
  mutating func constant(
    _ reader: inout WasmReader, _ type: WasmValueType
  ) throws(WasmError) -> WasmConstant {
    var stack: [ConstantOperand] = []
    while true {
      let offset = reader.position
      let operation = try reader.byte()
      if operation == 0x0b {
        guard let result = stack.popLast() else { throw WasmError(.missingValue, at: offset) }
        guard stack.isEmpty else { throw WasmError(.excessValues(stack.count), at: offset) }
        guard result.type == type else {
          throw WasmError(.typeMismatch(expected: type, found: result.type), at: offset)
        }
        return result.value
      }
      try step(operation, &reader, &stack, offset)
    }
  }

  /// Whether this is a sum, difference or product of integers.
  private static func isComputing(_ operation: UInt8) -> Bool {
    (0x6a...0x6c).contains(operation) || (0x7c...0x7e).contains(operation)
  }

  private mutating func step(
    _ operation: UInt8, _ reader: inout WasmReader, _ stack: inout [ConstantOperand], _ offset: Int
  ) throws(WasmError) {
    func push(_ type: WasmValueType, _ bits: UInt64) {
      stack.append(ConstantOperand(type: type, value: .bits(bits)))
    }
    switch operation {
    case 0x23: stack.append(try importedGlobal(try reader.unsigned32(), offset))
    case 0x41: push(.i32, UInt64(UInt32(truncatingIfNeeded: try reader.signed(width: 32))))
    case 0x42: push(.i64, UInt64(bitPattern: try reader.signed(width: 64)))
    case 0x43: push(.f32, try reader.littleEndian(byteCount: 4))
    case 0x44: push(.f64, try reader.littleEndian(byteCount: 8))
    case 0x6a...0x7e where Self.isComputing(operation) && features.contains(.extendedConstants):
      let type: WasmValueType = operation < 0x70 ? .i32 : .i64
      let right = try operand(&stack, type, offset)
      let left = try operand(&stack, type, offset)
      let result =
        switch operation {
        case 0x6a, 0x7c: left &+ right
        case 0x6b, 0x7d: left &- right
        default: left &* right
        }
      push(type, type == .i32 ? UInt64(UInt32(truncatingIfNeeded: result)) : result)
    case 0xd0:
      stack.append(ConstantOperand(type: try reader.referenceType(), value: .null))
    case 0xd2:
      let function = try declareReference(&reader)
      stack.append(ConstantOperand(type: .funcref, value: .function(function)))
    case _ where InstructionDecoder.isKnown(operation):
      throw WasmError(.constantRequired, at: offset)
    default: throw InstructionDecoder.refusal(operation, at: offset)
    }
  }

  private func importedGlobal(_ index: UInt32, _ offset: Int) throws(WasmError) -> ConstantOperand {
    try Self.check(index, of: .global, count: importedGlobalCount, offset: offset)
    let global = globals[Int(index)]
    guard !global.isMutable else { throw WasmError(.constantRequired, at: offset) }
    return ConstantOperand(type: global.type, value: .global(index))
  }

  /// Pops a number that is known now.
  private func operand(
    _ stack: inout [ConstantOperand], _ type: WasmValueType, _ offset: Int
  ) throws(WasmError) -> UInt64 {
    guard let operand = stack.popLast() else { throw WasmError(.missingValue, at: offset) }
    guard operand.type == type else {
      throw WasmError(.typeMismatch(expected: type, found: operand.type), at: offset)
    }
    guard case .bits(let bits) = operand.value else {
      throw WasmError(.unsupported(.computedConstant), at: offset)
    }
    return bits
  }
}
