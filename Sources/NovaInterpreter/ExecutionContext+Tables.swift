// ExecutionContext+Tables.swift — operations that handlers leave to the outer loop: tables.
// Freestanding, no heap. Imports NovaBytecode. Source: WebAssembly 2.0, section 4.4.6.

import NovaBytecode

extension ExecutionContext {
  func tableEffect(of instruction: Instruction, _ fp: UInt) -> SlowResult {
    switch unsafe instruction.operation {
    case .tableGet: return unsafe getElement(instruction, fp)
    case .tableSet: return unsafe setElement(instruction, fp)
    case .tableGrow: return unsafe growTable(instruction, fp)
    case .tableCopy: return unsafe copyTable(instruction, fp)
    case .tableFill: return unsafe fillTable(instruction, fp)
    case .tableInit: return unsafe initializeTable(instruction, fp)
    case .elemDrop:
      unsafe elementSegment(instruction.imm32).pointee.count = 0
    case .refFunc:
      guard let functions = unsafe instance.pointee.functions else {
        preconditionFailure("verified code names only functions that there are")
      }
      // SAFETY: verified: the number is below the count of functions.
      let function = unsafe functions + Int(instruction.imm32)
      unsafe instruction.write(
        instruction.a, fp, reference(UInt64(UInt(bitPattern: function)), .function))
    case .refImport:
      guard let imports = unsafe instance.pointee.imports else {
        preconditionFailure("verified code names only imports that there are")
      }
      // SAFETY: verified: the number is below the count of imports.
      let function = unsafe imports[Int(instruction.imm32)]
      unsafe instruction.write(
        instruction.a, fp, reference(UInt64(UInt(bitPattern: function)), .function))
    default: preconditionFailure("the handler of a fast operation does it")
    }
    return unsafe .done
  }

  private func getElement(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    let table = unsafe self.table(instruction.c).pointee
    let index = unsafe instruction.read32(instruction.b, fp)
    guard unsafe index < table.elementCount else { return unsafe .trap(.tableOutOfBounds) }
    // SAFETY: the index was just checked.
    let cell = unsafe table.cells[Int(index)]
    unsafe instruction.write(instruction.a, fp, reference(cell, table.kind))
    return unsafe .done
  }

  private func setElement(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    let table = unsafe self.table(instruction.c).pointee
    let index = unsafe instruction.read32(instruction.a, fp)
    guard unsafe index < table.elementCount else { return unsafe .trap(.tableOutOfBounds) }
    guard let cell = unsafe cell(instruction.read(instruction.b, fp), table.kind) else {
      return unsafe .trap(.invalidReference)
    }
    // SAFETY: the index was just checked.
    unsafe table.cells[Int(index)] = cell
    return unsafe .done
  }

  private func growTable(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    // SAFETY: the instruction was verified against its instance.
    let table = unsafe self.table(instruction.x0)
    guard let cell = unsafe cell(instruction.read(instruction.b, fp), table.pointee.kind) else {
      return unsafe .trap(.invalidReference)
    }
    guard unsafe charge(1) else { return unsafe .exhausted }
    let count = unsafe UInt32(instruction.read32(instruction.c, fp))
    return unsafe .ask(.growTable(table, elementCount: count, cell: cell))
  }

  private func copyTable(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    let target = unsafe table(instruction.x0).pointee
    let source = unsafe table(instruction.x1).pointee
    let bulk = unsafe Bulk(instruction, fp)
    guard unsafe bulk.isWithin(target.elementCount, source.elementCount) else {
      return unsafe .trap(.tableOutOfBounds)
    }
    return unsafe inPieces(bulk, bytesEach: 8, fromEnd: bulk.target > bulk.source) { first, count in
      // SAFETY: both ranges were just checked; they may overlap.
      unsafe (target.cells + bulk.target + first).update(
        from: source.cells + bulk.source + first, count: count)
    }
  }

  private func fillTable(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    let target = unsafe table(instruction.x0).pointee
    let bulk = unsafe Bulk(instruction, fp)
    guard unsafe bulk.isWithin(target.elementCount, .max) else {
      return unsafe .trap(.tableOutOfBounds)
    }
    guard let cell = unsafe cell(instruction.read(instruction.b, fp), target.kind) else {
      return unsafe .trap(.invalidReference)
    }
    return unsafe inPieces(bulk, bytesEach: 8) { first, count in
      // SAFETY: the range was just checked.
      unsafe (target.cells + bulk.target + first).update(repeating: cell, count: count)
    }
  }

  private func initializeTable(_ instruction: Instruction, _ fp: UInt) -> SlowResult {
    let target = unsafe table(instruction.x0).pointee
    let segment = unsafe elementSegment(instruction.xhi).pointee
    let bulk = unsafe Bulk(instruction, fp)
    guard unsafe bulk.isWithin(target.elementCount, segment.count) else {
      return unsafe .trap(.tableOutOfBounds)
    }
    return unsafe inPieces(bulk, bytesEach: 8) { first, count in
      guard let start = unsafe segment.start else { return }
      // SAFETY: both ranges were just checked; a segment is no part of a table.
      unsafe (target.cells + bulk.target + first).update(
        from: start.assumingMemoryBound(to: UInt64.self) + bulk.source + first, count: count)
    }
  }

  /// What a register holds for a cell: no address, so that none can be seen or made.
  public func reference(_ cell: UInt64, _ kind: ReferenceKind) -> UInt64 {
    guard kind == .function,
      // SAFETY: a cell that is not 0 is the address of a descriptor that the loader keeps.
      let function = unsafe UnsafeMutablePointer<FunctionDescriptor>(bitPattern: UInt(cell))
    else { return cell }
    unsafe function.pointee.isReferenced = true
    let number = unsafe function.pointee.instance?.pointee.number ?? 0
    return unsafe UInt64(number) << 32 | UInt64(function.pointee.index) &+ 1
  }

  /// The cell for what a register holds; nil when it names no function of a living instance that
  /// somebody was given a reference to.
  public func cell(_ reference: UInt64, _ kind: ReferenceKind) -> UInt64? {
    guard kind == .function, reference != 0 else { return reference }
    let number = reference >> 32
    let low = reference & 0xffff_ffff
    guard low > 0, unsafe number < get(ContextLayout.instanceCount),
      let instances = unsafe UnsafePointer<UnsafeMutablePointer<InstanceRecord>?>(
        bitPattern: UInt(get(ContextLayout.instances)))
    else { return nil }
    // SAFETY: the number was just compared with the count of instances.
    guard let instance = unsafe instances[Int(number)]?.pointee,
      unsafe low <= UInt64(instance.functionCount), let functions = unsafe instance.functions,
      unsafe functions[Int(low - 1)].isReferenced
    else { return nil }
    return unsafe UInt64(UInt(bitPattern: functions + Int(low - 1)))
  }

  private func table(_ index: UInt) -> UnsafeMutablePointer<TableRecord> {
    guard let tables = unsafe instance.pointee.tables else {
      preconditionFailure("verified code names only tables that there are")
    }
    // SAFETY: verified: the number is below the count.
    return unsafe tables[Int(index)]
  }

  private func elementSegment(_ index: UInt) -> UnsafeMutablePointer<SegmentRecord> {
    guard let segments = unsafe instance.pointee.elementSegments else {
      preconditionFailure("verified code names only segments that there are")
    }
    // SAFETY: verified: the number is below the count.
    return unsafe segments + Int(index)
  }
}
