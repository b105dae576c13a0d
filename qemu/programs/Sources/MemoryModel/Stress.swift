// Stress.swift — what a contract promises to threads that use it at once.
// Hosted and freestanding. Imports NovaCore, Synchronization.

import NovaCore
import Synchronization

/// Threads on one arena; each function returns the promise that did not hold, or nil.
public enum Stress {
  /// What the threads of a test share.
  @safe final class Shared: @unchecked Sendable {
    let arena: Arena
    let barrier: Barrier
    let successCount = Atomic<Int>(0)
    let refusalCount = Atomic<Int>(0)
    /// Anything that must not happen.
    let faultCount = Atomic<Int>(0)
    // `slotCount` handles that pass from thread to thread, 0 for none; as long as the object.
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>
    let slotCount: Int

    init(byteCount: Int, threadCount: Int, slotCount: Int) throws(MemoryError) {
      arena = try Arena(byteCount: byteCount)
      barrier = Barrier(count: threadCount)
      self.slotCount = slotCount
      unsafe slots = UnsafeMutablePointer.allocate(capacity: slotCount)
      for index in 0..<slotCount { unsafe (slots + index).initialize(to: Atomic(0)) }
    }

    deinit {
      unsafe slots.deinitialize(count: slotCount)
      unsafe slots.deallocate()
    }

    /// Leaves a handle, or 0, and takes what was there.
    func exchange(_ index: Int, _ handle: UInt64) -> UInt64 {
      precondition(index >= 0 && index < slotCount)
      // SAFETY: the index was just checked.
      // pairs with exchange
      return unsafe slots[index].exchange(handle, ordering: .acquiringAndReleasing)
    }

    func handle(_ index: Int) -> MemoryHandle {
      precondition(index >= 0 && index < slotCount)
      // SAFETY: the index was just checked.
      // pairs with exchange
      return unsafe MemoryHandle(rawValue: slots[index].load(ordering: .acquiring))
    }

    func count(_ counter: borrowing Atomic<Int>) { counter.add(1, ordering: .relaxed) }
  }

  /// Lets threads release the same handles at once: of each handle exactly one succeeds.
  public static func racingReleases(
    threadCount: Int, roundCount: Int
  ) throws(MemoryError) -> StaticString? {
    let handleCount = 64
    let shared = try Shared(
      byteCount: 1 << 21, threadCount: threadCount, slotCount: handleCount)
    let didRun = Crew.run(threadCount) { thread in
      for round in 0..<roundCount {
        if thread == 0 {
          for index in 0..<handleCount {
            let byteCount = (round + index) * 37 % 6000
            guard let handle = allocated(shared, byteCount: byteCount) else { continue }
            _ = shared.exchange(index, handle.rawValue)
          }
        }
        shared.barrier.wait()
        for step in 0..<handleCount {
          release(shared.handle((step + thread * 7) % handleCount), in: shared)
        }
        shared.barrier.wait()
      }
    }
    guard didRun else { return "a thread can be started" }
    let stats = shared.arena.stats
    let expected = handleCount * roundCount
    if shared.faultCount.load(ordering: .relaxed) != 0 { return "a loser gets a double release" }
    if shared.successCount.load(ordering: .relaxed) != expected {
      return "of racing releases exactly one succeeds"
    }
    if shared.refusalCount.load(ordering: .relaxed) != expected * (threadCount - 1) {
      return "of racing releases all others are refused"
    }
    return isEmpty(stats, allocationCount: expected) ? nil : "the counts sum up after a race"
  }

  private static func allocated(_ shared: Shared, byteCount: Int) -> MemoryHandle? {
    do throws(MemoryError) {
      return try shared.arena.allocateArc(byteCount: byteCount)
    } catch {
      shared.count(shared.faultCount)
      return nil
    }
  }

  private static func release(_ handle: MemoryHandle, in shared: Shared) {
    do throws(MemoryError) {
      try shared.arena.release(handle)
      shared.count(shared.successCount)
    } catch {
      if error == .doubleRelease(handle) {
        shared.count(shared.refusalCount)
      } else {
        shared.count(shared.faultCount)
      }
    }
  }

  private static func isEmpty(_ stats: MemoryStats, allocationCount: Int) -> Bool {
    var live = 0
    for sizeClass in 0..<29 where stats.liveCountBySizeClass[sizeClass] != 0 { live += 1 }
    return stats.liveCount == 0 && stats.liveByteCount == 0 && live == 0
      && stats.allocationCount == allocationCount && stats.releaseCount == allocationCount
      && stats.peakByteCount <= stats.capacity
  }

