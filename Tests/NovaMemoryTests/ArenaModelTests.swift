// ArenaModelTests.swift — random requests against a plain model; NOVA_SEED repeats a run.

import Glibc
import TestSupport
import Testing

@testable import NovaMemory

@Suite struct ArenaModelTests {
  /// A block that the model holds lent: the arena must not touch it.
  struct Block {
    var address: UInt
    var byteCount: Int
    var filling: UInt8
  }

  @Test func `random requests keep every promise`() throws {
    // SAFETY: getenv's string is read at once.
    let named = unsafe getenv("NOVA_SEED").flatMap { unsafe UInt64(String(cString: $0)) }
    let seed = named ?? .random(in: 0...UInt64.max)
    print("NOVA_SEED=\(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 { try run(&random) }
  }

  private func run(_ random: inout SeededGenerator) throws {
    let arena = try Arena(byteCount: 1 << Int.random(in: 14...20, using: &random))
    var blocks: [Block] = []
    for step in 0..<600 {
      if blocks.isEmpty || Int.random(in: 0..<5, using: &random) < 3 {
        allocate(in: arena, &blocks, &random)
      } else {
        let index = Int.random(in: 0..<blocks.count, using: &random)
        try verify(blocks[index])
        let address = unsafe UnsafeMutableRawPointer(bitPattern: blocks.remove(at: index).address)
        unsafe arena.release(try #require(address))
      }
      if step % 50 == 0 { arena.store.checkInvariants() }
      #expect(arena.stats.liveCount == blocks.count)
    }
    for block in blocks { try verify(block) }
    while let block = blocks.popLast() {
      unsafe arena.release(try #require(UnsafeMutableRawPointer(bitPattern: block.address)))
    }
    arena.store.checkInvariants()
    let stats = arena.stats
    #expect(stats.liveByteCount == 0)
    // Everything was joined again: the whole capacity is one block.
    _ = try unsafe arena.allocate(byteCount: stats.capacity - 8)
  }

  private func allocate(
    in arena: borrowing Arena, _ blocks: inout [Block], _ random: inout SeededGenerator
  ) {
    let byteCount = Int.random(
      in: 0..<(1 << Int.random(in: 1...16, using: &random)), using: &random)
    let alignment = 1 << Int.random(in: 0...13, using: &random)
    let before = arena.stats
    do throws(MemoryError) {
      let address = try unsafe arena.allocate(byteCount: byteCount, alignment: alignment)
      let bytes = unsafe UnsafeMutableRawBufferPointer(start: address, count: byteCount)
      let isZero = unsafe bytes.allSatisfy { $0 == 0 }
      #expect(isZero)
      let block = Block(
        address: UInt(bitPattern: address), byteCount: byteCount,
        filling: UInt8.random(in: 1...255, using: &random))
      #expect(block.address % UInt(alignment) == 0)
      let isApart = blocks.allSatisfy { other in
        block.address + UInt(byteCount) <= other.address
          || other.address + UInt(other.byteCount) <= block.address
      }
      #expect(isApart)
      for index in bytes.indices { unsafe bytes[index] = block.filling }
      blocks.append(block)
    } catch {
      guard case .capacityExceeded(byteCount, let available, before.capacity) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(available < max(byteCount, 1))
      #expect(arena.stats.liveByteCount == before.liveByteCount)
      #expect(arena.stats.failureCount == before.failureCount + 1)
    }
  }

  private func verify(_ block: Block) throws {
    let bytes = unsafe UnsafeRawBufferPointer(
      start: UnsafeRawPointer(bitPattern: block.address), count: block.byteCount)
    let isUntouched = unsafe bytes.allSatisfy { $0 == block.filling }
    #expect(isUntouched)
  }
}
