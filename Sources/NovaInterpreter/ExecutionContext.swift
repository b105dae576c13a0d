// ExecutionContext.swift — one execution: table of handlers, limits, stacks, and where it stands.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Interpreter.md.

/// One execution at a time, in storage of the caller.
@unsafe public struct ExecutionContext {
  /// Where operation 0's handler is.
  let address: UInt

  /// Bytes of `storage`.
  public static var byteCount: Int { ContextLayout.byteCount }
  /// Bytes of the control stack for each call under way, and for one more.
  public static let controlByteCountPerCall = 16
  /// Calls that a control stack must have room for at the least.
  public static let callDepthMin = 4

  /// Makes a context.
  ///
  /// - Parameters:
  ///   - storage: `byteCount` bytes, aligned to 64.
  ///   - registers: the register stack, aligned to 8; as many bytes as frames may take together.
  ///   - controls: the control stack, aligned to 8; 16 bytes for each call that may be under way
  ///     at once, at least `callDepthMin`. A call into another instance takes two.
  ///   - instances: every instance by its number; 0 is the host's.
  ///   - mode: how it runs; as fast as it can unless told otherwise.
  ///   - isUsed: whether `storage` was a context's, and nobody has written to it since: its table
  ///     is then filled anew only for another mode.
  /// - Safety: all of them stay valid, and nobody else's, while the context is used.
  public init(
    storage: UnsafeMutableRawPointer, registers: UnsafeMutableRawBufferPointer,
    controls: UnsafeMutableRawBufferPointer,
    instances: UnsafeMutableBufferPointer<UnsafeMutablePointer<InstanceRecord>?>,
    mode: ExecutionMode = ExecutionMode(), isUsed: Bool = false
  ) {
    precondition(
      unsafe controls.count >= Self.callDepthMin * Self.controlByteCountPerCall,
      "the control stack has room for callDepthMin calls")
    unsafe address = UInt(bitPattern: storage) &+ UInt(ContextLayout.headerByteCount)
    unsafe set(ContextLayout.zero, 0)
    unsafe set(ContextLayout.exitInstruction, UInt64(InternalOperation.exit))
    unsafe set(ContextLayout.exitInstanceInstruction, UInt64(InternalOperation.exitInstance))
    let registerAddress = UInt(bitPattern: registers.baseAddress)
    let controlAddress = UInt(bitPattern: controls.baseAddress)
    unsafe set(ContextLayout.registerStack, UInt64(registerAddress))
    unsafe set(
      ContextLayout.registerStackLimit, UInt64(registerAddress &+ UInt(registers.count)))
    unsafe set(ContextLayout.controlStack, UInt64(controlAddress))
    unsafe set(
      ContextLayout.controlStackLimit,
      UInt64(controlAddress &+ UInt(controls.count / 16 * 16)))
    unsafe set(ContextLayout.instances, UInt64(UInt(bitPattern: instances.baseAddress)))
    unsafe set(ContextLayout.instanceCount, UInt64(instances.count))
    unsafe set(ContextLayout.fuel, 0)
    unsafe set(ContextLayout.savedFrame, UInt64(registerAddress))
    unsafe set(ContextLayout.savedControl, UInt64(controlAddress &+ 16))
    unsafe set(ContextLayout.savedCounter, 0)
    unsafe set(ContextLayout.savedInteger, 0)
    unsafe set(ContextLayout.savedFloat, 0)
    unsafe set(ContextLayout.instance, 0)
    unsafe set(ContextLayout.bulkDone, 0)
    unsafe set(ContextLayout.pending, Pending.nothing.rawValue)
    unsafe set(ContextLayout.isCompiled, 0)
    unsafe set(ContextLayout.waitingControl, 0)
    if unsafe !isUsed || self.mode != mode { unsafe self.mode = mode }
  }

  /// How it runs; set it between a return of `Interpreter` and the next resumption.
  public var mode: ExecutionMode {
    get {
      let bits = unsafe get(ContextLayout.mode)
      return ExecutionMode(isCharged: bits & 1 != 0, isObserved: bits & 2 != 0)
    }
    nonmutating set {
      unsafe set(ContextLayout.mode, newValue.rawValue)
      // SAFETY: `address` is this context's.
      unsafe HandlerTable.fill(address, newValue)
    }
  }

  /// Units left; only charged modes take from it.
  public var fuel: UInt64 {
    // SAFETY: the words are the context's.
    get { unsafe get(ContextLayout.fuel) }
    nonmutating set { unsafe set(ContextLayout.fuel, min(newValue, UInt64(Int64.max))) }
  }

  /// Register 0 of the frame that the host is at: arguments go here before a call, results are
  /// here after it; in a call of the host, its arguments, and its results on resumption.
  public var window: UnsafeMutablePointer<UInt64> {
    // SAFETY: within the register stack, whose address is not 0.
    unsafe UnsafeMutablePointer(bitPattern: UInt(get(ContextLayout.savedFrame)))
      .unsafelyUnwrapped
  }

  @inline(__always) func get(_ offset: Int) -> UInt64 {
    // SAFETY: offsets are those of ContextLayout, below this context's address.
    unsafe ContextLayout.load(address, offset)
  }

  @inline(__always) func set(_ offset: Int, _ word: UInt64) {
    // SAFETY: as in `get`.
    unsafe ContextLayout.store(address, offset, word)
  }

  /// The instance whose code runs.
  var instance: UnsafeMutablePointer<InstanceRecord> {
    // SAFETY: `Interpreter` sets it before any code runs.
    unsafe UnsafeMutablePointer(bitPattern: UInt(get(ContextLayout.instance)))
      .unsafelyUnwrapped
  }
}

/// Numbers of the operations that no module may contain.
enum InternalOperation {
  static let exit: UInt16 = 1022
  static let exitInstance: UInt16 = 1023
}
