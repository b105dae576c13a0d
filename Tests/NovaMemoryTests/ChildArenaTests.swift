// ChildArenaTests.swift — an arena inside another: charged in full, given back in full.

import NovaSystem
import Testing

@testable import NovaMemory

@Suite struct ChildArenaTests {
  @Test func `a quota is charged at once and given back at the end`() throws {
    let parent = try Arena(byteCount: 1 << 20)
    let before = parent.stats
    do {
      let child = try parent.makeChild(byteCount: 100_000)
      let charged = parent.stats.liveByteCount - before.liveByteCount
      #expect(charged >= 100_000 && charged < 100_000 + 2 * System.pageByteCount)
      for _ in 0..<100 {
        let block = try unsafe child.allocate(byteCount: 500)
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0xee, count: 500)
      }
      child.store.checkInvariants()
      #expect(parent.stats.liveByteCount - before.liveByteCount == charged)
    }
    // Every byte that the child wrote is zero again, or this stops.
    parent.store.checkInvariants()
    #expect(parent.stats.liveByteCount == before.liveByteCount)
    #expect(parent.stats.liveCount == before.liveCount)
  }

  @Test func `a child fills its quota, and its parent is none the poorer`() throws {
    let parent = try Arena(byteCount: 1 << 20)
    let child = try parent.makeChild(byteCount: 65536)
    let capacity = child.stats.capacity
    _ = try unsafe child.allocate(byteCount: capacity - 8)
    let expected = MemoryError.capacityExceeded(requested: 1, available: 0, capacity: capacity)
    do throws(MemoryError) {
      _ = try unsafe child.allocate(byteCount: 1)
      Issue.record("the child lends more than its quota")
    } catch {
      #expect(error == expected)
    }
    let block = try unsafe parent.allocate(byteCount: 1000)
    unsafe parent.release(block)
  }

  @Test func `a quota beyond the parent is refused and not charged`() throws {
    let parent = try Arena(byteCount: 65536)
    let before = parent.stats
    do throws(MemoryError) {
      _ = try parent.makeChild(byteCount: 1 << 20)
      Issue.record("a child is larger than its parent")
    } catch {
      guard case .capacityExceeded(1_048_576, let available, before.capacity) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(available < before.capacity)
    }
    #expect(parent.stats.liveByteCount == before.liveByteCount)
    parent.store.checkInvariants()
  }

  @Test func `a parent that ends before its child ends the program`() async {
    await #expect(processExitsWith: .failure) {
      func orphan() throws -> Arena {
        let parent = try Arena(byteCount: 1 << 20)
        return try parent.makeChild(byteCount: 65536)
      }
      let child = try orphan()
      print(child.stats.capacity)
    }
  }

  @Test func `what handles gave back is there for quotas and addresses`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    for _ in 0..<3 {
      var handles: [MemoryHandle] = []
      #expect(throws: MemoryError.self) {
        while true { handles.append(try arena.allocateArc(byteCount: 64)) }
      }
      for handle in handles { try arena.release(handle) }
      let child = try arena.makeChild(byteCount: 1 << 19)
      let block = try unsafe arena.allocate(byteCount: 1 << 18)
      arena.checkInvariants()
      unsafe arena.release(block)
      #expect(child.destroy().count == 0)
    }
    #expect(arena.stats.liveByteCount == 0)
  }
}
