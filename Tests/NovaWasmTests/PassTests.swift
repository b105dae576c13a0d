// PassTests.swift — each pass of the lowering on a few instructions.

import Testing

@testable import NovaWasm

@Suite struct PassTests {
  /// Two parameters, locals to 7, stack positions from 8 on; one result.
  private func function(_ instructions: [LoweredInstruction]) -> LoweredFunction {
    LoweredFunction(
      instructions, parameterCount: 2, resultCount: 1, stackBase: 8, registerCount: 16,
      labelCount: 4)
  }

  private func returning(_ register: VirtualRegister) -> LoweredInstruction {
    var instruction = LoweredInstruction(.return)
    instruction.sources = [register]
    return instruction
  }

  /// What matters of instructions, as text.
  private func text(_ function: borrowing LoweredFunction) -> [String] {
    function.instructions.map { instruction in
      var text = instruction.name.isEmpty ? "\(instruction.kind)" : instruction.name
      if let destination = instruction.destination { text += " \(destination) <-" }
      for source in instruction.sources { text += " \(source)" }
      if let immediate = instruction.immediate { text += " #\(immediate)" }
      if instruction.target >= 0 { text += " @\(instruction.target)" }
      return text
    }
  }

  @Test func `a copy's reader reads the original`() {
    var function = function([
      .move(8, 0), .operation("i32.add", 9, [8, 1]), returning(9),
    ])
    let propagateCopiesChanged = function.propagateCopies()
    #expect(propagateCopiesChanged)
    let removeDeadCodeChanged = function.removeDeadCode()
    #expect(removeDeadCodeChanged)
    let found = text(function)
    #expect(found == ["i32.add 9 <- 0 1", "return 9"])
  }

  @Test func `a copy does not outlive its original`() {
    var function = function([
      .move(8, 0), .operation("i32.add", 0, [0, 1]), .operation("i32.add", 9, [8, 0]),
      returning(9),
    ])
    let propagateCopiesChanged = function.propagateCopies()
    #expect(!propagateCopiesChanged)
  }

