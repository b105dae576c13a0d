// FunctionTranslator+Operators.swift — every operation that is no control, and what is passed over.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "From stack to registers".

extension FunctionTranslator {
  /// Translates the next instruction, or passes over one that is never reached.
  ///
  /// - Parameters:
  ///   - instruction: the instruction.
  ///   - labels: those of a branch table.
  mutating func translate(_ instruction: WasmInstruction, labels: [UInt32]) {
    guard unreachableDepth == 0 else { return skip(instruction) }
    switch instruction {
    case .unreachable:
      emit(LoweredInstruction(.unreachable))
      becomeUnreachable()
    case .nop: break
    case .block(let type): beginBlock(module.functionType(of: type))
    case .loop(let type): beginLoop(module.functionType(of: type))
    case .conditional(let type): beginConditional(module.functionType(of: type))
    case .alternative: beginAlternative()
    case .end: endBlock()
    case .branch(let label):
      jump(to: frame(at: label))
      becomeUnreachable()
    case .branchIf(let label): branchIf(label)
    case .branchTable: branchTable(labels)
    case .return:
      emitReturn()
      becomeUnreachable()
    case .call(let function): call(function)
    case .callIndirect(let type, let table): callIndirect(type: type, table: table)
    case .returnCall(let function): tailCall(function)
    case .returnCallIndirect(let type, let table): tailCallIndirect(type: type, table: table)
    case .drop: _ = pop()
    case .select, .selectTyped: select()
    case .localGet(let local): pushLocal(local)
    case .localSet(let local): setLocal(Int(local), pop())
    case .localTee(let local): teeLocal(local)
    case .globalGet(let global): getGlobal(global)
    case .globalSet(let global):
      let value = register(pop())
      emit(.operation(.globalSet, nil, SourceList(value), Int64(global)))
    case .load(let load, let argument): self.load(load, argument)
    case .store(let store, let argument): self.store(store, argument)
    case .constant(let type, let bits): pushConstant(bits, type)
    case .numeric(let numeric): numeric.operandCount == 1 ? unary(numeric) : binary(numeric)
    case .refNull(let type): pushConstant(0, type)
    case .refIsNull:
      let source = register(pop())
      emit(.operation(.refIsNull, pushComputed(.i32), SourceList(source)))
    case .refFunc(let function):
      emit(.operation(.refFunc, pushComputed(.funcref), SourceList(), Int64(function)))
    case .memorySize, .memoryGrow, .memoryInit, .dataDrop, .memoryCopy, .memoryFill:
      translateMemory(instruction)
    case .tableGet, .tableSet, .tableInit, .elementDrop, .tableCopy, .tableGrow, .tableSize,
      .tableFill:
      translateTable(instruction)
    }
  }

  /// Passes over an instruction that is never reached; blocks are counted.
  private mutating func skip(_ instruction: WasmInstruction) {
    switch instruction {
    case .block, .loop, .conditional: unreachableDepth += 1
    case .alternative where unreachableDepth == 1: beginAlternative()
    case .end where unreachableDepth == 1: endBlock()
    case .end: unreachableDepth -= 1
    default: break
    }
  }

  // MARK: Variables

  private mutating func select() {
    let condition = pop()
    let otherwise = pop()
    let value = pop()
    let sources = SourceList(register(value), register(otherwise), register(condition))
    var choice = LoweredInstruction.operation(
      .select, pushComputed(value.value.type), sources)
    choice.isFloat = value.value.type.isFloat
    emit(choice)
  }

  private mutating func pushLocal(_ local: UInt32) {
    push(
      StackValue(place: .register(VirtualRegister(local)), type: localTypes[Int(local)]))
  }

  private mutating func teeLocal(_ local: UInt32) {
    let value = pop()
    setLocal(Int(local), value)
    if case .constant(let bits) = value.value.place {
      pushConstant(bits, localTypes[Int(local)])
    } else {
      pushLocal(local)
    }
  }

  /// An own global that never changes, and whose value is known, is a constant.
  private mutating func getGlobal(_ index: UInt32) {
    let global = module.globals[Int(index)]
    if !global.isMutable, case .bits(let bits)? = module.initialValue(ofGlobal: index) {
      let value =
        global.type == .i32 ? Int64(Int32(truncatingIfNeeded: bits)) : Int64(bitPattern: bits)
      return pushConstant(value, global.type)
    }
    emit(.operation(.globalGet, pushComputed(global.type), SourceList(), Int64(index)))
  }

  // MARK: Loads and stores

  /// An address as sources and offset: none and the sum where the address is constant.
  private mutating func address(
    _ popped: Popped, _ argument: MemoryArgument
  ) -> (sources: SourceList, offset: Int64) {
    if let constant = popped.constant, argument.memory == 0 {
      let sum = Int64(UInt32(truncatingIfNeeded: constant.bits)) + Int64(argument.offset)
      if sum <= Int64(Int32.max) { return (SourceList(), sum) }
    }
    return (SourceList(register(popped)), Int64(argument.offset))
  }

