// CodeEmitter.swift — a lowered function as instructions of NovaAssembler.
// Hosted. Imports NovaAssembler and NovaBytecode. Design: NovaCore.docc/WebAssembly.md.

import NovaAssembler
import NovaBytecode

/// Emits one function; what belongs together is put together later, by `CodeOptimizer`.
struct CodeEmitter {
  let module: WasmModule
  let layout: RegisterLayout
  /// Whether each result is a float.
  let floatResults: [Bool]
  private(set) var builder: FunctionBuilder
  private var labels: [Label] = []
  /// The module's index of each type of the file.
  private let typeIndices: [UInt32]
  private let lines: SourceLines?

  init(
    _ module: WasmModule, _ function: inout LoweredFunction, _ type: WasmFunctionType,
    name: String?, typeIndices: [UInt32], lines: SourceLines?
  ) {
    self.module = module
    self.lines = lines
    self.typeIndices = typeIndices
    layout = RegisterLayout(&function)
    floatResults = type.results.map(\.isFloat)
    builder = FunctionBuilder(signature: type.signature, name: name)
    builder.registerCount = UInt16(clamping: layout.registerCount)
    builder.windowBase = UInt16(clamping: layout.windowBase)
    builder.mergesPlaces = lines != nil
    for _ in 0..<function.labelCount { labels.append(builder.makeLabel()) }
  }

  mutating func emitAll(_ function: borrowing LoweredFunction) {
    builder.reserveCapacity(function.instructions.count)
    let zeroed = layout.zeroed
    if zeroed.count == 1 {
      emit(.const32, UInt64(zeroed.lowerBound), 0)
    } else if !zeroed.isEmpty {
      emit(.zero, UInt64(zeroed.lowerBound), UInt64(zeroed.count))
    }
    for index in function.instructions.indices {
      emit(function.instructions[index], function.branchTables)
    }
  }

  // Operands as their fields hold them, in the order of the operation's descriptor.

  private mutating func emit(_ operation: Operation) { builder.append(Instruction(operation)) }

  private mutating func emit(_ operation: Operation, _ operand: UInt64) {
    var instruction = Instruction(operation)
    instruction.append(operand)
    builder.append(instruction)
  }

  private mutating func emit(_ operation: Operation, _ first: UInt64, _ second: UInt64) {
    var instruction = Instruction(operation)
    instruction.append(first)
    instruction.append(second)
    builder.append(instruction)
  }

  private mutating func emit(
    _ operation: Operation, _ first: UInt64, _ second: UInt64, _ third: UInt64,
    _ fourth: UInt64? = nil
  ) {
    var instruction = Instruction(operation)
    instruction.append(first)
    instruction.append(second)
    instruction.append(third)
    if let fourth { instruction.append(fourth) }
    builder.append(instruction)
  }

  /// The frame's register as a field holds it.
  private func register(_ register: VirtualRegister) -> UInt64 { UInt64(layout[register]) }

  private mutating func emit(
    _ instruction: LoweredInstruction, _ branchTables: [[LabelIndex]]
  ) {
    if let lines, instruction.offset > 0, instruction.kind != .label,
      let place = lines.place(at: instruction.offset)
    {
      builder.comeFrom(place)
    }
    switch instruction.kind {
    case .label: builder.place(labels[Int(instruction.target)])
    case .jump: emit(.jmp, UInt64(labels[Int(instruction.target)].index))
    case .branch: emitBranch(instruction)
    case .branchTable:
      builder.emitBranchTable(
        index: Register(UInt16(layout[instruction.sources[0]])),
        targets: branchTables[Int(instruction.target)].map { labels[Int($0)] })
    case .call, .callIndirect: emitCall(instruction)
    case .tailCall, .tailCallIndirect: emitTailCall(instruction)
    case .return: emitReturn(instruction)
    case .unreachable: emit(.unreachable)
    case .move: emitMove(instruction)
    case .constant:
      if let destination = instruction.destination, let constant = instruction.constant {
        emitConstant(destination, constant)
      }
    case .operation: emitOperation(instruction)
    }
  }

