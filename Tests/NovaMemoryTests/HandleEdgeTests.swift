// HandleEdgeTests.swift — sizes at the edges of classes and pages, and every limit of handles.

import NovaSystem
import TestSupport
import Testing

@testable import NovaMemory

@Suite struct HandleEdgeTests {
  /// Around each power of two, each class's size and each page up to sixteen.
  private static let byteCounts: [Int] = {
    var edges: Set<Int> = [0, 1]
    for exponent in 1...17 {
      let power = 1 << exponent
      edges.formUnion([power - 1, power, power + 1])
    }
    for sizeClass in 0..<28 {
      let size = MemoryStats.byteCount(ofSizeClass: sizeClass)
      edges.formUnion([size - 1, size, size + 1])
    }
    for page in 1...16 { edges.formUnion([page * 4096 - 8, page * 4096, page * 4096 + 8]) }
    return edges.sorted()
  }()

  @Test func `each size at an edge is lent whole, and zero for its next owner`() throws {
    let arena = try Arena(byteCount: 1 << 24)
    for round in 0..<3 {
      var handles: [MemoryHandle] = []
      for byteCount in Self.byteCounts {
        let handle = try arena.allocateArc(byteCount: byteCount)
        try unsafe arena.withBytes(of: handle) { bytes in
          let isZero = unsafe bytes.allSatisfy { $0 == 0 }
          #expect(isZero && bytes.count == byteCount, "\(byteCount) bytes, round \(round)")
          unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0xff)
        }
        handles.append(handle)
      }
      #expect(
        arena.stats.liveByteCount
          == Self.byteCounts.reduce(0) { $0 + MemoryStats.charge(byteCount: $1) })
      // Nobody wrote over anybody.
      for (handle, byteCount) in zip(handles, Self.byteCounts) {
        try unsafe arena.withBytes(of: handle) { bytes in
          let isWhole = unsafe bytes.count == byteCount && bytes.allSatisfy { $0 == 0xff }
          #expect(isWhole, "\(byteCount) bytes")
        }
        try arena.release(handle)
      }
      arena.checkInvariants()
    }
  }

  @Test func `the classes are what the documentation says`() {
    var expected = Array(stride(from: 16, through: 128, by: 16))
    for base in [128, 256, 512, 1024, 2048] {
      for quarter in 1...4 { expected.append(base + base / 4 * quarter) }
    }
    #expect((0..<28).map(MemoryStats.byteCount(ofSizeClass:)) == expected)
    for byteCount in 0...4096 {
      #expect(MemoryStats.charge(byteCount: byteCount) == expected.first { $0 >= byteCount })
    }
  }

  @Test func `blocks of no bytes have handles of their own`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let first = try arena.allocateArc(byteCount: 0)
    let second = try arena.allocateArc(byteCount: 0)
    #expect(first != second)
    let byteCount = try unsafe arena.withBytes(of: first) { bytes in bytes.count }
    #expect(byteCount == 0)
    #expect(
      refusal { _ = try arena.load(UInt8.self, from: first) }
        == .byteCountOutOfRange(byteCount: 1, minimum: 0, maximum: 0))
    try arena.release(first)
    #expect(try arena.byteCount(of: second) == 0)
  }

  @Test func `a value must fit`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let small = try arena.allocateArc(byteCount: 7)
    let short = MemoryError.byteCountOutOfRange(byteCount: 8, minimum: 0, maximum: 7)
    #expect(refusal { _ = try arena.load(UInt64.self, from: small) } == short)
    #expect(refusal { try arena.store(UInt64(1), to: small) } == short)
    #expect(refusal { _ = try arena.withValue(of: small, as: UInt64.self) { $0 } } == short)
  }

  @Test(arguments: [0, -1, 3, 48, 131_072, Int.max, Int.min])
  func `an alignment that is none is refused`(alignment: Int) throws {
    let arena = try Arena(byteCount: 1 << 20)
    let before = arena.stats
    #expect(
      refusal { _ = try arena.allocateArc(byteCount: 8, alignment: alignment) }
        == .alignmentOutOfRange(alignment: alignment, maximum: 65536))
    #expect(arena.stats == before)
  }

  @Test(arguments: [-1, Int.min])
  func `a negative size is refused`(byteCount: Int) throws {
    let arena = try Arena(byteCount: 1 << 20)
    #expect(
      refusal { _ = try arena.allocateArc(byteCount: byteCount) }
        == .byteCountOutOfRange(byteCount: byteCount, minimum: 0, maximum: Arena.byteCountMax))
  }

  @Test(arguments: [1 << 21, 1 << 40, Int.max - 15, Int.max])
  func `a size beyond the capacity is refused without overflow`(byteCount: Int) throws {
    let arena = try Arena(byteCount: 1 << 20)
    let error = refusal { _ = try arena.allocateArc(byteCount: byteCount) }
    guard case .capacityExceeded(byteCount, let available, arena.stats.capacity) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(available > 0)
    // What was said to be available is.
    try arena.release(arena.allocateArc(byteCount: available))
    #expect(arena.stats.failureCount == 1)
    arena.checkInvariants()
  }

  @Test func `what is said to be available can be lent, however full the arena is`() throws {
    print("NOVA_SEED=\(TestSeed.value)")
    var random = SeededGenerator(seed: UInt64(TestSeed.value))
    for _ in 0..<40 {
      let arena = try Arena(byteCount: 1 << Int.random(in: 14...17, using: &random))
      var handles: [MemoryHandle] = []
      for _ in 0..<300 {
        let byteCount = Int.random(in: 0..<6000, using: &random)
        do throws(MemoryError) {
          handles.append(try arena.allocateArc(byteCount: byteCount))
        } catch {
          guard case .capacityExceeded(byteCount, let available, _) = error else {
            Issue.record("\(error)")
            break
          }
          #expect(available < byteCount || available == 0)
          if available > 0 { try arena.release(arena.allocateArc(byteCount: available)) }
          try arena.release(handles.remove(at: Int.random(in: 0..<handles.count, using: &random)))
        }
      }
      arena.checkInvariants()
    }
  }

  @Test func `a checkpoint beyond the most that can be open is refused`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let maximum = Arena.checkpointCountMax
    #expect(maximum == 31)
    var open: [MemoryCheckpoint] = []
    for _ in 0..<maximum { open.append(try arena.checkpoint()) }
    let last = try arena.allocateArc(byteCount: 100)
    #expect(refusal { _ = try arena.checkpoint() } == .checkpointsExhausted(maximum: maximum))
    let innermost = open.removeLast()
    #expect(try arena.rewind(to: innermost) == 1)
    #expect(
      refusal { try arena.release(last) }
        == .staleHandle(last, current: last.generation + 1))
    #expect(
      refusal { try arena.commit(innermost) } == .checkpointClosed(depth: maximum))
    #expect(
      refusal { try arena.commit(open[0]) }
        == .checkpointOutOfOrder(depth: 1, open: maximum - 1))
    while let checkpoint = open.popLast() { try arena.commit(checkpoint) }
  }

  /// In a process of its own, where no number has had a contract before.
  @Test func `a contract without generations left lends nothing more, and says so`() async {
    await #expect(processExitsWith: .success) {
      let arena = try Arena(byteCount: 1 << 15)
      arena.lowerGenerations(to: 2)
      var handles: Set<MemoryHandle> = []
      var error: MemoryError?
      while error == nil {
        error = refusal {
          let handle = try arena.allocateArc(byteCount: 16)
          let isNew = handles.insert(handle).inserted
          precondition(isNew && handle.generation <= 2, "a handle came twice")
          try arena.release(handle)
        }
      }
      let stats = arena.stats
      precondition(
        error == .capacityExceeded(requested: 16, available: 0, capacity: stats.capacity))
      // Each slot had two generations.
      precondition(stats.retiredSlotCount * 2 == handles.count && handles.count > 500)
      precondition(stats.liveCount == 0 && stats.allocationCount == handles.count)
      arena.checkInvariants()
    }
  }

  @Test func `a contract number whose generations are used up is not given out again`() async {
    await #expect(processExitsWith: .success) {
      let arena = try Arena(byteCount: 1 << 16)
      for number in 1...4095 {
        let child = try arena.makeChild(byteCount: 16384)
        child.lowerGenerations(to: 1)
        let handle = try child.allocateArc(byteCount: 16)
        precondition(handle.contract == number && handle.generation == 1)
      }
      let child = try arena.makeChild(byteCount: 16384)
      child.lowerGenerations(to: 1)
      for _ in 0..<2 {
        let error = refusal { _ = try child.allocateArc(byteCount: 16) }
        precondition(error == .contractsExhausted(maximum: 4095))
        child.checkInvariants()
      }
      precondition(child.stats.liveCount == 0)
      // There are generations left for whoever has more of them.
      let other = try arena.allocateArc(byteCount: 16)
      precondition(other.generation == 2)
    }
  }

  @Test func `4095 contracts live at once, and no more`() async {
    await #expect(processExitsWith: .success) {
      let arena = try Arena(byteCount: 1 << 27)
      try nest(1, in: arena)
      precondition(arena.stats.liveCount == 0)
      _ = try arena.allocateArc(byteCount: 16)
    }
  }
}

/// Holds children `number … 4095` at once, and sees the next refused.
private func nest(_ number: Int, in arena: borrowing Arena) throws {
  let child = try arena.makeChild(byteCount: 16384)
  guard number <= 4095 else {
    let error = refusal { _ = try child.allocateArc(byteCount: 16) }
    precondition(error == .contractsExhausted(maximum: 4095))
    return
  }
  let handle = try child.allocateArc(byteCount: 16)
  precondition(handle.contract == number)
  try nest(number + 1, in: arena)
}
