// Verifier+Indices.swift — what instructions name of the module: functions, types and others.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// Checks what the instructions of one function name.
struct IndexCheck {
  let view: ModuleView
  /// The function's index, imported ones counted.
  let function: Int

  private func error(_ reason: VerifierError.Reason, at word: Int, _ value: UInt64) -> VerifierError
  {
    VerifierError(function: function, wordOffset: word, reason: reason, value: value)
  }

  /// The own or imported thing's index, when there are as many.
  private func checkIndex(
    _ value: UInt64, _ role: OperandRole, below count: Int, at word: Int
  ) throws(VerifierError) -> Int {
    guard value < UInt64(count) else {
      throw error(.indexOutOfRange(role: role, count: count), at: word, value)
    }
    return Int(value)
  }

  /// Checks what an instruction at `word` names of the module; `second` is its second word, if any.
  func check(_ instruction: UInt64, _ second: UInt64, at word: Int) throws(VerifierError) {
    let operation = Operation(rawValue: UInt16(truncatingIfNeeded: instruction & 0x3ff))
    let descriptor = operation.descriptor
    var table: Int?
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      let value = operand.field(instruction, second)
      switch operand.role {
      // Instructions count own and imported functions apart, each from 0.
      case .function:
        _ = try checkIndex(value, .function, below: view.functions.count, at: word)
      case .import:
        _ = try checkIndex(value, .import, below: view.importedFunctionCount, at: word)
      case .global, .importedGlobal:
        try checkGlobal(
          value, operand.role, isSet: operation == .globalSet || operation == .globalSetFar,
          at: word)
      case .type:
        _ = try checkIndex(value, .type, below: view.types.count, at: word)
      case .memory: _ = try checkIndex(value, .memory, below: view.memoryCount, at: word)
      case .data: _ = try checkIndex(value, .data, below: view.dataSegments.count, at: word)
      case .table:
        let index = try checkIndex(value, .table, below: view.tableCount, at: word)
        try checkElements(table, view.tableType(index).elementType, value, at: word)
        table = index
      case .element:
        let count = view.elementSegments.count
        let index = try checkIndex(value, .element, below: count, at: word)
        try checkElements(table, view.elementSegments[index].elementType, value, at: word)
      default: break
      }
    }
    guard descriptor.flags.contains(.indirect) else { return }
    // The short form names no table: it is table 0.
    let index = try checkIndex(UInt64(table ?? 0), .table, below: view.tableCount, at: word)
    guard view.tableType(index).elementType == ValueType.funcref.rawValue else {
      throw error(.notFunctionTable, at: word, UInt64(index))
    }
  }

  /// Instructions count own and imported globals apart, each from 0.
  private func checkGlobal(
    _ value: UInt64, _ role: OperandRole, isSet: Bool, at word: Int
  ) throws(VerifierError) {
    let isOwn = role == .global
    let count = isOwn ? view.globals.count : view.importedGlobalCount
    let number = try checkIndex(value, role, below: count, at: word)
    let index = isOwn ? view.importedGlobalCount + number : number
    guard !isSet || view.globalType(index).isMutable else {
      throw error(.immutableGlobal, at: word, value)
    }
  }

  /// Checks that what is copied to `table` is what its elements are.
  private func checkElements(
    _ table: Int?, _ type: UInt8, _ value: UInt64, at word: Int
  ) throws(VerifierError) {
    guard let table, view.tableType(table).elementType != type else { return }
    throw error(.wrongElementType, at: word, value)
  }

  /// Where a call's window begins, and the type of what it calls, after `check`.
  func call(_ instruction: UInt64, _ second: UInt64) -> (base: Int, type: FunctionTypeEntry) {
    let descriptor = Operation(rawValue: UInt16(truncatingIfNeeded: instruction)).descriptor
    var (base, typeIndex) = (0, 0)
    for position in 0..<descriptor.operandCount {
      let operand = descriptor.operand(at: position)
      let value = Int(truncatingIfNeeded: operand.field(instruction, second))
      switch operand.role {
      case .windowBase: base = value
      case .function: typeIndex = view.typeIndex(ofFunction: view.importedFunctionCount + value)
      case .import: typeIndex = view.typeIndex(ofFunction: value)
      case .type: typeIndex = value
      default: break
      }
    }
    return (base, view.types[typeIndex])
  }
}
