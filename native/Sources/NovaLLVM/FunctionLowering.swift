// FunctionLowering.swift — one function's instructions as LLVM's: registers, blocks, leaving.
// Hosted. Imports CLLVM, NovaBytecode, NovaInterpreter. Design: Decisions/0019-compiled-code.md.

import CLLVM
import NovaBytecode
import NovaInterpreter
import OperationTrees

/// What a register is set to.
struct RegisterWrite {
  let register: Int
  let word: Value
  var float: Value?
}

/// Lowers one function; what an operation means is taken from its tree.
struct FunctionLowering {
  let module: ModuleLowering
  let ir: IR
  let index: Int
  let code: FunctionCode
  let shape: CallShape
  let function: Value

  // Parameters of every compiled function.
  let context: Value
  let frame: Value
  let control: Value

  /// A place for each register; none where they stay in the frame.
  private var places: [Int: Value] = [:]
  /// The same as floats, before what is a NaN was made the canonical one; see `evaluateLoosely`.
  private var floatPlaces: [Int: (f32: Value, f64: Value)] = [:]
  private let staysInFrame: Bool
  private let entryBlock: Block
  private var blocks: [Int: Block] = [:]
  /// Memory 0's address and size, and the fuel, as they were after the last call or return.
  private var memoryAddress: Value?
  private var memorySize: Value?
  private var fuel: Value?
  /// Bytes behind a register's value, as an address, that memory 0 is known to have; which it has
  /// until the register is set, since memories only grow.
  var knownByteCounts: [Int: UInt64] = [:]

  // Of the instruction at hand.
  var instruction: Instruction
  var bound: [String: Value] = [:]
  var writes: [RegisterWrite] = []

  init(_ module: ModuleLowering, _ index: Int) {
    self.module = module
    self.index = index
    ir = module.ir
    code = FunctionCode(module.view, own: index)
    shape = module.shape(ofFunction: index)
    function = module.bodies[index]
    context = LLVMGetParam(function, 0)
    frame = LLVMGetParam(function, 1)
    control = LLVMGetParam(function, 2)
    staysInFrame = Int(code.entry.registerCount) > NativeLimits.registerCountMax
    entryBlock = ir.addBlock(function, "entry")
    instruction = code.instructions[0]
  }

  mutating func lower() {
    ir.position(at: entryBlock)
    let scope = module.lines?.scope(index, function)
    if let scope { module.lines?.comeFrom(word: 0, of: index, in: scope) }
    if module.view.importedMemoryCount + module.view.memories.count > 0 {
      memoryAddress = LLVMBuildAlloca(ir.builder, ir.pointer, "memory")
      memorySize = LLVMBuildAlloca(ir.builder, ir.i64, "size")
    }
    if module.isCharged { fuel = LLVMBuildAlloca(ir.builder, ir.i64, "fuel") }
    if !staysInFrame {
      for register in 0..<Int(code.entry.registerCount) {
        places[register] = LLVMBuildAlloca(ir.builder, ir.i64, "r\(register)")
      }
      for register in code.floatRegisters.sorted() {
        floatPlaces[register] = (
          LLVMBuildAlloca(ir.builder, ir.f32, "s\(register)"),
          LLVMBuildAlloca(ir.builder, ir.f64, "d\(register)")
        )
      }
    }
    reload()
    takeArguments()
    for word in code.blockWords.sorted() where word < Int(code.entry.wordCount) {
      blocks[word] = ir.addBlock(function, "w\(word)")
    }
    for next in code.instructions {
      if let block = blocks[next.word] {
        if !ir.isTerminated { ir.branch(block) }
        ir.position(at: block)
        if code.joinWords.contains(next.word) { knownByteCounts = [:] }
      }
      if let scope { module.lines?.comeFrom(word: next.word, of: index, in: scope) }
      instruction = next
      bound = [:]
      for statement in instruction.operation.body { lower(statement) }
      flush()
    }
  }

  private mutating func takeArguments() {
    for (number, type) in shape.parameters.enumerated() {
      if number < shape.directCount {
        write(number, word(LLVMGetParam(function, UInt32(number + 3)), type))
      } else if !staysInFrame {
        write(number, readFrame(number))
      }
    }
  }

  /// The block of a word of this function.
  func block(at word: Int) -> Block {
    guard let block = blocks[word] else {
      preconditionFailure("verified branches lead to instructions")
    }
    return block
  }

  // MARK: Registers

  /// A register's 64 bits.
  func read(_ register: Int) -> Value {
    guard let place = places[register] else { return readFrame(register) }
    return LLVMBuildLoad2(ir.builder, ir.i64, place, "")
  }

  /// Sets a register; `float` is what its bits were made from, before NaN became canonical.
  mutating func write(_ register: Int, _ word: Value, float: Value? = nil) {
    knownByteCounts[register] = nil
    guard let place = places[register] else {
      writeFrame(register, word)
      return
    }
    LLVMBuildStore(ir.builder, word, place)
    guard let floats = floatPlaces[register] else { return }
    let type = float.map { LLVMTypeOf($0) }
    let single = type == ir.f32 ? float : ir.bits(ir.truncate(word, ir.i32), as: ir.f32)
    let double = type == ir.f64 ? float : ir.bits(word, as: ir.f64)
    LLVMBuildStore(ir.builder, single, floats.f32)
    LLVMBuildStore(ir.builder, double, floats.f64)
  }

