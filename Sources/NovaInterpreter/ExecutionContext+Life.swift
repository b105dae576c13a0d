// ExecutionContext+Life.swift — entering an instance, traps, suspension, the module's backtrace.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Interpreter.md.

extension ExecutionContext {
  /// Forgets whatever is under way; the stacks are empty.
  public func reset() {
    // SAFETY: the words are the context's.
    unsafe set(ContextLayout.savedFrame, get(ContextLayout.registerStack))
    unsafe set(ContextLayout.savedControl, get(ContextLayout.controlStack) &+ 16)
    unsafe set(ContextLayout.pending, Pending.nothing.rawValue)
    unsafe set(ContextLayout.bulkDone, 0)
    unsafe set(ContextLayout.isCompiled, 0)
    unsafe set(ContextLayout.waitingControl, 0)
  }

  /// Makes room for a call in the midst of another, from a call of the host.
  ///
  /// Not while compiled code is under way: a call from its host has a context of its own.
  ///
  /// - Parameters:
  ///   - call: what the host was asked for.
  ///   - registerCount: registers of its window that stay untouched.
  /// - Returns: what `restore` takes before the interrupted execution is resumed.
  public func suspend(_ call: HostCall, keeping registerCount: Int) -> Suspension {
    // SAFETY: the words are the context's, the window its own outcome's.
    precondition(
      unsafe get(ContextLayout.isCompiled) == 0, "compiled code's stack has one call at a time")
    let suspension = unsafe Suspension(
      counter: get(ContextLayout.savedCounter), frame: get(ContextLayout.savedFrame),
      control: get(ContextLayout.savedControl), integer: get(ContextLayout.savedInteger),
      float: get(ContextLayout.savedFloat), instance: get(ContextLayout.instance),
      pending: get(ContextLayout.pending))
    let window = unsafe UInt(bitPattern: call.window) &+ UInt(registerCount) &* 8
    unsafe set(ContextLayout.savedFrame, UInt64(window))
    unsafe set(ContextLayout.pending, Pending.nothing.rawValue)
    return unsafe suspension
  }

  /// Back to where `suspend` was called, whatever happened to the call since.
  public func restore(_ suspension: Suspension) {
    // SAFETY: the suspension holds what the context's words held.
    unsafe set(ContextLayout.savedCounter, suspension.counter)
    unsafe set(ContextLayout.savedFrame, suspension.frame)
    unsafe set(ContextLayout.savedControl, suspension.control)
    unsafe set(ContextLayout.savedInteger, suspension.integer)
    unsafe set(ContextLayout.savedFloat, suspension.float)
    unsafe set(ContextLayout.pending, suspension.pending)
    // A call of the host is no bulk work; what ran since may have been given up in some.
    unsafe set(ContextLayout.bulkDone, 0)
    if let instance = unsafe UnsafeMutablePointer<InstanceRecord>(
      bitPattern: UInt(suspension.instance))
    {
      unsafe enter(instance)
    }
  }

  /// The module's frames, the innermost first, down to the host's last call, until `body` says no.
  ///
  /// - Complexity: O(frames × log functions).
  public func backtrace(_ body: (ModuleFrame) -> Bool) {
    var instance = unsafe self.instance
    let exit = unsafe address &+ UInt(bitPattern: ContextLayout.exitInstruction)
    let exitInstance = unsafe address &+ UInt(bitPattern: ContextLayout.exitInstanceInstruction)
    guard unsafe body(frame(at: UInt(get(ContextLayout.savedCounter)), instance)) else { return }
    let bottom = unsafe UInt(get(ContextLayout.controlStack))
    var cs = unsafe UInt(get(ContextLayout.savedControl)) &- 16
    while cs > bottom {
      cs = cs &- 16
      // SAFETY: entries between the bottom and the saved control stack were pushed.
      let pc = unsafe UInt(ContextLayout.load(cs, 0))
      if pc == exit { return }
      if pc == exitInstance {
        if let caller = unsafe UnsafeMutablePointer<InstanceRecord>(
          bitPattern: UInt(ContextLayout.load(cs, 8)))
        {
          unsafe instance = caller
        }
        continue
      }
      if let place = CompiledReturn(word: UInt64(pc)) {
        guard unsafe body(place.frame(instance.pointee.number)) else { return }
        continue
      }
      guard unsafe body(frame(at: pc &- 8, instance)) else { return }
    }
  }

