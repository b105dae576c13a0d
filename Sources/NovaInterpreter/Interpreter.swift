// Interpreter.swift — calls a function, goes on after the host's answer, leaves handlers and
// enters them. Freestanding, no heap. Imports NovaBytecode. Design: NovaCore.docc/Interpreter.md.

import NovaBytecode

/// Runs verified code.
public enum Interpreter {
  /// Calls a function with the arguments in the context's `window`.
  ///
  /// - Parameters:
  ///   - context: at rest, or suspended.
  ///   - function: of an instance, not of the host.
  /// - Returns: `returned` with the results in `window`, or why it did not return.
  /// - Safety: the function's code was verified against its module, its instance holds what the
  ///   module declares, the arguments are as many as its type says.
  @unsafe public static func call(
    _ context: ExecutionContext, _ function: UnsafePointer<FunctionDescriptor>
  ) -> Outcome {
    guard let start = unsafe begin(context, function) else {
      return unsafe .trapped(context.trap(.stackExhausted))
    }
    return unsafe run(context, start)
  }

  /// Enters the function's instance, and pushes the way out of the call.
  ///
  /// - Returns: where the function begins; nil when the stacks have no room for it.
  @unsafe @inline(__always) static func begin(
    _ context: ExecutionContext, _ function: UnsafePointer<FunctionDescriptor>
  ) -> Position? {
    // SAFETY: promised by `call`.
    guard let code = unsafe function.pointee.code, let instance = unsafe function.pointee.instance
    else { preconditionFailure("a function of the host is called by its host") }
    let fp = unsafe UInt(context.get(ContextLayout.savedFrame))
    let cs = unsafe UInt(context.get(ContextLayout.savedControl))
    unsafe context.set(ContextLayout.savedCounter, UInt64(UInt(bitPattern: code)))
    unsafe context.enter(instance)
    guard unsafe context.hasRoom(fp, cs, function) else { return nil }
    let exit = unsafe context.address &+ UInt(bitPattern: ContextLayout.exitInstruction)
    unsafe context.push(cs, exit, fp)
    return Position(pc: UInt(bitPattern: code), fp: fp, cs: cs &+ 16)
  }

  /// Goes on where the last outcome left off.
  ///
  /// - Parameters:
  ///   - context: that the outcome came from.
  ///   - answer: for `growMemory` and `growTable`; otherwise unused.
  /// - Returns: the next outcome.
  /// - Safety: as for `call`; the host did what the outcome asked for.
  @unsafe public static func resume(_ context: ExecutionContext, answer: UInt32 = 0) -> Outcome {
    if unsafe context.isInCompiledCode { return unsafe resumeCompiled(context, answer: answer) }
    var position = unsafe Position(
      pc: UInt(context.get(ContextLayout.savedCounter)),
      fp: UInt(context.get(ContextLayout.savedFrame)),
      cs: UInt(context.get(ContextLayout.savedControl)))
    switch unsafe Pending(rawValue: context.get(ContextLayout.pending)) {
    case .instruction, .observed:
      position.integer = unsafe context.get(ContextLayout.savedInteger)
      position.float = unsafe Double(bitPattern: context.get(ContextLayout.savedFloat))
      if unsafe context.get(ContextLayout.pending) == Pending.observed.rawValue {
        return unsafe step(context, position)
      }
    case .answer:
      let instruction = unsafe Instruction(position.pc)
      unsafe instruction.write(instruction.a, position.fp, UInt64(answer))
      position.pc = unsafe instruction.next
    case .hostCall: position = unsafe afterHostCall(position)
    case .nothing, nil: preconditionFailure("nothing was interrupted that could be resumed")
    }
    return unsafe run(context, position)
  }

  /// The instruction behind the host's call, or behind that of the function that left its frame to
  /// it.
  @unsafe private static func afterHostCall(_ position: Position) -> Position {
    // SAFETY: promised by `resume`: the position is at the call.
    let instruction = unsafe Instruction(position.pc)
    guard unsafe instruction.isTail else {
      return Position(pc: unsafe instruction.next, fp: position.fp, cs: position.cs)
    }
    let cs = position.cs &- 16
    // SAFETY: the running function's caller, or the outermost call, has an entry there.
    return unsafe Position(
      pc: UInt(ContextLayout.load(cs, -16)), fp: UInt(ContextLayout.load(cs, -8)), cs: cs)
  }

