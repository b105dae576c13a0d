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
  let zeroed: Range<Int>
  /// The first stack position.
  let windowBase: Int
  let registerCount: Int

  init(_ function: inout LoweredFunction) {
    let stackBase = function.stackBase
    var used = RegisterSet()
    used.clear(count: function.registerCount)
    var stackEnd = stackBase
    for index in function.instructions.indices {
      let instruction = function.instructions[index]
      instruction.forEachRead { register in
        used[register] = true
        if register >= stackBase { stackEnd = max(stackEnd, register + 1) }
      }
      instruction.forEachWrite { register in
        used[register] = true
        if register >= stackBase { stackEnd = max(stackEnd, register + 1) }
      }
      if instruction.isCall { stackEnd = max(stackEnd, instruction.window + 1) }
    }
    let others = VirtualRegister(function.parameterCount)..<stackBase
    // Only locals are read before anything is written to them.
    let locals = VirtualRegister(function.parameterCount)..<function.keptBase
    var zeroed: [VirtualRegister] = []
    if locals.contains(where: { used[$0] }) {
      if function.isTooLargeForLiveness() {
        // It would take too long to know better: all that is used begins as zero.
        zeroed = others.filter { used[$0] }
      } else {
        function.findLiveness(registerCount: Int(function.keptBase))
        function.liveness.copyEntry(to: &function.live)
        zeroed = locals.filter { function.live[$0] }
      }
    }
    numbers = [Int](repeating: -1, count: function.registerCount)
    for parameter in 0..<function.parameterCount { numbers[parameter] = parameter }
    var next = function.parameterCount
    for register in zeroed {
      numbers[Int(register)] = next
      next += 1
    }
    self.zeroed = function.parameterCount..<next
    for register in others where used[register] && numbers[Int(register)] < 0 {
      numbers[Int(register)] = next
      next += 1
    }
    // Results leave in the first registers.
    next = max(next, function.resultCount)
    windowBase = next
    for register in stackBase..<VirtualRegister(function.registerCount) {
      numbers[Int(register)] = next + Int(register - stackBase)
    }
    registerCount = max(1, next + Int(stackEnd - stackBase))
  }

  subscript(_ register: VirtualRegister) -> Int { numbers[Int(register)] }
}