  /// A register as a float that is the same number, or a NaN where that is one.
  func readLoosely(_ register: Int, _ kind: Kind) -> Value? {
    guard let floats = floatPlaces[register] else { return nil }
    return LLVMBuildLoad2(
      ir.builder, ir.type(kind), kind == .f32 ? floats.f32 : floats.f64, "")
  }

  func readFrame(_ register: Int) -> Value {
    ir.load(ir.i64, ir.pointer(frame), register * 8)
  }

  func writeFrame(_ register: Int, _ word: Value) {
    ir.store(word, ir.pointer(frame), register * 8)
  }

  /// Lets the outer loop see a register, or an own register what the outer loop wrote.
  func spill(_ register: Int) { if !staysInFrame { writeFrame(register, read(register)) } }
  mutating func restore(_ register: Int) {
    if !staysInFrame { write(register, readFrame(register)) }
  }

  /// An argument or result as a register's 64 bits.
  func word(_ value: Value, _ type: ValueType) -> Value { ir.bits(value, as: ir.i64) }

  /// A register's 64 bits as an argument or result.
  func direct(_ word: Value, _ type: ValueType) -> Value {
    ir.bits(word, as: module.type(of: type))
  }

  /// Does what the instruction's steps have put off until all of them were computed.
  mutating func flush() {
    for next in writes { write(next.register, next.word, float: next.float) }
    writes = []
  }

  // MARK: State

  /// The fuel and memory 0, which others may have changed.
  func reload() {
    if let memoryAddress, let memorySize {
      LLVMBuildStore(
        ir.builder, ir.load(ir.pointer, context, CompiledLayout.memoryAddress), memoryAddress)
      LLVMBuildStore(
        ir.builder, ir.load(ir.i64, context, CompiledLayout.memoryByteCount), memorySize)
    }
    if let fuel {
      LLVMBuildStore(ir.builder, ir.load(ir.i64, context, CompiledLayout.fuel), fuel)
    }
  }

  /// Lets others see the fuel.
  func share() {
    guard let fuel else { return }
    ir.store(LLVMBuildLoad2(ir.builder, ir.i64, fuel, ""), context, CompiledLayout.fuel)
  }

  var memory0: (address: Value, size: Value) {
    guard let memoryAddress, let memorySize else {
      preconditionFailure("verified code accesses only memories that there are")
    }
    return (
      LLVMBuildLoad2(ir.builder, ir.pointer, memoryAddress, ""),
      LLVMBuildLoad2(ir.builder, ir.i64, memorySize, "")
    )
  }

  /// A word of the context that is the same whenever this instance runs.
  func instanceWord(_ offset: Int, _ type: IRType) -> Value {
    let value = ir.load(type, context, offset)
    ir.markInvariant(value)
    return value
  }

  /// The record of a memory or table by its number.
  func record(_ list: Int, _ number: Int) -> Value {
    let record = ir.load(ir.pointer, instanceWord(list, ir.pointer), number * 8)
    ir.markInvariant(record)
    return record
  }

  // MARK: Leaving

  private var place: Value {
    ir.constant(UInt64(index) << 32 | UInt64(instruction.word))
  }

  /// Comes to a trap when the condition holds.
  func trap(_ kind: TrapKind, when condition: Value) {
    let bad = ir.addBlock(function)
    let good = ir.addBlock(function)
    ir.branch(condition, bad, good)
    ir.position(at: bad)
    trap(kind)
    ir.position(at: good)
  }

  func trap(_ kind: TrapKind) {
    module.callTrap(
      [context, frame, control, place, ir.constant(CompiledLayout.left(for: kind))])
    LLVMBuildUnreachable(ir.builder)
  }

  /// Leaves to the outer loop, and goes on when that has done what `reason` says.
  func leave(for reason: UInt64) {
    share()
    module.callLeave([context, frame, control, place, ir.constant(reason)])
    reload()
  }

  /// Takes a unit of fuel; leaves when there is none, until there is one.
  ///
  /// What is left then is 0, said as a number, and the subtraction's borrow is all that is looked
  /// at: so on most machines there is one instruction, and a jump that is not taken.
  func charge() {
    guard let fuel else { return }
    let short = ir.addBlock(function)
    let enough = ir.addBlock(function)
    let one = ir.constant(1)
    let units: Value = LLVMBuildLoad2(ir.builder, ir.i64, fuel, "")
    let left = ir.intrinsic("llvm.usub.with.overflow", [ir.i64], [units, one])
    LLVMBuildStore(ir.builder, LLVMBuildExtractValue(ir.builder, left, 0, ""), fuel)
    ir.branch(LLVMBuildExtractValue(ir.builder, left, 1, ""), short, enough, isLikely: false)
    ir.position(at: short)
    LLVMBuildStore(ir.builder, ir.constant(0), fuel)
    leave(for: CompiledLayout.leftForFuel)
    let refilled: Value = LLVMBuildLoad2(ir.builder, ir.i64, fuel, "")
    LLVMBuildStore(ir.builder, ir.subtract(refilled, one), fuel)
    ir.branch(enough)
    ir.position(at: enough)
  }
}
