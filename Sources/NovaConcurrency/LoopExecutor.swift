// LoopExecutor.swift — what a run loop asks of the executor whose tasks it runs meanwhile.
// Freestanding. Imports nothing. Design: NovaCore.docc/RunLoop.md.

/// The tasks that a run loop runs while its jobs wait.
public protocol LoopExecutor {
  /// Tasks that were spawned and have not ended, wherever they run.
  var unfinishedTaskCount: Int { get }

  /// Whether the calling thread is inside of a task, which can't end while a loop waits for it.
  var isInsideTask: Bool { get }

  /// Runs one task on the calling thread; false when there is none that it could run now.
  func runTask() -> Bool

  /// From now on, or with nil no longer, raises `signal` after each change that the sleeping thread
  /// of the loop must look at: a task that no other worker is awake for, and the last task's end
  /// where the loop awaits it.
  func attach(_ signal: LoopSignal?)

  /// Sleeps on the loop's thread until the attached signal is raised, there is a task that it could
  /// run, or the time is over; or for no reason.
  ///
  /// - Parameters:
  ///   - signal: what `attach` was given.
  ///   - nanoseconds: at most so long; forever when nil.
  ///   - awaitsTasks: whether the loop saw a task that had not ended, and has to be told when the
  ///     last one has; also of an end since then.
  func sleep(on signal: LoopSignal, nanoseconds: UInt64?, awaitsTasks: Bool)
}

/// The executor of a run loop without tasks.
public struct NoTasks: LoopExecutor, Sendable {
  /// An executor that never has a task.
  public init() {}

  /// 0.
  public var unfinishedTaskCount: Int { 0 }

  /// False.
  public var isInsideTask: Bool { false }

  /// False.
  public func runTask() -> Bool { false }

  /// Nothing to raise.
  public func attach(_ signal: LoopSignal?) {}

  /// Sleeps on the signal alone.
  public func sleep(on signal: LoopSignal, nanoseconds: UInt64?, awaitsTasks: Bool) {
    signal.sleep(nanoseconds: nanoseconds)
  }
}
