// ExecutionContext+Slow.swift — operations that handlers leave to the outer loop: memories.
// Freestanding, no heap. Imports NovaBytecode. Source: WebAssembly 2.0, section 4.4.7.

import NovaBytecode

/// What a slow operation came to.
@unsafe enum SlowResult {
  case done
  case trap(TrapKind)
  case exhausted
  /// The host answers, then the next instruction follows.
  case ask(Outcome)
}

extension ExecutionContext {
  /// Does the slow instruction at the position.
  func doSlowly(_ position: Position) -> Step {
    // SAFETY: handlers saved the position of a verified instruction.
    let instruction = unsafe Instruction(position.pc)
    switch unsafe instruction.operation {
    case .callImport, .returnCallImport: return unsafe callImport(instruction, position)
    default: break
    }
    switch unsafe effect(of: instruction, position.fp) {
    case .done:
      return unsafe .next(Position(pc: instruction.next, fp: position.fp, cs: position.cs))
    case .trap(let kind): return unsafe .end(.trapped(trap(kind)))
    case .exhausted: return unsafe fuelExhausted()
    case .ask(let outcome):
      unsafe set(ContextLayout.pending, Pending.answer.rawValue)
      return unsafe .end(outcome)
    }
  }

  private func effect(of instruction: Instruction, _ fp: UInt) -> SlowResult {
    // SAFETY: the instruction was verified against its instance.
    switch unsafe instruction.operation {
    case .memoryGrow:
      guard unsafe charge(1) else { return unsafe .exhausted }
      let pages = unsafe UInt32(instruction.read32(instruction.b, fp))
      return unsafe .ask(.growMemory(memory(instruction.c), pageCount: pages))
    case .memoryCopy: return unsafe copyMemory(instruction, fp)
    case .memoryFill: return unsafe fillMemory(instruction, fp)
    case .memoryInit: return unsafe initializeMemory(instruction, fp)
    case .dataDrop:
      unsafe dataSegment(instruction.imm32).pointee.count = 0
      return unsafe .done
    default: return unsafe tableEffect(of: instruction, fp)
    }
  }

  @inline(never) private func copyMemory(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    let target = unsafe memory(instruction.x0)
    let source = unsafe memory(instruction.x1)
    let bulk = unsafe Bulk(instruction, fp)
    guard unsafe bulk.isWithin(target.pointee.byteCount, source.pointee.byteCount) else {
      return unsafe .trap(.memoryOutOfBounds)
    }
    return unsafe inPieces(bulk, bytesEach: 1, fromEnd: bulk.target > bulk.source) { first, count in
      // SAFETY: both ranges were just checked; they may overlap.
      unsafe (target.pointee.bytes + bulk.target + first).copyMemory(
        from: source.pointee.bytes + bulk.source + first, byteCount: count)
    }
  }

  @inline(never) private func fillMemory(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    let target = unsafe memory(instruction.x0)
    let bulk = unsafe Bulk(instruction, fp)
    guard unsafe bulk.isWithin(target.pointee.byteCount, .max) else {
      return unsafe .trap(.memoryOutOfBounds)
    }
    let byte = UInt8(truncatingIfNeeded: bulk.source)
    return unsafe inPieces(bulk, bytesEach: 1) { first, count in
      // SAFETY: the range was just checked.
      unsafe (target.pointee.bytes + bulk.target + first).initializeMemory(
        as: UInt8.self, repeating: byte, count: count)
    }
  }

  @inline(never) private func initializeMemory(
    _ instruction: Instruction, _ fp: UInt
  ) -> SlowResult {
    let target = unsafe memory(instruction.x0)
    let segment = unsafe dataSegment(instruction.xhi)
    let bulk = unsafe Bulk(instruction, fp)
    guard unsafe bulk.isWithin(target.pointee.byteCount, segment.pointee.count) else {
      return unsafe .trap(.memoryOutOfBounds)
    }
    return unsafe inPieces(bulk, bytesEach: 1) { first, count in
      guard let start = unsafe segment.pointee.start else { return }
      // SAFETY: both ranges were just checked; a segment is no part of a memory.
      unsafe (target.pointee.bytes + bulk.target + first).copyMemory(
        from: start + bulk.source + first, byteCount: count)
    }
  }

  private func memory(_ index: UInt) -> UnsafeMutablePointer<MemoryRecord> {
    guard let memories = unsafe instance.pointee.memories else {
      preconditionFailure("verified code names only memories that there are")
    }
    // SAFETY: verified: the number is below the count.
    return unsafe memories[Int(index)]
  }

  private func dataSegment(_ index: UInt) -> UnsafeMutablePointer<SegmentRecord> {
    guard let segments = unsafe instance.pointee.dataSegments else {
      preconditionFailure("verified code names only segments that there are")
    }
    // SAFETY: verified: the number is below the count.
    return unsafe segments + Int(index)
  }
}
