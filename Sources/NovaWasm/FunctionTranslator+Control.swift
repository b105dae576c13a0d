// FunctionTranslator+Control.swift — blocks, branches, calls and what is unreachable behind them.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "From stack to registers".

extension FunctionTranslator {
  mutating func beginBlock(_ type: WasmFunctionType) {
    let height = stack.count - type.parameters.count
    keepStack(below: height)
    settleStack()
    frames.append(ControlFrame(kind: .block, end: makeLabel(), height: height, type: type))
  }

  mutating func beginLoop(_ type: WasmFunctionType) {
    let height = stack.count - type.parameters.count
    keepStack(below: height)
    var frame = ControlFrame(
      kind: .loop, end: makeLabel(), other: makeLabel(), height: height, type: type)
    for depth in height..<stack.count { frame.loopRegisters.append(keep(depth)) }
    emit(.label(frame.other))
    frames.append(frame)
  }

  mutating func beginConditional(_ type: WasmFunctionType) {
    let condition = pop()
    // The comparison stays the last instruction, so that the branch can take it in.
    let comparison = isLastResult(condition) ? instructions.popLast() : nil
    let height = stack.count - type.parameters.count
    keepStack(below: height)
    settleStack()
    if let comparison { instructions.append(comparison) }
    let otherwise = makeLabel()
    var frame = ControlFrame(
      kind: .conditional, end: makeLabel(), other: otherwise, height: height, type: type)
    frame.entryValues = Array(stack.suffix(type.parameters.count))
    branch(to: otherwise, when: false, condition)
    frames.append(frame)
  }

  mutating func beginAlternative() {
    let index = frames.count - 1
    if unreachableDepth == 0 {
      finishBody(of: frames[index])
      emit(.jump(to: frames[index].end))
    }
    unreachableDepth = 0
    emit(.label(frames[index].other))
    frames[index].kind = .alternative
    restoreEntryValues(of: frames[index])
  }

  private mutating func restoreEntryValues(of frame: ControlFrame) {
    truncateStack(to: frame.height)
    for value in frame.entryValues { push(value) }
  }

  /// Puts the block's results where its end expects them.
  private mutating func finishBody(of frame: ControlFrame) {
    for depth in frame.height..<stack.count {
      move(Popped(value: stack[depth], depth: depth), to: stackRegister(depth))
    }
  }

  mutating func endBlock() {
    let frame = frames.removeLast()
    if frame.kind == .function {
      if unreachableDepth == 0 { emitReturn() }
      return
    }
    if unreachableDepth == 0 { finishBody(of: frame) }
    if frame.kind == .conditional {
      // Without `else` the parameters are the results.
      if !frame.entryValues.isEmpty {
        if unreachableDepth == 0 { emit(.jump(to: frame.end)) }
        emit(.label(frame.other))
        restoreEntryValues(of: frame)
        finishBody(of: frame)
      } else {
        emit(.label(frame.other))
      }
    }
    unreachableDepth = 0
    emit(.label(frame.end))
    truncateStack(to: frame.height)
    for type in frame.type.results { push(StackValue(place: .stack, type: type)) }
  }

  /// Returns the stack's top; nothing is popped.
  mutating func emitReturn() {
    var instruction = LoweredInstruction(.return)
    read(type.results.count, by: &instruction)
    emit(instruction)
  }

  /// Lets an instruction read the stack's top values: few one by one, others in their positions.
  private mutating func read(
    _ count: Int, by instruction: inout LoweredInstruction, besides others: Int = 0
  ) {
    let first = stack.count - count
    if count + others <= SourceList.countMax {
      for depth in first..<stack.count {
        instruction.sources.append(register(Popped(value: stack[depth], depth: depth)))
      }
      return
    }
    for depth in first..<stack.count {
      move(Popped(value: stack[depth], depth: depth), to: stackRegister(depth))
    }
    instruction.window = stackRegister(first)
    instruction.argumentCount = Int32(count)
  }

  /// The frame that label `depth` names.
  func frame(at depth: UInt32) -> ControlFrame { frames[frames.count - 1 - Int(depth)] }

  /// Moves what a branch carries, and jumps or returns.
  mutating func jump(to frame: ControlFrame) {
    if frame.kind == .function { return emitReturn() }
    carry(to: frame)
    emit(.jump(to: frame.branchLabel))
  }

  private mutating func carry(to frame: ControlFrame) {
    let first = stack.count - frame.branchTypes.count
    var values = (first..<stack.count).map { Popped(value: stack[$0], depth: $0) }
    if frame.kind == .loop {
      // A loop's registers may be among the sources: then all values are moved aside first.
      let isRead = values.contains { value in
        guard case .register(let register) = value.value.place else { return false }
        return frame.loopRegisters.contains(register)
      }
      if isRead {
        for index in values.indices {
          move(values[index], to: stackRegister(values[index].depth))
          values[index].value.place = .stack
        }
      }
      for (value, register) in zip(values, frame.loopRegisters) { move(value, to: register) }
    } else {
      // Destinations lie at or below their sources' positions: ascending order overwrites nothing.
      for (index, value) in values.enumerated() {
        move(value, to: stackRegister(frame.height + index))
      }
    }
  }

