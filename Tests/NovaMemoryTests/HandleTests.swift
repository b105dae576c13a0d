// HandleTests.swift — what a handle promises while it is valid, and which error it gets afterwards.

import TestSupport
import Testing

@testable import NovaMemory

/// The error that `body` throws; nil when it throws none.
func refusal(_ body: () throws -> Void) -> MemoryError? {
  do {
    try body()
    return nil
  } catch {
    return error as? MemoryError
  }
}

@Suite struct HandleTests {
  @Test func `bytes are zero, aligned and as many as were asked for`() throws {
    let arena = try Arena(byteCount: 1 << 22)
    var handles: [MemoryHandle] = []
    for byteCount in [0, 1, 16, 17, 64, 100, 128, 129, 1000, 4096, 4097, 100_000] {
      var alignment = 1
      while alignment <= Arena.alignmentMax {
        let handle = try arena.allocateArc(byteCount: byteCount, alignment: alignment)
        try unsafe arena.withBytes(of: handle) { bytes in
          #expect(bytes.count == byteCount)
          #expect(UInt(bitPattern: bytes.baseAddress) % UInt(alignment) == 0)
          let isZero = unsafe bytes.allSatisfy { $0 == 0 }
          #expect(isZero)
          for index in bytes.indices { unsafe bytes[index] = 0xa5 }
        }
        #expect(try arena.byteCount(of: handle) == byteCount)
        handles.append(handle)
        alignment *= 4
      }
    }
    arena.checkInvariants()
    for handle in handles { try arena.release(handle) }
    arena.checkInvariants()
    #expect(arena.stats.liveCount == 0 && arena.stats.liveByteCount == 0)
    #expect(arena.stats.allocationCount == handles.count)
    #expect(arena.stats.releaseCount == handles.count)
  }

