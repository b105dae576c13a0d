// ModuleHostileTests.swift — what modules try that want more than they were given.

import NovaAssembler
import NovaModules
import NovaSystem
import Synchronization
import Testing

@Suite(.serialized) struct ModuleHostileTests {
  @Test func `who is inside of an instance can't queue a call of it`() throws {
    try withLoader { runtime, loader in
      let executor = runtime.executor
      let refusal = Mutex<ModuleFailure?>(nil)
      try loader.addFunction("host", "queue", ModuleFunctionType()) { call in
        do throws(ModuleFailure) {
          try call.instance.callAsync("rest", on: executor).cancel()
        } catch {
          refusal.withLock { $0 = error }
        }
      }
      let module = try loader.load(
        "user",
        text: """
          .import "host" "queue" func queue ()
          .export func run
          .export func rest
          .func run ()
              .window w
              call_import w, queue
              ret0
          .end
          .func rest ()
              ret0
          .end
          """)
      let instance = try loader.instantiate(module)
      #expect(try instance.call("run") == [])
      #expect(refusal.withLock { $0 } == .refused(.busy("user")))
      // It is over: whoever comes next is let in.
      #expect(try instance.callAsync("rest", on: executor).join() == [])
    }
  }

  @Test func `results that a host function leaves alone hold nothing of other calls`() throws {
    try withLoader { runtime, loader in
      let pair = ModuleFunctionType(results: [.i64, .i64])
      try loader.addFunction("host", "pair", pair) { _ in }
      let low = ModuleFunctionType(parameters: [.i64], results: [.i32])
      try loader.addFunction("host", "low", low) { _ in }
      let module = try loader.load(
        "user",
        text: """
          .import "host" "pair" func pair () -> (i64, i64)
          .import "host" "low" func low (i64) -> i32
          .export func run
          .export func half
          .func run () -> i64
              .window x, y
              const32_s   x, -1
              const32_s   y, -1
              call_import x, pair
              i64.or      x, x, y
              ret         x
          .end
          .func half () -> i64
              .window x
              const32_s   x, -1
              call_import x, low
              ret         x
          .end
          """)
      #expect(try runtime.executeModule(module, "run") == [.i64(0)])
      #expect(try runtime.executeModule(module, "half") == [.i64(0xffff_ffff)])
    }
  }

