// NovaRuntime.swift — the runtime of a program: memory, executor, run loop and drivers.
// Freestanding. Imports NovaConcurrency, NovaMemory, NovaSystem. Design:
// NovaCore.docc/Architecture.md.

import NovaConcurrency
import NovaMemory
import NovaSystem

/// A runtime; its end gives everything back.
///
/// In a freestanding program the first runtime of the process's own heap size owns the process's
/// arena, on which Swift's allocations draw too; each other runtime is a child, whose heap is a
/// quota of that arena. In a hosted program each runtime maps an arena of its own. Two runtimes
/// don't see each other's handles, tasks and drivers.
///
/// The thread that starts a runtime is worker 0 of its executor, and the one that ends it. The end
/// finishes what was spawned first, however long that takes; `executor.shutdown` cancels, or
/// gives up after a time. Task handles are joined or dropped before.
public struct NovaRuntime: ~Copyable {
  /// The executor of a heap below 16 MiB has room for fewer tasks than usual: one for so many bytes
  /// of the heap.
  public static var heapByteCountPerTask: Int { 1024 }

  /// The values that the runtime started from.
  public let bootstrap: RuntimeBootstrap
  /// The runtime's memory, of `bootstrap.heapByteCount` bytes; executor, run loop and drivers live
  /// in it.
  public let memoryContract: Arena
  /// Runs tasks on `bootstrap.workerCount` workers and the calling thread.
  public let executor: TaskExecutor
  /// The built-in drivers and those that the program was linked with.
  public let driverRegistry: DriverRegistry
  /// Holds jobs and timers; `runLoop()` runs it.
  public let loop: RunLoop

  private let trace: RuntimeTrace?

  /// Starts a runtime from the values that were chosen before `main`.
  ///
  /// - Throws: as `init(from:tasks:loop:)` and `RuntimeBootstrap.current`.
  public static func bootstrap() throws(BootstrapError) -> NovaRuntime {
    try NovaRuntime(from: RuntimeBootstrap.current)
  }

  /// Starts a runtime from `values`.
  ///
  /// A hosted program's main stack and process are the host's: of `values`, only heap, workers and
  /// grants have an effect there.
  ///
  /// - Parameters:
  ///   - values: its `workerCount` counts unless `tasks` says another.
  ///   - tasks: how the executor is made; nil for the usual one.
  ///   - configuration: how many jobs and timers the run loop holds.
  /// - Throws: `BootstrapError.memory` when there is no room for the heap, `.executor`, `.loop` and
  ///   `.drivers` when a part can't be made; freestanding, `.mainStackIsFixed` and
  ///   `.policyIsFixed` when `values` differ from the process's in what belongs to the process;
  ///   `.grantsExceeded` for more grants than the process's. Nothing stays mapped, charged or
  ///   started then.
  public init(
    from values: RuntimeBootstrap, tasks: TaskExecutor.Configuration? = nil,
    loop configuration: RunLoopConfiguration = RunLoopConfiguration()
  ) throws(BootstrapError) {
    let granted = DriverGrants.process
    guard granted.isSuperset(of: values.driverGrants) else {
      throw .grantsExceeded(requested: values.driverGrants, granted: granted)
    }
    #if hasFeature(Embedded)
      let process = try RuntimeBootstrap.current
      try values.requireStack(of: process)
      try values.requirePolicies(of: process)
    #endif
    let memory: Arena
    do throws(MemoryError) {
      memory = try NovaRuntime.arena(byteCount: values.heapByteCount)
    } catch {
      throw .memory(error)
    }
    let registry: DriverRegistry
    do throws(DriverError) {
      registry = try DriverRegistry(memory: memory, grants: values.driverGrants)
    } catch {
      throw .drivers(error)
    }
    let trace = RuntimeTrace.claim()
    let executor: TaskExecutor
    do throws(ExecutorError) {
      executor = try TaskExecutor(
        NovaRuntime.configuration(tasks, values, isTraced: trace != nil), memory: memory)
    } catch {
      trace?.forget()
      // SAFETY: nobody has a copy of the reference yet.
      unsafe registry.end()
      throw .executor(error)
    }
    do throws(LoopError) {
      loop = try RunLoop(
        memory: memory, configuration: configuration, clock: executor.clock,
        seed: executor.replayToken?.seed, trace: executor.trace(ofWorker: 0))
    } catch {
      trace?.forget()
      // SAFETY: as above.
      unsafe NovaRuntime.end(executor)
      unsafe registry.end()
      throw .loop(error)
    }
    trace?.begin(executor)
    self.trace = trace
    self.executor = executor
    driverRegistry = registry
    memoryContract = memory
    bootstrap = values
  }

