// TailCallTests.swift — calls that take their callers' frames: own, indirect, foreign, the host's.

import NovaBytecode
import NovaInterpreter
import Testing

@Suite struct TailCallTests {
  /// r1 counts up while r0 counts down to 0.
  private static let count = HandFunction(
    words: [
      word(.brI32Eqi, 0, 0, 3), word(.i32Addi, 0, 0, -1), word(.i32Addi, 1, 1, 1),
      word(.returnCall, wide: 0), word(.ret, 1),
    ], registerCount: 2)

  @Test func `ten million tail calls need one entry and one frame`() {
    let harness = Harness(
      [Self.count], callDepth: ExecutionContext.callDepthMin, registerBytes: 64)
    #expect(text(harness.call(10_000_000, 5)) == "returned")
    #expect(harness.result() == 10_000_005)
  }

  @Test func `indirect tail calls of both forms need no more`() {
    // Each calls the other through the table, whose index is r2.
    func half(_ last: [UInt64]) -> HandFunction {
      HandFunction(
        words: [
          word(.brI32Eqi, 0, 0, 2 + last.count), word(.i32Addi, 0, 0, -1), word(.i32Addi, 1, 1, 1),
        ] + last + [word(.ret, 1)], registerCount: 3)
    }
    let harness = Harness(
      [
        half([word(.const32, 2, wide: 3), word(.returnCallIndirect, 2, wide: 1)]),
        half([word(.const32, 2, wide: 2), word(.returnCallIndirectFar, 2), 1]),
      ], callDepth: ExecutionContext.callDepthMin, registerBytes: 64)
    harness.setElement(2, harness.functions[0])
    harness.setElement(3, harness.functions[1])
    #expect(text(harness.call(100_001, 0)) == "returned")
    #expect(harness.result() == 100_001)
  }

  @Test func `an indirect tail call checks index, element and type, and takes the last result`() {
    let forwarding = UInt64(Operation.returnCallIndirect.forwarding(0)?.rawValue ?? 0)
    let caller = HandFunction(words: [
      word(.i32Addi, 2, 0, 0), forwarding | 2 << 16 | 1 << 32,
    ])
    let double = HandFunction(words: [word(.i32Add, 0, 1, 1), word(.ret0)])
    let otherType = HandFunction(words: [word(.ret0)], type: 2)
    let harness = Harness([caller, double, otherType])
    harness.setElement(0, harness.functions[1])
    harness.setElement(2, harness.functions[2])
    #expect(text(harness.call(0, 21)) == "returned")
    #expect(harness.result() == 42)
    for (index, outcome) in [
      (1, "nullReference 1:0:1"), (2, "typeMismatch 1:0:1"), (8, "tableOutOfBounds 1:0:1"),
    ] {
      #expect(text(harness.call(UInt64(index), 21)) == outcome)
      harness.context.reset()
    }
  }

  @Test func `a frame grows for a function that needs more, up to the limit`() {
    let small = HandFunction(words: [word(.nop), word(.returnCall, wide: 1)], registerCount: 1)
    let large = HandFunction(
      words: [word(.const32, 99, wide: 7), word(.ret, 99)], registerCount: 100)
    let roomy = Harness([small, large], registerBytes: 800)
    #expect(text(roomy.call()) == "returned")
    #expect(roomy.result() == 7)
    #expect(text(Harness([small, large], registerBytes: 792).call()) == "stackExhausted 1:0:1")
  }

  @Test func `a backtrace has the function that was called last, not the one that left`() {
    let top = HandFunction(words: [word(.call, 2, wide: 1), word(.ret0)])
    let leaver = HandFunction(words: [word(.nop), word(.returnCall, wide: 2)])
    let harness = Harness([top, leaver, HandFunction(words: [word(.nop), word(.unreachable)])])
    #expect(text(harness.call()) == "unreachable 1:2:1")
    #expect(harness.backtrace == ["1:2:1", "1:0:0"])
  }

