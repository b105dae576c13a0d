// ExecutionContext+Calls.swift — calls that leave the instance: other instances and the host.
// Freestanding, no heap. Imports NovaBytecode. Design: NovaCore.docc/Interpreter.md.

import NovaBytecode

extension ExecutionContext {
  /// Whether a callee's frame at `fp` and control entries up to `cs` are within the limits.
  func hasRoom(_ fp: UInt, _ cs: UInt, _ function: UnsafePointer<FunctionDescriptor>) -> Bool {
    // SAFETY: the words are the context's, the descriptor its caller's promise.
    let limit = unsafe UInt(get(ContextLayout.registerStackLimit))
    let byteCount = unsafe UInt(function.pointee.frameByteCount)
    return unsafe fp <= limit && byteCount <= limit &- fp
      && cs <= UInt(get(ContextLayout.controlStackLimit))
  }

  /// Writes the entry of the control stack that ends at `cs`.
  func push(_ cs: UInt, _ pc: UInt, _ fp: UInt) {
    // SAFETY: `hasRoom` allowed the entry.
    unsafe ContextLayout.store(cs, -16, UInt64(pc))
    unsafe ContextLayout.store(cs, -8, UInt64(fp))
  }

  /// Takes fuel when the mode charges; false when there is too little.
  func charge(_ units: UInt64) -> Bool {
    // SAFETY: the word is the context's.
    guard unsafe mode.isCharged else { return true }
    let left = unsafe get(ContextLayout.fuel)
    guard left >= units else { return false }
    unsafe set(ContextLayout.fuel, left &- units)
    return true
  }

  /// `call_import` and `return_call_import`: charged here, because its handler is a slow one.
  @inline(never) func callImport(_ instruction: Instruction, _ position: Position) -> Step {
    guard unsafe charge(1) else { return unsafe fuelExhausted() }
    guard let imports = unsafe instance.pointee.imports else {
      preconditionFailure("verified code calls only imports that there are")
    }
    // SAFETY: verified: the number is below the count of imports.
    let function = unsafe imports[Int(instruction.imm32)]
    return unsafe call(function, instruction, position)
  }

  /// `call_indirect` or `return_call_indirect` of a function of another instance or of the host;
  /// charged and checked in its handler.
  @inline(never) func callElement(_ position: Position) -> Step {
    let instruction = unsafe Instruction(position.pc)
    let base = unsafe instruction.operation.base
    let isFar = base == .callIndirectFar || base == .returnCallIndirectFar
    let register = unsafe instruction.isTail ? instruction.a : instruction.b
    guard let tables = unsafe instance.pointee.tables else {
      preconditionFailure("verified code names only tables that there are")
    }
    // SAFETY: the handler found the index below the count, the element not null.
    let table = unsafe tables[isFar ? Int(instruction.xhi) : 0].pointee
    let cell = unsafe table.cells[Int(instruction.read32(register, position.fp))]
    guard let function = unsafe UnsafePointer<FunctionDescriptor>(bitPattern: UInt(cell)) else {
      return unsafe .end(.trapped(trap(.nullReference)))
    }
    return unsafe call(function, instruction, position)
  }

  private func call(
    _ function: UnsafePointer<FunctionDescriptor>, _ instruction: Instruction,
    _ position: Position
  ) -> Step {
    let isTail = unsafe instruction.isTail
    let frame = unsafe isTail ? position.fp : position.fp &+ instruction.a &* 8
    guard let code = unsafe function.pointee.code, let callee = unsafe function.pointee.instance
    else {
      unsafe set(ContextLayout.pending, Pending.hostCall.rawValue)
      // SAFETY: verified: the window lies within the frame.
      let window = unsafe UnsafeMutablePointer<UInt64>(bitPattern: frame).unsafelyUnwrapped
      return unsafe .end(.hostCall(HostCall(function: function, window: window)))
    }
    let back = unsafe address &+ UInt(bitPattern: ContextLayout.exitInstanceInstruction)
    // SAFETY: the entry that the running function returns by is there.
    let isBack = unsafe UInt(ContextLayout.load(position.cs, -32)) == back
    // Behind an entry that brings the caller's instance back, a tail call needs no other: however
    // often instances hand a frame on, the stack grows once.
    let control = position.cs &+ (isTail ? isBack ? 0 : 16 : 32)
    guard unsafe hasRoom(frame, control &- 16, function) else {
      return unsafe .end(.trapped(trap(.stackExhausted)))
    }
    if !isTail { unsafe push(position.cs, instruction.next, position.fp) }
    if control != position.cs {
      unsafe push(control &- 16, back, UInt(bitPattern: instance))
    }
    unsafe enter(callee)
    return unsafe .next(Position(pc: UInt(bitPattern: code), fp: frame, cs: control))
  }
}