  /// Does the one instruction that was observed, then observes the next.
  @unsafe private static func step(
    _ context: ExecutionContext, _ position: Position
  ) -> Outcome {
    // SAFETY: promised by `call`: the position is at a verified instruction.
    let number = unsafe ContextLayout.halfWord(position.pc)
    let isCharged = unsafe context.mode.isCharged
    guard let handler = HandlerTable.real(number, isCharged: isCharged) else {
      preconditionFailure("verified code has only operations that have handlers")
    }
    return unsafe run(context, position, first: handler)
  }

  /// Enters handlers until there is an outcome, and compiled code where it waited for them.
  @unsafe static func run(
    _ context: ExecutionContext, _ start: Position, first: Handler? = nil
  ) -> Outcome {
    // SAFETY: promised by `call`; where handlers stopped is again a position.
    if let outcome = unsafe interpret(context, start, first: first) { return unsafe outcome }
    return unsafe goOn(context, because: enterCompiled(context))
  }

  /// Enters handlers until there is an outcome; nil when compiled code is to go on.
  @unsafe static func interpret(
    _ context: ExecutionContext, _ start: Position, first: Handler? = nil
  ) -> Outcome? {
    var position = start
    var once = first
    while true {
      // SAFETY: promised by `call`; what handlers saved is again a position.
      let memory = unsafe context.refresh()
      let handler = unsafe once ?? ContextLayout.handler(context.address, position.pc)
      once = nil
      let reason = unsafe handler(
        position.pc, position.fp, memory, position.integer, position.cs, context.address,
        position.float)
      position = unsafe Position(
        pc: UInt(context.get(ContextLayout.savedCounter)),
        fp: UInt(context.get(ContextLayout.savedFrame)),
        cs: UInt(context.get(ContextLayout.savedControl)))
      switch unsafe after(reason, context, position) {
      case .next(let next): position = next
      case .end(let outcome): return unsafe outcome
      case .compiled: return nil
      }
    }
  }

  /// What follows after handlers, or compiled code, came back for `reason`.
  @unsafe static func after(
    _ reason: UInt64, _ context: ExecutionContext, _ position: Position
  ) -> Step {
    switch reason {
    case HandlerExit.done:
      // SAFETY: promised by `call`; handlers saved the position.
      unsafe context.set(ContextLayout.pending, Pending.nothing.rawValue)
      return unsafe .end(.returned)
    case HandlerExit.fuel: return unsafe context.fuelExhausted()
    case HandlerExit.observed:
      unsafe context.set(ContextLayout.pending, Pending.observed.rawValue)
      return unsafe .end(.observed(context.frame(at: position.pc, context.instance)))
    case HandlerExit.instance:
      // The caller's instance was kept where a caller's frame would be.
      guard let caller = unsafe UnsafeMutablePointer<InstanceRecord>(bitPattern: position.fp)
      else { preconditionFailure("a call into another instance keeps its caller's") }
      unsafe context.enter(caller)
      let cs = position.cs &- 16
      if unsafe context.get(ContextLayout.waitingControl) == UInt64(cs) {
        unsafe context.set(ContextLayout.waitingControl, 0)
        return unsafe .compiled
      }
      return unsafe .next(
        Position(
          pc: UInt(ContextLayout.load(cs, -16)), fp: UInt(ContextLayout.load(cs, -8)), cs: cs))
    case HandlerExit.call: return unsafe context.callElement(position)
    case HandlerExit.slow: return unsafe context.doSlowly(position)
    default:
      let kind = TrapKind(rawValue: UInt8(truncatingIfNeeded: reason &- HandlerExit.trap))
      return unsafe .end(.trapped(context.trap(kind ?? .unreachable)))
    }
  }
}

/// What handlers keep in machine registers.
struct Position {
  var pc: UInt
  var fp: UInt
  var cs: UInt
  var integer: UInt64 = 0
  var float: Double = 0
}

/// What the outer loop does next.
@unsafe enum Step {
  case next(Position)
  case end(Outcome)
  /// The compiled function that called into another instance goes on.
  case compiled
}
