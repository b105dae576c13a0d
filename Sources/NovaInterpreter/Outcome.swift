// Outcome.swift — why an execution came back to its host, and what the host answers.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Interpreter.md.

/// Why an execution came back.
@unsafe public enum Outcome {
  /// The function returned; its results are in the context's `window`.
  case returned
  /// The module was stopped; `ExecutionContext.backtrace` has its frames until `reset`.
  case trapped(Trap)
  /// The next charge is more than the fuel left; give fuel and resume, or reset.
  case fuelExhausted
  /// A function of the host is called; do it, then resume.
  case hostCall(HostCall)
  /// A memory shall grow; grow it or not, then resume with its pages before, or 2³² - 1.
  case growMemory(UnsafeMutablePointer<MemoryRecord>, pageCount: UInt32)
  /// A table shall grow by cells that are `cell`; grow it or not, then resume with its elements
  /// before, or 2³² - 1.
  case growTable(UnsafeMutablePointer<TableRecord>, elementCount: UInt32, cell: UInt64)
  /// An observing context is about to do the instruction at `frame`; resume to have it done.
  case observed(ModuleFrame)
}

/// A call of the host.
@unsafe public struct HostCall {
  /// The function as the module was given it; `index` is the host's.
  public let function: UnsafePointer<FunctionDescriptor>
  /// Arguments, one register each; results replace them before the resumption.
  public let window: UnsafeMutablePointer<UInt64>
}

/// A place in a module's code.
public struct ModuleFrame: Equatable, Sendable {
  /// The instance's number.
  public let instanceNumber: UInt32
  /// Which of the instance's own functions.
  public let functionIndex: UInt32
  /// In words from the function's beginning.
  ///
  /// In the frames of callers: the last word of the call.
  public let wordOffset: UInt32
}

/// Where an execution stood when the host interrupted it for another call in the same context.
@unsafe public struct Suspension {
  let counter: UInt64
  let frame: UInt64
  let control: UInt64
  let integer: UInt64
  let float: UInt64
  let instance: UInt64
  let pending: UInt64
}

/// What a resumption goes on with.
enum Pending: UInt64 {
  /// Nothing is under way.
  case nothing
  /// The instruction at the saved counter.
  case instruction
  /// The instruction after it, once the host has answered with a value for `a`.
  case answer
  /// The instruction after it, once the host has done the call.
  case hostCall
  /// The instruction at the saved counter, which the host has seen.
  case observed
}