  @Test func `each wrong handle has its own error, and nothing changes`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let other = try Arena(byteCount: 1 << 20)
    let handle = try arena.allocateArc(byteCount: 64)
    let foreign = try other.allocateArc(byteCount: 64)
    let stats = arena.stats
    #expect(
      refusal { try arena.release(foreign) }
        == .foreignHandle(foreign, contract: foreign.contract))
    let forged = [
      0, handle.rawValue + 1 << 24, handle.rawValue + 1 << 37, handle.rawValue + 1,
      handle.rawValue | 0xff_ffff,
    ].map(MemoryHandle.init)
    for forged in forged {
      #expect(refusal { try arena.release(forged) } == .forgedHandle(forged))
      #expect(refusal { try arena.retain(forged) } == .forgedHandle(forged))
      #expect(refusal { _ = try arena.load(Int.self, from: forged) } == .forgedHandle(forged))
    }
    #expect(arena.stats == stats)
    try arena.release(handle)
    #expect(refusal { try arena.release(handle) } == .doubleRelease(handle))
    let stale = MemoryError.staleHandle(handle, current: handle.generation)
    #expect(refusal { try arena.retain(handle) } == stale)
    #expect(refusal { _ = try arena.byteCount(of: handle) } == stale)
    let next = try arena.allocateArc(byteCount: 64)
    #expect(next.slot == handle.slot && next.generation == handle.generation + 1)
    #expect(
      refusal { try arena.release(handle) }
        == .staleHandle(handle, current: handle.generation + 1))
    arena.checkInvariants()
  }

  @Test func `the last reference's end releases, and an access holds one`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let handle = try arena.allocateArc(7)
    try arena.retain(handle)
    try arena.release(handle)
    #expect(try arena.load(Int.self, from: handle) == 7)
    let value = try arena.withValue(of: handle, as: Int.self) { value throws(MemoryError) in
      try arena.release(handle)
      value += 1
      return value
    }
    #expect(value == 8)
    #expect(refusal { try arena.release(handle) } == .doubleRelease(handle))
    #expect(arena.stats.liveCount == 0)
  }

  @Test func `a checkpoint winds back, or is kept by the one around it`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let kept = try arena.allocateArc(1)
    let outer = try arena.checkpoint()
    let first = try arena.allocateArc(2)
    let inner = try arena.checkpoint()
    let second = try arena.allocateArc(byteCount: 10_000)
    #expect(
      refusal { try arena.rewind(to: outer) } == .checkpointOutOfOrder(depth: 1, open: 2))
    try arena.commit(inner)
    #expect(refusal { try arena.commit(inner) } == .checkpointClosed(depth: 2))
    let third = try arena.checkpoint()
    let fourth = try arena.allocateArc(4)
    #expect(try arena.rewind(to: third) == 1)
    #expect(try arena.rewind(to: outer) == 2)
    for handle in [first, second, fourth] {
      #expect(
        refusal { try arena.release(handle) }
          == .staleHandle(handle, current: handle.generation + 1))
    }
    arena.checkInvariants()
    #expect(try arena.load(Int.self, from: kept) == 1)
    #expect(arena.stats.liveCount == 1)
  }

  @Test func `what is left is reported by tag`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    _ = try arena.allocateArc(byteCount: 100, tag: AllocationTag(rawValue: 7))
    _ = try arena.allocateArc(byteCount: 9000, tag: AllocationTag(rawValue: 7))
    _ = try arena.allocateArc(byteCount: 5)
    _ = try unsafe arena.allocate(byteCount: 40)
    let report = arena.destroy()
    #expect(report.countByTag[7] == 2 && report.byteCountByTag[7] == 9100)
    #expect(report.countByTag[0] == 1 && report.byteCountByTag[0] == 5)
    #expect(report.count == 3 && report.byteCount == 9105)
    #expect(report.addressedCount == 1 && report.addressedByteCount == 48)
  }

  @Test func `the allocation that is asked to fail does`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    arena.failAllocation(at: 3)
    let handle = try arena.allocateArc(byteCount: 8)
    let address = try unsafe arena.allocate(byteCount: 8)
    #expect(refusal { _ = try arena.allocateArc(byteCount: 8) } == .injected(number: 3))
    _ = try arena.allocateArc(byteCount: 8)
    #expect(arena.stats.failureCount == 1 && arena.stats.allocationCount == 3)
    try arena.release(handle)
    unsafe arena.release(address)
    arena.checkInvariants()
  }

  @Test(arguments: [1 << 14, 1 << 16, 1 << 20])
  func `an arena can be filled, emptied and filled with another size`(byteCount: Int) throws {
    let arena = try Arena(byteCount: byteCount)
    for size in [64, 1000, 16, 4096, 200, byteCount / 4] {
      var handles: [MemoryHandle] = []
      while true {
        do throws(MemoryError) {
          handles.append(try arena.allocateArc(byteCount: size))
        } catch {
          guard case .capacityExceeded(size, _, arena.stats.capacity) = error else {
            Issue.record("\(error)")
            break
          }
          break
        }
      }
      arena.checkInvariants()
      #expect(handles.count * size >= byteCount / 8)
      for handle in handles { try arena.release(handle) }
      arena.checkInvariants()
    }
  }

  @Test func `no contract takes another's checkpoint, nor one of a contract before it`() throws {
    func ended() throws -> MemoryCheckpoint { try Arena(byteCount: 1 << 16).checkpoint() }
    let earlier = try ended()
    let other = try Arena(byteCount: 1 << 16)
    let foreign = try other.checkpoint()
    let arena = try Arena(byteCount: 1 << 16)
    let own = try arena.checkpoint()
    let handle = try arena.allocateArc(byteCount: 64)
    for checkpoint in [earlier, foreign] {
      #expect(refusal { try arena.rewind(to: checkpoint) } == .checkpointClosed(depth: 1))
      #expect(refusal { try arena.commit(checkpoint) } == .checkpointClosed(depth: 1))
    }
    #expect(try arena.byteCount(of: handle) == 64)
    #expect(try arena.rewind(to: own) == 1)
  }
}