  /// Lets threads lend, write, swap, verify and release, with stale handles in between.
  ///
  /// The seed determines what each thread asks for, though not the order among them.
  public static func exchanges(
    seed: UInt64, threadCount: Int, stepCount: Int
  ) throws(MemoryError) -> StaticString? {
    let shared = try Shared(byteCount: 1 << 23, threadCount: threadCount, slotCount: 256)
    let total = Total()
    let didRun = Crew.run(threadCount) { thread in
      var worker = Exchanger(seed: seed &+ UInt64(thread))  // any seed will do
      shared.barrier.wait()
      for _ in 0..<stepCount { worker.step(shared) }
      total.add(worker.allocationCount)
    }
    guard didRun else { return "a thread can be started" }
    for index in 0..<shared.slotCount {
      let left = shared.exchange(index, 0)
      if left != 0 { Exchanger.verifyAndRelease(MemoryHandle(rawValue: left), shared) }
    }
    if shared.faultCount.load(ordering: .relaxed) != 0 {
      return "no thread sees another's bytes, or a stale handle that works"
    }
    return isEmpty(shared.arena.stats, allocationCount: total.value)
      ? nil : "the counts sum up after exchanges"
  }

  /// Lets one thread allocate and write what another verifies and releases.
  public static func producerAndConsumer(count: Int) throws(MemoryError) -> StaticString? {
    let shared = try Shared(byteCount: 1 << 21, threadCount: 2, slotCount: 512)
    let didRun = Crew.run(2) { thread in
      for number in 0..<count {
        let slot = number % shared.slotCount
        if thread == 0 {
          var handle = Exchanger.filled(shared, byteCount: 8 + number * 8 % 200)
          // No room: the consumer is behind.
          while handle == 0 {
            System.yield()
            handle = Exchanger.filled(shared, byteCount: 8 + number * 8 % 200)
          }
          while shared.handle(slot).rawValue != 0 { System.yield() }
          _ = shared.exchange(slot, handle)
        } else {
          while shared.handle(slot).rawValue == 0 { System.yield() }
          Exchanger.verifyAndRelease(
            MemoryHandle(rawValue: shared.exchange(slot, 0)), shared)
        }
      }
    }
    guard didRun else { return "a thread can be started" }
    if shared.faultCount.load(ordering: .relaxed) != 0 {
      return "a consumer finds what the producer wrote"
    }
    return isEmpty(shared.arena.stats, allocationCount: count)
      ? nil : "the counts sum up after producer and consumer"
  }

  /// Lets one thread release what another has access to: the bytes stay until the access ends.
  public static func releasesDuringAccess(roundCount: Int) throws(MemoryError) -> StaticString? {
    let shared = try Shared(byteCount: 1 << 21, threadCount: 2, slotCount: 1)
    let didRun = Crew.run(2) { thread in
      for _ in 0..<roundCount {
        if thread == 0 { _ = shared.exchange(0, Exchanger.filled(shared, byteCount: 512)) }
        shared.barrier.wait()
        let handle = shared.handle(0)
        if thread == 0 {
          release(handle, in: shared)
        } else {
          // What follows a release must not reach the bytes either.
          let isIntact = Exchanger.isIntact(handle, shared, pause: 20)
          if isIntact == false { shared.count(shared.faultCount) }
        }
        shared.barrier.wait()
      }
    }
    guard didRun else { return "a thread can be started" }
    if shared.faultCount.load(ordering: .relaxed) != 0 { return "bytes stay during an access" }
    return isEmpty(shared.arena.stats, allocationCount: roundCount)
      ? nil : "the counts sum up after accesses"
  }
}

extension Stress {
  /// Lets one thread ask for a long block's size while another lends and releases what lies before.
  public static func sizesBesideNeighbours(roundCount: Int) throws(MemoryError) -> StaticString? {
    let shared = try Shared(byteCount: 1 << 21, threadCount: 2, slotCount: 1)
    // Longer than an entry has room for: the size lies in the block's header.
    let byteCount = 20_000
    let before = try shared.arena.allocateArc(byteCount: byteCount)
    let block = try shared.arena.allocateArc(byteCount: byteCount)
    try shared.arena.release(before)
    let didRun = Crew.run(2) { thread in
      shared.barrier.wait()
      for _ in 0..<roundCount {
        if thread == 0 {
          guard let neighbour = allocated(shared, byteCount: byteCount) else { return }
          release(neighbour, in: shared)
        } else {
          do throws(MemoryError) {
            if try shared.arena.byteCount(of: block) != byteCount {
              shared.count(shared.faultCount)
            }
          } catch {
            shared.count(shared.faultCount)
          }
        }
      }
    }
    guard didRun else { return "a thread can be started" }
    if shared.faultCount.load(ordering: .relaxed) != 0 { return "a size stays beside neighbours" }
    try shared.arena.release(block)
    return isEmpty(shared.arena.stats, allocationCount: roundCount + 2)
      ? nil : "the counts sum up beside neighbours"
  }
}