  /// Whether a branch to `frame` needs no instruction but itself.
  private func carriesNothing(to frame: ControlFrame) -> Bool {
    let count = frame.branchTypes.count
    if count == 0 { return true }
    guard frame.kind != .function else { return false }
    let first = stack.count - count
    return (0..<count).allSatisfy { index in
      switch stack[first + index].place {
      case .stack: frame.kind != .loop && frame.height == first
      case .register(let register): frame.kind == .loop && frame.loopRegisters[index] == register
      case .constant: false
      }
    }
  }

  mutating func branchIf(_ label: UInt32) {
    let target = frame(at: label)
    let condition = pop()
    if carriesNothing(to: target) && target.kind != .function {
      return branch(to: target.branchLabel, when: true, condition)
    }
    let past = makeLabel()
    branch(to: past, when: false, condition)
    jump(to: target)
    emit(.label(past))
  }

  /// Branches when `condition` is not zero (or is zero), and takes its comparison in.
  mutating func branch(to label: LabelIndex, when sense: Bool, _ condition: Popped) {
    if let constant = condition.constant {
      if (constant.bits != 0) == sense { emit(.jump(to: label)) }
      return
    }
    var sense = sense
    var source = register(condition)
    while let last = instructions.last, last.kind == .operation, last.destination == source,
      source >= RegisterRange.stack
    {
      if last.operation == .i32Eqz {
        instructions.removeLast()
        sense.toggle()
        source = last.sources[0]
        continue
      }
      guard let branch = last.branch(to: label, when: sense) else { break }
      instructions.removeLast()
      return emit(branch)
    }
    emit(.branch(sense ? .i32Ne : .i32Eq, SourceList(source), 0, to: label))
  }

  mutating func branchTable(_ depths: [UInt32]) {
    let index = pop()
    var instruction = LoweredInstruction(.branchTable)
    instruction.sources = SourceList(register(index))
    // A target that needs moves gets a piece of code of its own behind the table.
    var pieces: [(label: LabelIndex, frame: ControlFrame)] = []
    var labels: [UInt32: LabelIndex] = [:]
    var targets: [LabelIndex] = []
    targets.reserveCapacity(depths.count)
    for depth in depths {
      if let label = labels[depth] {
        targets.append(label)
        continue
      }
      let target = frame(at: depth)
      let isDirect = target.kind != .function && carriesNothing(to: target)
      let label = isDirect ? target.branchLabel : makeLabel()
      if !isDirect { pieces.append((label, target)) }
      labels[depth] = label
      targets.append(label)
    }
    instruction.target = LabelIndex(branchTables.count)
    branchTables.append(targets)
    emit(instruction)
    for piece in pieces {
      emit(.label(piece.label))
      jump(to: piece.frame)
    }
    becomeUnreachable()
  }

  mutating func becomeUnreachable() {
    unreachableDepth = 1
    truncateStack(to: frames[frames.count - 1].height)
  }

  mutating func call(_ function: UInt32) {
    var instruction = LoweredInstruction(.call)
    instruction.callee = Int32(function)
    emitCall(instruction, module.functionType(Int(function)))
  }

  mutating func callIndirect(type: UInt32, table: UInt32) {
    let element = pop()
    var instruction = LoweredInstruction(.callIndirect)
    instruction.callee = Int32(type)
    instruction.table = Int32(table)
    instruction.sources = SourceList(register(element))
    emitCall(instruction, module.types[Int(type)])
  }

  mutating func tailCall(_ function: UInt32) {
    var instruction = LoweredInstruction(.tailCall)
    instruction.callee = Int32(function)
    emitTailCall(instruction, module.functionType(Int(function)), element: nil)
  }

  mutating func tailCallIndirect(type: UInt32, table: UInt32) {
    let element = pop()
    var instruction = LoweredInstruction(.tailCallIndirect)
    instruction.callee = Int32(type)
    instruction.table = Int32(table)
    emitTailCall(instruction, module.types[Int(type)], element: register(element))
  }

  private mutating func emitTailCall(
    _ call: LoweredInstruction, _ type: WasmFunctionType, element: VirtualRegister?
  ) {
    var call = call
    // The element's own position lies above those of the arguments.
    read(type.parameters.count, by: &call, besides: element == nil ? 0 : 1)
    if let element { call.sources.append(element) }
    emit(call)
    becomeUnreachable()
  }

  private mutating func emitCall(_ call: LoweredInstruction, _ type: WasmFunctionType) {
    var call = call
    let base = stack.count - type.parameters.count
    for depth in base..<stack.count {
      move(Popped(value: stack[depth], depth: depth), to: stackRegister(depth))
    }
    truncateStack(to: base)
    call.window = stackRegister(base)
    call.argumentCount = Int32(type.parameters.count)
    call.resultCount = Int32(type.results.count)
    emit(call)
    for result in type.results { push(StackValue(place: .stack, type: result)) }
    // Also a window of nothing begins at a position.
    stackCountMax = max(stackCountMax, base + 1)
  }
}

extension LoweredInstruction {
  /// The branch that a comparison becomes; nil where it is none.
  func branch(to label: LabelIndex, when sense: Bool) -> LoweredInstruction? {
    var (condition, sources, immediate) = (operation, sources, immediate)
    if operation.traits.isEqualZero {
      (condition, immediate) = (operation == .i32Eqz ? .i32Eq : .i64Eq, 0)
    } else if !operation.traits.isComparison {
      return nil
    }
    if condition.isGreaterFloat {
      sources = SourceList(sources[1], sources[0])
      condition = condition.exchanged
    }
    return .branch(sense ? condition : condition.negated, sources, immediate, to: label)
  }
}
