// PlainProgram+Memory.swift — bytes of memories and tables: lent, filled by segments, grown.
// Freestanding. Imports NovaInterpreter, NovaModules. Design: Decisions/0017.

import NovaInterpreter
import NovaModules

extension PlainProgram {
  /// Lends the bytes of a part's own memories and tables; all were counted.
  mutating func open(_ part: inout PlainPart) {
    let (first, count) = unsafe (
      part.module.view.importedMemoryCount, part.module.view.memoryCount
    )
    for index in first..<count {
      let memory = unsafe part.memory(index)
      let byteCount = unsafe Int(memory.pointee.record.byteCount)
      var room = byteCount
      if let limit = limits.memoryByteCount, hasReserve,
        unsafe memory.pointee.maximumByteCount > byteCount
      {
        hasReserve = false
        room = unsafe min(
          memory.pointee.maximumByteCount, byteCount + limit - chargedByteCount)
      }
      guard room > 0 else { continue }
      guard let bytes = unsafe block(room) else { refuse(.memory) }
      unsafe memory.pointee.record.bytes = unsafe bytes
      unsafe memory.pointee.roomByteCount = room
    }
    if unsafe part.module.view.tables.count > 0 { unsafe openTables(&part) }
  }

  @inline(never) private func openTables(_ part: inout PlainPart) {
    for index in unsafe part.module.view.importedTableCount..<part.module.view.tableCount {
      let table = unsafe part.table(index)
      let count = unsafe Int(table.pointee.record.elementCount)
      guard count > 0 else { continue }
      guard let cells = unsafe block(count * Self.cellByteCount) else { refuse(.memory) }
      unsafe table.pointee.record.cells = unsafe cells.assumingMemoryBound(to: UInt64.self)
      unsafe table.pointee.roomCount = count
    }
  }

  /// Zeroed bytes; nil without room.
  @inline(never) private func block(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    do throws(MemoryError) {
      // SAFETY: who asked gives it back, or nobody does.
      return try unsafe memory.allocate(byteCount: byteCount)
    } catch { return nil }
  }

  // MARK: Segments

  /// Fills the segments' records, copies the active ones and drops them.
  mutating func applySegments(_ part: inout PlainPart) {
    if unsafe part.module.view.elementSegments.count > 0 { unsafe applyElements(&part) }
    let segments = unsafe part.module.view.dataSegments
    // SAFETY: a record for each segment.
    let records = unsafe lend(segments.count * MemoryLayout<SegmentRecord>.stride)
      .assumingMemoryBound(to: SegmentRecord.self)
    unsafe part.record.pointee.dataSegments = unsafe records
    for index in 0..<segments.count {
      let entry = segments[index]
      let bytes = unsafe part.module.view.poolBytes(.dataBytes, entry.bytes)
      let isKept = entry.mode == SegmentMode.passive.rawValue
      unsafe (records + index).initialize(
        to: SegmentRecord(
          start: bytes.buffer.baseAddress, count: isKept ? UInt64(bytes.count) : 0))
      guard entry.mode == SegmentMode.active.rawValue else { continue }
      let memory = unsafe part.memory(Int(entry.memoryIndex))
      let offset = unsafe Int(UInt32(truncatingIfNeeded: part.value(of: entry.offset)))
      guard unsafe offset + bytes.count <= Int(memory.pointee.record.byteCount) else {
        refuse(.segmentOutOfRange)
      }
      guard let start = unsafe bytes.buffer.baseAddress else { continue }
      // SAFETY: the range was just compared with the memory's.
      unsafe (memory.pointee.record.bytes + offset).copyMemory(from: start, byteCount: bytes.count)
    }
  }

  @inline(never) private func applyElements(_ part: inout PlainPart) {
    let segments = unsafe part.module.view.elementSegments
    let items = unsafe part.module.view.elementItems
    // SAFETY: a cell for each item, a record for each segment.
    let cells = unsafe lend(items.count * 8).assumingMemoryBound(to: UInt64.self)
    let records = unsafe lend(segments.count * MemoryLayout<SegmentRecord>.stride)
      .assumingMemoryBound(to: SegmentRecord.self)
    unsafe part.record.pointee.elementSegments = unsafe records
    for index in 0..<segments.count {
      let entry = segments[index]
      let (first, count) = (Int(entry.items.first), Int(entry.items.count))
      let ofFunctions = entry.elementType == ValueType.funcref.rawValue
      for place in first..<first + count {
        unsafe cells[place] = unsafe cell(items[place], &part, ofFunctions: ofFunctions)
      }
      let isKept = entry.mode == SegmentMode.passive.rawValue
      unsafe (records + index).initialize(
        to: SegmentRecord(
          start: UnsafeRawPointer(cells + first), count: isKept ? UInt64(count) : 0))
      guard entry.mode == SegmentMode.active.rawValue else { continue }
      let table = unsafe part.table(Int(entry.tableIndex))
      let offset = unsafe Int(UInt32(truncatingIfNeeded: part.value(of: entry.offset)))
      guard unsafe offset + count <= Int(table.pointee.record.elementCount) else {
        refuse(.segmentOutOfRange)
      }
      // SAFETY: the range was just compared with the table's.
      unsafe (table.pointee.record.cells + offset).update(from: cells + first, count: count)
    }
  }

