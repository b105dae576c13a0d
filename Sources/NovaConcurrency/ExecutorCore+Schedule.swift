// ExecutorCore+Schedule.swift — deterministic mode: one thread is all workers, a seed decides.
// Freestanding. Imports NovaABI, NovaSystem. Design: NovaCore.docc/Executor.md.

import NovaABI
import NovaSystem

extension ExecutorCore {
  /// A scheduling point switches to another worker once in so many times.
  static var switchInterval: Int { 4 }

  /// Lets a worker that the generator chooses run one task, within the caller's.
  ///
  /// It takes its own youngest, or its oldest, or another's oldest, as the generator says; without
  /// a task the next worker has its turn, until each had one.
  ///
  /// - Returns: false when no worker has a task.
  @discardableResult
  func step() -> Bool {
    // SAFETY: in deterministic mode the owner's thread alone runs anything.
    clock.step()
    let first = unsafe state.pointee.random.next(below: workerCount)
    for offset in 0..<workerCount {
      let chosen = worker((first + offset) % workerCount)
      let word = take(as: chosen)
      if word == 0 { continue }
      run(word, as: chosen)
      return true
    }
    return false
  }

  private func take(as chosen: WorkerReference) -> UInt {
    // SAFETY: as in `step`.
    let isOwnFirst = unsafe state.pointee.random.next(below: 2) == 0
    if isOwnFirst {
      let own = chosen.pop()
      if own != 0 { return own }
    }
    // What is private could not be stolen; which part of it is, another worker's pace decides.
    for other in 0..<workerCount { publish(worker(other)) }
    let elsewhere = chosen.nextElsewhere()
    return elsewhere != 0 ? elsewhere : chosen.pop()
  }

  private func publish(_ other: WorkerReference) {
    if other.deque.privateCount != 0 { _ = other.deque.publish() }
  }

  /// Runs a record with the thread as `chosen`.
  private func run(_ word: UInt, as chosen: WorkerReference) {
    // SAFETY: as in `step`; the thread's record is its own.
    let before = unsafe state.pointee.virtualWorker
    let local = unsafe nova_local().pointee.worker
    unsafe state.pointee.virtualWorker = chosen.index
    unsafe nova_local().pointee.worker = UnsafeMutableRawPointer(chosen.state)
    chosen.execute(word)
    unsafe nova_local().pointee.worker = local
    unsafe state.pointee.virtualWorker = before
  }

  /// Lets other workers run a while, or not, as the generator says.
  @usableFromInline
  func schedulingPoint() {
    // SAFETY: as in `step`.
    while unsafe state.pointee.random.next(below: Self.switchInterval) == 0, step() {}
  }

  /// Runs tasks as the generator says until a record's run is over.
  func runSchedule(until completion: Completion) {
    while !completion.isFinished {
      if !step() {
        failReplay("a task joins one that waits below it on the same stack")
      }
    }
  }

  /// Says why a run cannot go on and how to repeat it, and stops the program.
  func failReplay(_ reason: StaticString) -> Never {
    var message = Message("nova: ")
    message.append(reason)
    if let token = replayToken {
      message.append("; replay token seed=")
      message.append(UInt(token.seed))
      message.append(",workers=")
      message.append(UInt(token.workerCount))
    }
    message.fail()
  }

  /// What repeats the run; nil in parallel mode.
  var replayToken: ReplayToken? {
    // SAFETY: the mode never changes.
    guard case .deterministic(let seed) = unsafe state.pointee.mode else { return nil }
    return ReplayToken(seed: seed, workerCount: workerCount - 1)
  }

  /// Nanoseconds of the executor's clock, for the trace.
  var now: UInt64 { clock.now }

  /// The executor's clock: virtual in deterministic mode.
  var clock: Clock {
    // SAFETY: the clock never changes, and its word lies in the executor's memory.
    unsafe state.pointee.clock
  }
}

/// What repeats a run in deterministic mode: the program, this, and its input.
public struct ReplayToken: Equatable, Sendable {
  /// The seed that decided.
  public let seed: UInt64
  /// Extra workers, beside the owner.
  public let workerCount: Int

  /// The token of a run.
  public init(seed: UInt64, workerCount: Int) {
    self.seed = seed
    self.workerCount = workerCount
  }
}
