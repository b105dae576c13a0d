// LoweredFunction.swift — a function over densely numbered virtual registers, ready for the passes.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Passes".

/// A function between translation and register layout; one for many functions.
///
/// Registers are dense: parameters and locals, values kept across loops, constants, and, last,
/// the stack's positions.
struct LoweredFunction: ~Copyable {
  var instructions: [LoweredInstruction] = []
  /// The targets of each `br_table`.
  var branchTables: [[LabelIndex]] = []
  private(set) var parameterCount = 0
  private(set) var resultCount = 0
  /// The first register that is no parameter's or local's.
  private(set) var keptBase: VirtualRegister = 0
  /// The first register that is a constant's.
  private(set) var constantBase: VirtualRegister = 0
  /// The first register that is a stack position's.
  private(set) var stackBase: VirtualRegister = 0
  private(set) var registerCount = 0
  /// The constants' values, from `constantBase` on.
  private(set) var constants: [ConstantValue] = []
  var labelCount: LabelIndex = 0

  // Rooms of the passes, each filled by the one that needs it.
  var blocks = BlockGraph()
  var liveness = Liveness()
  var live = RegisterSet()
  var copies = CopyTable()
  /// By label: where it is defined; -1 where it is not.
  var positions = FlatBuffer<Int32>()
  /// By position, and the end: the first instruction at or behind it that is no label.
  var landings = FlatBuffer<Int32>()
  /// By instruction, block or label.
  var marks = FlatBuffer<Bool>()
  var worklist = FlatBuffer<Int32>()

  /// None yet.
  init() {}

  /// Becomes the result of `translator`, its registers numbered densely.
  mutating func read(_ translator: consuming FunctionTranslator) {
    swap(&instructions, &translator.instructions)
    branchTables = translator.branchTables
    parameterCount = translator.type.parameters.count
    resultCount = translator.type.results.count
    labelCount = translator.labelCount
    keptBase = VirtualRegister(max(translator.localTypes.count, resultCount))
    constantBase = keptBase + translator.keptCount
    stackBase = constantBase + VirtualRegister(translator.constantValues.count)
    registerCount = Int(stackBase) + translator.stackCountMax
    constants = translator.constantValues
    let (keptBase, constantBase, stackBase) = (keptBase, constantBase, stackBase)
    rename { register in
      if register < RegisterRange.kept { return register }
      if register >= RegisterRange.stack { return register - RegisterRange.stack + stackBase }
      return register < RegisterRange.constants
        ? register - RegisterRange.kept + keptBase
        : register - RegisterRange.constants + constantBase
    }
  }

  /// A function from its parts, as tests make one: no constants, no stack below `stackBase`.
  init(
    _ instructions: [LoweredInstruction], parameterCount: Int, resultCount: Int,
    stackBase: VirtualRegister, registerCount: Int, labelCount: LabelIndex
  ) {
    self.instructions = instructions
    self.parameterCount = parameterCount
    self.resultCount = resultCount
    keptBase = stackBase
    constantBase = stackBase
    self.stackBase = stackBase
    self.registerCount = registerCount
    self.labelCount = labelCount
  }

  /// Gives every register another number.
  @inline(__always)
  private mutating func rename(_ number: (VirtualRegister) -> VirtualRegister) {
    for index in instructions.indices {
      var instruction = instructions[index]
      instruction.sources = instruction.sources.mapped(number)
      if let destination = instruction.destination { instruction.destination = number(destination) }
      if instruction.isCall || instruction.argumentCount > 0 {
        instruction.window = number(instruction.window)
      }
      instructions[index] = instruction
    }
  }

  func isConstant(_ register: VirtualRegister) -> Bool {
    register >= constantBase && register < stackBase
  }

  /// The constant that `register` stands for.
  func constant(_ register: VirtualRegister) -> ConstantValue {
    constants[Int(register - constantBase)]
  }

  /// Finds out where labels are defined.
  mutating func findPositions() {
    positions.fill(-1, count: Int(labelCount))
    for index in instructions.indices where instructions[index].kind == .label {
      positions[Int(instructions[index].target)] = Int32(index)
    }
  }

  /// Finds out where labels are defined, and where control goes on behind them.
  mutating func findLandings() {
    findPositions()
    var landing = Int32(instructions.count)
    landings.fill(landing, count: instructions.count + 1)
    for index in instructions.indices.reversed() {
      if instructions[index].kind != .label { landing = Int32(index) }
      landings[index] = landing
    }
  }

  mutating func makeLabel() -> LabelIndex {
    defer { labelCount += 1 }
    return labelCount
  }

  /// Runs every pass, cheap ones until nothing changes; of a function that is too large for what
  /// they need to know only `makeValid`.
  mutating func optimize() {
    guard !isTooLargeForLiveness() else { return makeValid() }
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
