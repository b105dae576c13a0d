// FunctionValidator.swift — checks a function's code, one instruction after the other.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Validation".
// Source: WebAssembly Core Specification 2.0, appendix 7.3 "Validation Algorithm".

/// A block whose end has not come.
private struct OpenBlock {
  enum Kind { case function, block, loop, conditional, alternative }

  var kind: Kind
  let type: WasmFunctionType
  /// Values on the stack below the block's own.
  let height: Int
  /// Whether the instruction before can't be passed: then the stack has any values.
  var isUnreachable = false

  /// What a branch to the block carries.
  var branchTypes: [WasmValueType] { kind == .loop ? type.parameters : type.results }
}

/// The operand and control stacks of one function.
struct FunctionValidator {
  private let module: WasmModule
  private let localTypes: [WasmValueType]
  /// Where the instruction that is checked begins.
  private var offset = 0
  /// Null: of any type, because it is never there.
  private var operands: [WasmValueType?] = []
  private var blocks: [OpenBlock] = []
  // Of the innermost block, at hand for every value that is popped.
  private var height = 0
  private var isUnreachable = false

  init(_ module: WasmModule, type: WasmFunctionType, localTypes: [WasmValueType]) {
    self.module = module
    self.localTypes = localTypes
    let body = WasmFunctionType(parameters: [], results: type.results)
    blocks.append(OpenBlock(kind: .function, type: body, height: 0))
  }

  /// Whether the function's `end` was seen.
  var isAtEnd: Bool { blocks.isEmpty }

  /// Checks the next instruction.
  ///
  /// - Parameters:
  ///   - instruction: the instruction.
  ///   - offset: the byte of the file where it begins.
  ///   - labels: those of a branch table.
  /// - Throws: `WasmError`, at `offset`.
  mutating func check(
    _ instruction: WasmInstruction, at offset: Int, labels: [UInt32]
  ) throws(WasmError) {
    self.offset = offset
    switch instruction {
    case .nop: break
    case .unreachable, .block, .loop, .conditional, .alternative, .end, .branch, .branchIf,
      .return, .call, .callIndirect, .returnCall, .returnCallIndirect:
      try checkControl(instruction)
    case .branchTable: try checkBranchTable(labels)
    case .drop: _ = try pop()
    case .select: try checkSelect()
    case .selectTyped(let count, let type): try checkSelect(count, type)
    case .localGet(let local): push(try localType(local))
    case .localSet(let local): try pop(try localType(local))
    case .localTee(let local):
      let type = try localType(local)
      try pop(type)
      push(type)
    case .globalGet(let global):
      try index(global, of: .global, count: module.globals.count)
      push(module.globals[Int(global)].type)
    case .globalSet(let global):
      try index(global, of: .global, count: module.globals.count)
      guard module.globals[Int(global)].isMutable else { throw error(.immutableGlobal(global)) }
      try pop(module.globals[Int(global)].type)
    case .load(let load, let argument):
      try check(argument, of: load)
      try pop(.i32)
      push(load.type)
    case .store(let store, let argument):
      try check(argument, of: store)
      try pop(store.type)
      try pop(.i32)
    case .constant(let type, _): push(type)
    case .numeric(let numeric):
      for _ in 0..<numeric.operandCount { try pop(numeric.operand) }
      push(numeric.result)
    case .refNull(let type): push(type)
    case .refIsNull:
      if let type = try pop(), !type.isReference { throw error(.wrongKindOfType(type)) }
      push(.i32)
    case .refFunc(let function):
      try index(function, of: .function, count: module.functionTypes.count)
      guard module.declaredReferences.contains(function) else {
        throw error(.undeclaredReference(function))
      }
      push(.funcref)
    case .memorySize, .memoryGrow, .memoryInit, .dataDrop, .memoryCopy, .memoryFill:
      try checkMemory(instruction)
    case .tableGet, .tableSet, .tableInit, .elementDrop, .tableCopy, .tableGrow, .tableSize,
      .tableFill:
      try checkTable(instruction)
    }
  }

  // MARK: Stacks

  private func error(_ cause: WasmError.Cause) -> WasmError { WasmError(cause, at: offset) }

  @inline(__always)
  private func index(_ index: UInt32, of space: WasmIndexSpace, count: Int) throws(WasmError) {
    try WasmModule.check(index, of: space, count: count, offset: offset)
  }

  private mutating func push(_ type: WasmValueType?) { operands.append(type) }

  @inline(__always) private mutating func pop() throws(WasmError) -> WasmValueType? {
    guard operands.count > height else {
      guard isUnreachable else { throw error(.missingValue) }
      return nil
    }
    return operands.removeLast()
  }

