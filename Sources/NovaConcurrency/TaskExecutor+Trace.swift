// TaskExecutor+Trace.swift — the workers' traces, for who writes them.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/Tracing.md.

import NovaSystem

extension TaskExecutor {
  /// Writes all workers' traces; see `TraceFormat`.
  ///
  /// - Throws: `SystemError` of `.write`; a part may have been written.
  public func writeTrace(to descriptor: Int32) throws(SystemError) {
    try TraceFormat.write(
      to: descriptor, ringCount: workerCount + 1, clock: clock, ring: { trace(ofWorker: $0) })
  }

  /// The reference as a number, to be kept where no reference can be.
  package var bits: UInt {
    // SAFETY: the address is taken as a number.
    unsafe UInt(bitPattern: core.state)
  }

  /// The executor whose reference had these bits.
  ///
  /// - Safety: it still exists.
  @unsafe package init?(bits: UInt) {
    guard let state = unsafe UnsafeMutablePointer<ExecutorState>(bitPattern: bits) else {
      return nil
    }
    unsafe self.init(core: ExecutorCore(at: state))
  }
}