  /// What a table's cell holds of an item: a descriptor's address, or a reference's bits.
  private func cell(
    _ item: ElementItemEntry, _ part: inout PlainPart, ofFunctions: Bool
  ) -> UInt64 {
    switch ConstantKind(rawValue: item.kind) {
    // SAFETY: only the address is used.
    case .function: return unsafe UInt64(UInt(bitPattern: part.descriptor(Int(item.index))))
    case .global:
      // SAFETY: the reader checked that the global is imported and never changes.
      let bits = unsafe part.global(Int(item.index)).pointee
      guard ofFunctions, bits != 0 else { return bits }
      // SAFETY: references of constants are of linked instances.
      let functions = unsafe records[Int(bits >> 32)].unsafelyUnwrapped.pointee.functions
      return unsafe UInt64(
        UInt(bitPattern: functions.unsafelyUnwrapped)
          + UInt(UInt32(truncatingIfNeeded: bits) - 1)
          * UInt(MemoryLayout<FunctionDescriptor>.stride))
    default: return 0
    }
  }

  // MARK: Growth

  /// Lets a memory grow.
  ///
  /// - Returns: how many pages there were; 2³² - 1 when there is no room, and nothing has changed.
  @inline(never) mutating func growMemory(
    _ record: UnsafeMutablePointer<MemoryRecord>, by pages: UInt32
  ) -> UInt32 {
    // SAFETY: the interpreter was given the records of these memories, and no others.
    let memory = unsafe UnsafeMutableRawPointer(record).assumingMemoryBound(to: PlainMemory.self)
    let (byteCount, maximum) = unsafe (
      Int(record.pointee.byteCount), memory.pointee.maximumByteCount
    )
    let more = Int(pages) * Self.pageByteCount
    guard more <= maximum - byteCount, charge(more) else { return .max }
    var room = unsafe memory.pointee.roomByteCount
    if byteCount + more > room {
      // Twice as many as now, where there is room.
      room = min(maximum, max(byteCount + more, room * 2))
      var bytes = unsafe block(room)
      if unsafe bytes == nil {
        room = byteCount + more
        unsafe bytes = block(room)
      }
      guard let bytes = unsafe bytes else {
        chargedByteCount -= more
        return .max
      }
      unsafe move(
        record.pointee.bytes, byteCount, to: bytes, isLent: memory.pointee.roomByteCount > 0)
      unsafe record.pointee.bytes = unsafe bytes
      unsafe memory.pointee.roomByteCount = room
    }
    unsafe record.pointee.byteCount = UInt64(byteCount + more)
    return UInt32(byteCount / Self.pageByteCount)
  }

  /// Lets a table grow by cells that are `cell`.
  ///
  /// - Returns: how many elements there were; 2³² - 1 when there is no room.
  @inline(never) mutating func growTable(
    _ record: UnsafeMutablePointer<TableRecord>, by more: UInt32, cell: UInt64
  ) -> UInt32 {
    // SAFETY: as of memories.
    let table = unsafe UnsafeMutableRawPointer(record).assumingMemoryBound(to: PlainTable.self)
    let (count, maximum) = unsafe (Int(record.pointee.elementCount), table.pointee.maximumCount)
    let added = Int(more) * Self.cellByteCount
    guard Int(more) <= maximum - count, charge(added) else { return .max }
    var room = unsafe table.pointee.roomCount
    if count + Int(more) > room {
      room = min(maximum, max(count + Int(more), room * 2))
      guard let cells = unsafe block(room * Self.cellByteCount) else {
        chargedByteCount -= added
        return .max
      }
      unsafe move(
        record.pointee.cells, count * Self.cellByteCount, to: cells,
        isLent: table.pointee.roomCount > 0)
      unsafe record.pointee.cells = unsafe cells.assumingMemoryBound(to: UInt64.self)
      unsafe table.pointee.roomCount = room
    }
    unsafe record.pointee.elementCount = UInt64(count + Int(more))
    // SAFETY: the new cells are within the table.
    unsafe (record.pointee.cells + count).update(repeating: cell, count: Int(more))
    return UInt32(count)
  }

  /// Copies what an old block holds, and gives it back.
  @inline(never) private func move(
    _ old: UnsafeMutableRawPointer, _ byteCount: Int, to new: UnsafeMutableRawPointer, isLent: Bool
  ) {
    guard isLent else { return }
    // SAFETY: both blocks are this program's, the new one larger; nobody is inside of the old one.
    unsafe new.copyMemory(from: old, byteCount: byteCount)
    unsafe memory.release(old)
  }
}
