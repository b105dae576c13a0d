// RegisterLayout.swift — gives virtual registers their places in the frame.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md, "Frame".

/// Where a function's registers lie: parameters; locals that begin as zero; other locals, values
/// kept across loops and constants; then the stack's positions, of which calls make their windows.
///
/// What is live at a loop's beginning or during a call lies below the window, as the verifier wants
/// it: stack positions never are live at a loop's beginning, and during a call only those below its
/// window are.
struct RegisterLayout {
  /// The frame's register for each virtual one; -1 where it is unused.
  private(set) var numbers: [Int]
  /// The locals that are read before they are written: they begin as zero.
  private(set) var zeroed: Range<Int>
  /// The first stack position.
  let windowBase: Int
  let registerCount: Int

  init(_ function: LoweredFunction) {
    var used = RegisterSet(count: function.registerCount)
    var stackEnd = function.stackBase
    for instruction in function.instructions {
      func note(_ register: VirtualRegister) {
        used[register] = true
        if register >= function.stackBase { stackEnd = max(stackEnd, register + 1) }
      }
      instruction.forEachRead(note)
      instruction.forEachWrite(note)
      if instruction.isCall { stackEnd = max(stackEnd, instruction.window + 1) }
    }
    // Where it would take too long to know better, all that is used begins as zero.
    let entry =
      function.isTooLargeForLiveness ? used : function.liveness(of: BlockGraph(function)).entry
    assert(
      function.isTooLargeForLiveness || !entry.hasMember(from: function.keptBase),
      "only locals are read before anything is written to them")
    numbers = [Int](repeating: -1, count: function.registerCount)
    for parameter in 0..<function.parameterCount { numbers[parameter] = parameter }
    var next = function.parameterCount
    let others = VirtualRegister(next)..<function.stackBase
    for register in others where entry[register] {
      numbers[Int(register)] = next
      next += 1
    }
    zeroed = function.parameterCount..<next
    for register in others where used[register] && !entry[register] {
      numbers[Int(register)] = next
      next += 1
    }
    // Results leave in the first registers.
    next = max(next, function.resultCount)
    windowBase = next
    for register in function.stackBase..<VirtualRegister(function.registerCount) {
      numbers[Int(register)] = next + Int(register - function.stackBase)
    }
    registerCount = max(1, next + Int(stackEnd - function.stackBase))
  }

  subscript(_ register: VirtualRegister) -> Int { numbers[Int(register)] }
}