  @Test func `a result is made where it is copied to`() {
    var function = function([
      .operation("i32.mul", 8, [0, 1]), .operation("i32.add", 9, [8, 0]), .move(2, 8),
      .operation("i32.add", 3, [9, 2]), returning(3),
    ])
    let coalesceCopiesChanged = function.coalesceCopies()
    #expect(coalesceCopiesChanged)
    let found = text(function)
    #expect(
      found == [
        "i32.mul 2 <- 0 1", "i32.add 9 <- 2 0", "i32.add 3 <- 9 2", "return 3",
      ])
  }

  @Test func `a result is not made in a register that is read in between`() {
    var function = function([
      .operation("i32.mul", 8, [0, 1]), .operation("i32.add", 9, [2, 0]), .move(2, 8),
      .operation("i32.add", 3, [9, 2]), returning(3),
    ])
    let coalesceCopiesChanged = function.coalesceCopies()
    #expect(!coalesceCopiesChanged)
  }

  @Test func `a trapping operation stays although nobody reads its result`() {
    var function = function([
      .operation("i32.div_s", 8, [0, 1]), .operation("i32.add", 9, [0, 1]), returning(0),
    ])
    let removeDeadCodeChanged = function.removeDeadCode()
    #expect(removeDeadCodeChanged)
    let found = text(function)
    #expect(found == ["i32.div_s 8 <- 0 1", "return 0"])
  }

  @Test func `branches over jumps are turned around, and jumps to jumps threaded`() {
    var function = function([
      .branch("i32.lt_s", [0, 1], nil, to: 0), .jump(to: 1), .label(0),
      .operation("i32.add", 0, [0, 1]), .label(1), .jump(to: 2), .label(3), returning(1),
      .label(2), .operation("i32.mul", 0, [0, 0]), returning(0),
    ])
    while function.simplifyControlFlow() {}
    let found = text(function)
    #expect(
      found == [
        "i32.ge_s 0 1 @2", "i32.add 0 <- 0 1", "label @2", "i32.mul 0 <- 0 0", "return 0",
      ])
  }

  @Test func `a loop that only itself leads to goes`() {
    var function = function([
      returning(0), .label(0), .operation("i32.add", 2, [2, 1]),
      .branch("i32.ne", [2], 0, to: 0), returning(2),
    ])
    let isChanged = function.simplifyControlFlow()
    #expect(isChanged)
    let found = text(function)
    #expect(found == ["return 0"])
  }

  @Test func `a loop's test is repeated at its end`() {
    var function = function([
      .label(0), .branch("i32.ge_s", [0, 1], nil, to: 1), .operation("i32.add", 0, [0, 0]),
      .jump(to: 0), .label(1), returning(0),
    ])
    function.invertLoops()
    while function.simplifyControlFlow() {}
    let found = text(function)
    #expect(
      found == [
        "i32.ge_s 0 1 @1", "label @4", "i32.add 0 <- 0 0", "i32.lt_s 0 1 @4", "return 0",
        "label @1", "return 0",
      ])
  }

  @Test func `a branch back to a return makes no loop of what is between`() {
    var function = function([
      .branch("i32.ne", [0, 1], nil, to: 1), .label(0), returning(2), .label(1),
      .operation("i32.add", 0, [0, 0]), .branch("i32.eq", [0, 1], nil, to: 0), .jump(to: 1),
    ])
    let loops = function.outermostLoops()
    #expect(loops == [3..<7])
  }

  @Test func `moves that happen at once go round in a cycle`() {
    let moves = ParallelMove([(from: 1, to: 0), (from: 0, to: 1), (from: 1, to: 2)], scratch: 9)
    var registers = [10, 11, 12, 0, 0, 0, 0, 0, 0, 0]
    for step in moves.steps { registers[step.to] = registers[step.from] }
    #expect(Array(registers[0...2]) == [11, 10, 11])
  }

  @Test func `a copy of what a call takes away is no copy any more`() {
    var call = LoweredInstruction(.call)
    (call.window, call.resultCount) = (9, 1)
    var function = function([
      .move(2, 10), call, .operation("i32.add", 3, [2, 9]), returning(3),
    ])
    let changed = function.propagateCopies()
    #expect(!changed)
  }

  @Test func `moves that only copy go in one walk with the code that is dead`() {
    // 8 is made, copied to 2 and dead; 9 is made for nobody.
    var function = function([
      .operation("i32.mul", 8, [0, 1]), .operation("i32.add", 9, [8, 0]), .move(2, 8),
      .operation("i32.sub", 3, [2, 1]), returning(3),
    ])
    let changed = function.tidy()
    #expect(changed)
    let found = text(function)
    #expect(found == ["i32.mul 2 <- 0 1", "i32.sub 3 <- 2 1", "return 3"])
  }

  @Test func `a result is not made elsewhere when its window would take it away`() {
    var call = LoweredInstruction(.call)
    (call.window, call.argumentCount, call.resultCount) = (8, 1, 1)
    var function = function([
      .operation("i32.mul", 2, [0, 1]), .move(8, 0), call, .move(9, 2),
      .operation("i32.add", 3, [8, 9]), returning(3),
    ])
    let changed = function.coalesceCopies()
    #expect(!changed)
  }

  @Test func `unreachable code goes at once, however long the chain of it`() {
    // Each piece is reached from the one before alone, and the first from nowhere.
    var instructions = [returning(0)]
    for label in 0..<40 {
      instructions += [.label(LabelIndex(label)), .operation("i32.add", 0, [0, 1])]
      instructions.append(.jump(to: LabelIndex(label == 39 ? 0 : label + 1)))
    }
    var function = LoweredFunction(
      instructions, parameterCount: 2, resultCount: 1, stackBase: 8, registerCount: 16,
      labelCount: 40)
    function.makeValid()
    let found = text(function)
    #expect(found == ["return 0"])
  }
}