  @Test func `a module that makes up handles reaches no memory of modules`() throws {
    try withLoader { runtime, loader in
      let calls = Atomic<Int>(0)
      let operation = DriverOperation("one") { _, _, _ in calls.add(1, ordering: .relaxed) }
      try runtime.driverRegistry.register("peek", version: version1, operations: [operation])
      let module = try loader.load(
        "user",
        text: """
          .import "driver:peek" "one" func one (handle) -> i32
          .memory bytes 1
          .export memory bytes
          .export func run
          .func run (bits: i64) -> i32
              .window w
              mov         w, bits
              call_import w, one
              ret         w
          .end
          """)
      let (instance, other) = (try loader.instantiate(module), try loader.instantiate(module))
      func run(_ handle: MemoryHandle?) throws -> [ModuleValue] {
        try instance.call("run", [.i64(Int64(bitPattern: try #require(handle).rawValue))])
      }
      #expect(try run(module.handle) == [.i32(-13)])
      #expect(try run(other.memoryHandle("bytes")) == [.i32(-13)])
      #expect(calls.load(ordering: .relaxed) == 0)
      #expect(try run(instance.memoryHandle("bytes")) == [.i32(0)])
      let lent = try runtime.memoryContract.allocateArc(byteCount: 16)
      #expect(try run(lent) == [.i32(0)])
      try runtime.memoryContract.release(lent)
      // Not the contract's: the driver's contract has to say so.
      #expect(try run(MemoryHandle(rawValue: 5)) == [.i32(0)])
    }
  }

  @Test func `references that a module makes up find no function that nobody gave away`() throws {
    try withLoader { runtime, loader in
      let calls = Atomic<Int>(0)
      let type = ModuleFunctionType(results: [.i32])
      try loader.addFunction("host", "secret", type) { _ in calls.add(1, ordering: .relaxed) }
      try loader.load(
        "guest",
        text: """
          .table t funcref 1
          .export func probe
          .func probe (reference: funcref) -> i32
              .reg i
              .window w
              const32       i, 0
              table.set     i, reference, t
              call_indirect w, i, () -> i32
              ret           w
          .end
          """)
      let owner = try loader.load(
        "owner",
        text: """
          .import "guest" "probe" func probe (funcref) -> i32
          .import "host" "secret" func secret () -> i32
          .export func forge
          .export func give
          .func private () -> i32
              .reg r
              const32     r, 42
              ret         r
          .end
          .func forge (bits: i64) -> i32
              .window w
              mov         w, bits
              call_import w, probe
              ret         w
          .end
          .func give () -> i32
              .window w
              ref.func    w, private
              call_import w, probe
              ret         w
          .end
          """)
      let instance = try loader.instantiate(owner)
      // The host's first function; the owner's first, whose instance is the second.
      for bits in [1, 2 << 32 | 1] as [Int64] {
        let trap = try trap { try instance.call("forge", [.i64(bits)]) }
        #expect(trap.kind == .machine(.invalidReference), "\(bits)")
      }
      #expect(calls.load(ordering: .relaxed) == 0)
      #expect(try instance.call("give") == [.i32(42)])
    }
  }

  private static let waiting = """
    .import "host" "wait" func wait ()
    .memory bytes 1 100
    .export func run
    .export func spin
    .func run ()
        .window w
    again:
        call_import w, wait
        jmp         again
    .end
    .func spin ()
    again:
        jmp again
    .end
    """

  @Test func `what a host function takes counts up to the deadline`() throws {
    try withLoader { runtime, loader in
      let calls = Atomic<Int>(0)
      try loader.addFunction("host", "wait", ModuleFunctionType()) { _ in
        calls.add(1, ordering: .relaxed)
        let end = System.monotonicNanoseconds + 2_000_000
        while System.monotonicNanoseconds < end {}
      }
      let module = try loader.load("user", text: Self.waiting)
      let limits = ModuleLimits(timeoutNanoseconds: 1_000_000)
      let trap = try trap { try runtime.executeModule(module, "run", limits: limits) }
      #expect(trap.kind == .deadlineExceeded(nanoseconds: 1_000_000))
      #expect(trap.frames.map(\.function) == ["run"])
      #expect(calls.load(ordering: .relaxed) <= 1)
    }
  }

  @Test func `a call inside of another keeps to the deadline of both`() throws {
    try withLoader { runtime, loader in
      let inner = Mutex<ModuleTrap.Kind?>(nil)
      try loader.addFunction("host", "wait", ModuleFunctionType()) { call in
        do throws(ModuleFailure) {
          _ = try call.instance.call("spin", limits: ModuleLimits(fuel: 500_000_000))
        } catch {
          if case .trapped(let trap) = error { inner.withLock { $0 = trap.kind } }
        }
      }
      let module = try loader.load("user", text: Self.waiting)
      let instance = try loader.instantiate(module)
      let limits = ModuleLimits(timeoutNanoseconds: 3_000_000)
      let trap = try trap { try instance.call("run", limits: limits) }
      #expect(trap.kind == .deadlineExceeded(nanoseconds: 3_000_000))
      #expect(inner.withLock { $0 } == .deadlineExceeded(nanoseconds: 3_000_000))
      // The deadline was that call's.
      #expect(
        try NovaCoreTests.trap { try instance.call("spin", limits: ModuleLimits(fuel: 7)) }.kind
          == .fuelExhausted(7))
    }
  }

  @Test func `growth is charged, also where nothing grows`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load(
        "user",
        text: """
          .memory first 1 2
          .memory second 0 9
          .table t externref 1
          .export func run
          .func run (count: i32) -> i32
              .reg a, b, c
              memory.grow   a, count, second
              memory.grow   a, count, first
              memory.grow   a, count, second
              zero          c, 1
              table.grow    b, c, count, t
              table.size    b, t
              memory.size   c, second
              i32.add       a, a, b
              i32.add       a, a, c
              ret           a
          .end
          """)
      let instance = try loader.instantiate(module)
      // Two pages were there before the third growth, and are four then; the table has three.
      #expect(
        try instance.call("run", [.i32(2)], limits: ModuleLimits(fuel: 4)) == [.i32(2 + 3 + 4)])
      let short = try trap {
        try instance.call("run", [.i32(0)], limits: ModuleLimits(fuel: 3))
      }
      #expect(short.kind == .fuelExhausted(3))
      #expect(short.frames.map(\.line) == [11])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `long ways without a branch don't keep a call from its deadline`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load(
        "user",
        text: ".export func run\n.func run ()\n.registers 32767\nagain:\n"
          + String(repeating: "zero r0, 32767\n", count: 300) + "jmp again\n.end\n")
      let limits = ModuleLimits(timeoutNanoseconds: 1_000_000)
      let trap = try trap { try runtime.executeModule(module, "run", limits: limits) }
      #expect(trap.kind == .deadlineExceeded(nanoseconds: 1_000_000))
    }
  }
}
