// SchedulingTests.swift — who runs when: fairness, threads outside, sleep, and seeds that decide.

import Glibc
import NovaConcurrency
import NovaMemory
import NovaSystem
import Synchronization
import TestSupport
import Testing

@Suite struct SchedulingTests {
  // Tasks that spawn their successor for ever would starve an older one, were it never looked at.
  @Test(arguments: [0, 2]) func `an old task begins beside a chain that never ends`(
    _ workerCount: Int
  ) throws {
    try withExecutor(.init(workerCount: workerCount)) { executor in
      let isOver = Tally()
      let old = try executor.spawn { isOver.add() }
      @Sendable func link(_ worker: borrowing Worker, _ length: Int) throws(ExecutorError) {
        if isOver.count > 0 || length == 100_000 { return }
        _ = try worker.spawn { (worker) throws(ExecutorError) in try link(worker, length + 1) }
      }
      for _ in 0..<4 {
        _ = try executor.spawn { (worker) throws(ExecutorError) in try link(worker, 0) }
      }
      let looks = TaskExecutor.fairnessInterval * 2
      if workerCount == 0 {
        #expect(executor.runPending(countMax: looks) > 0)
        #expect(isOver.count == 1)
      }
      try old.join()
    }
  }

  @Test func `an injected task begins beside a chain that never ends`() throws {
    try withExecutor(.init(workerCount: 0)) { executor in
      let isOver = Tally()
      @Sendable func link(_ worker: borrowing Worker, _ length: Int) throws(ExecutorError) {
        if isOver.count > 0 || length == 100_000 { return }
        _ = try worker.spawn { (worker) throws(ExecutorError) in try link(worker, length + 1) }
      }
      _ = try executor.spawn { (worker) throws(ExecutorError) in try link(worker, 0) }
      try HostThread {
        do {
          _ = try executor.spawn { isOver.add() }
        } catch {
          Issue.record("a task from outside was refused: \(error)")
        }
      }.join()
      executor.runPending(countMax: TaskExecutor.fairnessInterval)
      #expect(isOver.count == 1)
      #expect(executor.metrics.injectedCount == 1)
    }
  }

  @Test func `threads outside spawn, join and drop`() throws {
    try withExecutor(.init(workerCount: 2)) { executor in
      let sum = Tally()
      let threads = try (0..<3).map { _ in
        try HostThread {
          for number in 0..<500 {
            do {
              let handle = try executor.spawn(Echo(number: number))
              if number % 3 == 0 { continue }
              sum.add(try handle.join())
            } catch {
              Issue.record("\(error)")
            }
          }
          let (first, second) = executor.join({ _ in 1 }, { _ in 2 })
          sum.add(first + second)
        }
      }
      for thread in threads { thread.join() }
      let expected = (0..<500).filter { $0 % 3 != 0 }.reduce(3, +)
      #expect(sum.count == 3 * expected)
    }
  }

