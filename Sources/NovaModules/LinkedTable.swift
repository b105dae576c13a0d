// LinkedTable.swift — a table of an instance: cells of 64 bits, and how many.
// Freestanding. Imports NovaBytecode, NovaInterpreter, NovaMemory. Design:
// NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter
import NovaMemory

/// A table, of the instance that made it and of those that import it.
final class LinkedTable {
  private static var cellByteCount: Int { 8 }

  private let store: InstanceStore
  private let maximumCount: Int
  /// How many elements.
  private(set) var count: Int
  private var roomCount = 0
  private var handle: MemoryHandle?
  let kind: ReferenceKind
  /// The block of what the interpreter reads, cells and count, in the core's memory.
  let record: MemoryHandle

  /// Counts a table's bytes, and lends none yet.
  init(
    _ entry: TableEntry, of module: ModuleName, in store: InstanceStore
  ) throws(ModuleError) {
    let limits = entry.limits
    kind = entry.elementType == ValueType.funcref.rawValue ? .function : .external
    let limit = store.limits.tableElementCount
    guard limit >= 0, limits.minimum <= UInt64(limit) else {
      throw .tableTooLarge(module, elementCount: limits.minimum, limit: limit)
    }
    count = Int(limits.minimum)
    maximumCount = Int(min(limits.maximum, UInt64(limit)))
    guard store.charge(count * Self.cellByteCount) else {
      throw .memoryTooLarge(
        module, byteCount: UInt64(count * Self.cellByteCount),
        limit: store.limits.memoryByteCount ?? .max)
    }
    self.store = store
    // SAFETY: of a record that holds a pointer only the size is asked.
    record = try unsafe store.core.allocate(
      byteCount: MemoryLayout<TableRecord>.stride + MemoryLayout<UnsafeRawPointer>.size,
      for: module)
    // SAFETY: the block has room for an address behind the record, and ends with the table.
    unsafe UnsafeMutableRawPointer(recordAddress + 1).storeBytes(
      of: Unmanaged.passUnretained(self).toOpaque(), as: UnsafeMutableRawPointer.self)
  }

  /// The table of a record that the interpreter knows.
  ///
  /// - Safety: the address is a table's `recordAddress`, and the table exists.
  @unsafe static func of(record: UnsafeRawPointer) -> LinkedTable {
    // SAFETY: promised by the caller.
    let address = unsafe record.load(
      fromByteOffset: MemoryLayout<TableRecord>.stride, as: UnsafeMutableRawPointer.self)
    return unsafe Unmanaged<LinkedTable>.fromOpaque(address).takeUnretainedValue()
  }

  deinit {
    if let handle { store.giveBack(handle) }
    store.discharge(count * Self.cellByteCount)
    store.core.release(record)
  }

  /// Lends the cells, all null.
  func open(for module: ModuleName) throws(ModuleError) {
    roomCount = count
    if count > 0 { handle = try store.lend(count * Self.cellByteCount, for: module) }
    publish()
  }

  /// Lets the table grow.
  ///
  /// - Parameters:
  ///   - more: how many elements.
  ///   - cell: what each of them is.
  /// - Returns: how many there were; nil when there is no room, and nothing has changed.
  func grow(by more: UInt32, cell: UInt64) -> Int? {
    let before = count
    let byteCount = Int(more) * Self.cellByteCount
    guard Int(more) <= maximumCount - count, store.charge(byteCount) else { return nil }
    if count + Int(more) > roomCount, !move(to: count + Int(more)) {
      store.discharge(byteCount)
      return nil
    }
    count += Int(more)
    publish()
    // SAFETY: the new cells are within the table.
    for index in before..<count { unsafe cells[index] = cell }
    return before
  }

  private func move(to needed: Int) -> Bool {
    let room = min(maximumCount, max(needed, roomCount * 2))
    guard let block = store.lend(room * Self.cellByteCount) else { return false }
    if let handle {
      // SAFETY: both blocks are the store's, and have room for the cells.
      unsafe store.address(of: block).copyMemory(
        from: store.address(of: handle), byteCount: count * Self.cellByteCount)
      store.giveBack(handle)
    }
    handle = block
    roomCount = room
    return true
  }

  /// Tells the interpreter where the cells are, and how many.
  private func publish() {
    // SAFETY: the record's block is this table's own.
    unsafe recordAddress.initialize(
      to: TableRecord(cells: cells, elementCount: UInt64(count), kind: kind))
  }

  /// Where the interpreter's record lies, as long as the table exists.
  var recordAddress: UnsafeMutablePointer<TableRecord> {
    // SAFETY: the block has room for a record.
    unsafe store.core.bytes(of: record).baseAddress.unsafelyUnwrapped
      .assumingMemoryBound(to: TableRecord.self)
  }

  /// The cells.
  ///
  /// - Safety: they are elsewhere once the table grew; only the first `count` are the table's.
  @unsafe var cells: UnsafeMutablePointer<UInt64> {
    guard let handle else {
      return unsafe UnsafeMutablePointer<UInt64>(bitPattern: 16).unsafelyUnwrapped
    }
    // SAFETY: the block holds the cells.
    return unsafe store.address(of: handle).assumingMemoryBound(to: UInt64.self)
  }
}
