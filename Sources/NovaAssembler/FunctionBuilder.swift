// FunctionBuilder.swift — one function in symbols: instructions, labels, registers, lines.
// Hosted. Imports NovaBytecode. Places and words: FunctionBuilder+Encode.swift.

import NovaBytecode

/// Builds the code of one function.
///
/// Instructions are kept as they were emitted; the words are made by `ModuleBuilder`. What is wrong
/// is found then, with the number of the instruction. Parameters lie in registers 0…; results leave
/// in registers 0…. A call's window begins at a register that is at least `windowBase`.
public struct FunctionBuilder: Sendable {
  /// What the function takes and gives.
  public let signature: FunctionSignature
  /// The function's name for people; null for none.
  public var name: [UInt8]?
  /// Names of registers for people, by number.
  public var registerNames: [UInt16: [UInt8]] = [:]
  /// Names of labels for people.
  public var labelNames: [Label: [UInt8]] = [:]
  /// The instructions so far; passes of `CodeOptimizer` replace them.
  public internal(set) var instructions: [Instruction] = []
  /// The instruction that each label stands before; null until it is placed.
  public internal(set) var labelPositions: [Int?] = []
  /// The targets of each `br_table`.
  public internal(set) var branchTables: [[Label]] = []
  /// How many registers the frame has; null: one more than the highest used.
  public var registerCount: UInt16?
  /// The first register of which calls may make a window; null: the lowest that a call uses.
  public var windowBase: UInt16?
  /// Whether an instruction that comes from the same place as the one before it needs no entry.
  public var mergesPlaces = false
  // Noted by `comeFrom`, for the next instruction.
  private var place: SourcePlace?
  /// The line of the text that instructions emitted from now on stand on; 0: there is none.
  public var textLine: UInt32 = 0
  /// The line of the text that the function begins on; 0: there is none.
  public var firstTextLine: UInt32 = 0
  /// One more than the highest register that was asked for or given out.
  public internal(set) var registersUsed: Int

  /// A function without code.
  public init(signature: FunctionSignature, name: String? = nil) {
    self.signature = signature
    self.name = name.map { Array($0.utf8) }
    registersUsed = max(signature.parameters.count, signature.results.count)
  }

  /// Whether a call takes the function's frame over, which a module's header must say.
  var makesTailCalls: Bool {
    let roles = OperandRoles.table
    for index in instructions.indices
    where roles[instructions[index].operation].flags.contains(.tail) {
      return true
    }
    return false
  }

  /// The register of parameter `index`.
  public func parameter(_ index: Int) -> Register {
    precondition(signature.parameters.indices.contains(index), "the function has this parameter")
    return Register(UInt16(index))
  }

  /// A register that was not given out yet; null when a frame holds no more.
  public mutating func makeRegister() -> Register? {
    guard registersUsed < BuilderLimits.registerCountMax else { return nil }
    defer { registersUsed += 1 }
    return Register(UInt16(registersUsed))
  }

  /// A label that `place` puts somewhere later.
  public mutating func makeLabel() -> Label {
    labelPositions.append(nil)
    return Label(index: UInt32(labelPositions.count - 1))
  }

  /// Puts `label` before the next instruction; a label stands in one place.
  public mutating func place(_ label: Label) {
    precondition(labelPositions[Int(label.index)] == nil, "a label is placed once")
    labelPositions[Int(label.index)] = instructions.count
  }

  /// Instructions emitted from now on come from this place in a source file.
  public mutating func comeFrom(_ place: SourcePlace) { self.place = place }

  /// Adds an instruction; operands in the order of its descriptor, which text has too.
  public mutating func emit(_ operation: Operation, _ operands: Operand...) {
    emit(operation, operands)
  }

  /// Adds an instruction; operands in the order of its descriptor, which text has too.
  public mutating func emit(_ operation: Operation, _ operands: [Operand]) {
    let form = OperationForm.of(operation)
    precondition(operation.base != .brTable, "emitBranchTable makes branch tables")
    precondition(
      operands.count == form.fields.count,
      "\(operation.name) takes \(form.fields.count) operands, not \(operands.count)")
    var instruction = Instruction(operation)
    for (operand, field) in zip(operands, form.fields) {
      precondition(
        operand.kind == field.kind,
        "\(operation.name): an operand is a \(field.kind), not a \(operand.kind)")
      instruction.append(operand.bits)
    }
    append(instruction)
  }

  /// Adds a `br_table`: to the target that `index` counts to, to the last one when it is beyond.
  public mutating func emitBranchTable(index: Register, targets: [Label]) {
    emitBranchTable(.brTable, index: index, targets: targets)
  }

  mutating func emitBranchTable(_ operation: Operation, index: Register, targets: [Label]) {
    precondition(!targets.isEmpty, "a branch table has the target for all other values")
    branchTables.append(targets)
    append(
      Instruction(operation, operands: [UInt64(index.number), UInt64(branchTables.count - 1)]))
  }

  /// Makes room for so many instructions.
  package mutating func reserveCapacity(_ count: Int) { instructions.reserveCapacity(count) }

  /// Adds an instruction whose operands are as their fields hold them.
  package mutating func append(_ instruction: Instruction) {
    var instruction = instruction
    instruction.textLine = textLine
    if place != nil {
      instruction.place = place
      place = nil
    }
    instructions.append(instruction)
  }
}
