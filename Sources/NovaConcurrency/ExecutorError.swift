// ExecutorError.swift — why an executor refused; what it refused has not happened.
// Freestanding. Imports NovaMemory, NovaSystem. Design: NovaCore.docc/Executor.md.

import NovaMemory
import NovaSystem

/// Why an executor refused something.
public enum ExecutorError: Error, Equatable, Sendable {
  /// No task more fits beside those that exist; with other workers' reserves there is room for
  /// `capacity`.
  case full(capacity: Int)
  /// `capacity` tasks from threads that are no workers already wait for one.
  case injectionFull(capacity: Int)
  /// The executor is being shut down, or is.
  case shutDown
  /// `requested` extra workers are outside of `0 … maximum`.
  case workerCountOutOfRange(requested: Int, maximum: Int)
  /// `requested` tasks at once are outside of `1 … maximum`.
  case taskCountOutOfRange(requested: Int, maximum: Int)
  /// `requested` events are neither 0 nor a power of two within `minimum … maximum`.
  case traceEventCountOutOfRange(requested: Int, minimum: Int, maximum: Int)
  /// The arena has no room for the executor, or for a task's values.
  case memory(MemoryError)
  /// The system refused extra worker `worker` its thread.
  case thread(worker: Int, SystemError)
  /// All numbers for threads are taken, so that the caller cannot own an executor.
  case threadsExhausted(maximum: Int)
  /// Only the thread that made the executor, outside of its tasks, can shut it down.
  case notOwner
  /// Shutdown's time is over, and the task on `worker` has not returned. Its thread goes on, so the
  /// executor keeps its memory; nothing new begins on it.
  case workerNeverReturned(worker: Int)
  /// `count` tasks have not been joined or dropped, so the executor keeps its memory.
  case handlesOutstanding(count: Int)
}
