// NativeBackend.swift — compiled code where modules have it, the interpreter where they have not.
// Freestanding. Imports NovaABI, NovaInterpreter, NovaMemory. Design: Decisions/0019.

import NovaABI
import NovaInterpreter
import NovaMemory

/// Runs calls by the compiled code that `Module.attach` gave their modules.
///
/// What is interpreted instead: functions of modules without code, calls from one module's function
/// to another's, with whatever those call, and instances that are observed. The results are the
/// same.
@safe public struct NativeBackend: ModuleBackend, ~Copyable {
  private var interpreter: InterpreterBackend
  /// Compiled code's own; nil where there is none to run.
  private let stack: MemoryHandle?
  private let isCharged: Bool

  /// An engine with the stacks of the interpreter's, and one for compiled code.
  public init(
    _ instance: ModuleInstance, limits: ModuleLimits, isCharged: Bool
  ) throws(ModuleError) {
    let stack = try Self.stack(of: instance, limits, isCharged: isCharged)
    do throws(ModuleError) {
      interpreter = try InterpreterBackend(instance, limits: limits, isCharged: isCharged)
    } catch {
      if let stack { instance.core.release(stack) }
      throw error
    }
    self.isCharged = isCharged
    self.stack = stack
    guard let stack else { return }
    // SAFETY: the block is this engine's until its end, and as large as the code says.
    unsafe interpreter.context.use(
      CompiledStack(
        instance.core.bytes(of: stack), call: nova_switch_call, switchTo: nova_switch))
  }

  /// A stack for the compiled code of all modules of the instance; nil when there is none to run.
  private static func stack(
    of instance: ModuleInstance, _ limits: ModuleLimits, isCharged: Bool
  ) throws(ModuleError) -> MemoryHandle? {
    guard instance.observer == nil else { return nil }
    var byteCount = 0
    for linked in instance.space.instances {
      guard let code = linked.module.code(isCharged: isCharged) else { continue }
      byteCount = max(byteCount, code.stackByteCount(limits))
    }
    guard byteCount > 0 else { return nil }
    return try instance.core.allocate(byteCount: byteCount, for: instance.module.name)
  }

  deinit { if let stack { interpreter.instance.core.release(stack) } }

  /// Units of fuel left.
  public var fuel: UInt64 {
    get { interpreter.fuel }
    set { interpreter.fuel = newValue }
  }

  /// Begins a call.
  public mutating func begin(
    _ function: BackendFunction, arguments: [UInt64]
  ) -> BackendOutcome {
    let linked = interpreter.instance.space.instances[function.instance - 1]
    guard stack != nil, let code = linked.module.code(isCharged: isCharged) else {
      return interpreter.begin(function, arguments: arguments)
    }
    _ = interpreter.prepare(function, arguments)
    // SAFETY: as in the interpreter's `begin`; `attach` compared the code with the module.
    return unsafe interpreter.outcome(
      Interpreter.callCompiled(
        interpreter.context, linked.descriptor(function.index), code.entry(function.index)))
  }

  /// Goes on.
  public mutating func resume(answer: UInt32) -> BackendOutcome {
    interpreter.resume(answer: answer)
  }

  /// Results of a call that returned.
  public func results(count: Int) -> [UInt64] { interpreter.results(count: count) }

  /// The module's frames.
  public func backtrace(_ body: (BackendFrame) -> Bool) { interpreter.backtrace(body) }
}
