// LoweredFunction.swift — a function over densely numbered virtual registers, ready for the passes.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".

/// A function between translation and register layout.
///
/// Registers are dense: parameters and locals, values kept across loops, constants, and, last,
/// the stack's positions.
struct LoweredFunction {
  var instructions: [LoweredInstruction]
  /// The targets of each `br_table`.
  var branchTables: [[LabelIndex]]
  let parameterCount: Int
  let resultCount: Int
  /// The first register that is no parameter's or local's.
  let keptBase: VirtualRegister
  /// The first register that is a constant's.
  let constantBase: VirtualRegister
  /// The first register that is a stack position's.
  let stackBase: VirtualRegister
  let registerCount: Int
  /// The constants' values, from `constantBase` on.
  let constants: [ConstantValue]
  var labelCount: LabelIndex

  /// The result of `translator`, its registers numbered densely.
  init(_ translator: FunctionTranslator) {
    instructions = translator.instructions
    branchTables = translator.branchTables
    parameterCount = translator.type.parameters.count
    resultCount = translator.type.results.count
    labelCount = translator.labelCount
    keptBase = VirtualRegister(max(translator.localTypes.count, resultCount))
    constantBase = keptBase + translator.keptCount
    stackBase = constantBase + VirtualRegister(translator.constants.count)
    registerCount = Int(stackBase) + translator.stackCountMax
    constants = translator.constants.sorted { $0.value < $1.value }.map(\.key)
    let (keptBase, constantBase, stackBase) = (keptBase, constantBase, stackBase)
    rename { register in
      switch register {
      case ..<RegisterRange.kept: register
      case ..<RegisterRange.constants: register - RegisterRange.kept + keptBase
      case ..<RegisterRange.stack: register - RegisterRange.constants + constantBase
      default: register - RegisterRange.stack + stackBase
      }
    }
  }

  /// A function from its parts, as tests make one: no constants, no stack below `stackBase`.
  init(
    _ instructions: [LoweredInstruction], parameterCount: Int, resultCount: Int,
    stackBase: VirtualRegister, registerCount: Int, labelCount: LabelIndex
  ) {
    self.instructions = instructions
    branchTables = []
    self.parameterCount = parameterCount
    self.resultCount = resultCount
    keptBase = stackBase
    constantBase = stackBase
    self.stackBase = stackBase
    self.registerCount = registerCount
    self.labelCount = labelCount
    constants = []
  }

  /// Gives every register another number.
  mutating func rename(_ number: (VirtualRegister) -> VirtualRegister) {
    for index in instructions.indices {
      instructions[index].sources = instructions[index].sources.mapped(number)
      instructions[index].destination = instructions[index].destination.map(number)
      if instructions[index].isCall || instructions[index].argumentCount > 0 {
        instructions[index].window = number(instructions[index].window)
      }
    }
  }

  func isConstant(_ register: VirtualRegister) -> Bool {
    register >= constantBase && register < stackBase
  }

  /// The constant that `register` stands for.
  func constant(_ register: VirtualRegister) -> ConstantValue {
    constants[Int(register - constantBase)]
  }

  /// Where each label is defined; -1 where it is not.
  func labelPositions() -> [Int] {
    var positions = [Int](repeating: -1, count: Int(labelCount))
    for (index, instruction) in instructions.enumerated() where instruction.kind == .label {
      positions[Int(instruction.target)] = index
    }
    return positions
  }

  mutating func makeLabel() -> LabelIndex {
    defer { labelCount += 1 }
    return labelCount
  }

  /// Runs every pass, cheap ones until nothing changes; of a function that is too large for what
  /// they need to know only `makeValid`.
  mutating func optimize() {
    guard !isTooLargeForLiveness else { return makeValid() }
    simplifyRepeatedly()
    if invertLoops() { simplifyRepeatedly() }
    placeConstants()
  }

  /// Runs the cheap passes until the jumps and the copies stay as they are.
  private mutating func simplifyRepeatedly() {
    for round in 0..<Self.roundCountMax {
      let isSimpler = simplifyControlFlow()
      let isChanged = propagateCopies() || isSimpler
      let isTidied = (isChanged || round == 0) && tidy()
      guard isChanged || isTidied else { return }
    }
  }

  /// Runs only what a module needs to be valid: no unreachable code, constants in registers.
  mutating func makeValid() {
    _ = simplifyControlFlow()
    placeConstants()
  }

  /// Rounds of the repeated passes; each must change something for the next to run.
  static let roundCountMax = 12
}
