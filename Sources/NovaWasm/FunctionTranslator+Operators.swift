// FunctionTranslator+Operators.swift — every operation that is no control, and what to skip.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "From stack to registers".
// Source: WebAssembly Core Specification 2.0, section 5.4 "Instructions".

extension FunctionTranslator {
  mutating func translate(_ operation: UInt8) throws(WasmError) {
    switch operation {
    case 0x00:
      emit(LoweredInstruction(.unreachable))
      becomeUnreachable()
    case 0x01: break
    case 0x02: try beginBlock()
    case 0x03: try beginLoop()
    case 0x04: try beginConditional()
    case 0x05: try beginAlternative()
    case 0x0b: try endBlock()
    case 0x0c:
      try jump(to: try frame(at: try reader.unsigned32()))
      becomeUnreachable()
    case 0x0d: try branchIf()
    case 0x0e: try branchTable()
    case 0x0f:
      try expect(type.results)
      emitReturn()
      becomeUnreachable()
    case 0x10: try call(try reader.unsigned32())
    case 0x11: try callIndirect()
    case 0x1a: _ = try pop()
    case 0x1b: try select(nil)
    case 0x1c:
      guard try reader.unsigned32() == 1 else {
        throw .malformedControl(function: function, offset: offset)
      }
      try select(try WasmModule.valueType(&reader))
    case 0x20...0x26: try variable(operation)
    case 0x28...0x35: try load(OperatorTable.loads[Int(operation) - 0x28])
    case 0x36...0x3e: try store(OperatorTable.stores[Int(operation) - 0x36])
    case 0x3f...0x44: try memorySizeOrConstant(operation)
    case 0x45...0xc4: try numeric(operation)
    case 0xd0...0xd2: try reference(operation)
    case 0xfc: try prefixed(try reader.unsigned32())
    default: throw refused(operation)
    }
  }

  /// The error for an operation that is not translated.
  func refused(_ operation: UInt8) -> WasmError {
    switch operation {
    case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f:
      .unsupported(.exceptions, offset: offset)
    case 0x12, 0x13: .unsupported(.tailCalls, offset: offset)
    case 0x14, 0x15, 0xd3...0xd6, 0xfb: .unsupported(.typedReferences, offset: offset)
    case 0xfd: .unsupported(.simd, offset: offset)
    case 0xfe: .unsupported(.threads, offset: offset)
    default: .unknownOperation(UInt32(operation), offset: offset)
    }
  }

  private mutating func select(_ type: WasmValueType?) throws(WasmError) {
    let condition = try pop(.i32)
    let otherwise = try pop(type)
    let value = try pop(otherwise.value.type)
    let sources = [register(value), register(otherwise), register(condition)]
    var choice = LoweredInstruction.operation(
      "select", pushComputed(value.value.type), sources)
    choice.isFloat = value.value.type.isFloat
    emit(choice)
  }

  private mutating func variable(_ operation: UInt8) throws(WasmError) {
    let index = try reader.unsigned32()
    switch operation {
    case 0x20...0x22:
      try WasmModule.check(index, of: .local, count: localTypes.count, offset: offset)
      let type = localTypes[Int(index)]
      if operation == 0x20 {
        return push(StackValue(place: .register(VirtualRegister(index)), type: type))
      }
      let value = try pop(type)
      setLocal(Int(index), value)
      guard operation == 0x22 else { return }
      if case .constant(let bits) = value.value.place {
        pushConstant(bits, type)
      } else {
        push(StackValue(place: .register(VirtualRegister(index)), type: type))
      }
    case 0x23, 0x24: try global(index, isSet: operation == 0x24)
    default: try tableElement(index, isSet: operation == 0x26)
    }
  }

  private mutating func global(_ index: UInt32, isSet: Bool) throws(WasmError) {
    try WasmModule.check(index, of: .global, count: module.globals.count, offset: offset)
    let global = module.globals[Int(index)]
    if isSet {
      guard global.isMutable else {
        throw .immutableGlobal(function: function, offset: offset, global: index)
      }
      let value = try pop(global.type)
      return emit(.operation("global.set", nil, [register(value)], Int64(index)))
    }
    if !global.isMutable, case .bits(let bits) = global.initial {
      let value =
        global.type == .i32 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
      return pushConstant(value, global.type)
    }
    emit(.operation("global.get", pushComputed(global.type), [], Int64(index)))
  }

  private mutating func tableElement(_ index: UInt32, isSet: Bool) throws(WasmError) {
    try WasmModule.check(index, of: .table, count: module.tables.count, offset: offset)
    let type = module.tables[Int(index)].elementType
    let value = isSet ? try pop(type) : nil
    let element = try pop(.i32)
    if let value {
      emit(.operation("table.set", nil, [register(element), register(value)], Int64(index)))
    } else {
      let source = register(element)
      emit(.operation("table.get", pushComputed(type), [source], Int64(index)))
    }
  }

