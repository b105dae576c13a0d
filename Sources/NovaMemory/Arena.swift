// Arena.swift — one region of memory, lent out in blocks; of the process, mapped, or inside
// another.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/Memory.md.

import NovaSystem

/// A bounded supply of memory in one region that never grows and never moves.
///
/// Deterministic: the same requests get the same offsets. Allocation and release take constant
/// time (and the zeroing of what is released), until only one list may hold a fitting block. What
/// is lent is zero. Any thread may use it.
@safe public struct Arena: MemoryContract, ~Copyable, @unchecked Sendable {
  /// The largest alignment: the largest page of any CPU.
  public static var alignmentMax: Int { 65536 }
  /// The smallest region.
  public static var byteCountMin: Int { 16384 }
  /// The largest region.
  public static var byteCountMax: Int { 0x10_0000_0000 }

  private enum Backing {
    /// Start-up mapped it; it stays until the process ends. One runtime may own it.
    case process(isOwned: Bool)
    /// Mapped by `init(byteCount:)`; unmapped with the arena.
    case mapped
    /// A block of another arena, which outlives this one.
    case child(of: BlockStore)
    /// Another arena's, which ends it.
    case alias
  }

  private let backing: Backing
  // Shared between threads: what is behind them is atomic, or touched under the arena's lock.
  let store: BlockStore
  @usableFromInline let handles: HandleStore

  private init(
    _ backing: Backing, _ control: UnsafeMutablePointer<ArenaControl>, layingOut byteCount: Int?
  ) {
    self.backing = backing
    // SAFETY: each caller's region is mapped, zero or laid out, and as `backing` says lives longer
    // than the arena.
    store = unsafe BlockStore(control: control)
    if let byteCount { store.layOut(byteCount: byteCount) }
    handles = store.handles
  }

  /// Another name for the arena of `store`, which outlives it.
  init(aliasing store: BlockStore) {
    backing = .alias
    self.store = store
    handles = store.handles
  }

  /// Maps a region of its own.
  ///
  /// - Parameter byteCount: `byteCountMin … byteCountMax`, rounded up to whole pages.
  /// - Throws: `MemoryError.byteCountOutOfRange`, or `.system` with the system's refusal; nothing
  ///   is mapped then.
  public init(byteCount: Int) throws(MemoryError) {
    let rounded = try Arena.rounded(byteCount)
    do throws(SystemError) {
      // SAFETY: zeros are a valid record, and the fresh pages are this arena's own until `deinit`.
      let region = try unsafe System.map(byteCount: rounded)
      unsafe self.init(
        .mapped, region.assumingMemoryBound(to: ArenaControl.self), layingOut: rounded)
    } catch {
      throw .system(error)
    }
  }

  /// A further arena in a block of this one, which is charged for all of it at once.
  ///
  /// This arena must outlive the child.
  ///
  /// - Parameter byteCount: `byteCountMin … byteCountMax`, rounded up to whole pages.
  /// - Returns: the child; its end gives the block back.
  /// - Throws: `MemoryError.byteCountOutOfRange` or `.capacityExceeded`.
  public borrowing func makeChild(byteCount: Int) throws(MemoryError) -> Arena {
    let rounded = try Arena.rounded(byteCount)
    let region = try unsafe allocate(byteCount: rounded, alignment: System.pageByteCount)
    store.lock()
    // SAFETY: the record lives as long as this arena, and its lock is held.
    unsafe store.control.pointee.childCount += 1
    store.unlock()
    // SAFETY: zeros are a valid record, and the block is page-aligned and the child's own.
    return unsafe Arena(
      .child(of: store), region.assumingMemoryBound(to: ArenaControl.self), layingOut: rounded)
  }

  deinit {
    // SAFETY: an arena's record lives as long as the arena; in the process's and the parent's the
    // lock is held around each change.
    let control = unsafe store.control
    switch backing {
    case .process(let isOwned):
      guard isOwned else { return }
      store.lock()
      unsafe control.pointee.isOwned = false
      store.unlock()
    case .mapped:
      store.requireNoChild()
      handles.close()
      do throws(SystemError) {
        // SAFETY: nobody uses an arena that ends.
        try unsafe System.unmap(control, byteCount: control.pointee.byteCount)
      } catch {
        preconditionFailure("the system refused to unmap an arena")
      }
    case .child(let parent):
      store.requireNoChild()
      handles.close()
      store.erase()
      parent.lock()
      unsafe parent.control.pointee.childCount -= 1
      unsafe parent.settleRelease(parent.offset(of: control), isZero: true)
      parent.unlock()
    case .alias: break
    }
  }

