// Interpreter+Compiled.swift — calls compiled functions, and does for them what handlers leave.
// Freestanding, no heap. Imports NovaBytecode. Design: Decisions/0019-compiled-code.md.

import NovaBytecode

/// A stack that compiled code runs on, and the ways there and back.
///
/// Its own, so that it can be left in the midst of a function, and gone on with or not.
@unsafe public struct CompiledStack {
  /// `nova_switch_call`: calls the function with three words on the stack of that top.
  public typealias Call =
    @convention(c) (UnsafeMutablePointer<UInt>?, UInt, UnsafeRawPointer?, UInt, UInt, UInt) ->
    UInt64
  /// `nova_switch`: goes to a stack that was left, whose caller gets the value.
  public typealias Switch = @convention(c) (UnsafeMutablePointer<UInt>?, UInt, UInt64) -> UInt64

  let top: UInt
  let call: Call
  let switchTo: Switch

  /// - Safety: the bytes stay, and nobody else's, while the context is used. They are as many as
  ///   the compiled code says that its calls take, within the limits of the context's stacks.
  public init(
    _ bytes: UnsafeMutableRawBufferPointer, call: @escaping Call, switchTo: @escaping Switch
  ) {
    unsafe top = (UInt(bitPattern: bytes.baseAddress) &+ UInt(bytes.count)) & ~15
    unsafe self.call = call
    unsafe self.switchTo = switchTo
  }
}

/// Where compiled code finds what it needs, in bytes from the context's address; and what it gives
/// `nova_switch` when it leaves its stack.
public enum CompiledLayout {
  /// Descriptors of own functions.
  public static var functions: Int { ContextLayout.functions }
  /// The end of the register stack.
  public static var registerStackLimit: Int { ContextLayout.registerStackLimit }
  /// The end of the control stack.
  public static var controlStackLimit: Int { ContextLayout.controlStackLimit }
  /// Units left, signed.
  public static var fuel: Int { ContextLayout.fuel }
  /// Bytes of memory 0.
  public static var memoryByteCount: Int { ContextLayout.memoryByteCount }
  /// Byte 0 of memory 0.
  public static var memoryAddress: Int { ContextLayout.memoryAddress }
  /// Own globals.
  public static var globals: Int { ContextLayout.globals }
  /// Cells of table 0.
  public static var tableCells: Int { ContextLayout.tableCells }
  /// Elements of table 0.
  public static var tableElementCount: Int { ContextLayout.tableElementCount }
  /// Canonical numbers of types.
  public static var typeIdentifiers: Int { ContextLayout.typeIdentifiers }
  /// The record of the instance that runs.
  public static var instance: Int { ContextLayout.instance }
  /// Records of memories.
  public static var memories: Int { ContextLayout.memories }
  /// Records of tables.
  public static var tables: Int { ContextLayout.tables }
  /// Addresses of imported globals.
  public static var importedGlobals: Int { ContextLayout.importedGlobals }
  /// The instruction at which compiled code left.
  public static var savedCounter: Int { ContextLayout.savedCounter }
  /// Its frame.
  public static var savedFrame: Int { ContextLayout.savedFrame }
  /// Its place on the control stack.
  public static var savedControl: Int { ContextLayout.savedControl }
  /// `nova_switch`.
  public static var stackSwitch: Int { ContextLayout.stackSwitch }
  /// Where it keeps its stack pointer.
  public static var compiledStack: Int { ContextLayout.compiledStack }
  /// The stack pointer to leave to.
  public static var callerStack: Int { ContextLayout.callerStack }

  /// The outer loop does the instruction.
  public static var leftForSlow: UInt64 { HandlerExit.slow }
  /// There is no fuel for the instruction.
  public static var leftForFuel: UInt64 { HandlerExit.fuel }
  /// The element called is of another instance.
  public static var leftForCall: UInt64 { HandlerExit.call }
  /// A trap's, of this kind.
  public static func left(for kind: TrapKind) -> UInt64 { HandlerExit.trap + UInt64(kind.rawValue) }

  /// What stands on the control stack during a call whose last word is `word` of the function.
  public static func mark(function: Int, word: Int) -> UInt64 {
    UInt64(function) << 33 | UInt64(word) << 1 | 1
  }
}

/// What compiled code writes to the control stack where a handler writes a return address: the
/// place of its call.
///
/// Bit 0 is set, which no address of an instruction has.
struct CompiledReturn {
  private let word: UInt64

  init?(word: UInt64) {
    guard word & 1 != 0 else { return nil }
    self.word = word
  }

  /// Bits 1–32 the last word of the call, bits 33–63 the function.
  func frame(_ instanceNumber: UInt32) -> ModuleFrame {
    ModuleFrame(
      instanceNumber: instanceNumber, functionIndex: UInt32(truncatingIfNeeded: word >> 33),
      wordOffset: UInt32(truncatingIfNeeded: word >> 1))
  }
}

