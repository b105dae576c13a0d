// RuntimeUse.swift — tasks, joins, a loop, a job and a driver; the output is always the same.
// Freestanding. Imports NovaCore, Synchronization.

@_exported import NovaCore
import Synchronization

/// Runs tasks of all kinds, and prints what they make.
public func useTasks(of runtime: borrowing NovaRuntime) {
  let executor = runtime.executor
  print("workers \(executor.workerCount)")
  let (left, right) = executor.join({ fibonacci($0, 12) }, { fibonacci($0, 11) })
  print("fibonacci \(left) \(right)")
  let sum = Sum()
  executor.parallelFor(0..<1000, grain: 16) { sum.add($0 * $0) }
  print("squares \(sum.value)")
}

/// Runs a job that spawns tasks, and prints what they make through a driver.
public func useLoop(of runtime: borrowing NovaRuntime) {
  let sum = Sum()
  do throws(LoopError) {
    try runtime.loop.add(Spawner(executor: runtime.executor, sum: sum, left: 8))
    try runtime.runLoop()
  } catch {
    fail("\(error)")
  }
  do throws(DriverError) {
    try write("spawned \(sum.value)\n", through: runtime.driverRegistry)
  } catch {
    fail("\(error)")
  }
}

/// Says why a step failed, and ends.
public func fail(_ reason: String) -> Never {
  print(reason)
  System.exit(1)
}

/// Spawns a task at each poll.
private struct Spawner: LoopJob {
  let executor: TaskExecutor
  let sum: Sum
  var left: Int

  mutating func poll(_ context: LoopContext) -> LoopState {
    do throws(ExecutorError) {
      _ = try executor.spawn { [sum, left] in sum.add(left) }
    } catch {
      fail("\(error)")
    }
    left -= 1
    return left == 0 ? .idle : .ready
  }
}

/// What tasks add up.
private final class Sum: Sendable {
  private let total = Atomic<Int>(0)

  var value: Int { total.load(ordering: .relaxed) }

  func add(_ number: Int) { total.wrappingAdd(number, ordering: .relaxed) }
}

private func fibonacci(_ worker: borrowing Worker, _ number: Int) -> Int {
  if number < 2 { return number }
  let (first, second) = worker.join(
    { fibonacci($0, number - 1) }, { fibonacci($0, number - 2) })
  return first + second
}

private func write(_ line: String, through registry: DriverRegistry) throws(DriverError) {
  let console = try registry.lookup("console", version: DriverVersion(major: 1, minor: 0))
  let bytes = Array(line.utf8)
  let handles: [MemoryHandle] = []
  _ = try [UInt8](capacity: 8) { output throws(DriverError) in
    try registry.call(
      console, operation: BuiltInDriver.Console.write, handles: handles.span,
      input: bytes.span, output: &output)
  }
}