  @inline(__always) private mutating func pop(_ expected: WasmValueType) throws(WasmError) {
    if let found = try pop(), found != expected {
      throw error(.typeMismatch(expected: expected, found: found))
    }
  }

  /// Pops values of `wanted`, the last one first, and pushes values of `given`.
  private mutating func take(
    _ wanted: [WasmValueType], give given: [WasmValueType] = []
  ) throws(WasmError) {
    for type in wanted.reversed() { try pop(type) }
    for type in given { push(type) }
  }

  private mutating func becomeUnreachable() {
    operands.removeLast(operands.count - height)
    blocks[blocks.count - 1].isUnreachable = true
    isUnreachable = true
  }

  private mutating func enter(_ block: OpenBlock) {
    blocks.append(block)
    (height, isUnreachable) = (block.height, false)
  }

  private mutating func leaveBlock() {
    blocks.removeLast()
    guard let block = blocks.last else { return }
    (height, isUnreachable) = (block.height, block.isUnreachable)
  }

  // MARK: Control

  private mutating func begin(
    _ kind: OpenBlock.Kind, _ type: WasmFunctionType
  ) throws(WasmError) {
    try take(type.parameters)
    enter(OpenBlock(kind: kind, type: type, height: operands.count))
    for parameter in type.parameters { push(parameter) }
  }

  /// Takes a block's results off; nothing else of it may be left.
  private mutating func endBlock() throws(WasmError) -> OpenBlock {
    let block = blocks[blocks.count - 1]
    try take(block.type.results)
    guard operands.count == block.height else {
      throw error(.excessValues(operands.count - block.height))
    }
    leaveBlock()
    return block
  }

  private func target(_ label: UInt32) throws(WasmError) -> OpenBlock {
    try index(label, of: .label, count: blocks.count)
    return blocks[blocks.count - 1 - Int(label)]
  }

  private mutating func checkControl(_ instruction: WasmInstruction) throws(WasmError) {
    switch instruction {
    case .unreachable: becomeUnreachable()
    case .block(let type): try begin(.block, module.functionType(of: type))
    case .loop(let type): try begin(.loop, module.functionType(of: type))
    case .conditional(let type):
      try pop(.i32)
      try begin(.conditional, module.functionType(of: type))
    case .alternative:
      guard blocks[blocks.count - 1].kind == .conditional else { throw error(.misplacedElse) }
      let block = try endBlock()
      enter(OpenBlock(kind: .alternative, type: block.type, height: operands.count))
      for parameter in block.type.parameters { push(parameter) }
    case .end:
      let block = try endBlock()
      if block.kind == .conditional, block.type.parameters != block.type.results {
        throw error(.missingElse)
      }
      for result in block.type.results { push(result) }
    case .branch(let label):
      try take(try target(label).branchTypes)
      becomeUnreachable()
    case .branchIf(let label):
      try pop(.i32)
      let types = try target(label).branchTypes
      try take(types, give: types)
    case .return:
      try take(blocks[0].type.results)
      becomeUnreachable()
    case .call(let function):
      try index(function, of: .function, count: module.functionTypes.count)
      let type = module.functionType(Int(function))
      try take(type.parameters, give: type.results)
    case .callIndirect(let type, let table):
      let type = try elementType(type, table)
      try take(type.parameters, give: type.results)
    case .returnCall(let function):
      try index(function, of: .function, count: module.functionTypes.count)
      try leave(to: module.functionType(Int(function)))
    case .returnCallIndirect(let type, let table): try leave(to: try elementType(type, table))
    default: preconditionFailure("no instruction of control")
    }
  }

  /// Takes a table's element off, which is called as one of type number `type`; that type.
  private mutating func elementType(
    _ type: UInt32, _ table: UInt32
  ) throws(WasmError) -> WasmFunctionType {
    try index(table, of: .table, count: module.tables.count)
    let elementType = module.tables[Int(table)].elementType
    guard elementType == .funcref else { throw error(.wrongKindOfType(elementType)) }
    try index(type, of: .type, count: module.types.count)
    try pop(.i32)
    return module.types[Int(type)]
  }

  /// A function of `type` takes this one's place, and so gives what this one gives.
  private mutating func leave(to type: WasmFunctionType) throws(WasmError) {
    guard type.results == blocks[0].type.results else { throw error(.tailCallResults) }
    try take(type.parameters)
    becomeUnreachable()
  }