  @Test(arguments: [false, true]) func `instances hand a frame to and fro in constant stacks`(
    isCalled: Bool
  ) {
    // Instance 1 counts down and hands on to instance 2, which hands back through the table.
    let own = HandFunction(
      words: [
        word(.brI32Eqi, 0, 0, 3), word(.i32Addi, 0, 0, -1), word(.i32Addi, 1, 1, 1),
        word(.returnCallImport, wide: 0), word(.ret, 1),
      ], registerCount: 2)
    let foreign = HandFunction(
      words: [
        word(.const32, 2, wide: 7), word(.globalSet, 2, wide: 0), word(.const32, 2, wide: 4),
        word(.returnCallIndirect, 2, wide: 1),
      ], registerCount: 3)
    // Its own global, not the other instance's, is what the caller finds afterwards.
    let caller = HandFunction(
      words: [
        word(.const32, 2, wide: 30), word(.globalSet, 2, wide: 0), word(.mov, 3, 0),
        word(.mov, 4, 1), word(.call, 3, wide: 1), word(.globalGet, 0, wide: 0),
        word(.i32Add, 0, 0, 3), word(.ret0),
      ], registerCount: 8)
    let harness =
      isCalled
      ? Harness(
        [caller, own], other: [foreign], callDepth: ExecutionContext.callDepthMin,
        registerBytes: 128)
      : Harness(
        [own], other: [foreign], callDepth: ExecutionContext.callDepthMin, registerBytes: 64)
    harness.setElement(4, harness.functions[isCalled ? 1 : 0])
    #expect(text(harness.call(10_000, 0)) == "returned")
    #expect(harness.result() == (isCalled ? 10_030 : 10_000))
  }

  @Test func `a backtrace names the instances that a frame was handed on by`() {
    let top = HandFunction(words: [word(.call, 2, wide: 1), word(.ret0)])
    let leaver = HandFunction(words: [word(.returnCallImport, wide: 0)])
    let foreign = HandFunction(words: [word(.nop), word(.unreachable)])
    let harness = Harness([top, leaver], other: [foreign])
    #expect(text(harness.call()) == "unreachable 2:0:1")
    #expect(harness.backtrace == ["2:0:1", "1:0:0"])
  }

  @Test func `the host answers in the frame of the function that left it, which returns that`() {
    let top = HandFunction(words: [
      word(.const32, 3, wide: 4), word(.call, 3, wide: 1), word(.i32Addi, 0, 3, 1), word(.ret0),
    ])
    let leaver = HandFunction(words: [word(.nop), word(.returnCallImport, wide: 1)])
    let harness = Harness([top, leaver])
    let outcome = harness.call()
    guard case .hostCall(let call) = unsafe outcome else {
      Issue.record("\(text(outcome))")
      return
    }
    #expect(harness.backtrace == ["1:1:1", "1:0:1"])
    #expect(unsafe call.window[0] == 4)
    unsafe call.window[0] = 41
    #expect(text(unsafe Interpreter.resume(harness.context)) == "returned")
    #expect(harness.result() == 42)
  }

  @Test(arguments: [false, true]) func `an outermost function may leave its frame to the host`(
    isIndirect: Bool
  ) {
    let leaver =
      isIndirect
      ? HandFunction(words: [word(.const32, 2, wide: 5), word(.returnCallIndirect, 2, wide: 1)])
      : HandFunction(words: [word(.returnCallImport, wide: 1)])
    let harness = Harness([leaver])
    harness.setElement(5, unsafe harness.records[0].pointee.functions)
    guard case .hostCall(let call) = unsafe harness.call(3) else {
      Issue.record("the host is called")
      return
    }
    unsafe call.window[0] += 1
    #expect(text(unsafe Interpreter.resume(harness.context)) == "returned")
    #expect(harness.result() == 4)
  }

  @Test(arguments: 0..<13) func `every table spends the same fuel, and goes on where it ended`(
    fuel: UInt64
  ) {
    let other = HandFunction(
      words: [word(.const32, 2, wide: 4), word(.returnCallIndirect, 2, wide: 1)], registerCount: 3)
    let own = HandFunction(
      words: [
        word(.brI32Eqi, 0, 0, 2), word(.i32Addi, 0, 0, -1), word(.returnCallImport, wide: 0),
        word(.ret, 0),
      ], registerCount: 2)
    func harness(isObserved: Bool) -> Harness {
      let harness = Harness([own], other: [other])
      harness.setElement(4, harness.functions[0])
      harness.context.mode = ExecutionMode(isCharged: true, isObserved: isObserved)
      harness.context.fuel = fuel
      return harness
    }
    let plain = harness(isObserved: false)
    let observed = harness(isObserved: true)
    let first = text(plain.call(5))
    var outcome = observed.call(5)
    while case .observed = unsafe outcome { unsafe outcome = Interpreter.resume(observed.context) }
    #expect(text(outcome) == first)
    // Two calls a round, and the branch at the end.
    #expect(first == (fuel < 11 ? "fuel" : "returned"))
    #expect(plain.context.fuel == observed.context.fuel)
    if first == "fuel" {
      plain.context.fuel = 11 - fuel
      #expect(text(unsafe Interpreter.resume(plain.context)) == "returned")
      #expect(plain.context.fuel == 0)
    }
  }
}
