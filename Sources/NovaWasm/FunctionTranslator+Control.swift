// FunctionTranslator+Control.swift — blocks, branches, calls and what is unreachable behind them.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "From stack to registers".

extension FunctionTranslator {
  /// A block's type: none, a value type, or a function type's number.
  mutating func blockType() throws(WasmError) -> WasmFunctionType {
    let start = reader.position
    let index = try reader.signed(width: 33)
    if index == -64 { return WasmFunctionType(parameters: [], results: []) }
    if index < 0 {
      reader.position = start
      let result = try WasmModule.valueType(&reader)
      return WasmFunctionType(parameters: [], results: [result])
    }
    let number = UInt32(truncatingIfNeeded: index)
    try WasmModule.check(number, of: .type, count: module.types.count, offset: start)
    return module.types[Int(number)]
  }

  /// Throws unless the stack's top has `types`; nothing is popped.
  func expect(_ types: [WasmValueType]) throws(WasmError) {
    guard stack.count - (frames.last?.height ?? 0) >= types.count else {
      throw .stackUnderflow(function: function, offset: offset)
    }
    for (value, expected) in zip(stack.suffix(types.count), types) where value.type != expected {
      throw .typeMismatch(
        function: function, offset: offset, expected: expected, found: value.type)
    }
  }

  mutating func beginBlock() throws(WasmError) {
    let type = try blockType()
    try expect(type.parameters)
    settle(below: stack.count)
    frames.append(
      ControlFrame(
        kind: .block, end: makeLabel(), height: stack.count - type.parameters.count, type: type))
  }

  mutating func beginLoop() throws(WasmError) {
    let type = try blockType()
    try expect(type.parameters)
    let height = stack.count - type.parameters.count
    keep(below: height)
    var frame = ControlFrame(
      kind: .loop, end: makeLabel(), other: makeLabel(), height: height, type: type)
    for depth in height..<stack.count {
      let kept = makeKept()
      move(Popped(value: stack[depth], depth: depth), to: kept)
      stack[depth].place = .register(kept)
      frame.loopRegisters.append(kept)
    }
    emit(.label(frame.other))
    frames.append(frame)
  }

  mutating func beginConditional() throws(WasmError) {
    let type = try blockType()
    let condition = try pop(.i32)
    try expect(type.parameters)
    // The comparison stays the last instruction, so that the branch can take it in.
    let comparison = isLastResult(condition) ? instructions.popLast() : nil
    settle(below: stack.count)
    if let comparison { instructions.append(comparison) }
    let otherwise = makeLabel()
    let height = stack.count - type.parameters.count
    var frame = ControlFrame(
      kind: .conditional, end: makeLabel(), other: otherwise, height: height, type: type)
    frame.entryValues = Array(stack.suffix(type.parameters.count))
    branch(to: otherwise, when: false, condition)
    frames.append(frame)
  }

  mutating func beginAlternative() throws(WasmError) {
    guard var frame = frames.last, frame.kind == .conditional else {
      throw .malformedControl(function: function, offset: offset)
    }
    if unreachableDepth == 0 {
      try finishBody(of: frame)
      emit(.jump(to: frame.end))
    }
    unreachableDepth = 0
    emit(.label(frame.other))
    frame.kind = .alternative
    stack.removeSubrange(frame.height...)
    stack.append(contentsOf: frame.entryValues)
    frames[frames.count - 1] = frame
  }

  /// Checks that exactly the block's results are left, and puts them where its end expects them.
  private mutating func finishBody(of frame: ControlFrame) throws(WasmError) {
    try expect(frame.type.results)
    guard stack.count == frame.height + frame.type.results.count else {
      throw .stackOverflow(function: function, offset: offset)
    }
    for depth in frame.height..<stack.count {
      move(Popped(value: stack[depth], depth: depth), to: stackRegister(depth))
    }
  }

  mutating func endBlock() throws(WasmError) {
    let frame = frames[frames.count - 1]
    if frame.kind == .function { return try endFunction(frame) }
    if unreachableDepth == 0 { try finishBody(of: frame) }
    if frame.kind == .conditional {
      guard frame.type.parameters == frame.type.results else {
        throw .malformedControl(function: function, offset: offset)
      }
      // Without `else` the parameters are the results.
      if !frame.entryValues.isEmpty {
        if unreachableDepth == 0 { emit(.jump(to: frame.end)) }
        emit(.label(frame.other))
        stack.removeSubrange(frame.height...)
        stack.append(contentsOf: frame.entryValues)
        try finishBody(of: frame)
      } else {
        emit(.label(frame.other))
      }
    }
    unreachableDepth = 0
    emit(.label(frame.end))
    stack.removeSubrange(frame.height...)
    for type in frame.type.results { push(StackValue(place: .stack, type: type)) }
    frames.removeLast()
  }

  private mutating func endFunction(_ frame: ControlFrame) throws(WasmError) {
    if unreachableDepth == 0 {
      try expect(frame.type.results)
      guard stack.count == frame.type.results.count else {
        throw .stackOverflow(function: function, offset: offset)
      }
      emitReturn()
    }
    frames.removeLast()
  }

  /// Returns the stack's top; nothing is popped.
  mutating func emitReturn() {
    var instruction = LoweredInstruction(.return)
    let first = stack.count - type.results.count
    for depth in first..<stack.count {
      instruction.sources.append(register(Popped(value: stack[depth], depth: depth)))
    }
    emit(instruction)
  }

