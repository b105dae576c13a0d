// FunctionTranslator.swift — turns a function's stack code into operations over registers.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "From stack to registers".

/// A value on the operand stack that no instruction has to have made yet.
struct StackValue: Equatable {
  enum Place: Equatable {
    /// In a register that is no stack position: a local, or a value kept across a loop.
    case register(VirtualRegister)
    /// In the register of its own stack position.
    case stack
    case constant(Int64)
  }

  var place: Place
  var type: WasmValueType
}

/// A block, loop, conditional or the function itself.
struct ControlFrame {
  enum Kind { case function, block, loop, conditional, alternative }

  var kind: Kind
  var end: LabelIndex
  /// A loop's beginning or a conditional's `else`.
  var other: LabelIndex = -1
  /// Values on the stack below the block's own.
  var height: Int
  var type: WasmFunctionType
  /// A loop's parameters.
  var loopRegisters: [VirtualRegister] = []
  /// A conditional's parameters, for its `else`.
  var entryValues: [StackValue] = []

  /// What a branch to the frame carries.
  var branchTypes: [WasmValueType] { kind == .loop ? type.parameters : type.results }
  var branchLabel: LabelIndex { kind == .loop ? other : end }
}

/// Translates one function, whose instructions the validator has checked.
struct FunctionTranslator {
  let module: WasmModule
  let type: WasmFunctionType
  let localTypes: [WasmValueType]

  var instructions: [LoweredInstruction]
  /// The targets of each `br_table`.
  var branchTables: [[LabelIndex]] = []
  private(set) var stack: [StackValue] = []
  var frames: [ControlFrame] = []
  /// How many blocks deep unreachable code is nested; 0 in reachable code.
  var unreachableDepth = 0
  /// Constants that have a register, in the registers' order.
  private(set) var constantValues: [ConstantValue] = []
  // Of constants that are many, which register each has.
  private var constants: [ConstantValue: VirtualRegister] = [:]
  var keptCount: VirtualRegister = 0
  var labelCount: LabelIndex = 0
  /// The byte of the file at which the instruction stands that is translated.
  var offset: UInt32 = 0
  var stackCountMax = 0
  /// Below, no value stands for a local; below `keptHeight`, none lies in its own position either.
  private var settledHeight = 0
  private var keptHeight = 0
  // Depths at which a value stood for each local since it was set; some do no more. By local the
  // first and the last of its depths, -1 for none; by depth the next of the same local.
  private var depthLists: [(first: Int32, last: Int32)]
  private var depths: [(depth: Int32, next: Int32)] = []

  /// - Parameters:
  ///   - module: what the function is of.
  ///   - type: its type.
  ///   - localTypes: the types of its parameters and locals.
  ///   - room: its instructions come there.
  init(
    _ module: WasmModule, type: WasmFunctionType, localTypes: [WasmValueType],
    in room: consuming [LoweredInstruction]
  ) {
    room.removeAll(keepingCapacity: true)
    instructions = room
    self.module = module
    self.type = type
    self.localTypes = localTypes
    depthLists = Array(repeating: (-1, -1), count: localTypes.count)
    frames.append(
      ControlFrame(
        kind: .function, end: makeLabel(), height: 0,
        type: WasmFunctionType(parameters: [], results: type.results)))
  }

  // MARK: Emitting

  mutating func makeLabel() -> LabelIndex {
    defer { labelCount += 1 }
    return labelCount
  }

  mutating func makeKept() -> VirtualRegister {
    defer { keptCount += 1 }
    return RegisterRange.kept + keptCount
  }

  mutating func emit(_ instruction: LoweredInstruction) {
    var instruction = instruction
    instruction.offset = offset
    instructions.append(instruction)
  }

  /// The register of stack position `depth`.
  func stackRegister(_ depth: Int) -> VirtualRegister {
    RegisterRange.stack + VirtualRegister(depth)
  }

  mutating func push(_ value: StackValue) {
    if case .register(let register) = value.place, register < RegisterRange.kept {
      noteDepth(of: Int(register))
    }
    stack.append(value)
    stackCountMax = max(stackCountMax, stack.count)
  }

  /// Notes that the value that is pushed next stands for a local.
  private mutating func noteDepth(of local: Int) {
    let number = Int32(depths.count)
    depths.append((Int32(stack.count), -1))
    let last = depthLists[local].last
    if last < 0 { depthLists[local].first = number } else { depths[Int(last)].next = number }
    depthLists[local].last = number
  }

  mutating func pushConstant(_ bits: Int64, _ type: WasmValueType) {
    push(StackValue(place: .constant(bits), type: type))
  }

  /// Pushes a value that the next instruction computes; its register.
  mutating func pushComputed(_ type: WasmValueType) -> VirtualRegister {
    push(StackValue(place: .stack, type: type))
    return stackRegister(stack.count - 1)
  }

