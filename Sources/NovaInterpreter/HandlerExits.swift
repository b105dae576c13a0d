// HandlerExits.swift — where handlers jump when they cannot go on: traps, fuel, slow operations.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Interpreter.md.

// What handlers take and pass on: program counter, frame, memory 0, last integer result, control
// stack, context, last float result. Every one of them stays in a machine register.
typealias Handler =
  @convention(c) (UInt, UInt, UInt, UInt64, UInt, UInt, Double) -> UInt64

/// Why handlers returned to the outer loop.
enum HandlerExit {
  static let done: UInt64 = 0
  static let slow: UInt64 = 1
  static let fuel: UInt64 = 2
  static let call: UInt64 = 3
  static let instance: UInt64 = 4
  static let observed: UInt64 = 5
  /// This and more: `TrapKind`'s raw value on top.
  static let trap: UInt64 = 16
}

/// Saves where the machine stands, and gives `reason` to the outer loop.
@inline(__always) private func save(
  _ pc: UInt, _ fp: UInt, _ cs: UInt, _ ctx: UInt, _ reason: UInt64
) -> UInt64 {
  // SAFETY: `ctx` is the context that the outer loop entered with; the words are its own.
  unsafe ContextLayout.store(ctx, ContextLayout.savedCounter, UInt64(pc))
  unsafe ContextLayout.store(ctx, ContextLayout.savedFrame, UInt64(fp))
  unsafe ContextLayout.store(ctx, ContextLayout.savedControl, UInt64(cs))
  return reason
}

@inline(never) @c func nova_exit_done(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.done)
}

@inline(never) @c func nova_exit_slow(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.slow)
}

@inline(never) @c func nova_exit_fuel(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  // The instruction may be a form that takes the last result; it happens on resumption.
  // SAFETY: as in `save`.
  unsafe ContextLayout.store(ctx, ContextLayout.savedInteger, acc)
  unsafe ContextLayout.store(ctx, ContextLayout.savedFloat, facc.bitPattern)
  return save(pc, fp, cs, ctx, HandlerExit.fuel)
}

#if Small
  /// The rest of a charged branch of one word that is taken and writes nothing.
  @inline(never) @c func nova_fuel_taken(
    _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
  ) -> UInt64 {
    // SAFETY: `ctx` is a context, `pc` at a verified branch, whose target the verifier checked.
    let left = unsafe Int64(bitPattern: ContextLayout.load(ctx, ContextLayout.fuel)) &- 1
    if _slowPath(left < 0) { return nova_exit_fuel(pc, fp, mem, acc, cs, ctx, facc) }
    unsafe ContextLayout.store(ctx, ContextLayout.fuel, UInt64(bitPattern: left))
    let displacement = unsafe Int16(bitPattern: ContextLayout.halfWord(pc &+ 6))
    let target = pc &+ 8 &+ UInt(bitPattern: Int(displacement) &* 8)
    return unsafe ContextLayout.handler(ctx, target)(target, fp, mem, acc, cs, ctx, facc)
  }
#endif

@inline(never) @c func nova_exit_call(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.call)
}

@inline(never) @c func nova_exit_instance(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.instance)
}

@inline(never) @c func nova_trap_unreachable(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.unreachable.rawValue))
}

@inline(never) @c func nova_trap_zero(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.integerDivisionByZero.rawValue))
}

@inline(never) @c func nova_trap_overflow(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.integerOverflow.rawValue))
}

@inline(never) @c func nova_trap_memory(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.memoryOutOfBounds.rawValue))
}

@inline(never) @c func nova_trap_element(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.tableOutOfBounds.rawValue))
}

@inline(never) @c func nova_trap_null(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.nullReference.rawValue))
}

@inline(never) @c func nova_trap_type(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.typeMismatch.rawValue))
}

@inline(never) @c func nova_trap_stack(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.stackExhausted.rawValue))
}

@inline(never) @c func nova_trap_conversion(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  save(pc, fp, cs, ctx, HandlerExit.trap + UInt64(TrapKind.invalidConversion.rawValue))
}

/// Stands in every place of the observing table: the outer loop has the real one called.
@inline(never) @c func nova_exit_observed(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  // SAFETY: as in `save`.
  unsafe ContextLayout.store(ctx, ContextLayout.savedInteger, acc)
  unsafe ContextLayout.store(ctx, ContextLayout.savedFloat, facc.bitPattern)
  return save(pc, fp, cs, ctx, HandlerExit.observed)
}

// The rest of a float operation of one word whose result is a NaN, apart because it is rare.

@inline(never) @c func nova_canonical_f32_a(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  let bits: UInt64 = 0x7fc0_0000
  // SAFETY: `pc` is at a verified instruction whose field names a register of the frame.
  let register = unsafe ContextLayout.halfWord(pc &+ 2)
  unsafe ContextLayout.store(fp, Int(register) &* 8, bits)
  let handler = unsafe ContextLayout.handler(ctx, pc &+ 8)
  return handler(pc &+ 8, fp, mem, acc, cs, ctx, Double(bitPattern: bits))
}

@inline(never) @c func nova_canonical_f32_a0(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  let bits: UInt64 = 0x7fc0_0000
  // SAFETY: `pc` is at a verified instruction whose field names a register of the frame.
  let register = unsafe ContextLayout.byte(pc &+ 2)
  unsafe ContextLayout.store(fp, Int(register) &* 8, bits)
  let handler = unsafe ContextLayout.handler(ctx, pc &+ 8)
  return handler(pc &+ 8, fp, mem, acc, cs, ctx, Double(bitPattern: bits))
}

@inline(never) @c func nova_canonical_f64_a(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  let bits: UInt64 = 0x7ff8_0000_0000_0000
  // SAFETY: `pc` is at a verified instruction whose field names a register of the frame.
  let register = unsafe ContextLayout.halfWord(pc &+ 2)
  unsafe ContextLayout.store(fp, Int(register) &* 8, bits)
  let handler = unsafe ContextLayout.handler(ctx, pc &+ 8)
  return handler(pc &+ 8, fp, mem, acc, cs, ctx, Double(bitPattern: bits))
}

@inline(never) @c func nova_canonical_f64_a0(
  _ pc: UInt, _ fp: UInt, _ mem: UInt, _ acc: UInt64, _ cs: UInt, _ ctx: UInt, _ facc: Double
) -> UInt64 {
  let bits: UInt64 = 0x7ff8_0000_0000_0000
  // SAFETY: `pc` is at a verified instruction whose field names a register of the frame.
  let register = unsafe ContextLayout.byte(pc &+ 2)
  unsafe ContextLayout.store(fp, Int(register) &* 8, bits)
  let handler = unsafe ContextLayout.handler(ctx, pc &+ 8)
  return handler(pc &+ 8, fp, mem, acc, cs, ctx, Double(bitPattern: bits))
}
