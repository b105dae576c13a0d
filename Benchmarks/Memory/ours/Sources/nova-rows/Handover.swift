// Handover.swift — one thread allocates, another releases, in batches through a ring.
// Hosted and freestanding. Imports NovaCore, Synchronization.

import NovaCore
import Synchronization

/// A ring between one producer and one consumer, and the memory that both use.
@safe struct Ring: @unchecked Sendable {
  static let count = 1024
  static let batchCount = 32
  static let handoversPerChunk = 10_240
  static let spinsBeforeYield = 256

  let handles: UnsafeMutablePointer<MemoryHandle>
  // On cache lines of their own.
  let handed: UnsafeMutablePointer<Atomic<Int>>
  let taken: UnsafeMutablePointer<Atomic<Int>>
  let memory: UnsafePointer<Arena>

  init(memory: UnsafePointer<Arena>) {
    // SAFETY: three parts, 128 bytes apart at least; never given back, as the program ends soon.
    let parts = UnsafeMutableRawPointer.allocate(
      byteCount: 256 + Ring.count * MemoryLayout<MemoryHandle>.stride, alignment: 128)
    unsafe handed = parts.assumingMemoryBound(to: Atomic<Int>.self)
    unsafe taken = (parts + 128).assumingMemoryBound(to: Atomic<Int>.self)
    unsafe handles = (parts + 256).assumingMemoryBound(to: MemoryHandle.self)
    unsafe handed.initialize(to: Atomic(0))
    unsafe taken.initialize(to: Atomic(0))
    unsafe self.memory = memory
  }

  /// Lets the other thread run now and then, where the machine has no CPU for it.
  @inline(__always)
  static func rest(_ spins: inout Int) {
    spins &+= 1
    if spins % spinsBeforeYield == 0 { System.yield() }
  }

  /// Allocates `count` blocks and hands them over; `start` were handed over before.
  func produce(_ count: Int, from start: Int) throws(MemoryError) {
    var spins = 0
    var index = start
    while index < start + count {
      // pairs with consume
      while unsafe index + Ring.batchCount - taken.pointee.load(ordering: .acquiring) > Ring.count {
        Ring.rest(&spins)
      }
      for _ in 0..<Ring.batchCount {
        let handle = try unsafe memory.pointee.allocateArc(byteCount: 64)
        try unsafe memory.pointee.store(index, to: handle)
        unsafe handles[index % Ring.count] = handle
        index += 1
      }
      unsafe handed.pointee.store(index, ordering: .releasing)  // pairs with consume
    }
  }

  /// Releases every block of a run.
  func consume() throws(MemoryError) {
    var spins = 0
    var index = 0
    while index < (chunkCount + 1) * Ring.handoversPerChunk {
      let end = unsafe handed.pointee.load(ordering: .acquiring)  // pairs with produce
      if index == end { Ring.rest(&spins) }
      while index < end {
        try unsafe memory.pointee.release(handles[index % Ring.count])
        index += 1
      }
      unsafe taken.pointee.store(index, ordering: .releasing)  // pairs with produce
    }
  }
}

func timeHandovers(_ memory: borrowing Arena) throws(MemoryError) {
  // SAFETY: the arena stays where it is until the consumer was joined.
  try unsafe withUnsafePointer(to: memory) { memory throws(MemoryError) in
    let ring = unsafe Ring(memory: memory)
    let shared = UnsafeMutablePointer<Ring>.allocate(capacity: 1)
    unsafe shared.initialize(to: ring)
    let consumer = unsafe startThread(shared) { context in
      guard let context = unsafe context else { return }
      do throws(MemoryError) {
        try unsafe context.assumingMemoryBound(to: Ring.self).pointee.consume()
      } catch {
        System.exit(4)
      }
    }
    var start = 0
    try time(Ring.handoversPerChunk) { count throws(MemoryError) in
      try ring.produce(count, from: start)
      start += count
    }
    // SAFETY: the thread was started, and is joined once.
    _ = unsafe System.joinThread(consumer)
  }
}

/// Starts a thread whose record is never given back.
func startThread(
  _ context: UnsafeMutableRawPointer?, _ entry: @escaping ThreadEntry
) -> UnsafeMutablePointer<ThreadRecord> {
  let record = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: 1)
  do throws(SystemError) {
    // SAFETY: record and context stay until the program ends.
    try unsafe System.startThread(
      record, stackByteCount: System.threadStackByteCounts.lowerBound, context: context, entry)
  } catch {
    System.exit(5)
  }
  return unsafe record
}

/// A second thread that sleeps until the program ends.
func startSleeper() {
  let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
  unsafe word.initialize(to: 0)
  _ = unsafe startThread(word) { context in
    guard let context = unsafe context else { return }
    while true {
      _ = unsafe System.wait(on: context.assumingMemoryBound(to: UInt32.self), while: 0)
    }
  }
}
