// Arena+Checkpoint.swift — points to which a contract's handles can be wound back.
// Freestanding. Imports Synchronization. Design: NovaCore.docc/Memory.md.

import Synchronization

/// A moment of a contract; `Arena.rewind(to:)` or `Arena.commit(_:)` ends it.
public struct MemoryCheckpoint: Equatable, Sendable {
  /// How many checkpoints were open with it, itself included: 1 … 31.
  public let depth: Int
  let serial: UInt32
}

extension Arena {
  /// Checkpoints that can be open at once.
  public static var checkpointCountMax: Int { ArenaControl.checkpointCountMax }

  /// Opens a checkpoint, inside of those that are open.
  ///
  /// - Throws: `MemoryError.checkpointsExhausted`.
  public borrowing func checkpoint() throws(MemoryError) -> MemoryCheckpoint {
    store.lock()
    defer { store.unlock() }
    // SAFETY: the record lives as long as the arena, and its lock is held.
    let depth = unsafe store.control.pointee.checkpointCount
    guard depth < Arena.checkpointCountMax else {
      throw .checkpointsExhausted(maximum: Arena.checkpointCountMax)
    }
    let serial = ContractNumber.nextCheckpoint()
    unsafe store.control.pointee.checkpointSerials[depth] = serial
    handles.setCheckpointCount(depth + 1)
    return MemoryCheckpoint(depth: depth + 1, serial: serial)
  }

  /// Closes the checkpoint and releases every handle that was allocated since.
  ///
  /// The handles are stale then, whatever references they had. What was lent by address stays.
  /// Nobody may access what is released. Other threads may release meanwhile, but not allocate: a
  /// slot that was taken and not yet filled could be released and lent again.
  ///
  /// - Returns: how many handles were released.
  /// - Throws: `MemoryError.checkpointOutOfOrder` or `.checkpointClosed`; nothing is released then.
  /// - Complexity: O(slots).
  @discardableResult
  public borrowing func rewind(to checkpoint: MemoryCheckpoint) throws(MemoryError) -> Int {
    try close(checkpoint)
    var count = 0
    for slot in 0..<handles.slotCount where handles.rewind(slot, beyond: checkpoint.depth) {
      count += 1
    }
    return count
  }

  /// Closes the checkpoint and keeps what was allocated since; it belongs to the checkpoint around
  /// it.
  ///
  /// - Throws: `MemoryError.checkpointOutOfOrder` or `.checkpointClosed`.
  /// - Complexity: O(slots).
  public borrowing func commit(_ checkpoint: MemoryCheckpoint) throws(MemoryError) {
    try close(checkpoint)
    for slot in 0..<handles.slotCount { handles.commit(slot, beyond: checkpoint.depth) }
  }

  private borrowing func close(_ checkpoint: MemoryCheckpoint) throws(MemoryError) {
    store.lock()
    defer { store.unlock() }
    // SAFETY: the record lives as long as the arena, and its lock is held.
    let open = unsafe store.control.pointee.checkpointCount
    guard checkpoint.depth <= open,
      unsafe store.control.pointee.checkpointSerials[checkpoint.depth - 1] == checkpoint.serial
    else { throw .checkpointClosed(depth: checkpoint.depth) }
    guard checkpoint.depth == open else {
      throw .checkpointOutOfOrder(depth: checkpoint.depth, open: open)
    }
    handles.setCheckpointCount(open - 1)
  }
}

extension HandleStore {
  /// Holder of the lock.
  func setCheckpointCount(_ count: Int) {
    // SAFETY: the record is mapped, and its lock held.
    unsafe store.control.pointee.checkpointCount = count
    unsafe shared(1).pointee.store(
      allocationBits & 1 | Entry.checkpointBits(count), ordering: .relaxed)
  }

  /// Holder of the lock.
  func setInjecting(_ isInjecting: Bool) {
    // SAFETY: the record is mapped, and its lock held.
    unsafe shared(1).pointee.store(
      allocationBits & ~1 | (isInjecting ? 1 : 0), ordering: .relaxed)
  }

  /// Releases a slot that was allocated while `depth` checkpoints were open, or more.
  ///
  /// The generation goes up, so that the handle is not the slot's last one, but stale.
  func rewind(_ slot: UInt64, beyond depth: Int) -> Bool {
    let entry = entry(slot)
    while true {
      // SAFETY: the slot has an entry.
      let state = unsafe entry.state.pointee.load(ordering: .acquiring)  // pairs with take, lend
      guard Entry.isLive(state), Entry.checkpoint(entry.place) >= depth else { return false }
      let later = state < generationLimit ? state + 1 << Entry.generationShift : state
      let dropped = unsafe entry.state.pointee.weakCompareExchange(
        expected: state, desired: Entry.freed(later, 0),
        successOrdering: .acquiringAndReleasing,  // pairs with retainSlow, releaseSlow
        failureOrdering: .relaxed)
      guard dropped.exchanged else { continue }
      settleRelease(slot, entry, later)
      return true
    }
  }

  /// Lets a slot that was allocated while `depth` checkpoints were open belong to one fewer.
  func commit(_ slot: UInt64, beyond depth: Int) {
    let entry = entry(slot)
    while true {
      // SAFETY: the slot has an entry.
      let state = unsafe entry.state.pointee.load(ordering: .acquiring)  // pairs with take, lend
      let place = entry.place
      guard Entry.isLive(state), Entry.checkpoint(place) >= depth else { return }
      let kept =
        place & ~Entry.checkpointBits(ArenaControl.checkpointCountMax)
        | Entry.checkpointBits(depth - 1)
      if entry.exchangePlace(place, kept) { return }
    }
  }
}