  /// The offset of a load or store, whose alignment says nothing.
  private mutating func memoryOffset() throws(WasmError) -> Int64 {
    let alignment = try reader.unsigned32()
    guard alignment & 0x40 == 0 else { throw .unsupported(.multipleMemories, offset: offset) }
    guard !module.memories.isEmpty else {
      throw .indexOutOfRange(.memory, index: 0, count: 0, offset: offset)
    }
    return Int64(try reader.unsigned32())
  }

  /// An address as sources and offset: none and the sum where the address is constant.
  private mutating func address(
    _ popped: Popped, _ offset: Int64
  ) -> (sources: [VirtualRegister], offset: Int64) {
    if let constant = popped.constant {
      let sum = Int64(UInt32(truncatingIfNeeded: constant.bits)) + offset
      if sum <= Int64(Int32.max) { return ([], sum) }
    }
    return ([register(popped)], offset)
  }

  private mutating func load(_ load: MemoryOperator) throws(WasmError) {
    let offset = try memoryOffset()
    let place = address(try pop(.i32), offset)
    emit(.operation(load.name, pushComputed(load.type), place.sources, place.offset))
  }

  /// Sources of a store: the value, then the address.
  private mutating func store(_ store: MemoryOperator) throws(WasmError) {
    let offset = try memoryOffset()
    let value = try pop(store.type)
    let target = try pop(.i32)
    if value.constant?.immediate16 != nil, target.constant == nil, offset <= Int64(UInt16.max) {
      var instruction = LoweredInstruction.operation(store.name, nil, [register(target)], offset)
      instruction.constant = value.constant
      return emit(instruction)
    }
    let place = address(target, offset)
    emit(.operation(store.name, nil, [register(value)] + place.sources, place.offset))
  }

  private mutating func memorySizeOrConstant(_ operation: UInt8) throws(WasmError) {
    switch operation {
    case 0x3f:
      try memoryIndex()
      emit(.operation("memory.size", pushComputed(.i32), []))
    case 0x40:
      try memoryIndex()
      let count = register(try pop(.i32))
      emit(.operation("memory.grow", pushComputed(.i32), [count]))
    case 0x41: pushConstant(try reader.signed(width: 32), .i32)
    case 0x42: pushConstant(try reader.signed(width: 64), .i64)
    case 0x43: pushConstant(Int64(try reader.littleEndian(byteCount: 4)), .f32)
    default: pushConstant(Int64(bitPattern: try reader.littleEndian(byteCount: 8)), .f64)
    }
  }

  private mutating func memoryIndex() throws(WasmError) {
    let index = try reader.unsigned32()
    try WasmModule.check(index, of: .memory, count: module.memories.count, offset: offset)
  }

  private mutating func numeric(_ operation: UInt8) throws(WasmError) {
    guard let numeric = OperatorTable.numeric[operation] else { throw refused(operation) }
    try numeric.operandCount == 1 ? unary(numeric) : binary(numeric)
  }

  private mutating func unary(_ numeric: NumericOperator) throws(WasmError) {
    let source = register(try pop(numeric.operand))
    let destination = pushComputed(numeric.result)
    // An i32 already fills its register's low half under a zero.
    if numeric.name == "i64.extend_i32_u" {
      return emit(.move(destination, source))
    }
    emit(.operation(numeric.name, destination, [source]))
  }

  private mutating func binary(_ numeric: NumericOperator) throws(WasmError) {
    var name = numeric.name
    var right = try pop(numeric.operand)
    var left = try pop(numeric.operand)
    let prefix = name.prefix(4)
    if left.constant != nil && right.constant == nil {
      if OperatorTable.isCommutative(name) {
        swap(&left, &right)
      } else if let condition = numeric.condition, prefix.hasPrefix("i") {
        swap(&left, &right)
        name = prefix + OperatorTable.exchanged(condition)
      }
    }
    var immediate = right.constant?.immediate16
    if name.hasSuffix(".sub"), let constant = right.constant, let value = constant.immediate16,
      Int16(exactly: -value) != nil
    {
      name = prefix + "add"
      immediate = -value
    }
    if let immediate, OperatorTable.takesImmediate(name) {
      let source = register(left)
      return emit(.operation(name, pushComputed(numeric.result), [source], immediate))
    }
    var sources = [register(left), register(right)]
    if let condition = numeric.condition, condition == "gt" || condition == "ge" {
      sources.reverse()
      name = prefix + OperatorTable.exchanged(condition)
    }
    emit(.operation(name, pushComputed(numeric.result), sources))
  }

  private mutating func reference(_ operation: UInt8) throws(WasmError) {
    switch operation {
    case 0xd0:
      let type = try WasmModule.valueType(&reader)
      guard type.isReference else {
        throw .malformedForm(byte: type.rawValue, offset: offset)
      }
      pushConstant(0, type)
    case 0xd1:
      let value = try pop()
      guard value.value.type.isReference else {
        throw .typeMismatch(
          function: function, offset: offset, expected: .funcref, found: value.value.type)
      }
      let source = register(value)
      emit(.operation("ref.is_null", pushComputed(.i32), [source]))
    default:
      let index = try reader.unsigned32()
      try WasmModule.check(
        index, of: .function, count: module.functionTypes.count, offset: offset)
      emit(.operation("ref.func", pushComputed(.funcref), [], Int64(index)))
    }
  }
}