/// A sum of several threads.
final class Total: Sendable {
  private let sum = Atomic<Int>(0)

  var value: Int { sum.load(ordering: .relaxed) }

  func add(_ number: Int) { sum.add(number, ordering: .relaxed) }
}

/// One thread's part of `Stress.exchanges`.
struct Exchanger {
  private var random: ModelRandom
  private var stale: [MemoryHandle] = []
  private(set) var allocationCount = 0

  init(seed: UInt64) { random = ModelRandom(seed: seed) }

  mutating func step(_ shared: Stress.Shared) {
    switch random.below(8) {
    case 0..<4:
      let sizeLimit = random.isOneIn(20) ? 9000 : 300
      let handle = Exchanger.filled(shared, byteCount: 8 + random.below(sizeLimit))
      guard handle != 0 else { return }
      allocationCount += 1
      let other = shared.exchange(random.below(shared.slotCount), handle)
      if other != 0 { end(MemoryHandle(rawValue: other), shared) }
    case 4..<7:
      let other = shared.exchange(random.below(shared.slotCount), 0)
      if other != 0 { end(MemoryHandle(rawValue: other), shared) }
    default: useStale(shared)
    }
  }

  private mutating func end(_ handle: MemoryHandle, _ shared: Stress.Shared) {
    Exchanger.verifyAndRelease(handle, shared)
    if stale.count < 64 {
      stale.append(handle)
    } else {
      stale[random.below(stale.count)] = handle
    }
  }

  /// What was released once is refused, whoever has the slot now.
  private mutating func useStale(_ shared: Stress.Shared) {
    guard !stale.isEmpty else { return }
    let handle = stale[random.below(stale.count)]
    do throws(MemoryError) {
      if random.isOneIn(2) {
        try shared.arena.release(handle)
      } else {
        try shared.arena.retain(handle)
      }
      shared.count(shared.faultCount)
    } catch {
      switch error {
      case .staleHandle(handle, current: _), .doubleRelease(handle): break
      default: shared.count(shared.faultCount)
      }
    }
  }

  /// A new block whose every word is its handle; 0 when there is no room.
  static func filled(_ shared: Stress.Shared, byteCount: Int) -> UInt64 {
    do throws(MemoryError) {
      let handle = try shared.arena.allocateArc(byteCount: byteCount)
      try unsafe shared.arena.withBytes(of: handle) { bytes throws(MemoryError) in
        for offset in stride(from: 0, through: byteCount - 8, by: 8) {
          // SAFETY: the word lies in the block.
          if unsafe bytes.load(fromByteOffset: offset, as: UInt64.self) != 0 {
            shared.count(shared.faultCount)
          }
          unsafe bytes.storeBytes(of: handle.rawValue, toByteOffset: offset, as: UInt64.self)
        }
      }
      return handle.rawValue
    } catch {
      if case .capacityExceeded = error { return 0 }
      shared.count(shared.faultCount)
      return 0
    }
  }

  /// Whether a block holds what `filled` wrote; nil when the handle was released before.
  static func isIntact(
    _ handle: MemoryHandle, _ shared: Stress.Shared, pause: Int = 0
  ) -> Bool? {
    do throws(MemoryError) {
      return try unsafe shared.arena.withBytes(of: handle) { bytes throws(MemoryError) in
        for _ in 0..<pause { System.yield() }
        for offset in stride(from: 0, through: bytes.count - 8, by: 8) {
          // SAFETY: the word lies in the block.
          let word = unsafe bytes.load(fromByteOffset: offset, as: UInt64.self)
          if word != handle.rawValue { return false }
        }
        return true
      }
    } catch {
      return nil
    }
  }

  static func verifyAndRelease(_ handle: MemoryHandle, _ shared: Stress.Shared) {
    if isIntact(handle, shared) != true { shared.count(shared.faultCount) }
    do throws(MemoryError) {
      try shared.arena.release(handle)
    } catch {
      shared.count(shared.faultCount)
    }
  }
}
