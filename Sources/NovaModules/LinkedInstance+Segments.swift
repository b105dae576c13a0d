// LinkedInstance+Segments.swift — element and data segments: kept, or copied and dropped.
// Freestanding. Imports NovaBytecode, NovaInterpreter. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter

extension LinkedInstance {
  /// Fills the segments' records, copies the active ones and drops them.
  ///
  /// - Throws: `ModuleError.elementsOutOfRange` or `.dataOutOfRange`.
  func applySegments(_ space: LinkedSpace) throws(ModuleError) {
    // All records first: functions of a module whose segments don't fit may be in another's table.
    for index in 0..<view.elementSegments.count { fillElements(index, space) }
    for index in 0..<view.dataSegments.count { fillData(index) }
    for index in 0..<view.elementSegments.count { try applyElements(index) }
    for index in 0..<view.dataSegments.count { try applyData(index) }
  }

  private func fillElements(_ index: Int, _ space: LinkedSpace) {
    let entry = view.elementSegments[index]
    let count = Int(entry.items.count)
    // SAFETY: the layout has a cell for each item, and a record for each segment.
    let cells = unsafe elementCells + Int(entry.items.first)
    for item in 0..<count {
      let place = Int(entry.items.first) + item
      unsafe cells[item] = cell(
        view.elementItems[place], space,
        ofFunctions: entry.elementType == ValueType.funcref.rawValue)
    }
    let isKept = entry.mode == SegmentMode.passive.rawValue
    unsafe record.pointee.elementSegments.unsafelyUnwrapped[index] = unsafe SegmentRecord(
      start: UnsafeRawPointer(cells), count: isKept ? UInt64(count) : 0)
  }

  private func applyElements(_ index: Int) throws(ModuleError) {
    let entry = view.elementSegments[index]
    let count = Int(entry.items.count)
    guard entry.mode == SegmentMode.active.rawValue else { return }
    let table = tables[Int(entry.tableIndex)]
    let offset = Int(UInt32(truncatingIfNeeded: value(of: entry.offset)))
    guard offset + count <= table.count else {
      throw .elementsOutOfRange(name, segment: index)
    }
    // SAFETY: the layout has a cell for each item; the range was just compared with the table's.
    let cells = unsafe elementCells + Int(entry.items.first)
    for item in 0..<count { unsafe table.cells[offset + item] = unsafe cells[item] }
  }

  /// What a table's cell holds of an item: a descriptor's address, or a reference's bits.
  private func cell(
    _ item: ElementItemEntry, _ space: LinkedSpace, ofFunctions: Bool
  ) -> UInt64 {
    switch ConstantKind(rawValue: item.kind) {
    case .function:
      // SAFETY: only the address is used.
      return unsafe UInt64(UInt(bitPattern: descriptor(function: Int(item.index), space)))
    case .global:
      // SAFETY: the reader checked that the global is imported and never changes.
      let bits = unsafe global(Int(item.index)).pointee
      return ofFunctions ? space.cell(of: bits) : bits
    default: return 0
    }
  }

  private func fillData(_ index: Int) {
    let entry = view.dataSegments[index]
    let bytes = view.poolBytes(.dataBytes, entry.bytes)
    let isKept = entry.mode == SegmentMode.passive.rawValue
    // SAFETY: the record is the segment's; its bytes stay as long as the module.
    unsafe record.pointee.dataSegments.unsafelyUnwrapped[index] = unsafe SegmentRecord(
      start: bytes.buffer.baseAddress, count: isKept ? UInt64(bytes.count) : 0)
  }

  private func applyData(_ index: Int) throws(ModuleError) {
    let entry = view.dataSegments[index]
    let bytes = view.poolBytes(.dataBytes, entry.bytes)
    guard entry.mode == SegmentMode.active.rawValue else { return }
    let memory = memories[Int(entry.memoryIndex)]
    let offset = Int(UInt32(truncatingIfNeeded: value(of: entry.offset)))
    guard offset + bytes.count <= memory.byteCount else {
      throw .dataOutOfRange(name, segment: index)
    }
    guard bytes.count > 0 else { return }
    // SAFETY: the range was just compared with the memory's.
    unsafe (memory.bytes.baseAddress.unsafelyUnwrapped + offset).copyMemory(
      from: bytes.buffer.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
  }
}