  deinit {
    // SAFETY: by the type's promise nobody uses the parts of a runtime that has ended.
    do throws(ExecutorError) {
      try executor.shutdown()
    } catch {
      System.fail("a runtime ends on another thread than it began, or in a task of its own")
    }
    trace?.end()
    unsafe loop.destroy(memoryContract)
    unsafe NovaRuntime.end(executor)
    unsafe driverRegistry.end()
  }

  /// Polls jobs, fires timers and runs tasks until there are none left of all three.
  ///
  /// - Throws: `LoopError.alreadyRunning`, `.insideTask` or `.stalled`; see `RunLoop.run(on:)`.
  public borrowing func runLoop() throws(LoopError) { try loop.run(on: executor) }

  /// Runs `body` as the first task of an executor, until all tasks have ended: a runtime without
  /// drivers, and so without a run loop, to which nobody would add.
  ///
  /// - Throws: as `init(from:tasks:loop:)`.
  public static func run(
    from values: RuntimeBootstrap, _ body: @escaping @Sendable () -> Void
  ) throws(BootstrapError) {
    let memory: Arena
    do throws(MemoryError) {
      memory = try arena(byteCount: values.heapByteCount)
    } catch { throw .memory(error) }
    let trace = RuntimeTrace.claim()
    do throws(ExecutorError) {
      let executor = try TaskExecutor(
        configuration(nil, values, isTraced: trace != nil), memory: memory)
      trace?.begin(executor)
      _ = try executor.spawn(body)
      try executor.shutdown()
      trace?.end()
      // SAFETY: nobody has a copy of the reference any more.
      unsafe end(executor)
    } catch { throw .executor(error) }
  }

  private static func arena(byteCount: Int) throws(MemoryError) -> Arena {
    #if hasFeature(Embedded)
      if let process = Arena.claimProcess(byteCount: byteCount) { return process }
      return try Arena.process.makeChild(byteCount: byteCount)
    #else
      return try Arena(byteCount: byteCount)
    #endif
  }

  private static func configuration(
    _ chosen: TaskExecutor.Configuration?, _ values: RuntimeBootstrap, isTraced: Bool
  ) -> TaskExecutor.Configuration {
    var configuration = chosen ?? TaskExecutor.Configuration(workerCount: values.workerCount)
    if chosen == nil {
      configuration.taskCountMax = min(
        configuration.taskCountMax, values.heapByteCount / heapByteCountPerTask)
    }
    if isTraced, configuration.traceEventCountMax == 0 {
      configuration.traceEventCountMax = TraceRing.eventCountDefault
    }
    return configuration
  }

  /// Gives an executor's memory back.
  ///
  /// - Safety: nobody uses a copy of the reference afterwards.
  @unsafe private static func end(_ executor: TaskExecutor) {
    do throws(ExecutorError) {
      try executor.shutdown()
      try unsafe executor.release()
    } catch {
      System.fail("a runtime ends before its task handles: join or drop them first")
    }
  }
}

#if hasFeature(Embedded)
  extension RuntimeBootstrap {
    fileprivate func requireStack(of process: RuntimeBootstrap) throws(BootstrapError) {
      if stackByteCount != process.stackByteCount {
        throw .mainStackIsFixed(
          field: .stackByteCount, requested: UInt64(stackByteCount),
          actual: UInt64(process.stackByteCount))
      }
      if stackPolicy != process.stackPolicy {
        throw .mainStackIsFixed(
          field: .stackPolicy, requested: stackPolicy.rawValue,
          actual: process.stackPolicy.rawValue)
      }
      if initialWindowByteCount != process.initialWindowByteCount {
        throw .mainStackIsFixed(
          field: .initialWindowByteCount, requested: UInt64(initialWindowByteCount),
          actual: UInt64(process.initialWindowByteCount))
      }
    }

    fileprivate func requirePolicies(of process: RuntimeBootstrap) throws(BootstrapError) {
      if addressPolicy != process.addressPolicy {
        throw .policyIsFixed(
          field: .addressPolicy, requested: addressPolicy.rawValue,
          actual: process.addressPolicy.rawValue)
      }
      if entropyPolicy != process.entropyPolicy {
        throw .policyIsFixed(
          field: .entropyPolicy, requested: entropyPolicy.rawValue,
          actual: process.entropyPolicy.rawValue)
      }
      if cpuPolicy != process.cpuPolicy {
        throw .policyIsFixed(
          field: .cpuPolicy, requested: cpuPolicy.rawValue, actual: process.cpuPolicy.rawValue)
      }
    }
  }
#endif