  private mutating func load(_ load: MemoryOperator, _ argument: MemoryArgument) {
    let place = address(pop(), argument)
    var instruction = LoweredInstruction.operation(
      load.operation, pushComputed(load.type), place.sources, place.offset)
    instruction.memory = Int32(argument.memory)
    emit(instruction)
  }

  /// Sources of a store: the value, then the address.
  private mutating func store(_ store: MemoryOperator, _ argument: MemoryArgument) {
    let value = pop()
    let target = pop()
    if value.constant?.immediate16 != nil, target.constant == nil, argument.memory == 0,
      argument.offset <= UInt32(UInt16.max)
    {
      var instruction = LoweredInstruction.operation(
        store.operation, nil, SourceList(register(target)), Int64(argument.offset))
      instruction.constant = value.constant
      return emit(instruction)
    }
    let place = address(target, argument)
    var sources = SourceList(register(value))
    place.sources.forEach { sources.append($0) }
    var instruction = LoweredInstruction.operation(store.operation, nil, sources, place.offset)
    instruction.memory = Int32(argument.memory)
    emit(instruction)
  }

  // MARK: Numbers

  private mutating func unary(_ numeric: NumericOperator) {
    let source = register(pop())
    let destination = pushComputed(numeric.result)
    // Not a copy: an i32 that came from a module made otherwise may have an upper half.
    let operation = numeric.operation == .i64ExtendUnsigned ? .i32Wrap : numeric.operation
    emit(.operation(operation, destination, SourceList(source)))
  }

  private mutating func binary(_ numeric: NumericOperator) {
    var operation = numeric.operation
    var right = pop()
    var left = pop()
    let traits = operation.traits
    if left.constant != nil && right.constant == nil {
      if traits.isCommutative {
        swap(&left, &right)
      } else if traits.isComparison, numeric.operand == .i32 || numeric.operand == .i64 {
        swap(&left, &right)
        operation = operation.exchanged
      }
    }
    var immediate = right.constant?.immediate16
    if let value = immediate, Int16(exactly: -value) != nil, let sum = operation.sum {
      operation = sum
      immediate = -value
    }
    if let immediate, operation.traits.takesImmediate {
      let source = register(left)
      let destination = pushComputed(numeric.result)
      return emit(.operation(operation, destination, SourceList(source), immediate))
    }
    var sources = SourceList(register(left), register(right))
    if traits.isGreaterFloat {
      sources = SourceList(sources[1], sources[0])
      operation = operation.exchanged
    }
    emit(.operation(operation, pushComputed(numeric.result), sources))
  }

  // MARK: Memories and tables

  /// Pops the values of a bulk operation; in the order they were pushed.
  private mutating func popThree() -> SourceList {
    let third = register(pop())
    let second = register(pop())
    return [register(pop()), second, third]
  }

  /// Two indices in one immediate.
  private func pair(_ low: UInt32, _ high: UInt32) -> Int64 { Int64(low) | Int64(high) << 32 }

  private mutating func translateMemory(_ instruction: WasmInstruction) {
    switch instruction {
    case .memorySize(let memory):
      emit(.operation("memory.size", pushComputed(.i32), [], Int64(memory)))
    case .memoryGrow(let memory):
      let count = register(pop())
      emit(.operation("memory.grow", pushComputed(.i32), [count], Int64(memory)))
    case .memoryInit(let segment, let memory):
      emit(.operation("memory.init", nil, popThree(), pair(memory, segment)))
    case .dataDrop(let segment): emit(.operation("data.drop", nil, [], Int64(segment)))
    case .memoryCopy(let destination, let source):
      emit(.operation("memory.copy", nil, popThree(), pair(destination, source)))
    case .memoryFill(let memory):
      emit(.operation("memory.fill", nil, popThree(), Int64(memory)))
    default: preconditionFailure("no instruction of memories")
    }
  }

  private mutating func translateTable(_ instruction: WasmInstruction) {
    switch instruction {
    case .tableGet(let table):
      let element = register(pop())
      let type = module.tables[Int(table)].elementType
      emit(.operation("table.get", pushComputed(type), [element], Int64(table)))
    case .tableSet(let table):
      let value = register(pop())
      emit(.operation("table.set", nil, [register(pop()), value], Int64(table)))
    case .tableInit(let segment, let table):
      emit(.operation("table.init", nil, popThree(), pair(table, segment)))
    case .elementDrop(let segment): emit(.operation("elem.drop", nil, [], Int64(segment)))
    case .tableCopy(let destination, let source):
      emit(.operation("table.copy", nil, popThree(), pair(destination, source)))
    case .tableGrow(let table):
      let count = register(pop())
      let value = register(pop())
      emit(.operation("table.grow", pushComputed(.i32), [value, count], Int64(table)))
    case .tableSize(let table):
      emit(.operation("table.size", pushComputed(.i32), [], Int64(table)))
    case .tableFill(let table):
      emit(.operation("table.fill", nil, popThree(), Int64(table)))
    default: preconditionFailure("no instruction of tables")
    }
  }
}
