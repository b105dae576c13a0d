// LoopScenario.swift — jobs, timers and tasks under one seed, the same hosted and freestanding.
// Freestanding. Imports NovaCore.

import NovaCore

/// Waits twice and ends, and wakes the job before it each time.
struct Relay: LoopJob {
  var left: Int
  let next: JobHandle?
  let executor: TaskExecutor

  mutating func poll(_ context: LoopContext) -> LoopState {
    left -= 1
    do throws(LoopError) {
      if let next { try context.loop.wake(next) }
    } catch {
      // The next one has ended: nobody to wake.
    }
    do throws(ExecutorError) {
      _ = try executor.spawn { spin(20) }
    } catch {
      fatalError("the executor is full")
    }
    return left == 0 ? .idle : .waiting(until: context.now + 50_000)
  }
}

/// Takes a little time.
@inline(never)
func spin(_ count: Int) -> Int {
  var sum = 0
  for number in 0..<count { sum ^= number }
  return sum
}

/// Runs the scenario to its end.
///
/// - Parameters:
///   - executor: deterministic.
///   - loop: on the executor's clock, with its seed.
/// - Returns: virtual nanoseconds at the end.
/// - Throws: when a limit is too small, or a job is left.
public func runScenario(_ executor: TaskExecutor, _ loop: RunLoop) throws(LoopError) -> UInt64 {
  var next: JobHandle?
  for _ in 0..<6 { next = try loop.add(Relay(left: 3, next: next, executor: executor)) }
  try loop.every(nanoseconds: 30_000) { context in
    do throws(LoopError) {
      if context.now > 200_000 { try context.loop.cancel(context.timer) }
    } catch {
      fatalError("a timer does not know itself")
    }
  }
  let late = try loop.after(nanoseconds: 9_000_000) { _ in fatalError("a cancelled timer fired") }
  try loop.after(nanoseconds: 100_000) { context in
    do throws(LoopError) { try context.loop.cancel(late) } catch {
      fatalError("a timer is not known")
    }
  }
  // A tree of tasks, so that the virtual workers steal.
  do throws(ExecutorError) {
    for _ in 0..<8 {
      _ = try executor.spawn { (worker: borrowing Worker) in
        _ = worker.join({ _ in spin(10) }, { _ in spin(30) })
      }
    }
  } catch {
    fatalError("the executor is full")
  }
  try loop.run(on: executor)
  return loop.clock.now
}