  private mutating func emitBranch(_ branch: LoweredInstruction) {
    let traits = branch.operation.traits
    let number = branch.immediate == nil ? traits.branch : traits.immediateBranch
    var instruction = Instruction(OperatorTraits.operation(number))
    for source in branch.sources { instruction.append(register(source)) }
    if let immediate = branch.immediate { instruction.append(UInt64(bitPattern: immediate)) }
    instruction.append(UInt64(labels[Int(branch.target)].index))
    builder.append(instruction)
  }

  private mutating func emitMove(_ move: LoweredInstruction) {
    emit(
      move.isFloat ? .movFloat : .mov, register(move.destination ?? 0), register(move.sources[0]))
  }

  private mutating func emitCall(_ call: LoweredInstruction) {
    let window = register(call.window)
    let imported = Int32(module.importedFunctionCount)
    if call.kind == .callIndirect {
      let type = typeIndices[Int(call.callee)]
      if call.table == 0, type <= UInt32(UInt16.max) {
        emit(.callIndirect, window, register(call.sources[0]), UInt64(type))
      } else {
        emit(
          .callIndirectFar, window, register(call.sources[0]), UInt64(type), UInt64(call.table))
      }
    } else if call.callee < imported {
      emit(.callImport, window, UInt64(call.callee))
    } else {
      emit(.call, window, UInt64(call.callee - imported))
    }
  }

  /// One result is returned from where it is; several are first brought to the first registers.
  private mutating func emitReturn(_ instruction: LoweredInstruction) {
    let sources = values(of: instruction)
    switch sources.count {
    case 0: emit(.ret0)
    case 1: emit(floatResults[0] ? .retFloat : .ret, UInt64(sources[0]))
    default:
      emitMoves(toFirst: sources)
      emit(.retn)
    }
  }

  /// The frame's registers of what is returned or handed on; the element of a table is none of it.
  private func values(of instruction: LoweredInstruction) -> [Int] {
    let last = instruction.kind == .tailCallIndirect ? 1 : 0
    guard instruction.argumentCount == 0 else {
      return (0..<instruction.argumentCount).map { layout[instruction.window + $0] }
    }
    return instruction.sources.dropLast(last).map { layout[$0] }
  }

  /// Brings `sources` to the first registers, and `other` to one that none of them takes; which.
  @discardableResult
  private mutating func emitMoves(toFirst sources: [Int], keeping other: Int? = nil) -> Int {
    var moves = sources.enumerated().map { (from: $1, to: $0) }
    let scratch = max(layout.registerCount, sources.count)
    var end = scratch + 1
    var kept = other ?? 0
    if other != nil, kept < sources.count {
      moves.append((from: kept, to: end))
      kept = end
      end += 1
    }
    builder.registerCount = max(builder.registerCount ?? 0, UInt16(clamping: end))
    for move in ParallelMove(moves, scratch: scratch).steps {
      emit(.mov, UInt64(move.to), UInt64(move.from))
    }
    return kept
  }

  private mutating func emitTailCall(_ call: LoweredInstruction) {
    let arguments = values(of: call)
    guard call.kind == .tailCallIndirect, let element = call.sources.last else {
      emitMoves(toFirst: arguments)
      let imported = Int32(module.importedFunctionCount)
      return call.callee < imported
        ? emit(.returnCallImport, UInt64(call.callee))
        : emit(.returnCall, UInt64(call.callee - imported))
    }
    let register = UInt64(emitMoves(toFirst: arguments, keeping: layout[element]))
    let type = UInt64(typeIndices[Int(call.callee)])
    call.table == 0
      ? emit(.returnCallIndirect, register, type)
      : emit(.returnCallIndirectFar, register, type, UInt64(call.table))
  }

  private mutating func emitConstant(_ destination: VirtualRegister, _ constant: ConstantValue) {
    let target = register(destination)
    let bits = UInt64(bitPattern: constant.bits)
    switch constant.type {
    case .f32: emit(.f32Const, target, bits)
    case .f64: emit(.f64Const, target, bits)
    case .i32: emit(.const32, target, UInt64(UInt32(truncatingIfNeeded: constant.bits)))
    case .i64, .funcref, .externref:
      if UInt32(exactly: constant.bits) != nil {
        emit(.const32, target, bits)
      } else if Int32(exactly: constant.bits) != nil {
        emit(.const32S, target, bits)
      } else {
        emit(.const64, target, bits)
      }
    }
  }

