// CodeEmitter.swift — a lowered function as instructions of NovaAssembler.
// Hosted. Imports NovaAssembler and NovaBytecode. Design: NovaCore.docc/WebAssembly.md.

import NovaAssembler
import NovaBytecode

/// Emits one function; what belongs together is put together later, by `CodeOptimizer`.
struct CodeEmitter {
  let module: WasmModule
  let function: LoweredFunction
  let layout: RegisterLayout
  /// Whether each result is a float.
  let floatResults: [Bool]
  private(set) var builder: FunctionBuilder
  private var labels: [Label] = []
  /// The module's index of each type of the file.
  private let typeIndices: [UInt32]
  private let lines: SourceLines?

  init(
    _ module: WasmModule, _ function: LoweredFunction, _ type: WasmFunctionType, name: String?,
    typeIndices: [UInt32], lines: SourceLines?
  ) {
    self.module = module
    self.lines = lines
    self.typeIndices = typeIndices
    self.function = function
    layout = RegisterLayout(function)
    floatResults = type.results.map(\.isFloat)
    builder = FunctionBuilder(signature: type.signature, name: name)
    builder.registerCount = UInt16(clamping: layout.registerCount)
    builder.windowBase = UInt16(clamping: layout.windowBase)
    builder.mergesPlaces = lines != nil
    for _ in 0..<function.labelCount { labels.append(builder.makeLabel()) }
  }

  mutating func emitAll() {
    if layout.zeroed.count == 1 {
      emit("const32", .register(UInt16(layout.zeroed.lowerBound)), .bits(0))
    } else if !layout.zeroed.isEmpty {
      emit(
        "zero", .register(UInt16(layout.zeroed.lowerBound)),
        .immediate(Int64(layout.zeroed.count)))
    }
    for instruction in function.instructions { emit(instruction) }
  }

  /// Every operation by its name.
  private static let operations: [String: Operation] = Dictionary(
    uniqueKeysWithValues: Operation.allBases.map { ($0.name, $0) })

  private mutating func emit(_ name: String, _ operands: Operand...) { emit(name, operands) }

  private mutating func emit(_ name: String, _ operands: [Operand]) {
    guard let operation = Self.operations[name] else {
      preconditionFailure("the operation table has no \(name)")
    }
    builder.emit(operation, operands)
  }

  private func register(_ register: VirtualRegister) -> Operand {
    .register(UInt16(layout[register]))
  }

  private mutating func emit(_ instruction: LoweredInstruction) {
    if instruction.offset > 0, instruction.kind != .label,
      let place = lines?.place(at: instruction.offset)
    {
      builder.comeFrom(place)
    }
    switch instruction.kind {
    case .label: builder.place(labels[Int(instruction.target)])
    case .jump: emit("jmp", .label(labels[Int(instruction.target)]))
    case .branch:
      var operands = instruction.sources.map(register)
      if let immediate = instruction.immediate { operands.append(.immediate(immediate)) }
      operands.append(.label(labels[Int(instruction.target)]))
      emit("br.\(instruction.name)\(instruction.immediate == nil ? "" : "i")", operands)
    case .branchTable:
      builder.emitBranchTable(
        index: Register(UInt16(layout[instruction.sources[0]])),
        targets: instruction.targets.map { labels[Int($0)] })
    case .call, .callIndirect: emitCall(instruction)
    case .tailCall, .tailCallIndirect: emitTailCall(instruction)
    case .return: emitReturn(instruction.sources)
    case .unreachable: emit("unreachable", [])
    case .move: emitMove(layout[instruction.destination ?? 0], instruction)
    case .constant:
      if let destination = instruction.destination, let constant = instruction.constant {
        emitConstant(destination, constant)
      }
    case .operation: emitOperation(instruction)
    }
  }

  private mutating func emitMove(_ destination: Int, _ instruction: LoweredInstruction) {
    emit(
      instruction.isFloat ? "mov.float" : "mov", .register(UInt16(destination)),
      register(instruction.sources[0]))
  }

  private mutating func emitCall(_ call: LoweredInstruction) {
    let window = register(call.window)
    if call.kind == .callIndirect {
      let type = typeIndices[call.callee]
      if call.table == 0, type <= UInt32(UInt16.max) {
        emit("call_indirect", window, register(call.sources[0]), .index(type))
      } else {
        emit(
          "call_indirect.far", window, register(call.sources[0]), .index(type),
          .index(UInt32(call.table)))
      }
    } else if call.callee < module.importedFunctionCount {
      emit("call_import", window, .index(UInt32(call.callee)))
    } else {
      emit("call", window, .index(UInt32(call.callee - module.importedFunctionCount)))
    }
  }

  /// One result is returned from where it is; several are first brought to the first registers.
  private mutating func emitReturn(_ sources: [VirtualRegister]) {
    switch sources.count {
    case 0: emit("ret0", [])
    case 1: emit(floatResults[0] ? "ret.float" : "ret", register(sources[0]))
    default:
      emitMoves(toFirst: sources)
      emit("retn", [])
    }
  }