  /// The frame that label `depth` names.
  func frame(at depth: UInt32) throws(WasmError) -> ControlFrame {
    try WasmModule.check(depth, of: .label, count: frames.count, offset: offset)
    return frames[frames.count - 1 - Int(depth)]
  }

  /// Moves what a branch carries, and jumps or returns.
  mutating func jump(to frame: ControlFrame) throws(WasmError) {
    try expect(frame.branchTypes)
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

  mutating func branchIf() throws(WasmError) {
    let target = try frame(at: try reader.unsigned32())
    let condition = try pop(.i32)
    try expect(target.branchTypes)
    if carriesNothing(to: target) && target.kind != .function {
      return branch(to: target.branchLabel, when: true, condition)
    }
    let past = makeLabel()
    branch(to: past, when: false, condition)
    try jump(to: target)
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
      if last.name == "i32.eqz" {
        instructions.removeLast()
        sense.toggle()
        source = last.sources[0]
        continue
      }
      guard let comparison = Comparison(last) else { break }
      instructions.removeLast()
      return emit(comparison.branch(to: label, when: sense))
    }
    emit(.branch(sense ? "i32.ne" : "i32.eq", [source], 0, to: label))
  }

  mutating func branchTable() throws(WasmError) {
    var depths: [UInt32] = []
    for _ in 0...(try reader.count()) { depths.append(try reader.unsigned32()) }
    let index = try pop(.i32)
    var instruction = LoweredInstruction(.branchTable)
    instruction.sources = [register(index)]
    // A target that needs moves gets a piece of code of its own behind the table.
    var pieces: [(label: LabelIndex, frame: ControlFrame)] = []
    var labels: [UInt32: LabelIndex] = [:]
    for depth in depths {
      let target = try frame(at: depth)
      try expect(target.branchTypes)
      if target.kind != .function && carriesNothing(to: target) {
        labels[depth] = target.branchLabel
      } else if labels[depth] == nil {
        let label = makeLabel()
        labels[depth] = label
        pieces.append((label, target))
      }
      instruction.targets.append(labels[depth, default: -1])
    }
    emit(instruction)
    for piece in pieces {
      emit(.label(piece.label))
      try jump(to: piece.frame)
    }
    becomeUnreachable()
  }

  mutating func becomeUnreachable() {
    unreachableDepth = 1
    stack.removeSubrange((frames.last?.height ?? 0)...)
  }

  mutating func call(_ index: UInt32) throws(WasmError) {
    try WasmModule.check(
      index, of: .function, count: module.functionTypes.count, offset: offset)
    var instruction = LoweredInstruction(.call)
    instruction.callee = Int(index)
    try emitCall(instruction, module.functionType(Int(index)))
  }

  mutating func callIndirect() throws(WasmError) {
    let typeIndex = try reader.unsigned32()
    let table = try reader.unsigned32()
    try WasmModule.check(typeIndex, of: .type, count: module.types.count, offset: offset)
    try WasmModule.check(table, of: .table, count: module.tables.count, offset: offset)
    let element = try pop(.i32)
    var instruction = LoweredInstruction(.callIndirect)
    instruction.callee = Int(typeIndex)
    instruction.table = Int(table)
    instruction.sources = [register(element)]
    try emitCall(instruction, module.types[Int(typeIndex)])
  }

  private mutating func emitCall(
    _ call: LoweredInstruction, _ type: WasmFunctionType
  ) throws(WasmError) {
    var call = call
    try expect(type.parameters)
    let base = stack.count - type.parameters.count
    for depth in base..<stack.count {
      move(Popped(value: stack[depth], depth: depth), to: stackRegister(depth))
    }
    stack.removeSubrange(base...)
    call.window = stackRegister(base)
    call.argumentCount = type.parameters.count
    call.resultCount = type.results.count
    emit(call)
    for result in type.results { push(StackValue(place: .stack, type: result)) }
    stackCountMax = max(stackCountMax, base + type.parameters.count)
  }
}

/// A comparison that a branch takes in.
struct Comparison {
  let type: String
  let condition: String
  let sources: [VirtualRegister]
  let immediate: Int64?

  /// The comparison that `instruction` is, if it is one.
  init?(_ instruction: LoweredInstruction) {
    let name = instruction.name
    guard let dot = name.firstIndex(of: ".") else { return nil }
    let condition = String(name[name.index(after: dot)...])
    type = String(name[..<dot])
    sources = instruction.sources
    if condition == "eqz" {
      self.condition = "eq"
      immediate = 0
    } else {
      let conditions =
        name.hasPrefix("i") ? OperatorTable.integerConditions : OperatorTable.floatConditions
      guard conditions.contains(condition) else { return nil }
      self.condition = condition
      immediate = instruction.immediate
    }
  }

  func branch(to label: LabelIndex, when sense: Bool) -> LoweredInstruction {
    var condition = condition
    var sources = sources
    if type.hasPrefix("f") && (condition == "gt" || condition == "ge") {
      sources.reverse()
      condition = OperatorTable.exchanged(condition)
    }
    if !sense { condition = OperatorTable.negated(condition) }
    return .branch("\(type).\(condition)", sources, immediate, to: label)
  }
}
