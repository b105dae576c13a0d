// ModuleTask.swift — a queued call of a module, which runs in slices beside everything else.
// Freestanding. Imports NovaConcurrency, NovaMemory, NovaSystem, Synchronization. Design:
// NovaCore.docc/Modules.md.

import NovaConcurrency
import NovaMemory
import NovaSystem
import Synchronization

/// A call of a module that was queued on the executor.
///
/// It runs as a chain of tasks, each for `ModuleLimits.fuelPerSlice` units of fuel, so that other
/// tasks, jobs and timers have their turns in between. Whoever drops it lets it run all the same.
public final class ModuleTask: @unchecked Sendable {
  private static var running: UInt32 { 0 }
  private static var finished: UInt32 { 1 }
  /// Nanoseconds after which who waits looks for tasks again.
  private static var lookInterval: Int64 { 1_000_000 }

  private let call: ModuleCall<InterpreterBackend>
  private let executor: TaskExecutor
  private let cancelRequest = Atomic<Bool>(false)
  // `finished` once `outcome` is there; in the runtime's memory, because a thread may wait there.
  private let state: MemoryHandle
  // Written by the last slice, before `state` says so.
  private var outcome: Result<[ModuleValue], ModuleFailure>?

  /// Queues the first slice.
  init(_ call: ModuleCall<InterpreterBackend>, on executor: TaskExecutor) throws(ModuleError) {
    self.call = call
    self.executor = executor
    let state = try call.core.allocate(byteCount: 4, for: call.instance.module.name)
    self.state = state
    do throws(ExecutorError) {
      try spawnSlice()
    } catch {
      throw .executor(error)
    }
  }

  deinit { call.core.release(state) }

  /// Whether the call is over: `join` would return at once.
  public var isFinished: Bool {
    // SAFETY: the block is a word, and stays as long as the task.
    unsafe word.pointee.load(ordering: .acquiring) == Self.finished  // pairs with finish
  }

  /// Wants the call to end before its next slice, with `ModuleFailure.cancelled`.
  public func cancel() { cancelRequest.store(true, ordering: .relaxed) }

  /// Waits for the call's end; a worker runs tasks meanwhile.
  ///
  /// - Returns: the results.
  /// - Throws: `ModuleFailure`.
  public func join() throws(ModuleFailure) -> [ModuleValue] {
    while !isFinished {
      guard executor.runPending() == 0 else { continue }
      // SAFETY: the word stays as long as the task.
      _ = unsafe System.wait(
        on: UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self), while: Self.running,
        timeoutNanoseconds: Self.lookInterval)
    }
    guard let outcome else { preconditionFailure("a call that is over has an outcome") }
    switch outcome {
    case .success(let values): return values
    case .failure(let failure): throw failure
    }
  }

  private var word: UnsafeMutablePointer<Atomic<UInt32>> {
    // SAFETY: zeros are a valid atomic, and the block is larger than one.
    unsafe call.core.bytes(of: state).baseAddress.unsafelyUnwrapped
      .assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  /// The chain: each slice keeps the task and queues the next.
  private func spawnSlice() throws(ExecutorError) {
    _ = try executor.spawn { self.runSlice() }
  }

  private func runSlice() {
    if cancelRequest.load(ordering: .relaxed) { return finish(.failure(.cancelled)) }
    do throws(ModuleFailure) {
      if let values = try call.runSlice() {
        return finish(.success(values))
      }
    } catch {
      return finish(.failure(error))
    }
    do throws(ExecutorError) {
      try spawnSlice()
    } catch {
      finish(.failure(.refused(.executor(error))))
    }
  }

  private func finish(_ outcome: Result<[ModuleValue], ModuleFailure>) {
    call.end()
    self.outcome = outcome
    // SAFETY: as in `isFinished`.
    unsafe word.pointee.store(Self.finished, ordering: .releasing)  // pairs with isFinished
    unsafe System.wake(UnsafeRawPointer(word).assumingMemoryBound(to: UInt32.self))
  }
}
