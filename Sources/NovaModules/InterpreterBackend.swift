// InterpreterBackend.swift — the interpreter with a stack of its own, as a module's engine.
// Freestanding. Imports NovaInterpreter, NovaMemory. Design: NovaCore.docc/Modules.md.

import NovaInterpreter
import NovaMemory

/// Runs calls by NovaInterpreter.
@safe public struct InterpreterBackend: ModuleBackend, ~Copyable {
  let instance: ModuleInstance
  private let stack: MemoryHandle
  let context: ExecutionContext

  /// An engine with a context and stacks as large as the limits say.
  public init(
    _ instance: ModuleInstance, limits: ModuleLimits, isCharged: Bool
  ) throws(ModuleError) {
    self.instance = instance
    let controlByteCount = unsafe limits.callDepth * ExecutionContext.controlByteCountPerCall
    let registerByteCount = limits.registerCount * 8
    let contextByteCount = unsafe (ExecutionContext.byteCount + 63) & ~63
    let isUsed: Bool
    (stack, isUsed) = try instance.core.takeStack(
      byteCount: contextByteCount + controlByteCount + registerByteCount,
      for: instance.module.name)
    // SAFETY: the block is this engine's until its end, and has room for all three.
    let base = unsafe instance.core.bytes(of: stack).baseAddress.unsafelyUnwrapped
    unsafe context = unsafe ExecutionContext(
      storage: base,
      registers: UnsafeMutableRawBufferPointer(
        start: base + contextByteCount + controlByteCount, count: registerByteCount),
      controls: UnsafeMutableRawBufferPointer(
        start: base + contextByteCount, count: controlByteCount),
      instances: UnsafeMutableBufferPointer(
        start: instance.records, count: instance.recordCapacity),
      mode: ExecutionMode(isCharged: isCharged, isObserved: instance.observer != nil),
      isUsed: isUsed)
  }

  deinit { instance.core.giveBackStack(stack) }

  /// Units of fuel left.
  public var fuel: UInt64 {
    // SAFETY: the context is in the engine's block.
    get { unsafe context.fuel }
    set { unsafe context.fuel = newValue }
  }

  /// Begins a call.
  public mutating func begin(
    _ function: BackendFunction, arguments: [UInt64]
  ) -> BackendOutcome {
    let linked = prepare(function, arguments)
    // SAFETY: only verified modules are linked, whose instances hold what they declare; the caller
    // compared the arguments with the function's type.
    return unsafe outcome(Interpreter.call(context, linked.descriptor(function.index)))
  }

  /// Puts the arguments where the function finds them; the instance whose function it is.
  func prepare(_ function: BackendFunction, _ arguments: [UInt64]) -> LinkedInstance {
    // SAFETY: the stack has room for as many arguments as a type may have.
    unsafe context.reset()
    for (index, argument) in arguments.enumerated() {
      unsafe context.window[index] = argument
    }
    return instance.space.instances[function.instance - 1]
  }

  /// Goes on.
  public mutating func resume(answer: UInt32) -> BackendOutcome {
    // SAFETY: as in `begin`; the caller did what the outcome asked for.
    unsafe outcome(Interpreter.resume(context, answer: answer))
  }

  /// Results of a call that returned.
  public func results(count: Int) -> [UInt64] {
    // SAFETY: the stack has room for as many as a type may have.
    (0..<count).map { unsafe context.window[$0] }
  }

  /// The module's frames.
  public func backtrace(_ body: (BackendFrame) -> Bool) {
    // SAFETY: the context is in the engine's block, and a call was begun.
    unsafe context.backtrace { frame in
      body(
        BackendFrame(
          function: BackendFunction(
            instance: Int(frame.instanceNumber), index: Int(frame.functionIndex)),
          wordOffset: Int(frame.wordOffset)))
    }
  }

  /// What an outcome of the interpreter is to a call.
  func outcome(_ first: Outcome) -> BackendOutcome {
    var outcome = unsafe first
    while case .observed(let frame) = unsafe outcome {
      observe(frame)
      // SAFETY: as in `begin`.
      unsafe outcome = unsafe Interpreter.resume(context)
    }
    // SAFETY: the pointers are of records of this instance, and of the stack.
    switch unsafe outcome {
    case .returned: return .returned
    case .trapped(let trap): return .trapped(trap.kind)
    case .fuelExhausted: return .fuelExhausted
    case .hostCall(let call):
      return unsafe .hostCall(Int(call.function.pointee.index), window: call.window)
    case .growMemory(let record, let pageCount):
      return unsafe .growMemory(UnsafeRawPointer(record), pages: pageCount)
    case .growTable(let record, let elementCount, let cell):
      return unsafe .growTable(UnsafeRawPointer(record), count: elementCount, cell: cell)
    case .observed: preconditionFailure("what was observed was done")
    }
  }

  private func observe(_ frame: NovaInterpreter.ModuleFrame) {
    let place = BackendFrame(
      function: BackendFunction(
        instance: Int(frame.instanceNumber), index: Int(frame.functionIndex)),
      wordOffset: Int(frame.wordOffset))
    let view = instance.space.instances[place.function.instance - 1].view
    let function = view.functions[place.function.index]
    // The interpreter's own last instruction lies in no function.
    guard place.wordOffset < Int(function.wordCount) else { return }
    let word = Int(function.firstWord) + place.wordOffset
    instance.observer?(instance.frame(place), view.codeWord(word))
  }
}

extension LoaderCore {
  /// Stacks that are kept for the next call, so that it need neither touch fresh memory nor fill a
  /// table of handlers.
  static var keptStackCountMax: Int { 4 }

  /// A block for an engine, and whether another one used it before: it then begins with that
  /// engine's context.
  func takeStack(
    byteCount: Int, for module: ModuleName
  ) throws(ModuleError) -> (MemoryHandle, isUsed: Bool) {
    if let kept = keptStack(byteCount: byteCount) { return (kept, true) }
    return (try allocate(byteCount: byteCount, alignment: 64, for: module), false)
  }
}
