// ControlTests.swift — calls, branch tables, limits, fuel, traps and the module's backtrace.

import NovaBytecode
import NovaInterpreter
import Testing

@Suite struct ControlTests {
  /// fib(r0), two real calls: r1 is kept over the first.
  private static let fib = HandFunction(
    words: [
      word(.brI32LtSi, 0, 2, 7), word(.i32Addi, 3, 0, -1), word(.call, 3, wide: 0),
      word(.mov, 1, 3), word(.i32Addi, 3, 0, -2), word(.call, 3, wide: 0),
      word(.i32Add, 0, 1, 3), word(.ret0), word(.ret, 0),
    ], registerCount: 4)

  @Test func `functions call themselves`() {
    let harness = Harness([Self.fib])
    #expect(text(harness.call(15)) == "returned")
    #expect(harness.result() == 610)
  }

  @Test func `a call beyond the limit of calls or of registers traps at the call`() {
    let endless = HandFunction(words: [word(.call, 4, wide: 0), word(.ret0)])
    let deep = Harness([endless], callDepth: 10, registerBytes: 1 << 16)
    #expect(text(deep.call()) == "stackExhausted 1:0:0")
    #expect(deep.backtrace.count == 10)
    deep.context.reset()
    #expect(text(deep.call()) == "stackExhausted 1:0:0")
    let wide = Harness([endless], callDepth: 1000, registerBytes: 512)
    #expect(text(wide.call()) == "stackExhausted 1:0:0")
    // Frames of 64 bytes, each 32 bytes further.
    #expect(wide.backtrace.count == 15)
  }

  @Test func `the outermost call has the same limits`() {
    let large = HandFunction(words: [word(.ret0)], registerCount: 2000)
    #expect(text(Harness([large]).call()) == "stackExhausted 1:0:0")
  }

  @Test func `a branch table takes the last entry for what is beyond`() {
    // Three targets, in two words of offsets.
    let table = HandFunction(words: [
      word(.brTable, 0, 2), 2 | 4 << 32, 6,
      word(.const32, 0, wide: 100), word(.ret0), word(.const32, 0, wide: 101), word(.ret0),
      word(.const32, 0, wide: 102), word(.ret0),
    ])
    let harness = Harness([table])
    for (index, result) in [(0, 100), (1, 101), (2, 102), (3, 102), (0xffff_ffff, 102)] {
      #expect(text(harness.call(UInt64(index))) == "returned")
      #expect(harness.result() == UInt64(result))
    }
  }

  @Test func `an indirect call checks index, element and type`() {
    let caller = HandFunction(words: [
      word(.mov, 4, 1), word(.callIndirect, 4, 0, 1), word(.mov, 0, 4), word(.ret0),
    ])
    let double = HandFunction(words: [word(.i32Add, 0, 0, 0), word(.ret0)])
    let otherType = HandFunction(words: [word(.ret0)], type: 2)
    let harness = Harness([caller, double, otherType])
    harness.setElement(0, harness.functions[1])
    harness.setElement(2, harness.functions[2])
    #expect(text(harness.call(0, 21)) == "returned")
    #expect(harness.result() == 42)
    for (index, outcome) in [
      (1, "nullReference 1:0:1"), (2, "typeMismatch 1:0:1"), (8, "tableOutOfBounds 1:0:1"),
      (0xffff_ffff, "tableOutOfBounds 1:0:1"),
    ] {
      #expect(text(harness.call(UInt64(index), 21)) == outcome)
      harness.context.reset()
    }
  }

  @Test func `a backtrace names every frame, across instances`() {
    let top = HandFunction(words: [word(.nop), word(.callImport, 2, wide: 0), word(.ret0)])
    let foreign = HandFunction(words: [word(.call, 2, wide: 1), word(.ret0)])
    let inner = HandFunction(words: [word(.nop), word(.nop), word(.unreachable)])
    let harness = Harness([top], other: [foreign, inner])
    #expect(text(harness.call()) == "unreachable 2:1:2")
    #expect(harness.backtrace == ["2:1:2", "2:0:0", "1:0:1"])
  }