  /// A popped value with the position that it had.
  struct Popped {
    var value: StackValue
    var depth: Int

    var constant: ConstantValue? {
      guard case .constant(let bits) = value.place else { return nil }
      return ConstantValue(type: value.type, bits: bits)
    }
  }

  mutating func pop() -> Popped {
    let value = stack.removeLast()
    settledHeight = min(settledHeight, stack.count)
    keptHeight = min(keptHeight, stack.count)
    return Popped(value: value, depth: stack.count)
  }

  /// Forgets all values from position `height` on.
  mutating func truncateStack(to height: Int) {
    stack.removeLast(stack.count - height)
    settledHeight = min(settledHeight, height)
    keptHeight = min(keptHeight, height)
  }

  /// The register that holds a popped value; a constant gets one.
  mutating func register(_ popped: Popped) -> VirtualRegister {
    switch popped.value.place {
    case .register(let register): return register
    case .stack: return stackRegister(popped.depth)
    case .constant(let bits):
      return constantRegister(ConstantValue(type: popped.value.type, bits: bits))
    }
  }

  mutating func constantRegister(_ constant: ConstantValue) -> VirtualRegister {
    if let register = knownRegister(constant) { return register }
    let register = RegisterRange.constants + VirtualRegister(constantValues.count)
    constantValues.append(constant)
    if constantValues.count > Self.listedConstantCountMax {
      if constants.isEmpty {
        for (number, value) in constantValues.enumerated() {
          constants[value] = RegisterRange.constants + VirtualRegister(number)
        }
      } else {
        constants[constant] = register
      }
    }
    return register
  }

  /// Constants that are looked through one by one, at most.
  private static let listedConstantCountMax = 16

  private func knownRegister(_ constant: ConstantValue) -> VirtualRegister? {
    guard constants.isEmpty else { return constants[constant] }
    for number in constantValues.indices
    where constantValues[number].bits == constant.bits
      && constantValues[number].type == constant.type
    {
      return RegisterRange.constants + VirtualRegister(number)
    }
    return nil
  }

  mutating func move(_ value: Popped, to destination: VirtualRegister) {
    if let constant = value.constant {
      emit(.constant(destination, constant))
    } else {
      let source = register(value)
      if source != destination {
        emit(.move(destination, source, isFloat: value.value.type.isFloat))
      }
    }
  }

  /// Puts stack values that lie in locals into their own positions, since locals may change.
  mutating func settleStack() {
    for depth in settledHeight..<stack.count {
      if case .register(let local) = stack[depth].place, local < RegisterRange.kept {
        emit(.move(stackRegister(depth), local, isFloat: stack[depth].type.isFloat))
        stack[depth].place = .stack
      }
    }
    settledHeight = stack.count
  }

  /// Gives the stack values below `count` a register that outlives a loop's beginning.
  ///
  /// It happens in front of every block, because a loop may be inside of it that not all paths to
  /// the block's end go through: they must agree on where the values are.
  mutating func keepStack(below count: Int) {
    for depth in min(keptHeight, count)..<count {
      switch stack[depth].place {
      case .constant: continue
      case .register(let register) where register >= RegisterRange.kept: continue
      case .register, .stack: keep(depth)
      }
    }
    keptHeight = max(keptHeight, count)
    settledHeight = max(settledHeight, count)
  }

  /// Gives the stack value at `depth` a register that outlives a loop's beginning; which.
  @discardableResult
  mutating func keep(_ depth: Int) -> VirtualRegister {
    let kept = makeKept()
    move(Popped(value: stack[depth], depth: depth), to: kept)
    stack[depth].place = .register(kept)
    return kept
  }

  /// Whether the last instruction made `popped`'s value and could make it elsewhere.
  func isLastResult(_ popped: Popped) -> Bool {
    guard popped.value.place == .stack, let last = instructions.last else { return false }
    return last.destination == stackRegister(popped.depth) && !last.isCall
  }

  mutating func setLocal(_ index: Int, _ popped: Popped) {
    let local = VirtualRegister(index)
    // Values that still stand for the local's old content move to their own positions, before the
    // instruction that makes the new content.
    let result = isLastResult(popped) ? instructions.popLast() : nil
    var number = depthLists[index].first
    while number >= 0 {
      let depth = Int(depths[Int(number)].depth)
      number = depths[Int(number)].next
      if depth < stack.count, stack[depth].place == .register(local) {
        instructions.append(
          .move(stackRegister(depth), local, isFloat: stack[depth].type.isFloat))
        stack[depth].place = .stack
      }
    }
    depthLists[index] = (-1, -1)
    if var result {
      result.destination = local
      instructions.append(result)
    } else {
      move(popped, to: local)
    }
  }
}
