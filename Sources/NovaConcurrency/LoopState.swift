// LoopState.swift — what a job of the run loop answers when it was polled.
// Freestanding. Imports nothing. Design: NovaCore.docc/Executor.md.

/// When a job of the run loop wants to be polled again.
public enum LoopState: Equatable, Sendable {
  /// Never: the job has nothing left to do.
  case idle
  /// As soon as the others had their turn.
  case ready
  /// When the loop's clock shows `nanoseconds`, or on a wake before.
  case waiting(until: UInt64)
  /// On a wake.
  case waitingForWake
}
