// main.swift — tasks on raw threads: values, errors, joins, ends, and a schedule that a seed fixes.

import NovaCore
import TAP

struct Refusal: Error, Equatable {
  let number: Int
}

/// Gives its number back, or throws it when it is negative.
struct Echo: TaskWork {
  let number: Int

  consuming func run(on worker: borrowing Worker) throws(Refusal) -> Int {
    if number < 0 { throw Refusal(number: number) }
    return number
  }
}

func fibonacci(_ worker: borrowing Worker, _ number: Int) -> Int {
  if number < 2 { return number }
  let (first, second) = worker.join(
    { fibonacci($0, number - 1) }, { fibonacci($0, number - 2) })
  return first + second
}

/// What a run did, in order; only the one thread of a deterministic run writes.
final class Log: @unchecked Sendable {
  var steps: [Int] = []

  /// FNV-1a over the steps.
  var digest: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for step in steps { hash = (hash ^ UInt64(step)) &* 0x100_0000_01b3 }
    return hash
  }
}

func checkTasks(_ tap: inout TAP, _ executor: TaskExecutor, count: Int) throws(ExecutorError) {
  var handles = HandleList(capacity: count)
  for number in 0..<count { handles.append(try executor.spawn(Echo(number: number))) }
  tap.check(handles.sum(), equals: count * (count - 1) / 2, "each task's value arrives")
  var caught = 0
  let failing = try executor.spawn(Echo(number: -5))
  do throws(JoinError<Refusal>) {
    _ = try failing.join()
  } catch {
    if case .failed(let refusal) = error { caught = refusal.number }
  }
  tap.check(caught, equals: -5, "a task's error arrives")
  let base = count
  let closure = try executor.spawn { (worker: borrowing Worker) in fibonacci(worker, 15) + base }
  do throws(JoinError<Never>) {
    tap.check(try closure.join(), equals: 610 + base, "a closure joins on its worker")
  } catch {
    tap.check(false, "a closure joins on its worker")
  }
  tap.check(
    executor.join({ fibonacci($0, 18) }, { fibonacci($0, 17) }).0, equals: 2584, "two-way joins")
}

/// The handles of tasks, to be joined in order.
@safe struct HandleList: ~Copyable {
  // Holds `count` handles, from the first place on.
  private let places: UnsafeMutablePointer<TaskHandle<Int, Refusal>>
  private var count = 0

  init(capacity: Int) { unsafe places = .allocate(capacity: capacity) }

  mutating func append(_ handle: consuming TaskHandle<Int, Refusal>) {
    // SAFETY: the caller appends no more than the capacity.
    unsafe (places + count).initialize(to: handle)
    count += 1
  }

  consuming func sum() -> Int {
    var sum = 0
    // SAFETY: the places below the count hold handles, which are moved out once.
    for index in 0..<count { sum += (try? unsafe (places + index).move().join()) ?? -1 }
    unsafe places.deallocate()
    return sum
  }
}

/// A place for each call of a loop.
@safe final class Squares: @unchecked Sendable {
  // 1000 numbers; each call touches its own.
  private let numbers = UnsafeMutablePointer<Int>.allocate(capacity: 1000)

  init() { unsafe numbers.initialize(repeating: 0, count: 1000) }
  deinit { unsafe numbers.deallocate() }

  func add(_ index: Int) {
    // SAFETY: the loop's range is that of the places.
    unsafe numbers[index] += index * index
  }

  var isRight: Bool {
    // SAFETY: as in `add`.
    (0..<1000).allSatisfy { unsafe numbers[$0] == $0 * $0 }
  }
}

func checkLoop(_ tap: inout TAP, _ executor: TaskExecutor) {
  let squares = Squares()
  executor.parallelFor(0..<1000, grain: 16) { squares.add($0) }
  tap.check(squares.isRight, "parallelFor makes each call once")
}

func checkEnds(_ tap: inout TAP, _ executor: TaskExecutor) throws(ExecutorError) {
  let handle = try executor.spawn(Echo(number: 1))
  for number in 0..<100 { _ = try executor.spawn(Echo(number: number)) }
  try executor.shutdown(policy: .finish)
  tap.check(Int(executor.metrics.spawnedCount - executor.metrics.runCount), equals: 0, "all ran")
  tap.check((try? handle.join()) ?? -1, equals: 1, "a handle is joined after the end")
  var refusal: ExecutorError?
  do throws(ExecutorError) {
    _ = try executor.spawn(Echo(number: 1))
  } catch {
    refusal = error
  }
  tap.check(refusal == .shutDown, "nothing is spawned after the end")
}

/// The schedule of seed 1, which the hosted tests know too.
func digest(_ values: RuntimeBootstrap) throws(BootstrapError) -> UInt64 {
  let log = Log()
  let runtime = try NovaRuntime(
    from: values, tasks: .init(workerCount: 3, mode: .deterministic(seed: 1)))
  @Sendable func walk(_ worker: borrowing Worker, _ node: Int) {
    log.steps.append(node * 10 + worker.index)
    if node >= 16 { return }
    _ = worker.join({ walk($0, node * 2) }, { walk($0, node * 2 + 1) })
  }
  do throws(ExecutorError) {
    let tree = try runtime.executor.spawn { (worker: borrowing Worker) in walk(worker, 1) }
    for number in 100..<120 {
      _ = try runtime.executor.spawn { (worker: borrowing Worker) in
        log.steps.append(number * 10 + worker.index)
      }
    }
    try? tree.join()
    try runtime.executor.shutdown()
  } catch {
    return 0
  }
  return log.digest
}

func run(_ tap: inout TAP) throws(BootstrapError) {
  let values = try RuntimeBootstrap.current
  for workerCount in [0, 2] {
    let runtime = try NovaRuntime(from: values, tasks: .init(workerCount: workerCount))
    do throws(ExecutorError) {
      try checkTasks(&tap, runtime.executor, count: 10_000)
      checkLoop(&tap, runtime.executor)
      try checkEnds(&tap, runtime.executor)
    } catch {
      tap.check(false, "the executor accepts what it has room for")
    }
  }
  tap.check(
    try digest(values) == 16_185_637_943_632_160_751, "seed 1 gives the schedule of everywhere")
}

func main() {
  var tap = TAP()
  do throws(BootstrapError) {
    try run(&tap)
  } catch {
    tap.check(false, "the runtimes start")
  }
  tap.finish()
}

main()