// Operations behind prefix 0xfc, and unreachable code.
extension FunctionTranslator {
  private mutating func prefixed(_ number: UInt32) throws(WasmError) {
    switch number {
    case 0...7: try unary(OperatorTable.saturating[Int(number)])
    case 8...11: try bulkMemory(number)
    case 12...17: try bulkTable(number)
    default: throw .unknownOperation(0xfc00 | number, offset: offset)
    }
  }

  /// Pops the three numbers that a bulk operation takes; in the order they were pushed.
  private mutating func popThree(
    _ types: [WasmValueType] = [.i32, .i32, .i32]
  ) throws(WasmError) -> [VirtualRegister] {
    let third = register(try pop(types[2]))
    let second = register(try pop(types[1]))
    return [register(try pop(types[0])), second, third]
  }

  private mutating func bulkMemory(_ number: UInt32) throws(WasmError) {
    switch number {
    case 8, 9:
      let segment = try reader.unsigned32()
      try WasmModule.check(segment, of: .data, count: module.data.count, offset: offset)
      if number == 9 { return emit(.operation("data.drop", nil, [], Int64(segment))) }
      try memoryIndex()
      emit(.operation("memory.init", nil, try popThree(), Int64(segment)))
    case 10:
      try memoryIndex()
      try memoryIndex()
      emit(.operation("memory.copy", nil, try popThree()))
    default:
      try memoryIndex()
      emit(.operation("memory.fill", nil, try popThree()))
    }
  }

  private mutating func tableIndex() throws(WasmError) -> Int {
    let index = try reader.unsigned32()
    try WasmModule.check(index, of: .table, count: module.tables.count, offset: offset)
    return Int(index)
  }

  /// Two indices share `immediate`: the first in the low, the second in the high half.
  private mutating func bulkTable(_ number: UInt32) throws(WasmError) {
    switch number {
    case 12, 13:
      let segment = try reader.unsigned32()
      try WasmModule.check(segment, of: .element, count: module.elements.count, offset: offset)
      if number == 13 { return emit(.operation("elem.drop", nil, [], Int64(segment))) }
      let table = try tableIndex()
      emit(.operation("table.init", nil, try popThree(), Int64(segment) | Int64(table) << 32))
    case 14:
      let destination = try tableIndex()
      let source = try tableIndex()
      emit(
        .operation("table.copy", nil, try popThree(), Int64(destination) | Int64(source) << 32))
    case 15:
      let table = try tableIndex()
      let count = register(try pop(.i32))
      let value = register(try pop(module.tables[table].elementType))
      emit(.operation("table.grow", pushComputed(.i32), [value, count], Int64(table)))
    case 16:
      let table = try tableIndex()
      emit(.operation("table.size", pushComputed(.i32), [], Int64(table)))
    default:
      let table = try tableIndex()
      let types: [WasmValueType] = [.i32, module.tables[table].elementType, .i32]
      emit(.operation("table.fill", nil, try popThree(types), Int64(table)))
    }
  }

  /// Passes over an operation that is never reached.
  mutating func skip(_ operation: UInt8) throws(WasmError) {
    switch operation {
    case 0x02, 0x03, 0x04:
      _ = try blockType()
      unreachableDepth += 1
    case 0x05 where unreachableDepth == 1: try beginAlternative()
    case 0x0b:
      if unreachableDepth == 1 { try endBlock() } else { unreachableDepth -= 1 }
    case 0x0c, 0x0d, 0x10, 0x20...0x26, 0x3f, 0x40, 0xd2: _ = try reader.unsigned32()
    case 0x0e: for _ in 0...(try reader.count()) { _ = try reader.unsigned32() }
    case 0x11, 0x28...0x3e:
      _ = try reader.unsigned32()
      _ = try reader.unsigned32()
    case 0x1c: for _ in 0..<(try reader.count()) { _ = try WasmModule.valueType(&reader) }
    case 0x41: _ = try reader.signed(width: 32)
    case 0x42: _ = try reader.signed(width: 64)
    case 0x43: _ = try reader.take(4)
    case 0x44: _ = try reader.take(8)
    case 0xd0: _ = try reader.byte()
    case 0xfc:
      let number = try reader.unsigned32()
      let indexCounts = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]
      guard number < 18 else { throw .unknownOperation(0xfc00 | number, offset: offset) }
      for _ in 0..<indexCounts[Int(number)] { _ = try reader.unsigned32() }
    case 0x00, 0x01, 0x05, 0x0f, 0x1a, 0x1b, 0x45...0xc4, 0xd1: break
    default: throw refused(operation)
    }
  }
}