  /// Lends zeroed bytes; see `MemoryContract`.
  public borrowing func allocate(
    byteCount: Int, alignment: Int = 16
  ) throws(MemoryError) -> UnsafeMutableRawPointer {
    try Arena.check(byteCount: byteCount, alignment: alignment)
    store.lock()
    defer { store.unlock() }
    if let number = store.injected() { throw .injected(number: number) }
    guard let offset = store.charge(byteCount: byteCount, alignment: alignment) else {
      throw .capacityExceeded(
        requested: byteCount, available: store.available(alignment: alignment),
        capacity: store.capacity)
    }
    // SAFETY: `charge` returned the offset of a block that nobody else has.
    return unsafe store.address(offset)
  }

  /// Takes lent bytes back; see `MemoryContract`.
  ///
  /// - Safety: nothing may use the bytes afterwards.
  @unsafe public borrowing func release(_ address: UnsafeMutableRawPointer) {
    store.lock()
    // SAFETY: only the number is used, and `lentOffset` stops the program unless a block has it.
    store.settleRelease(unsafe store.lentOffset(of: address), isZero: false)
    store.unlock()
  }

  /// What is lent, and what was.
  public var stats: MemoryStats {
    store.lock()
    defer { store.unlock() }
    return handles.stats
  }

  /// Ends the arena, and tells what it still lent.
  ///
  /// The process's own arena stays, with what is lent of it.
  ///
  /// - Complexity: O(slots).
  public consuming func destroy() -> LeakReport {
    store.lock()
    defer { store.unlock() }
    return handles.leaks
  }

  /// Lets one allocation fail, by handle or by address: the `number`-th from now on.
  ///
  /// It throws `MemoryError.injected`; Swift's own allocation, which can't, ends the program with a
  /// report.
  ///
  /// - Parameter number: 1 for the next allocation; nil for none, which ends an earlier request.
  public borrowing func failAllocation(at number: Int?) {
    precondition(number ?? 1 > 0, "allocations are counted from 1")
    store.lock()
    // SAFETY: the record lives as long as this arena, and its lock is held.
    unsafe store.control.pointee.injectedNumber = number ?? 0
    unsafe store.control.pointee.injectedCount = 0
    handles.setInjecting(number != nil)
    store.unlock()
  }

  /// Lowers the last generation of a live slot, for tests; before the first handle.
  package borrowing func lowerGenerations(to last: Int) {
    precondition(last > 0 && handles.contract == 0)
    store.lock()
    // SAFETY: the record lives as long as this arena, and its lock is held.
    unsafe store.control.pointee.generationLast = UInt32(last)
    store.unlock()
  }

  static func check(byteCount: Int, alignment: Int) throws(MemoryError) {
    guard alignment > 0, alignment & (alignment - 1) == 0, alignment <= alignmentMax else {
      throw .alignmentOutOfRange(alignment: alignment, maximum: alignmentMax)
    }
    guard byteCount >= 0 else {
      throw .byteCountOutOfRange(byteCount: byteCount, minimum: 0, maximum: byteCountMax)
    }
  }

  private static func rounded(_ byteCount: Int) throws(MemoryError) -> Int {
    guard byteCount >= byteCountMin, byteCount <= byteCountMax,
      let rounded = System.pageRounded(byteCount)
    else {
      throw .byteCountOutOfRange(
        byteCount: byteCount, minimum: byteCountMin, maximum: byteCountMax)
    }
    return rounded
  }

  #if hasFeature(Embedded)
    /// The arena that Swift's own allocations draw on, laid out by its first use.
    public static var process: Arena {
      let store = BlockStore.lockProcess()
      store.unlock()
      // SAFETY: `lockProcess` laid the heap out, which stays mapped until the process ends.
      return unsafe Arena(.process(isOwned: false), store.control, layingOut: nil)
    }

    /// The process's arena for a runtime that owns it as long as the result lives; nil when another
    /// does, or when the arena's size is not `byteCount`.
    package static func claimProcess(byteCount: Int) -> Arena? {
      let store = BlockStore.lockProcess()
      defer { store.unlock() }
      // SAFETY: `lockProcess` laid the heap out, which stays mapped, and holds its lock.
      guard unsafe !store.control.pointee.isOwned,
        unsafe store.control.pointee.byteCount == byteCount
      else { return nil }
      unsafe store.control.pointee.isOwned = true
      return unsafe Arena(.process(isOwned: true), store.control, layingOut: nil)
    }
  #endif
}
