// WakeSource.swift — a promise that someone outside of the executor may wake a job.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/RunLoop.md.

import Synchronization

/// While one lives, a run loop whose jobs wait for a wake goes on waiting, rather than to say that
/// it is stalled.
///
/// For threads that the executor knows nothing of. Tasks and timers need none: they count
/// themselves.
public struct WakeSource: ~Copyable, Sendable {
  /// The loop that waits.
  public let loop: RunLoop

  init(_ loop: RunLoop) {
    self.loop = loop
    // SAFETY: the control block lives as long as the loop, and so does every source of it.
    _ = unsafe loop.control.pointee.wakeSourceCount.add(1, ordering: .relaxed)
  }

  /// Wakes a job; as `RunLoop.wake`.
  ///
  /// - Throws: `LoopError.unknownJob`.
  public func wake(_ job: JobHandle) throws(LoopError) { try loop.wake(job) }

  deinit {
    // SAFETY: as above.
    // pairs with waits
    _ = unsafe loop.control.pointee.wakeSourceCount.subtract(1, ordering: .releasing)
    loop.signal.raise()
  }
}

extension RunLoop {
  /// A new wake source; there may be any number.
  public func makeWakeSource() -> WakeSource { WakeSource(self) }
}