  /// Brings `sources` to the first registers, and `other` to one that none of them takes; which.
  @discardableResult
  private mutating func emitMoves(
    toFirst sources: [VirtualRegister], keeping other: VirtualRegister? = nil
  ) -> Int {
    var moves = sources.enumerated().map { (from: layout[$1], to: $0) }
    let scratch = max(layout.registerCount, sources.count)
    var end = scratch + 1
    var kept = other.map { layout[$0] } ?? 0
    if other != nil, kept < sources.count {
      moves.append((from: kept, to: end))
      kept = end
      end += 1
    }
    builder.registerCount = max(builder.registerCount ?? 0, UInt16(clamping: end))
    for move in ParallelMove(moves, scratch: scratch).steps {
      emit("mov", .register(UInt16(move.to)), .register(UInt16(move.from)))
    }
    return kept
  }

  private mutating func emitTailCall(_ call: LoweredInstruction) {
    guard call.kind == .tailCallIndirect, let element = call.sources.last else {
      emitMoves(toFirst: call.sources)
      let imported = module.importedFunctionCount
      return call.callee < imported
        ? emit("return_call_import", .index(UInt32(call.callee)))
        : emit("return_call", .index(UInt32(call.callee - imported)))
    }
    let register = emitMoves(toFirst: Array(call.sources.dropLast()), keeping: element)
    let operands = [Operand.register(UInt16(register)), .index(typeIndices[call.callee])]
    call.table == 0
      ? emit("return_call_indirect", operands)
      : emit("return_call_indirect.far", operands + [.index(UInt32(call.table))])
  }

  private mutating func emitConstant(_ destination: VirtualRegister, _ constant: ConstantValue) {
    let target = register(destination)
    switch constant.type {
    case .f32: emit("f32.const", target, .bits(UInt64(bitPattern: constant.bits)))
    case .f64: emit("f64.const", target, .bits(UInt64(bitPattern: constant.bits)))
    case .i32: emit("const32", target, .bits(UInt64(UInt32(truncatingIfNeeded: constant.bits))))
    case .i64, .funcref, .externref:
      if let value = UInt32(exactly: constant.bits) {
        emit("const32", target, .bits(UInt64(value)))
      } else if Int32(exactly: constant.bits) != nil {
        emit("const32_s", target, .immediate(constant.bits))
      } else {
        emit("const64", target, .bits(UInt64(bitPattern: constant.bits)))
      }
    }
  }

  // MARK: Operations

  private mutating func emitOperation(_ instruction: LoweredInstruction) {
    let name = instruction.name
    if name.contains(".load") || name.contains(".store") { return emitAccess(instruction) }
    var operands = instruction.destination.map { [register($0)] } ?? []
    operands += instruction.sources.map(register)
    switch name {
    case "i32.eqz", "i64.eqz": emit("\(name.prefix(4))eqi", operands + [.immediate(0)])
    case "i64.extend_i32_s": emit("i64.extend32_s", operands)
    case "select": emit(instruction.isFloat ? "select.float" : "select", operands)
    case "ref.func": emitFunctionReference(instruction, operands)
    case _ where name.hasPrefix("memory.") || name.hasPrefix("table."):
      emit(name, operands + indices(instruction))
    case "data.drop", "elem.drop": emit(name, operands + indices(instruction))
    case "global.get", "global.set": emitGlobal(instruction, operands)
    default:
      if let immediate = instruction.immediate {
        emit(name + "i", operands + [.immediate(immediate)])
      } else {
        emit(name, operands)
      }
    }
  }

  private mutating func emitFunctionReference(
    _ instruction: LoweredInstruction, _ operands: [Operand]
  ) {
    let index = Int(instruction.immediate ?? 0)
    if index < module.importedFunctionCount {
      emit("ref.import", operands + [.index(UInt32(index))])
    } else {
      emit("ref.func", operands + [.index(UInt32(index - module.importedFunctionCount))])
    }
  }

  private mutating func emitGlobal(_ instruction: LoweredInstruction, _ operands: [Operand]) {
    let index = Int(instruction.immediate ?? 0)
    if index < module.importedGlobalCount {
      emit(instruction.name + ".far", operands + [.index(UInt32(index))])
    } else {
      emit(
        instruction.name, operands + [.index(UInt32(index - module.importedGlobalCount))])
    }
  }

  /// The memories, tables and segments that an operation names, in its operands' order: two where
  /// it takes three values from the stack.
  private func indices(_ instruction: LoweredInstruction) -> [Operand] {
    let immediate = UInt64(bitPattern: instruction.immediate ?? 0)
    let low = Operand.index(UInt32(truncatingIfNeeded: immediate))
    switch instruction.name {
    case "memory.copy", "memory.init", "table.copy", "table.init":
      return [low, .index(UInt32(truncatingIfNeeded: immediate >> 32))]
    default: return [low]
    }
  }

  /// A load or a store, by the form that its address and offset need.
  private mutating func emitAccess(_ instruction: LoweredInstruction) {
    let offset = instruction.immediate ?? 0
    var first: [Operand]
    var address = instruction.sources
    if let destination = instruction.destination {
      first = [register(destination)]
    } else if let value = instruction.constant?.immediate16 {
      first = [.immediate(value)]
    } else {
      first = [register(address.removeFirst())]
    }
    first += address.map(register) + [.immediate(offset)]
    guard instruction.memory == 0 else {
      return emit(instruction.name + ".far", first + [.index(UInt32(instruction.memory))])
    }
    let isNear = UInt16(exactly: offset) != nil
    let form = address.isEmpty ? ".absolute" : isNear ? "" : ".wide"
    emit(instruction.name + (instruction.constant == nil ? "" : "i") + form, first)
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
