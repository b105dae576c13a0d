// FunctionLowering+Calls.swift — calls within the module, directly and through tables; returns.
// Hosted. Imports CLLVM, NovaBytecode, NovaInterpreter. Design: Decisions/0019-compiled-code.md.

import CLLVM
import NovaBytecode
import NovaInterpreter
import OperationTrees

extension FunctionLowering {
  mutating func call(_ base: Place, _ function: Place) {
    charge()
    let callee = instruction.index(function)
    let byteCount = UInt64(module.view.functions[callee].registerCount) * 8
    call(
      module.bodies[callee], module.shape(ofFunction: callee), instruction.index(base),
      frameByteCount: ir.constant(byteCount))
  }

  /// Compares the callee's frame and the control stack with their limits, as the interpreter does,
  /// then calls.
  private mutating func call(
    _ body: Value, _ shape: CallShape, _ base: Int, frameByteCount: Value
  ) {
    let callee = ir.add(frame, ir.constant(UInt64(base) * 8))
    let control = ir.add(self.control, ir.constant(16))
    let registers = instanceWord(CompiledLayout.registerStackLimit, ir.i64)
    let controls = instanceWord(CompiledLayout.controlStackLimit, ir.i64)
    let isTooLarge = ir.compare(LLVMIntUGT, callee, ir.subtract(registers, frameByteCount))
    let isTooDeep = ir.compare(LLVMIntUGT, self.control, controls)
    trap(.stackExhausted, when: ir.or(isTooLarge, isTooDeep))
    ir.store(
      ir.constant(CompiledLayout.mark(function: index, word: instruction.lastWord)),
      ir.pointer(self.control), -16)
    let arguments = [context, callee, control] + arguments(shape, base)
    share()
    let result = module.call(body, shape, arguments)
    reload()
    guard shape.hasDirectResults else {
      for number in shape.results.indices { restore(base + number) }
      return
    }
    for (number, part) in module.parts(of: result, shape).enumerated() {
      write(base + number, word(part, shape.results[number]))
    }
  }

  /// The direct arguments of a call whose window begins at a register; the others go to the frame.
  private mutating func arguments(_ shape: CallShape, _ base: Int) -> [Value] {
    var arguments: [Value] = []
    for (number, type) in shape.parameters.enumerated() {
      if number < shape.directCount {
        arguments.append(direct(read(base + number), type))
      } else {
        spill(base + number)
      }
    }
    return arguments
  }

  mutating func callIndirect(
    _ base: Place, _ index: Expression, _ type: Place, _ table: Place?
  ) {
    let number = ir.extend(evaluate(index), ir.i64)
    charge()
    let typeIndex = instruction.index(type)
    let shape = module.shape(ofType: typeIndex)
    let callee = element(number, typeIndex, table)
    let (own, other) = branch(byInstanceOf: callee)
    let join = ir.addBlock(function)
    ir.position(at: own)
    let first = instruction.index(base)
    call(
      body(of: callee, shape), shape, first, frameByteCount: ir.load(ir.i64, callee, 8))
    ir.branch(join)
    ir.position(at: other)
    spillOperands()
    for number in shape.parameters.indices { spill(first + number) }
    leave(for: CompiledLayout.leftForCall)
    for number in shape.results.indices { restore(first + number) }
    ir.branch(join)
    ir.position(at: join)
  }

  /// Where to go on with a function of this instance, which is one of this module's, whose code is
  /// here; and with others.
  private func branch(byInstanceOf callee: Value) -> (own: Block, other: Block) {
    let (own, other) = (ir.addBlock(function), ir.addBlock(function))
    let isOwn = ir.compare(
      LLVMIntEQ, ir.load(ir.i64, callee, 24), instanceWord(CompiledLayout.instance, ir.i64))
    ir.branch(isOwn, own, other)
    return (own, other)
  }

  /// The code of a function of this instance.
  private func body(of callee: Value, _ shape: CallShape) -> Value {
    let bits = ir.and(ir.load(ir.i32, callee, 20), ir.constant(0x7fff_ffff, ir.i32))
    guard let bodies = module.bodyTable else {
      preconditionFailure("the table is made before functions are lowered")
    }
    let offset = ir.multiply(ir.extend(bits, ir.i64), ir.constant(8))
    let body = ir.load(ir.pointer, ir.bits(bodies, as: ir.pointer), offset, alignment: 8)
    ir.markInvariant(body)
    return ir.bits(body, as: LLVMPointerType(module.functionType(shape), 0))
  }

