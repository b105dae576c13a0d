// LinkedMemory.swift — a memory of an instance: a handle of a contract, and how much of it is used.
// Freestanding. Imports NovaBytecode, NovaInterpreter, NovaMemory. Design:
// NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter
import NovaMemory

/// A memory, of the instance that made it and of those that import it.
final class LinkedMemory {
  /// Bytes of a page; WebAssembly's.
  static var pageByteCount: Int { 65_536 }

  private let store: InstanceStore
  private let maximumByteCount: Int
  /// Bytes that the module sees.
  private(set) var byteCount: Int
  /// Bytes of the block; those behind `byteCount` are zero.
  private var roomByteCount = 0
  /// The block; nil until `open`, and for a memory without bytes.
  private(set) var handle: MemoryHandle?
  /// The block of what the interpreter reads, address and byte count, in the core's memory.
  let record: MemoryHandle

  /// Counts a memory's bytes, and lends none yet.
  init(
    _ limits: SizeLimits, of module: ModuleName, in store: InstanceStore
  ) throws(ModuleError) {
    let page = UInt64(Self.pageByteCount)
    let most = FormatLimits.memoryPageCountMax
    byteCount = Int(limits.minimum * page)
    maximumByteCount = Int(min(limits.maximum, most) * page)
    guard store.charge(byteCount) else {
      throw .memoryTooLarge(
        module, byteCount: limits.minimum * page, limit: store.limits.memoryByteCount ?? .max)
    }
    self.store = store
    // SAFETY: of a record that holds a pointer only the size is asked.
    record = try unsafe store.core.allocate(
      byteCount: MemoryLayout<MemoryRecord>.stride + MemoryLayout<UnsafeRawPointer>.size,
      for: module)
    // SAFETY: the block has room for an address behind the record, and ends with the memory.
    unsafe UnsafeMutableRawPointer(recordAddress + 1).storeBytes(
      of: Unmanaged.passUnretained(self).toOpaque(), as: UnsafeMutableRawPointer.self)
  }

  /// The memory of a record that the interpreter knows.
  ///
  /// - Safety: the address is a memory's `recordAddress`, and the memory exists.
  @unsafe static func of(record: UnsafeRawPointer) -> LinkedMemory {
    // SAFETY: promised by the caller.
    let address = unsafe record.load(
      fromByteOffset: MemoryLayout<MemoryRecord>.stride, as: UnsafeMutableRawPointer.self)
    return unsafe Unmanaged<LinkedMemory>.fromOpaque(address).takeUnretainedValue()
  }

  deinit {
    if let handle { store.giveBack(handle) }
    store.discharge(byteCount)
    store.core.release(record)
  }

  /// Lends the bytes; all memories and tables of the instance were counted.
  func open(for module: ModuleName) throws(ModuleError) {
    roomByteCount = store.roomForGrowth(byteCount, maximum: maximumByteCount)
    if roomByteCount > 0 { handle = try store.lend(roomByteCount, for: module) }
    publish()
  }

  /// How many pages it has.
  var pageCount: Int { byteCount / Self.pageByteCount }

  /// Lets the memory grow.
  ///
  /// - Parameter pages: how many more.
  /// - Returns: how many there were; nil when there is no room, and nothing has changed.
  func grow(by pages: UInt32) -> Int? {
    let before = pageCount
    let more = Int(pages) * Self.pageByteCount
    guard more <= maximumByteCount - byteCount, store.charge(more) else { return nil }
    if byteCount + more > roomByteCount, !move(to: byteCount + more) {
      store.discharge(more)
      return nil
    }
    byteCount += more
    publish()
    return before
  }

  /// Moves to a block of at least `needed` bytes: twice as many as now, where there is room.
  private func move(to needed: Int) -> Bool {
    var room = min(maximumByteCount, max(needed, roomByteCount * 2))
    var block = store.lend(room)
    if block == nil, room > needed {
      room = needed
      block = store.lend(room)
    }
    guard let block else { return false }
    if let handle {
      // SAFETY: both blocks are the store's, and have room for the bytes.
      unsafe store.address(of: block).copyMemory(
        from: store.address(of: handle), byteCount: byteCount)
      store.giveBack(handle)
    }
    handle = block
    roomByteCount = room
    return true
  }

  /// Tells the interpreter where the memory is, and how large.
  private func publish() {
    // SAFETY: the record's block is this memory's own.
    let place = unsafe recordAddress
    unsafe place.initialize(
      to: MemoryRecord(
        bytes: bytes.baseAddress ?? UnsafeMutableRawPointer(place), byteCount: UInt64(byteCount)))
  }

  /// Where the interpreter's record lies, as long as the memory exists.
  var recordAddress: UnsafeMutablePointer<MemoryRecord> {
    // SAFETY: the block has room for a record.
    unsafe store.core.bytes(of: record).baseAddress.unsafelyUnwrapped
      .assumingMemoryBound(to: MemoryRecord.self)
  }

  /// The bytes that the module sees.
  ///
  /// - Safety: they are elsewhere once the memory grew.
  @unsafe var bytes: UnsafeMutableRawBufferPointer {
    guard let handle else { return unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    // SAFETY: the block has so many bytes.
    return unsafe UnsafeMutableRawBufferPointer(
      start: store.address(of: handle), count: byteCount)
  }

  /// Calls `body` with the bytes, which stay until it returns, wherever the memory is then.
  ///
  /// - Safety: nothing else may use them as `body` does.
  @unsafe func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    guard let handle else {
      return unsafe body(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
    do throws(MemoryError) {
      // SAFETY: the access keeps the block.
      return try unsafe store.memory.withBytes(of: handle) { block in
        unsafe body(UnsafeMutableRawBufferPointer(rebasing: block[..<byteCount]))
      }
    } catch {
      preconditionFailure("a module's memory was released by somebody else")
    }
  }
}
