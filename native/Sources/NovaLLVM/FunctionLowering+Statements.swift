// FunctionLowering+Statements.swift — the steps of an operation.
// Hosted. Imports CLLVM, NovaBytecode, NovaInterpreter. In the order of the interpreter's handlers:
// everything is computed, traps included; then fuel is charged; then registers and memory change.

import CLLVM
import NovaBytecode
import NovaInterpreter
import OperationTrees

extension FunctionLowering {
  mutating func lower(_ statement: Statement) {
    switch statement {
    case .bind(let name, let value): bound[name] = evaluate(value)
    case .set(let place, let value):
      let exact = evaluate(value)
      writes.append(
        RegisterWrite(
          register: instruction.index(place),
          word: word(of: canonical(exact, of: value), value.kind),
          float: value.kind.isFloat ? exact : nil))
    case .store(let access, let address, let memory, let value):
      store(access, address, memory, canonical(evaluate(value), of: value))
    case .setGlobal(let place, let value):
      let globals = instanceWord(CompiledLayout.globals, ir.pointer)
      ir.store(evaluate(value), globals, instruction.index(place) * 8)
    case .setImportedGlobal(let place, let value):
      ir.store(evaluate(value), importedGlobal(place), 0)
    case .zeroRange(let first, let count):
      let start = instruction.index(first)
      for register in start..<start + instruction.index(count) {
        writes.append(RegisterWrite(register: register, word: ir.constant(0)))
      }
    case .branch(let place, let condition): branch(place, condition)
    case .branchTable(let index, _): branchTable(index)
    case .call(let base, let function): call(base, function)
    case .callIndirect(let base, let index, let type, let table):
      callIndirect(base, index, type, table)
    case .tailCall(let function): tailCall(function)
    case .tailCallIndirect(let index, let type, let table): tailCallIndirect(index, type, table)
    case .leave(let value): leaveFunction(value)
    case .trapUnreachable: trap(.unreachable)
    case .exit, .exitInstance: preconditionFailure("no module contains it")
    case .slow(let reason): slow(reason)
    }
  }

  /// A value of this kind as a register's 64 bits.
  func word(of value: Value, _ kind: Kind) -> Value {
    ir.extend(ir.bits(value, as: kind.bitCount == 32 ? ir.i32 : ir.i64), ir.i64)
  }

  func importedGlobal(_ place: Place) -> Value {
    record(CompiledLayout.importedGlobals, instruction.index(place))
  }

  private mutating func store(
    _ access: Access, _ address: Expression, _ memory: Place?, _ value: Value
  ) {
    let place = checked(access, address, memory)
    let integer = access.kind.bitCount == 32 ? ir.i32 : ir.i64
    let bits = ir.truncate(
      ir.bits(value, as: integer), ir.integer(bits: access.byteCount * 8))
    ir.store(bits, place.base, place.offset, alignment: 1, of: .memory)
  }

  // MARK: Branches

  private mutating func branch(_ place: Place, _ condition: Expression?) {
    let target = block(at: instruction.next + Int(instruction.signed(place)))
    guard let condition else {
      charge()
      flush()
      ir.branch(target)
      return
    }
    let holds = self.condition(condition)
    flush()
    guard module.isCharged else {
      ir.branch(holds, target, block(at: instruction.next))
      return
    }
    let taken = ir.addBlock(function)
    ir.branch(holds, taken, block(at: instruction.next))
    ir.position(at: taken)
    charge()
    ir.branch(target)
  }

  private mutating func branchTable(_ index: Expression) {
    let value = evaluate(index)
    charge()
    let targets = code.targets(instruction)
    let last = block(at: targets[targets.count - 1])
    let table: Value = LLVMBuildSwitch(ir.builder, value, last, UInt32(targets.count))
    for (number, target) in targets.dropLast().enumerated() {
      LLVMAddCase(table, ir.constant(UInt64(number), ir.i32), block(at: target))
    }
  }

  // MARK: What the outer loop does

  /// Lets the outer loop do the instruction, over the frame.
  private mutating func slow(_ reason: SlowReason) {
    switch reason {
    case .importCall:
      let shape = importShape
      let base = instruction.index(.a)
      for number in shape.parameters.indices { spill(base + number) }
      leave(for: CompiledLayout.leftForSlow)
      for number in shape.results.indices { restore(base + number) }
    case .importTailCall: handOver(importShape, for: CompiledLayout.leftForSlow)
    case .memoryGrow, .memoryCopy, .memoryFill, .memoryInit, .dataDrop, .tableGet, .tableSet,
      .tableGrow, .tableCopy, .tableFill, .tableInit, .elementDrop, .functionReference,
      .importReference:
      spillOperands()
      leave(for: CompiledLayout.leftForSlow)
      for operand in instruction.operation.operands where operand.role.writes {
        restore(instruction.index(operand.place))
      }
    }
  }

  /// Lets the outer loop see the registers that the instruction reads.
  func spillOperands() {
    for operand in instruction.operation.operands where operand.role.reads {
      spill(instruction.index(operand.place))
    }
  }

  private var importShape: CallShape {
    let entry = module.view.imports[instruction.index(.imm32)]
    return module.shape(ofType: Int(entry.typeIndex))
  }
}