  @Test func `too many tasks from outside are refused and destroyed`() throws {
    let living = Tally()
    try withExecutor(.init(workerCount: 0)) { executor in
      try HostThread {
        do {
          for _ in 0..<TaskExecutor.injectionCountMax {
            let guest = Guest(living)
            _ = try executor.spawn { guest.tally.count }
          }
        } catch {
          Issue.record("\(error)")
        }
        let refusal = ExecutorError.injectionFull(capacity: TaskExecutor.injectionCountMax)
        #expect(throws: refusal) {
          let guest = Guest(living)
          _ = try executor.spawn { guest.tally.count }
        }
      }.join()
      #expect(living.count == TaskExecutor.injectionCountMax)
      #expect(executor.metrics.queueDepth == TaskExecutor.injectionCountMax)
    }
    #expect(living.count == 0)
  }

  @Test func `a worker without work uses no processor`() throws {
    try withExecutor(.init(workerCount: 1)) { executor in
      let thread = Tally()
      _ = try executor.spawn { thread.add(threadIdentifier()) }
      thread.waitUntil(1)
      while executor.metrics.parkedCount < 1 { System.yield() }
      usleep(20_000)
      let before = (processorNanoseconds(of: thread.count), executor.metrics.parkedCount)
      usleep(200_000)
      let after = (processorNanoseconds(of: thread.count), executor.metrics.parkedCount)
      #expect(after == before, "a worker woke up for nothing")
      #expect(before.0 > 0)
    }
  }

  @Test func `a million tasks wait at once`() throws {
    let count = 1_000_000
    try withExecutor(.init(workerCount: 1, taskCountMax: count), arenaByteCount: 256 << 20) {
      executor in
      let handles = UnsafeMutablePointer<TaskHandle<Int, Refusal>>.allocate(capacity: count)
      defer { unsafe handles.deallocate() }
      for number in 0..<count {
        unsafe (handles + number).initialize(to: try executor.spawn(Echo(number: number)))
      }
      var sum = 0
      for number in 0..<count { sum &+= try unsafe (handles + number).move().join() }
      #expect(sum == count * (count - 1) / 2)
      #expect(executor.metrics.runCount == UInt64(count))
    }
  }

  /// The kernel's number for the calling thread.
  private func threadIdentifier() -> Int {
    var path: [CChar] = Array(repeating: 0, count: 100)
    // SAFETY: the buffer holds as many bytes as the call is told: PROCESS/task/THREAD.
    let count = unsafe readlink("/proc/thread-self", &path, 100)
    let digits = path.prefix(max(0, count)).reversed().prefix { $0 >= 48 && $0 <= 57 }
    return digits.reversed().reduce(0) { $0 * 10 + Int($1) - 48 }
  }

  /// The processor time that a thread has used, as the kernel counts it.
  private func processorNanoseconds(of thread: Int) -> Int {
    guard let file = unsafe fopen("/proc/self/task/\(thread)/schedstat", "r") else { return -1 }
    defer { unsafe fclose(file) }
    var line: [CChar] = Array(repeating: 0, count: 100)
    // SAFETY: the buffer holds as many bytes as the call is told.
    guard unsafe fgets(&line, 100, file) != nil else { return -1 }
    let digits = line.prefix { $0 >= 48 && $0 <= 57 }
    return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
  }

  /// Cancels a task and then says so.
  private struct Canceller: TaskWork, ~Copyable {
    let victim: TaskHandle<Void, Never>
    let cancelled: Tally

    consuming func run(on worker: borrowing Worker) {
      victim.cancel()
      cancelled.add()
    }
  }

  @Test func `each half of a join hears of its own task's cancellation, and of no other's`() throws
  {
    let heard = Tally()
    for seed in 1...40 as ClosedRange<UInt64> {
      try withExecutor(.init(workerCount: 2, mode: .deterministic(seed: seed))) { executor in
        let cancelled = Tally()
        let never = Tally()
        let wrong = Tally()
        /// A task whose halves hear what `tally` says.
        func spawn(_ tally: Tally) throws(ExecutorError) -> TaskHandle<Void, Never> {
          try executor.spawn { (worker: borrowing Worker) in
            for _ in 0..<20 {
              let half = { @Sendable (worker: borrowing Worker) in
                worker.isCancelled == (tally.count > 0)
              }
              let (first, second) = worker.join(half, half)
              if !first || !second { wrong.add() }
            }
            if tally.count > 0 { heard.add() }
          }
        }
        let bystander = try spawn(never)
        let victim = try spawn(cancelled)
        let canceller = try executor.spawn(Canceller(victim: victim, cancelled: cancelled))
        #expect(outcomeOfVoid(bystander) == nil)
        #expect(outcomeOfVoid(canceller) == nil)
        try executor.shutdown()
        #expect(wrong.count == 0, "seed \(seed)")
      }
    }
    #expect(heard.count > 0, "no task was cancelled while it ran")
  }

  /// Hands a task its own handle.
  private final class Baton: Sendable {
    private let place = Mutex<TaskHandle<Void, Never>?>(nil)

    func give(_ handle: consuming sending TaskHandle<Void, Never>) {
      var given: TaskHandle<Void, Never>? = consume handle
      place.withLock { swap(&$0, &given) }
    }

    func take() -> TaskHandle<Void, Never>? { place.withLock { $0.take() } }
  }

  /// Joins another task.
  private struct Joiner: TaskWork, ~Copyable {
    let other: TaskHandle<Void, Never>

    consuming func run(on worker: borrowing Worker) throws(JoinError<Never>) {
      let other = self.other
      try worker.join(other)
    }
  }

  @Test func `a task that joins one below it on its stack ends the program, and says so`() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      alarm(20)
      try withExecutor(.init(workerCount: 0)) { executor in
        let baton = Baton()
        let handle = try executor.spawn { (worker: borrowing Worker) in
          guard let own = baton.take() else { return }
          do {
            try worker.join(worker.spawn(Joiner(other: own)))
          } catch { Issue.record("\(error)") }
        }
        baton.give(handle)
        executor.runPending()
      }
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("a task joins one that waits below it on the same stack"))
  }
}
