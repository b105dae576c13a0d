// ArenaTests.swift — what an arena promises of each block, and every refusal with its figures.

import Glibc
import NovaSystem
import Testing

@testable import NovaMemory

@Suite struct ArenaTests {
  @Test func `a lent block is zero, aligned and counted`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    var alignment = 1
    while alignment <= Arena.alignmentMax {
      let block = try unsafe arena.allocate(byteCount: 100, alignment: alignment)
      #expect(UInt(bitPattern: block) % UInt(alignment) == 0)
      // SAFETY: 100 bytes were lent.
      let bytes = unsafe UnsafeMutableRawBufferPointer(start: block, count: 100)
      let isZero = unsafe bytes.allSatisfy { $0 == 0 }
      #expect(isZero)
      unsafe bytes.copyBytes(from: [UInt8](repeating: 0xa5, count: 100))
      arena.store.checkInvariants()
      unsafe arena.release(block)
      arena.store.checkInvariants()
      alignment *= 2
    }
    let stats = arena.stats
    #expect(stats.liveCount == 0 && stats.liveByteCount == 0)
    #expect(stats.allocationCount == 17 && stats.failureCount == 0)
  }

  @Test func `the whole capacity can be lent, and one byte more is refused`() throws {
    let arena = try Arena(byteCount: Arena.byteCountMin)
    let capacity = arena.stats.capacity
    let block = try unsafe arena.allocate(byteCount: capacity - 8)
    #expect(arena.stats.liveByteCount == capacity)
    refuse(
      arena, byteCount: 1, .capacityExceeded(requested: 1, available: 0, capacity: capacity))
    unsafe arena.release(block)
    refuse(
      arena, byteCount: capacity - 7,
      .capacityExceeded(
        requested: capacity - 7, available: capacity - 8, capacity: capacity))
    #expect(arena.stats.failureCount == 2)
    #expect(arena.stats.peakByteCount == capacity)
    arena.store.checkInvariants()
  }

  @Test(arguments: [Int.max, Int.max - 7, Int.max - 15, 1 << 40])
  func `an absurd size is refused without overflow`(byteCount: Int) throws {
    let arena = try Arena(byteCount: 65536)
    let capacity = arena.stats.capacity
    refuse(
      arena, byteCount: byteCount,
      .capacityExceeded(requested: byteCount, available: capacity - 8, capacity: capacity))
    arena.store.checkInvariants()
  }

  @Test(arguments: [0, -1, 3, 48, 65535, 131_072, Int.max, Int.min])
  func `an alignment that is none is refused`(alignment: Int) throws {
    let arena = try Arena(byteCount: 65536)
    #expect(throws: MemoryError.alignmentOutOfRange(alignment: alignment, maximum: 65536)) {
      _ = try unsafe arena.allocate(byteCount: 8, alignment: alignment)
    }
  }

  @Test func `a negative size is refused, and none has an address of its own`() throws {
    let arena = try Arena(byteCount: 65536)
    refuse(
      arena, byteCount: -1,
      .byteCountOutOfRange(byteCount: -1, minimum: 0, maximum: Arena.byteCountMax))
    let first = try unsafe arena.allocate(byteCount: 0)
    let second = try unsafe arena.allocate(byteCount: 0)
    let differ = unsafe first != second
    #expect(differ)
    unsafe arena.release(first)
    unsafe arena.release(second)
  }

  @Test(arguments: [-1, 0, 16383, 0x10_0000_0001, Int.max])
  func `a region outside the range is refused`(byteCount: Int) {
    let expected = MemoryError.byteCountOutOfRange(
      byteCount: byteCount, minimum: 16384, maximum: 0x10_0000_0000)
    #expect(throws: expected) { _ = try Arena(byteCount: byteCount) }
  }

  @Test func `a region is rounded up to pages`() throws {
    let page = System.pageByteCount
    for (asked, got) in [(4 * page, 4 * page), (4 * page + 1, 5 * page), (5 * page - 1, 5 * page)] {
      let arena = try Arena(byteCount: asked)
      let byteCount = unsafe arena.store.control.pointee.byteCount
      #expect(byteCount == got)
    }
  }

  @Test func `the same requests get the same offsets`() throws {
    func offsets() throws -> [Int] {
      let arena = try Arena(byteCount: 1 << 20)
      var blocks: [UnsafeMutableRawPointer] = unsafe []
      var offsets: [Int] = []
      for index in 0..<200 {
        let block = try unsafe arena.allocate(
          byteCount: index * 37 % 900, alignment: 1 << (index % 9))
        unsafe offsets.append(arena.store.offset(of: block))
        unsafe blocks.append(block)
        if index % 3 == 2 { unsafe arena.release(blocks.remove(at: index % blocks.count)) }
      }
      return offsets
    }
    #expect(try offsets() == offsets())
  }

  @Test func `a double release ends the program`() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena(byteCount: 65536)
      let block = try unsafe arena.allocate(byteCount: 64)
      unsafe arena.release(block)
      unsafe arena.release(block)
      _exit(0)
    }
  }

  @Test func `a foreign address ends the program`() async {
    await #expect(processExitsWith: .failure) {
      let arena = try Arena(byteCount: 65536)
      let other = try Arena(byteCount: 65536)
      let block = try unsafe other.allocate(byteCount: 64)
      unsafe arena.release(block)
      _exit(0)
    }
  }

  @Test func `threads share an arena`() throws {
    let arena = try Arena(byteCount: 1 << 22)
    // SAFETY: every thread is joined before the arena ends.
    var threads: [pthread_t] = []
    for _ in 0..<4 {
      var thread = pthread_t()
      let created = unsafe pthread_create(
        &thread, nil,
        { control in
          guard let control = unsafe control else { return nil }
          let store = unsafe BlockStore(
            control: control.assumingMemoryBound(to: ArenaControl.self))
          for index in 0..<20_000 {
            store.lock()
            let offset = store.charge(byteCount: index % 500, alignment: 16)
            store.unlock()
            guard let offset else { continue }
            unsafe store.address(offset).storeBytes(of: 1, as: UInt8.self)
            store.lock()
            store.settleRelease(offset, isZero: false)
            store.unlock()
          }
          return nil
        }, arena.store.control)
      #expect(created == 0)
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    arena.store.checkInvariants()
    #expect(arena.stats.liveCount == 0)
    #expect(arena.stats.allocationCount + arena.stats.failureCount == 80_000)
  }
}

private func refuse(_ arena: borrowing Arena, byteCount: Int, _ expected: MemoryError) {
  do throws(MemoryError) {
    _ = try unsafe arena.allocate(byteCount: byteCount)
    Issue.record("\(byteCount) bytes were lent")
  } catch {
    #expect(error == expected)
  }
}