  @Test func `a call into another instance returns to its caller's`() {
    let top = HandFunction(words: [
      word(.const32, 2, wide: 5), word(.globalSet, 2, wide: 0), word(.callImport, 3, wide: 0),
      word(.globalGet, 0, wide: 0), word(.i32Add, 0, 0, 3), word(.ret0),
    ])
    let foreign = HandFunction(words: [
      word(.const32, 1, wide: 7), word(.globalSet, 1, wide: 0), word(.const32, 0, wide: 30),
      word(.ret0),
    ])
    let harness = Harness([top], other: [foreign])
    #expect(text(harness.call()) == "returned")
    #expect(harness.result() == 35)
  }

  @Test func `fuel pays for taken branches and calls, and can be resumed`() {
    // r1 counts down from r0: one branch taken each time but the last.
    let loop = HandFunction(words: [
      word(.const32, 1, wide: 0), word(.i32Addi, 1, 1, 1), word(.brI32LtU, 1, 0, -2),
      word(.mov, 0, 1), word(.ret0),
    ])
    let harness = Harness([loop])
    harness.context.mode = ExecutionMode(isCharged: true)
    harness.context.fuel = 9
    #expect(text(harness.call(10)) == "returned")
    #expect(harness.context.fuel == 0)
    harness.context.fuel = 4
    #expect(text(harness.call(10)) == "fuel")
    #expect(harness.context.fuel == 0)
    var rounds = 0
    var outcome = "fuel"
    while outcome == "fuel" {
      harness.context.fuel = 1
      outcome = text(unsafe Interpreter.resume(harness.context))
      rounds += 1
    }
    #expect(outcome == "returned")
    #expect(harness.result() == 10)
    #expect(rounds == 5)
  }

  @Test(arguments: 0..<40) func `every table spends the same fuel`(fuel: UInt64) {
    let plain = Harness([Self.fib])
    plain.context.mode = ExecutionMode(isCharged: true)
    plain.context.fuel = fuel
    let observed = Harness([Self.fib])
    observed.context.mode = ExecutionMode(isCharged: true, isObserved: true)
    observed.context.fuel = fuel
    let first = text(plain.call(5))
    var outcome = observed.call(5)
    while case .observed = unsafe outcome { unsafe outcome = Interpreter.resume(observed.context) }
    #expect(text(outcome) == first)
    #expect(plain.context.fuel == observed.context.fuel)
    #expect(first != "fuel" || plain.backtrace == observed.backtrace)
  }

  @Test func `an observer sees each instruction once, in order`() {
    let function = HandFunction(words: [
      word(.const32, 1, wide: 2), word(.brI32Eqi, 1, 2, 1), word(.unreachable), word(.ret0),
    ])
    let harness = Harness([function])
    harness.context.mode = ExecutionMode(isObserved: true)
    var seen: [String] = []
    var outcome = harness.call()
    while case .observed = unsafe outcome {
      seen.append(text(outcome))
      unsafe outcome = Interpreter.resume(harness.context)
    }
    #expect(seen == ["observed 0:0", "observed 0:1", "observed 0:3"])
    #expect(text(outcome) == "returned")
  }

  @Test(arguments: [false, true]) func `an observer sees no return to the host or an instance`(
    isCharged: Bool
  ) {
    let top = HandFunction(words: [
      word(.callImport, 2, wide: 0), word(.mov, 0, 2), word(.call, 2, wide: 1), word(.ret0),
    ])
    let leaf = HandFunction(words: [word(.ret0)])
    let harness = Harness([top, leaf], other: [HandFunction(words: [word(.nop), word(.ret0)])])
    harness.context.mode = ExecutionMode(isCharged: isCharged, isObserved: true)
    harness.context.fuel = 10
    var seen: [String] = []
    var outcome = harness.call()
    while case .observed(let frame) = unsafe outcome {
      seen.append("\(frame.instanceNumber):\(frame.functionIndex):\(frame.wordOffset)")
      unsafe outcome = Interpreter.resume(harness.context)
    }
    #expect(seen == ["1:0:0", "2:0:0", "2:0:1", "1:0:1", "1:0:2", "1:1:0", "1:0:3"])
    #expect(text(outcome) == "returned")
  }
}