  // MARK: Operations

  private mutating func emitOperation(_ lowered: LoweredInstruction) {
    let traits = lowered.operation.traits
    switch traits.family {
    case .load, .store: return emitAccess(lowered, traits)
    case .other: return emitNumbered(lowered)
    case .value, .indexed: break
    }
    let hasImmediate = lowered.immediate != nil && traits.family == .value
    var number = hasImmediate ? traits.immediateOperation : traits.operation
    if lowered.isFloat, lowered.operation == .select {
      number = Operation.selectFloat.rawValue
    }
    var instruction = Instruction(OperatorTraits.operation(number))
    if let destination = lowered.destination { instruction.append(register(destination)) }
    for source in lowered.sources { instruction.append(register(source)) }
    if traits.family == .indexed {
      appendIndices(lowered, to: &instruction)
    } else if let immediate = lowered.immediate {
      instruction.append(UInt64(bitPattern: immediate))
    } else if traits.isEqualZero {
      instruction.append(0)
    }
    builder.append(instruction)
  }

  /// Operations on globals and references to functions: own ones and imported ones are numbered
  /// apart.
  private mutating func emitNumbered(_ lowered: LoweredInstruction) {
    let index = lowered.immediate ?? 0
    let operand = register(lowered.destination ?? lowered.sources.first ?? 0)
    let imported = Int64(
      lowered.operation == .refFunc ? module.importedFunctionCount : module.importedGlobalCount)
    let operations: (imported: Operation, own: Operation) =
      switch lowered.operation {
      case .refFunc: (.refImport, .refFunc)
      case .globalGet: (.globalGetFar, .globalGet)
      default: (.globalSetFar, .globalSet)
      }
    if index < imported {
      emit(operations.imported, operand, UInt64(index))
    } else {
      emit(operations.own, operand, UInt64(index - imported))
    }
  }

  /// The memories, tables and segments that an operation names, in its operands' order: two where
  /// it takes three values from the stack and names two.
  private func appendIndices(_ lowered: LoweredInstruction, to instruction: inout Instruction) {
    let immediate = UInt64(bitPattern: lowered.immediate ?? 0)
    instruction.append(immediate & 0xffff_ffff)
    switch instruction.operation {
    case .memoryCopy, .memoryInit, .tableCopy, .tableInit: instruction.append(immediate >> 32)
    default: break
    }
  }

  /// A load or a store, by the form that its address and offset need.
  private mutating func emitAccess(_ lowered: LoweredInstruction, _ traits: OperatorTraits) {
    let offset = lowered.immediate ?? 0
    let isNear = UInt16(exactly: offset) != nil
    let stored = lowered.destination == nil ? lowered.constant?.immediate16 : nil
    // A store of a register reads that before the address.
    let hasAddress = lowered.sources.count > (lowered.destination == nil && stored == nil ? 1 : 0)
    let number =
      if lowered.memory != 0 {
        traits.far
      } else if stored != nil {
        !hasAddress
          ? traits.immediateAbsolute : isNear ? traits.immediateOperation : traits.immediateWide
      } else {
        !hasAddress ? traits.absolute : isNear ? traits.operation : traits.wide
      }
    var instruction = Instruction(OperatorTraits.operation(number))
    if let destination = lowered.destination {
      instruction.append(register(destination))
    } else if let stored {
      instruction.append(UInt64(bitPattern: stored))
    }
    for source in lowered.sources { instruction.append(register(source)) }
    instruction.append(UInt64(bitPattern: offset))
    if lowered.memory != 0 { instruction.append(UInt64(lowered.memory)) }
    builder.append(instruction)
  }
}

extension WasmValueType {
  var isFloat: Bool { self == .f32 || self == .f64 }

  var valueType: ValueType {
    switch self {
    case .i32: .i32
    case .i64: .i64
    case .f32: .f32
    case .f64: .f64
    case .funcref: .funcref
    case .externref: .externref
    }
  }
}

extension WasmFunctionType {
  var signature: FunctionSignature {
    FunctionSignature(parameters.map(\.valueType), results.map(\.valueType))
  }
}