extension ExecutionContext {
  /// Lets the context run compiled code.
  public func use(_ stack: CompiledStack) {
    // SAFETY: the words are the context's.
    unsafe set(ContextLayout.compiledStackTop, UInt64(stack.top))
    unsafe set(ContextLayout.stackCall, UInt64(unsafeBitCast(stack.call, to: UInt.self)))
    unsafe set(ContextLayout.stackSwitch, UInt64(unsafeBitCast(stack.switchTo, to: UInt.self)))
  }

  /// Whether compiled code is what a resumption goes on with.
  var isInCompiledCode: Bool {
    // SAFETY: the words are the context's.
    unsafe get(ContextLayout.isCompiled) != 0 && get(ContextLayout.waitingControl) == 0
  }

  /// Where the context keeps a stack pointer.
  func place(_ offset: Int) -> UnsafeMutablePointer<UInt>? {
    // SAFETY: nothing is followed.
    unsafe UnsafeMutablePointer(bitPattern: address &+ UInt(bitPattern: offset))
  }
}

extension Interpreter {
  /// As `call`, of a function that was compiled.
  ///
  /// - Parameters:
  ///   - context: at rest, and given a stack by `use`.
  ///   - function: of an instance.
  ///   - entry: what the compiled code has for that function.
  /// - Returns: as `call`; also the same outcome for the same call.
  /// - Safety: as for `call`; the entry is of code that was compiled from the module's.
  @unsafe public static func callCompiled(
    _ context: ExecutionContext, _ function: UnsafePointer<FunctionDescriptor>,
    _ entry: UnsafeRawPointer
  ) -> Outcome {
    guard let start = unsafe begin(context, function) else {
      return unsafe .trapped(context.trap(.stackExhausted))
    }
    unsafe context.set(ContextLayout.isCompiled, 1)
    unsafe context.refresh()
    let call = unsafe unsafeBitCast(
      UInt(context.get(ContextLayout.stackCall)), to: CompiledStack.Call.self)
    let reason = unsafe call(
      context.place(ContextLayout.callerStack), UInt(context.get(ContextLayout.compiledStackTop)),
      entry, context.address, start.fp, start.cs)
    return unsafe goOn(context, because: reason)
  }

  /// As `resume`, where compiled code left its stack.
  @unsafe static func resumeCompiled(_ context: ExecutionContext, answer: UInt32) -> Outcome {
    // SAFETY: promised by `callCompiled`; the position is at a verified instruction.
    var reason = unsafe context.get(ContextLayout.leaveReason)
    switch unsafe Pending(rawValue: context.get(ContextLayout.pending)) {
    case .instruction:
      // What was short of fuel in the outer loop is done there, and charged there. Compiled code
      // takes the unit that it left for without a look: there has to be one.
      if unsafe reason == HandlerExit.fuel && context.get(ContextLayout.fuel) != 0 {
        reason = unsafe enterCompiled(context)
      }
    case .answer:
      let instruction = unsafe Instruction(UInt(context.get(ContextLayout.savedCounter)))
      unsafe instruction.write(
        instruction.a, UInt(context.get(ContextLayout.savedFrame)), UInt64(answer))
      reason = unsafe enterCompiled(context)
    case .hostCall: reason = unsafe enterCompiled(context)
    case .observed, .nothing, nil:
      preconditionFailure("nothing was interrupted that could be resumed")
    }
    return unsafe goOn(context, because: reason)
  }

  /// Goes to where compiled code left its stack, and comes back with why it left again.
  @unsafe static func enterCompiled(_ context: ExecutionContext) -> UInt64 {
    // SAFETY: promised by `callCompiled`: compiled code is under way, and was left.
    unsafe context.refresh()
    let switchTo = unsafe unsafeBitCast(
      UInt(context.get(ContextLayout.stackSwitch)), to: CompiledStack.Switch.self)
    return unsafe switchTo(
      context.place(ContextLayout.callerStack), UInt(context.get(ContextLayout.compiledStack)), 0)
  }

  /// Does what compiled code left, for a reason of `HandlerExit`, until there is an outcome.
  @unsafe static func goOn(_ context: ExecutionContext, because first: UInt64) -> Outcome {
    var reason = first
    while true {
      // SAFETY: promised by `callCompiled`; compiled code saves the same as handlers.
      unsafe context.set(ContextLayout.leaveReason, reason)
      let position = unsafe Position(
        pc: UInt(context.get(ContextLayout.savedCounter)),
        fp: UInt(context.get(ContextLayout.savedFrame)),
        cs: UInt(context.get(ContextLayout.savedControl)))
      if reason == HandlerExit.done { unsafe context.set(ContextLayout.isCompiled, 0) }
      switch unsafe after(reason, context, position) {
      case .end(let outcome): return unsafe outcome
      case .next(let next) where next.cs != position.cs:
        // A call into another instance, which is interpreted, and whatever it calls. A tail call's
        // way back takes the entry with it that the compiled function was called with.
        let isTail = unsafe Instruction(position.pc).isTail
        unsafe context.set(
          ContextLayout.waitingControl, UInt64(position.cs &- (isTail ? 16 : 0)))
        if let outcome = unsafe interpret(context, next) { return unsafe outcome }
      case .next, .compiled: break
      }
      reason = unsafe enterCompiled(context)
    }
  }
}
