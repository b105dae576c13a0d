// ModuleTaskTests.swift — queued calls beside jobs, timers and other threads.

import Glibc
import NovaAssembler
import NovaModules
import Synchronization
import Testing

@Suite(.serialized) struct ModuleTaskTests {
  @Test(arguments: [0, 1]) func `the run loop drains queued calls`(workers: Int) throws {
    try withLoader(workers: workers) { runtime, loader in
      let module = try loader.load("fib", text: ModuleText.fibonacci)
      let tasks = try (10...20).map { try runtime.executeAsync(module, "fib", [.i32($0)]) }
      try runtime.runLoop()
      for task in tasks { #expect(task.isFinished) }
      let results = try tasks.map { try $0.join() }
      #expect(results.last == [.i32(6765)])
    }
  }

  @Test func `jobs stay alive beside a call that never ends`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("loops", text: ModuleText.loops)
      let task = try runtime.executeAsync(module, "spin")
      let polls = Atomic<Int>(0)
      try runtime.loop.add { _ in
        guard polls.add(1, ordering: .relaxed).newValue < 20 else {
          task.cancel()
          return .idle
        }
        return .ready
      }
      try runtime.runLoop()
      #expect(polls.load(ordering: .relaxed) == 20)
      #expect(throws: ModuleFailure.cancelled) { try task.join() }
    }
  }

  @Test func `one instruction that fills 64 MiB is done in slices`() throws {
    try withLoader(heapByteCount: 160 << 20) { runtime, loader in
      let module = try loader.load("fill", text: ModuleText.fill)
      let instance = try loader.instantiate(module)
      let byteCount = 64 << 20
      let task = try instance.callAsync(
        "fill", [.i32(0), .i32(7), .i32(Int32(byteCount))], on: runtime.executor)
      // How far the work was after each slice, when nobody is inside of the instance.
      var progress: [Int] = []
      while !task.isFinished {
        #expect(runtime.executor.runPending() == 1)
        let filled = try unsafe instance.withMemory("bytes") { bytes in
          stride(from: 0, to: bytes.count, by: 1 << 16).count { unsafe bytes[$0] == 7 }
        }
        progress.append(filled)
      }
      #expect(try task.join() == [])
      #expect(progress.count >= 50, "\(progress)")
      #expect(progress == progress.sorted() && Set(progress).count == progress.count)
      try unsafe instance.withMemory("bytes") { bytes in
        // Each byte is its neighbour's equal, and the first is 7.
        let start = unsafe UnsafeRawPointer(bytes.baseAddress).unsafelyUnwrapped
        let isSame = unsafe memcmp(start, start + 1, byteCount - 1) == 0
        let first = unsafe bytes.first
        #expect(bytes.count == byteCount)
        #expect(first == 7 && isSame)
      }
    }
  }

  @Test func `a queued call keeps to its limits, and to its module`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("loops", text: ModuleText.loops)
      let fuel = 5 * ModuleLimits.fuelPerSlice + 3
      let limits = ModuleLimits(fuel: fuel)
      let task = try runtime.executeAsync(module, "spin", limits: limits)
      let late = try runtime.executeAsync(
        module, "spin", limits: ModuleLimits(timeoutNanoseconds: 1_000_000))
      // Unloaded while they run: they go on, and the module ends with them.
      try loader.unload(module)
      let queued = try trap { try task.join() }
      #expect(queued.kind == .fuelExhausted(fuel))
      #expect(queued.frames.map(\.function) == ["spin"])
      #expect(try trap { try late.join() }.kind == .deadlineExceeded(nanoseconds: 1_000_000))
    }
  }

  @Test func `one thread at a time is inside of an instance`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("loops", text: ModuleText.loops)
      let instance = try loader.instantiate(module)
      let task = try instance.callAsync("spin", on: runtime.executor)
      expectRefusal(.busy("loops")) { try instance.call("count", [.i32(1)]) }
      task.cancel()
      #expect(throws: ModuleFailure.cancelled) { try task.join() }
      #expect(try instance.call("count", [.i32(3)]) == [.i32(3)])
    }
  }

  @Test func `instances run on several threads at once`() throws {
    try withLoader(heapByteCount: 64 << 20, workers: 2) { runtime, loader in
      let module = try loader.load("fib", text: ModuleText.fibonacci)
      let tasks = try (0..<40).map { _ in try runtime.executeAsync(module, "fib", [.i32(15)]) }
      for task in tasks { #expect(try task.join() == [.i32(610)]) }
    }
  }

  @Test func `what a driver's task calls is refused when the executor has ended`() throws {
    try withLoader { runtime, loader in
      let module = try loader.load("fib", text: ModuleText.fibonacci)
      try runtime.executor.shutdown()
      expectRefusal(.executor(.shutDown)) { try runtime.executeAsync(module, "fib", [.i32(3)]) }
    }
  }
}
