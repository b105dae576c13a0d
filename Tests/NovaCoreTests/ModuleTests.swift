// ModuleTests.swift — load, call, trap, limit and end modules.

import NovaAssembler
import NovaModules
import Testing

@Suite(.serialized) struct ModuleTests {
  @Test func `a function's results are typed`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("fib", text: ModuleText.fibonacci)
      #expect(try runtime.executeModule(module, "fib", [.i32(20)]) == [.i32(6765)])
      #expect(
        module.exportType("fib")
          == .function(
            ModuleFunctionType(parameters: [.i32], results: [.i32])))
      #expect(try loader.module(named: "fib") === module)
      let handle = try #require(module.handle)
      #expect(try runtime.memoryContract.byteCount(of: handle) == module.view.bytes.byteCount)
    }
  }

  @Test func `what can't be called is refused with what was wanted`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("fib", text: ModuleText.fibonacci)
      expectRefusal(.exportMissing("fib", "fob")) { try runtime.executeModule(module, "fob") }
      let type = ModuleFunctionType(parameters: [.i32], results: [.i32])
      expectRefusal(.wrongArguments("fib", wanted: type, found: [.i64])) {
        try runtime.executeModule(module, "fib", [.i64(1)])
      }
      let memory = try loader.load("memory", text: ModuleText.memory)
      expectRefusal(
        .exportMistyped("memory", "bytes", found: .memory(minimum: 1, maximum: 100))
      ) { try runtime.executeModule(memory, "bytes") }
      expectRefusal(.duplicate("fib")) { try loader.load("fib", text: ModuleText.loops) }
      expectRefusal(.unknown("nobody")) { try loader.module(named: "nobody") }
      expectRefusal(.nameOutOfRange(byteCount: 0, maximum: ModuleName.byteCountMax)) {
        try loader.load("", text: ModuleText.loops)
      }
      expectRefusal(
        .limitOutOfRange(value: 1, minimum: ModuleLimits.callDepthMin, maximum: 1 << 24)
      ) { try runtime.executeModule(module, "fib", [.i32(1)], limits: ModuleLimits(callDepth: 1)) }
    }
  }

  @Test func `bytes that are no module are refused, and given back`() throws {
    try withLoader { runtime, loader in
      var bytes = try assembled(ModuleText.fibonacci)
      bytes[bytes.count - 1] ^= 1
      #expect(throws: ModuleError.self) { try loader.load("damaged", copying: bytes.span) }
      #expect(throws: ModuleError.self) { try loader.load("empty", copying: [UInt8]().span) }
      let live = runtime.memoryContract.stats.liveCount
      let handle = try runtime.memoryContract.allocateArc(byteCount: 64)
      #expect(throws: ModuleError.self) { try unsafe loader.load("zeros", adopting: handle) }
      #expect(runtime.memoryContract.stats.liveCount == live)
      #expect(loader.modules.isEmpty)
    }
  }

  @Test func `a trap tells kind, functions and lines`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("divide", text: ModuleText.divide)
      let instance = try loader.instantiate(module)
      let trap = try trap { try instance.call("divide", [.i32(1), .i32(0)]) }
      #expect(trap.kind == .machine(.integerDivisionByZero))
      #expect(trap.depth == 2)
      #expect(trap.frames.map(\.function) == ["inner", "divide"])
      #expect(trap.frames.map(\.line) == [3, 10])
      #expect(trap.frames.map(\.file) == ["test.nvasm", "test.nvasm"])
      #expect("\(trap)".hasPrefix("an integer was divided by zero\n  at inner (test.nvasm:3) in "))
      #expect(try instance.call("divide", [.i32(84), .i32(2)]) == [.i32(42)])
    }
  }

  @Test func `fuel runs out at the same place each time`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("loops", text: ModuleText.loops)
      let instance = try loader.instantiate(module)
      // One unit for each branch that is taken: n - 1 of them.
      let enough = ModuleLimits(fuel: 99)
      #expect(try instance.call("count", [.i32(100)], limits: enough) == [.i32(100)])
      let short = ModuleLimits(fuel: 98)
      let first = try trap { try instance.call("count", [.i32(100)], limits: short) }
      #expect(first.kind == .fuelExhausted(98))
      #expect(try trap { try instance.call("count", [.i32(100)], limits: short) } == first)
      let slices = ModuleLimits(fuel: 3 * ModuleLimits.fuelPerSlice + 7, timeoutNanoseconds: .max)
      let whole = ModuleLimits(fuel: 3 * ModuleLimits.fuelPerSlice + 7)
      let sliced = try trap { try instance.call("spin", limits: slices) }
      #expect(try trap { try instance.call("spin", limits: whole) } == sliced)
      #expect(
        try instance.call("count", [.i32(1)], limits: ModuleLimits(fuel: 0)) == [.i32(1)])
      let none = try trap { try instance.call("spin", limits: ModuleLimits(fuel: 0)) }
      #expect(none.kind == .fuelExhausted(0))
    }
  }

  @Test func `a call ends at its deadline`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("loops", text: ModuleText.loops)
      let limits = ModuleLimits(timeoutNanoseconds: 2_000_000)
      let trap = try trap { try runtime.executeModule(module, "spin", limits: limits) }
      #expect(trap.kind == .deadlineExceeded(nanoseconds: 2_000_000))
      #expect(trap.frames.map(\.function) == ["spin"])
    }
  }

  @Test func `calls without end meet the limit of depth or registers`() throws {
    try withLoader(heapByteCount: 64 << 20) { runtime, loader in
      let module = try loader.load("loops", text: ModuleText.loops)
      let limits = ModuleLimits(callDepth: 100)
      let deep = try trap { try runtime.executeModule(module, "deep", limits: limits) }
      #expect(deep.kind == .machine(.stackExhausted))
      #expect((98...100).contains(deep.depth), "\(deep.depth)")
      #expect(deep.frames.count == ModuleLimits.backtraceFrameCountMax)
      let registers = ModuleLimits(callDepth: 1 << 20, registerCount: 1024)
      let wide = try trap { try runtime.executeModule(module, "deep", limits: registers) }
      #expect(wide.kind == .machine(.stackExhausted))
      #expect(wide.depth <= 1024)
    }
  }

  @Test func `a memory grows up to its limit, and keeps its bytes`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("memory", text: ModuleText.memory)
      let instance = try loader.instantiate(module)
      _ = try instance.call("write", [.i32(65532), .i32(7)])
      let before = try instance.memoryHandle("bytes")
      #expect(try instance.call("grow", [.i32(2)]) == [.i32(1)])
      #expect(try instance.memoryHandle("bytes") != before)
      #expect(try instance.call("read", [.i32(65532)]) == [.i32(7)])
      #expect(try instance.call("read", [.i32(3 * 65536 - 4)]) == [.i32(0)])
      let beyond = try trap { try instance.call("read", [.i32(3 * 65536 - 3)]) }
      #expect(beyond.kind == .machine(.memoryOutOfBounds))
      #expect(try instance.call("grow", [.i32(98)]) == [.i32(-1)])
      let byteCount = try unsafe instance.withMemory("bytes") { $0.count }
      #expect(byteCount == 3 * 65536)
    }
  }

  @Test func `a cap is a child contract, which growth does not exceed`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("memory", text: ModuleText.memory)
      let limits = ModuleLimits(memoryByteCount: 3 * 65536)
      let instance = try loader.instantiate(module, limits: limits)
      let charged = runtime.memoryContract.stats.liveByteCount
      let before = try instance.memoryHandle("bytes")
      #expect(before?.contract != module.handle?.contract)
      #expect(try instance.call("grow", [.i32(3)]) == [.i32(-1)])
      #expect(try instance.call("grow", [.i32(2)]) == [.i32(1)])
      #expect(try instance.call("grow", [.i32(1)]) == [.i32(-1)])
      #expect(try instance.memoryHandle("bytes") == before)
      _ = try instance.call("write", [.i32(3 * 65536 - 4), .i32(7)])
      #expect(runtime.memoryContract.stats.liveByteCount <= charged + 1 << 20)
      expectRefusal(.memoryTooLarge("memory", byteCount: 65536, limit: 65535)) {
        try loader.instantiate(module, limits: ModuleLimits(memoryByteCount: 65535))
      }
    }
  }

  @Test func `unloading waits for nobody, and ends what nobody uses`() throws {
    try withLoader { runtime, loader in
      let live = runtime.memoryContract.stats.liveCount
      do {
        let module = try loader.load("fib", text: ModuleText.fibonacci)
        let instance = try loader.instantiate(module)
        try loader.unload(module)
        expectRefusal(.unloaded("fib")) { try loader.unload(module) }
        expectRefusal(.unloaded("fib")) { try loader.instantiate(module) }
        expectRefusal(.unloaded("fib")) { try runtime.executeModule(module, "fib", [.i32(1)]) }
        #expect(try instance.call("fib", [.i32(10)]) == [.i32(55)])
        #expect(!module.isLoaded)
        try loader.load("fib", text: ModuleText.divide)
        #expect(loader.modules.count == 1)
      }
      try loader.unload(try loader.module(named: "fib"))
      // One stack is kept for the next call.
      #expect(runtime.memoryContract.stats.liveCount == live + 1)
    }
  }

  @Test func `two runtimes don't see each other's modules`() throws {
    try withLoader { first, firstLoader in
      try withLoader { second, secondLoader in
        let module = try firstLoader.load("fib", text: ModuleText.fibonacci)
        expectRefusal(.unknown("fib")) { try secondLoader.module(named: "fib") }
        expectRefusal(.foreign("fib")) { try second.executeModule(module, "fib", [.i32(1)]) }
        expectRefusal(.foreign("fib")) { try secondLoader.instantiate(module) }
        expectRefusal(.foreign("fib")) { try secondLoader.unload(module) }
        let own = try secondLoader.load("fib", text: ModuleText.fibonacci)
        #expect(try second.executeModule(own, "fib", [.i32(10)]) == [.i32(55)])
      }
    }
  }
}
