// RuntimeTrace.swift — hands the first runtime's trace to who asked for it, at the latest at exit.
// Freestanding. Imports NovaABI, NovaConcurrency, NovaSystem, Synchronization. Design:
// NovaCore.docc/Tracing.md.

import NovaABI
import NovaConcurrency
import NovaSystem
import Synchronization

/// The process's one trace, which the first runtime claims when somebody asked for it.
struct RuntimeTrace {
  /// The highest descriptor that a trace is written to.
  private static var descriptorMax: UInt64 { 1 << 20 }

  /// Whether a runtime has claimed the trace.
  private static let isClaimed = Atomic<Bool>(false)
  /// The executor whose trace is still to be written, as `TaskExecutor.bits`; 0 for none.
  private static let executor = Atomic<UInt>(0)

  /// The trace, when one is asked for and nobody has it yet.
  ///
  /// Ends the program when what was asked for is no descriptor: a trace that somebody waits for
  /// must not be missing in silence.
  static func claim() -> RuntimeTrace? {
    let wanted = descriptor
    guard wanted != 0 else { return nil }
    guard wanted <= descriptorMax else {
      System.fail("NOVA_TRACE is no descriptor's number: unset it, or run by nova trace")
    }
    guard !isClaimed.exchange(true, ordering: .relaxed) else { return nil }
    return RuntimeTrace()
  }

  /// Gives the claim back: the runtime did not come to be.
  func forget() { RuntimeTrace.isClaimed.store(false, ordering: .relaxed) }

  /// From now on the end of the program writes the trace, unless `end` does before.
  func begin(_ executor: TaskExecutor) {
    RuntimeTrace.executor.store(executor.bits, ordering: .releasing)  // pairs with write
    do throws(ExitHookError) {
      // SAFETY: the hook takes no context.
      try unsafe System.atExit(context: nil) { _ in RuntimeTrace.write() }
    } catch {
      System.fail("all exit hooks are taken, and the trace needs one: start the runtime first")
    }
  }

  /// Writes the trace; the executor's tasks have ended.
  func end() { RuntimeTrace.write() }

  private static var descriptor: UInt64 {
    // SAFETY: the start record lives as long as the process and is not written after start-up.
    unsafe nova_started().pointee.trace_descriptor
  }

  private static func write() {
    // pairs with begin
    let bits = RuntimeTrace.executor.exchange(0, ordering: .acquiring)
    // SAFETY: the bits are stored while the executor exists, and taken by who writes, once.
    guard let executor = unsafe TaskExecutor(bits: bits) else { return }
    do throws(SystemError) {
      try executor.writeTrace(to: Int32(truncatingIfNeeded: descriptor))
    } catch {
      System.fail("the trace's descriptor refused it")
    }
  }
}
