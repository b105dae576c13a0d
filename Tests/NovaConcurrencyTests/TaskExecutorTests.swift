// TaskExecutorTests.swift — what spawning, joining, cancelling and dropping promise.

import NovaConcurrency
import NovaMemory
import NovaSystem
import Testing

@Suite struct TaskExecutorTests {
  @Test(arguments: configurations) func `a task's value and its error come to who joins it`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    try withExecutor(configuration) { executor in
      let value = try executor.spawn(Echo(number: 7))
      let error = try executor.spawn(Echo(number: -3))
      #expect(try value.join() == 7)
      #expect(outcome(error) == .failure(.failed(Refusal(number: -3))))
    }
  }

  @Test(arguments: configurations) func `closures carry what they captured, of any size`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    let tally = Tally()
    try withExecutor(configuration) { executor in
      let guest = Guest(tally)
      let small = try executor.spawn { guest.tally.count }
      #expect(try small.join() == 1)
      let numbers = (1, 2, 3, 4, 5, 6, 7, 8, 9)
      let large = try executor.spawn { (numbers, numbers) }
      let (first, second) = try large.join()
      #expect(first.0 == 1 && first.8 == 9 && second.0 == 1 && second.8 == 9)
      let strings = try executor.spawn { [String(numbers.0), "two"] }
      #expect(try strings.join() == ["1", "two"])
    }
    #expect(tally.count == 0)
  }

  @Test(arguments: configurations) func `a thousand outstanding tasks all run once`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    try withExecutor(configuration) { executor in
      var sum = 0
      let handles = UnsafeMutablePointer<TaskHandle<Int, Refusal>>.allocate(capacity: 1000)
      defer { unsafe handles.deallocate() }
      for number in 0..<1000 {
        unsafe (handles + number).initialize(to: try executor.spawn(Echo(number: number)))
      }
      for number in 0..<1000 { sum += try unsafe (handles + number).move().join() }
      #expect(sum == 499_500)
      #expect(executor.metrics.spawnedCount == 1000)
      #expect(executor.metrics.runCount == 1000)
    }
  }

  @Test(arguments: configurations) func `tasks that join tasks do not starve`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    func chain(_ worker: borrowing Worker, _ depth: Int) throws(ExecutorError) -> Int {
      if depth == 0 { return 0 }
      let next = try worker.spawn { (worker) throws(ExecutorError) in
        try chain(worker, depth - 1)
      }
      do {
        return 1 + (try worker.join(next))
      } catch {
        return -1000
      }
    }
    try withExecutor(configuration) { executor in
      let handle = try executor.spawn { (worker) throws(ExecutorError) in try chain(worker, 500) }
      #expect(try handle.join() == 500)
    }
  }

  @Test(arguments: configurations) func `a join runs both halves`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    try withExecutor(configuration) { executor in
      let (sum, text) = executor.join({ fibonacci($0, 16) }, { _ in "second" })
      #expect(sum == 987)
      #expect(text == "second")
    }
  }

  @Test(arguments: configurations) func `a join hands on the first error, after both are over`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    try withExecutor(configuration) { executor in
      let tally = Tally()
      for round in 0..<200 {
        #expect(throws: Refusal(number: 1)) {
          try executor.join(
            { (_) throws(Refusal) -> Int in throw Refusal(number: 1) },
            { (_) throws(Refusal) -> Int in throw Refusal(number: 2) })
        }
        #expect(throws: Refusal(number: 2)) {
          try executor.join(
            { (_) throws(Refusal) -> Int in round },
            { (_) throws(Refusal) -> Int in
              tally.add()
              throw Refusal(number: 2)
            })
        }
      }
      #expect(tally.count == 200)
    }
  }

  @Test(arguments: configurations) func `parallelFor makes each call once`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    try withExecutor(configuration) { executor in
      let tallies = (0..<1000).map { _ in Tally() }
      executor.parallelFor(0..<1000, grain: 7) { tallies[$0].add() }
      #expect(tallies.allSatisfy { $0.count == 1 })
      executor.parallelFor(5..<5) { tallies[$0].add() }
      #expect(tallies[5].count == 1)
    }
  }

  @Test(arguments: configurations) func `parallelFor hands on the error of the lowest index`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    try withExecutor(configuration) { executor in
      for _ in 0..<50 {
        #expect(throws: Refusal(number: 300)) {
          try executor.parallelFor(0..<1000, grain: 3) { (index) throws(Refusal) in
            if index >= 300, index % 100 == 0 { throw Refusal(number: index) }
          }
        }
      }
    }
  }

  @Test(arguments: configurations) func `a dropped handle's task runs, and its result dies`(
    _ configuration: TaskExecutor.Configuration
  ) throws {
    let living = Tally()
    let ran = Tally()
    try withExecutor(configuration) { executor in
      for _ in 0..<100 {
        _ = try executor.spawn {
          ran.add()
          return Guest(living)
        }
      }
    }
    #expect(ran.count == 100)
    #expect(living.count == 0)
  }

  @Test func `a task cancelled before it began never runs`() throws {
    try withExecutor(.init(workerCount: 0)) { executor in
      let ran = Tally()
      let living = Tally()
      let guest = Guest(living)
      let handle = try executor.spawn { [guest] in
        ran.add()
        return guest.tally.count
      }
      let wasFinished = handle.isFinished
      #expect(!wasFinished)
      let (first, second) = (handle.cancel(), handle.cancel())
      #expect(first && second, "a second time changes nothing")
      #expect(outcome(handle) == .failure(.cancelled))
      #expect(ran.count == 0)
      #expect(executor.metrics.cancelledCount == 1)
    }
  }

  @Test func `a task that runs sees that it was cancelled`() throws {
    try withExecutor(.init(workerCount: 1)) { executor in
      let begun = Tally()
      let handle = try executor.spawn { (worker: borrowing Worker) -> Int in
        begun.add()
        while !worker.isCancelled { System.yield() }
        return 5
      }
      begun.waitUntil(1)
      let wasInTime = handle.cancel()
      #expect(wasInTime)
      #expect(try handle.join() == 5)
    }
  }

  @Test func `a task that is over cannot be cancelled`() throws {
    try withExecutor(.init(workerCount: 0)) { executor in
      let handle = try executor.spawn { 1 }
      #expect(executor.runPending(countMax: 10) == 1)
      let (isFinished, wasInTime) = (handle.isFinished, handle.cancel())
      #expect(isFinished && !wasInTime)
      #expect(try handle.join() == 1)
    }
  }

  @Test func `a full executor refuses, and goes on once there is room`() throws {
    try withExecutor(.init(workerCount: 0, taskCountMax: 1)) { executor in
      let living = Tally()
      let capacity = executor.taskCapacity
      let handles = UnsafeMutablePointer<TaskHandle<Guest, Never>>.allocate(capacity: capacity)
      defer { unsafe handles.deallocate() }
      for index in 0..<capacity {
        unsafe (handles + index).initialize(to: try executor.spawn { Guest(living) })
      }
      #expect(throws: ExecutorError.full(capacity: capacity)) {
        let guest = Guest(living)
        _ = try executor.spawn { guest }
      }
      #expect(living.count == 0)
      _ = try unsafe (handles + (capacity - 1)).move().join()
      unsafe (handles + (capacity - 1)).initialize(to: try executor.spawn { Guest(living) })
      for index in 0..<capacity { _ = try unsafe (handles + index).move().join() }
      #expect(living.count == 0)
    }
  }

  @Test func `the arena's end refuses large values`() throws {
    try withExecutor(.init(workerCount: 0, taskCountMax: 1), arenaByteCount: 1 << 20) { executor in
      struct Large: TaskWork {
        let words: InlineArray<20000, UInt64>
        consuming func run(on worker: borrowing Worker) throws(Never) -> UInt64 { words[7] }
      }
      var failed = false
      var handles: [Int] = []
      for _ in 0..<10 where !failed {
        do {
          _ = try executor.spawn(Large(words: .init(repeating: 1)))
          handles.append(1)
        } catch ExecutorError.memory(.capacityExceeded(let requested, _, _)) {
          #expect(requested == 160_000)
          failed = true
        }
      }
      #expect(failed)
      #expect(!handles.isEmpty)
    }
  }

  @Test func `configurations out of range are refused with their limits`() throws {
    let arena = try Arena(byteCount: 16 << 20)
    #expect(throws: ExecutorError.workerCountOutOfRange(requested: 257, maximum: 256)) {
      try TaskExecutor(.init(workerCount: 257), memory: arena)
    }
    #expect(throws: ExecutorError.workerCountOutOfRange(requested: -1, maximum: 256)) {
      try TaskExecutor(.init(workerCount: -1), memory: arena)
    }
    #expect(throws: ExecutorError.taskCountOutOfRange(requested: 0, maximum: 1 << 23)) {
      try TaskExecutor(.init(workerCount: 0, taskCountMax: 0), memory: arena)
    }
    #expect(
      throws: ExecutorError.traceEventCountOutOfRange(
        requested: 17, minimum: 16, maximum: 1 << 24)
    ) {
      try TaskExecutor(.init(workerCount: 0, traceEventCountMax: 17), memory: arena)
    }
    #expect(throws: ExecutorError.self) {
      try TaskExecutor(.init(workerCount: 0, taskCountMax: 1 << 23), memory: arena)
    }
    let error = #expect(throws: ExecutorError.self) {
      try TaskExecutor(.init(workerCount: 2, workerStackByteCount: 1), memory: arena)
    }
    guard case .thread(worker: 1, let refusal) = error else {
      Issue.record("the stack's size was not refused but \(String(describing: error))")
      return
    }
    #expect(refusal.call == .startThread && refusal.errno == 22)
    #expect(arena.stats.liveCount == 0)
  }

  @Test func `two executors of one thread keep their tasks apart`() throws {
    try withExecutor(.init(workerCount: 1)) { first in
      try withExecutor(.init(workerCount: 0)) { second in
        let one = try first.spawn { 1 }
        let two = try second.spawn { 2 }
        #expect(try one.join() == 1)
        #expect(try two.join() == 2)
        #expect(first.metrics.spawnedCount == 1)
        #expect(second.metrics.spawnedCount == 1)
      }
    }
  }
}