  private mutating func checkBranchTable(_ labels: [UInt32]) throws(WasmError) {
    try pop(.i32)
    let arity = try target(labels[labels.count - 1]).branchTypes.count
    // A label that comes again is checked once, so that a long table of many values costs little.
    var checked: Set<UInt32> = []
    for label in labels where checked.insert(label).inserted {
      let types = try target(label).branchTypes
      guard types.count == arity else {
        throw error(.branchArity(expected: arity, found: types.count))
      }
      // What was popped goes back as it was, of any type where nothing was there.
      var popped: [WasmValueType?] = []
      for type in types.reversed() {
        let found = try pop()
        if let found, found != type {
          throw error(.typeMismatch(expected: type, found: found))
        }
        popped.append(found)
      }
      for type in popped.reversed() { push(type) }
    }
    becomeUnreachable()
  }

  // MARK: Values

  private mutating func checkSelect(_ count: Int, _ type: WasmValueType?) throws(WasmError) {
    try pop(.i32)
    guard count == 1, let type else { throw error(.selectArity(count)) }
    try pop(type)
    try pop(type)
    push(type)
  }

  private mutating func checkSelect() throws(WasmError) {
    try pop(.i32)
    let second = try pop()
    let first = try pop()
    if let first, first.isReference { throw error(.wrongKindOfType(first)) }
    if let second, second.isReference { throw error(.wrongKindOfType(second)) }
    if let first, let second, first != second {
      throw error(.typeMismatch(expected: first, found: second))
    }
    push(first ?? second)
  }

  @inline(__always)
  private func localType(_ local: UInt32) throws(WasmError) -> WasmValueType {
    try index(local, of: .local, count: localTypes.count)
    return localTypes[Int(local)]
  }

  // MARK: Memories and tables

  private func memory(_ memory: UInt32) throws(WasmError) {
    try index(memory, of: .memory, count: module.memories.count)
  }

  private func check(
    _ argument: MemoryArgument, of access: MemoryOperator
  ) throws(WasmError) {
    try memory(argument.memory)
    guard argument.alignmentExponent <= access.widthExponent else {
      throw error(
        .alignment(exponent: argument.alignmentExponent, maximum: access.widthExponent))
    }
  }

  private mutating func checkMemory(_ instruction: WasmInstruction) throws(WasmError) {
    switch instruction {
    case .memorySize(let memory):
      try self.memory(memory)
      push(.i32)
    case .memoryGrow(let memory):
      try self.memory(memory)
      try take([.i32], give: [.i32])
    case .memoryInit(let segment, let memory):
      try self.memory(memory)
      try index(segment, of: .data, count: module.dataCount ?? 0)
      try take([.i32, .i32, .i32])
    case .dataDrop(let segment): try index(segment, of: .data, count: module.dataCount ?? 0)
    case .memoryCopy(let destination, let source):
      try memory(destination)
      try memory(source)
      try take([.i32, .i32, .i32])
    case .memoryFill(let memory):
      try self.memory(memory)
      try take([.i32, .i32, .i32])
    default: preconditionFailure("no instruction of memories")
    }
  }

  private func elementType(ofTable table: UInt32) throws(WasmError) -> WasmValueType {
    try index(table, of: .table, count: module.tables.count)
    return module.tables[Int(table)].elementType
  }

  private mutating func checkTable(_ instruction: WasmInstruction) throws(WasmError) {
    switch instruction {
    case .tableGet(let table):
      let type = try elementType(ofTable: table)
      try take([.i32], give: [type])
    case .tableSet(let table): try take([.i32, try elementType(ofTable: table)])
    case .tableInit(let segment, let table):
      let type = try elementType(ofTable: table)
      try index(segment, of: .element, count: module.elements.count)
      try same(type, module.elements[Int(segment)].elementType)
      try take([.i32, .i32, .i32])
    case .elementDrop(let segment):
      try index(segment, of: .element, count: module.elements.count)
    case .tableCopy(let destination, let source):
      try same(try elementType(ofTable: destination), try elementType(ofTable: source))
      try take([.i32, .i32, .i32])
    case .tableGrow(let table):
      try take([try elementType(ofTable: table), .i32], give: [.i32])
    case .tableSize(let table):
      _ = try elementType(ofTable: table)
      push(.i32)
    case .tableFill(let table): try take([.i32, try elementType(ofTable: table), .i32])
    default: preconditionFailure("no instruction of tables")
    }
  }

  private func same(_ expected: WasmValueType, _ found: WasmValueType) throws(WasmError) {
    guard expected == found else {
      throw error(.typeMismatch(expected: expected, found: found))
    }
  }
}