  // MARK: Tail calls

  mutating func tailCall(_ function: Place) {
    charge()
    let callee = instruction.index(function)
    let byteCount = UInt64(module.view.functions[callee].registerCount) * 8
    tailCall(
      module.bodies[callee], module.shape(ofFunction: callee),
      frameByteCount: ir.constant(byteCount))
  }

  /// The callee takes this function's place: its frame, its mark and its stack.
  private mutating func tailCall(_ body: Value, _ shape: CallShape, frameByteCount: Value) {
    let registers = instanceWord(CompiledLayout.registerStackLimit, ir.i64)
    trap(
      .stackExhausted,
      when: ir.compare(LLVMIntUGT, frame, ir.subtract(registers, frameByteCount)))
    let arguments = [context, frame, control] + arguments(shape, 0)
    share()
    let result = module.call(body, shape, arguments)
    // All arguments are in machine registers and the types are equal: so each of the three CPUs
    // jumps.
    LLVMSetTailCall(result, 1)
    LLVMBuildRet(ir.builder, result)
  }

  mutating func tailCallIndirect(_ index: Expression, _ type: Place, _ table: Place?) {
    let number = ir.extend(evaluate(index), ir.i64)
    charge()
    let typeIndex = instruction.index(type)
    let shape = module.shape(ofType: typeIndex)
    let callee = element(number, typeIndex, table)
    let (own, other) = branch(byInstanceOf: callee)
    ir.position(at: own)
    tailCall(body(of: callee, shape), shape, frameByteCount: ir.load(ir.i64, callee, 8))
    ir.position(at: other)
    spillOperands()
    handOver(shape, for: CompiledLayout.leftForCall)
  }

  /// Lets the outer loop call a function of another instance or of the host in this one's frame,
  /// and returns its results.
  mutating func handOver(_ shape: CallShape, for reason: UInt64) {
    for number in shape.parameters.indices { spill(number) }
    leave(for: reason)
    for number in shape.results.indices { restore(number) }
    leaveFunction(nil)
  }

  /// The descriptor of a table's element, which is a function of the type.
  private func element(_ number: Value, _ typeIndex: Int, _ table: Place?) -> Value {
    let (cells, count): (Value, Value)
    if let table {
      let record = record(CompiledLayout.tables, instruction.index(table))
      (cells, count) = (ir.load(ir.pointer, record, 0), ir.load(ir.i64, record, 8))
    } else {
      cells = ir.load(ir.pointer, context, CompiledLayout.tableCells)
      count = ir.load(ir.i64, context, CompiledLayout.tableElementCount)
    }
    trap(.tableOutOfBounds, when: ir.compare(LLVMIntUGE, number, count))
    let offset = ir.multiply(number, ir.constant(8))
    let callee = ir.load(ir.pointer, cells, offset, alignment: 8)
    trap(.nullReference, when: LLVMBuildIsNull(ir.builder, callee, ""))
    let types = instanceWord(CompiledLayout.typeIdentifiers, ir.pointer)
    let wanted = ir.load(ir.i32, types, typeIndex * 4)
    ir.markInvariant(wanted)
    trap(.typeMismatch, when: ir.compare(LLVMIntNE, ir.load(ir.i32, callee, 16), wanted))
    return callee
  }

  /// Returns; results are in the first registers, or `value` is the only one.
  mutating func leaveFunction(_ value: Expression?) {
    var words: [Value] = []
    if let value {
      words = [word(of: evaluate(value), value.kind)]
    } else {
      words = shape.results.indices.map { read($0) }
    }
    share()
    var parts: [Value?] = []
    if shape.hasDirectResults {
      parts = words.enumerated().map { direct($1, shape.results[$0]) }
    } else {
      for (number, word) in words.enumerated() { writeFrame(number, word) }
    }
    while module.isUniform, parts.count < CallShape.resultCountMax {
      parts.append(LLVMGetUndef(ir.i64))
    }
    switch parts.count {
    case 0: LLVMBuildRetVoid(ir.builder)
    case 1: LLVMBuildRet(ir.builder, parts[0])
    default: LLVMBuildAggregateRet(ir.builder, &parts, UInt32(parts.count))
    }
  }
}