  /// The place of `pc`, which lies in the code of `instance`.
  func frame(at pc: UInt, _ instance: UnsafeMutablePointer<InstanceRecord>) -> ModuleFrame {
    var low = 0
    var high = unsafe Int(instance.pointee.functionCount)
    let functions = unsafe instance.pointee.functions
    // The last function that begins at or before `pc`.
    while high - low > 1 {
      let middle = (low + high) / 2
      // SAFETY: `middle` is below the count.
      let code = unsafe functions.map { unsafe UInt(bitPattern: $0[middle].code) } ?? 0
      if code <= pc { low = middle } else { high = middle }
    }
    let code = unsafe functions.map { unsafe UInt(bitPattern: $0[low].code) } ?? pc
    return unsafe ModuleFrame(
      instanceNumber: instance.pointee.number, functionIndex: UInt32(low),
      wordOffset: UInt32(truncatingIfNeeded: (pc &- code) / 8))
  }

  func trap(_ kind: TrapKind) -> Trap {
    // SAFETY: the words are the context's.
    let place = unsafe frame(at: UInt(get(ContextLayout.savedCounter)), instance)
    unsafe set(ContextLayout.pending, Pending.nothing.rawValue)
    unsafe set(ContextLayout.bulkDone, 0)
    return Trap(
      kind: kind, instanceNumber: place.instanceNumber, functionIndex: place.functionIndex,
      wordOffset: place.wordOffset)
  }

  func fuelExhausted() -> Step {
    // SAFETY: the word is the context's.
    unsafe set(ContextLayout.pending, Pending.instruction.rawValue)
    return unsafe .end(.fuelExhausted)
  }

  /// Makes `instance` the one whose numbers the code means.
  func enter(_ instance: UnsafeMutablePointer<InstanceRecord>) {
    // SAFETY: the loader keeps the instance while it runs; the words are the context's.
    unsafe set(ContextLayout.instance, UInt64(UInt(bitPattern: instance)))
    unsafe set(ContextLayout.functions, word(instance.pointee.functions))
    unsafe set(ContextLayout.globals, word(instance.pointee.globals))
    unsafe set(ContextLayout.typeIdentifiers, word(instance.pointee.typeIdentifiers))
    unsafe set(ContextLayout.memories, word(instance.pointee.memories))
    unsafe set(ContextLayout.tables, word(instance.pointee.tables))
    unsafe set(ContextLayout.importedGlobals, word(instance.pointee.importedGlobals))
  }

  /// What may have changed while the host was at work: memory 0 and table 0.
  ///
  /// - Returns: memory 0's address.
  @discardableResult func refresh() -> UInt {
    let record = unsafe instance.pointee
    var memory: UInt = 0
    unsafe set(ContextLayout.memoryByteCount, 0)
    unsafe set(ContextLayout.tableElementCount, 0)
    unsafe set(ContextLayout.tableCells, 0)
    if unsafe record.memoryCount > 0, let memories = unsafe record.memories {
      // SAFETY: the loader gave as many records as it counted.
      memory = unsafe UInt(bitPattern: memories[0].pointee.bytes)
      unsafe set(ContextLayout.memoryByteCount, memories[0].pointee.byteCount)
    }
    if unsafe record.tableCount > 0, let tables = unsafe record.tables {
      // SAFETY: as above.
      unsafe set(ContextLayout.tableElementCount, tables[0].pointee.elementCount)
      unsafe set(ContextLayout.tableCells, word(tables[0].pointee.cells))
    }
    unsafe set(ContextLayout.memoryAddress, UInt64(memory))
    return memory
  }

  private func word<Pointee>(_ pointer: UnsafeMutablePointer<Pointee>?) -> UInt64 {
    UInt64(UInt(bitPattern: pointer))
  }

  private func word<Pointee>(_ pointer: UnsafePointer<Pointee>?) -> UInt64 {
    UInt64(UInt(bitPattern: pointer))
  }
}
