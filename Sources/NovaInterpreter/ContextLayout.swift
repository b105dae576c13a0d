// ContextLayout.swift — the context's words, below the table of handlers that it begins with.
// Freestanding, no heap. Imports nothing. Drawing: NovaCore.docc/Interpreter.md.

/// Byte offsets from the context's address, where the handler of operation 0 is.
///
/// Handlers reach what they need with a short displacement, and the table without any.
enum ContextLayout {
  // Of the instance that runs; set by `enter`.
  static let functions = -8
  static let registerStackLimit = -16
  static let controlStackLimit = -24
  /// Units left, signed; a handler of the fuel table never makes it negative.
  static let fuel = -32
  static let memoryByteCount = -40
  static let globals = -48
  static let tableCells = -56
  static let tableElementCount = -64
  static let typeIdentifiers = -72
  static let instance = -80
  static let memories = -88
  static let tables = -96
  static let importedGlobals = -104

  // Where the machine stood when it returned to the outer loop.
  static let savedCounter = -112
  static let savedFrame = -120
  static let savedControl = -128
  static let savedInteger = -136
  static let savedFloat = -144

  /// Always 0; `zero` copies it.
  static let zero = -152
  // Instructions of the internal operations, to which outermost calls return.
  static let exitInstruction = -160
  static let exitInstanceInstruction = -168
  // Of the context itself, set once.
  static let controlStack = -176
  static let registerStack = -184
  static let mode = -192
  static let instances = -200
  static let instanceCount = -208
  /// What a resumption goes on with: `Pending`.
  static let pending = -216
  /// Bytes or elements of the bulk work under way that are done; 0 when none is.
  static let bulkDone = -224

  /// Words from here downwards are what handlers leave to others: `handlerExitList`.
  static let exits = -264

  // Below the exits: what compiled code needs besides; see `Interpreter.callCompiled`.
  /// The function that goes to another stack, `nova_switch`.
  static let stackSwitch = -408
  /// The stack pointer that compiled code left its stack with.
  static let compiledStack = -416
  /// The stack pointer that its caller left the own stack with.
  static let callerStack = -424
  /// Memory 0's address, which handlers have in a register.
  static let memoryAddress = -432
  /// The end of the stack, where the outermost compiled function begins.
  static let compiledStackTop = -440
  /// The function that calls on another stack, `nova_switch_call`.
  static let stackCall = -448
  /// Whether compiled code is under way: 1 or 0.
  static let isCompiled = -456
  /// The control stack at which compiled code waits for interpreted code; 0 when it does not.
  static let waitingControl = -464
  /// Why it left its stack: `HandlerExit`.
  static let leaveReason = -472

  /// Bytes below the table; a multiple of 64.
  static let headerByteCount = 512
  /// Handlers in the table: every base operation in every form.
  static let handlerCount = 4096
  /// Bytes of a context.
  static let byteCount = headerByteCount + handlerCount * 8

  /// - Safety: `address + offset` is a word of 8 bytes that may be written.
  @unsafe @inline(__always) static func store(_ address: UInt, _ offset: Int, _ word: UInt64) {
    // SAFETY: promised by the caller.
    unsafe UnsafeMutablePointer<UInt64>(bitPattern: address &+ UInt(bitPattern: offset))
      .unsafelyUnwrapped.pointee = word
  }

  /// - Safety: `address + offset` is a word of 8 bytes.
  @unsafe @inline(__always) static func load(_ address: UInt, _ offset: Int) -> UInt64 {
    // SAFETY: promised by the caller.
    unsafe UnsafePointer<UInt64>(bitPattern: address &+ UInt(bitPattern: offset))
      .unsafelyUnwrapped.pointee
  }

  /// - Safety: two bytes, aligned to two, are at `address`.
  @unsafe @inline(__always) static func halfWord(_ address: UInt) -> UInt16 {
    // SAFETY: promised by the caller.
    unsafe UnsafePointer<UInt16>(bitPattern: address).unsafelyUnwrapped.pointee
  }

  /// - Safety: a byte is at `address`.
  @unsafe @inline(__always) static func byte(_ address: UInt) -> UInt8 {
    // SAFETY: promised by the caller.
    unsafe UnsafePointer<UInt8>(bitPattern: address).unsafelyUnwrapped.pointee
  }

  /// The handler in a context's table for the instruction at `pc`.
  ///
  /// - Safety: `ctx` is a context, `pc` at a verified instruction.
  @unsafe @inline(__always) static func handler(_ ctx: UInt, _ pc: UInt) -> Handler {
    // SAFETY: promised by the caller; the verifier admits only operations that have a handler.
    unsafe UnsafePointer<Handler>(bitPattern: ctx &+ UInt(halfWord(pc)) &* 8)
      .unsafelyUnwrapped.pointee
  }
}
