// DequeStress.swift — real threads push, pop, steal, sleep and wake: a tree that is walked in
// parallel, each node exactly once.
// Hosted and freestanding. Imports NovaConcurrency, NovaSystem, Synchronization.

import NovaConcurrency
import NovaSystem
import Synchronization

/// What the threads share.
@safe
struct SharedStress: ~Copyable {
  let workerCount: Int
  let nodeCount: Int
  let capacity: UInt32
  let deques: UnsafeMutableRawPointer
  let parking: Parking
  let visits: UnsafeMutablePointer<Atomic<UInt32>>
  /// Nodes of the round that nobody has visited.
  let leftCount = Atomic<Int>(0)
  let isStopping = Atomic<Bool>(false)
  /// Numbers that threads have taken.
  let startedCount = Atomic<Int>(1)
}

/// A walk through a complete binary tree whose nodes are the numbers from 1 on, by workers that
/// steal each other's nodes.
///
/// Rings are small, so that they fill up and wrap around; between two rounds everybody runs out of
/// work and falls asleep.
@safe
public struct DequeStress: ~Copyable {
  private let shared: UnsafeMutablePointer<SharedStress>
  private let storage: UnsafeMutableRawPointer
  private let storageByteCount: Int
  private let workerCount: Int

  private static let threadStackByteCount = 0x40000
  private static let recordsOffset = 1024
  private static let parkingOffset = 2048
  private static let dequesOffset = 4096
  /// Threads beside the caller's at most.
  public static let threadCountMax = 15

  /// Maps what the walk needs.
  ///
  /// - Parameters:
  ///   - threadCount: workers beside the caller, at most `threadCountMax`.
  ///   - nodeCount: nodes of the tree.
  ///   - capacity: of each ring.
  /// - Throws: `SystemError` of `.map`.
  public init(threadCount: Int, nodeCount: Int, capacity: UInt32) throws(SystemError) {
    precondition(threadCount <= Self.threadCountMax, "too many threads")
    workerCount = threadCount + 1
    let dequeByteCount = WorkDeque.byteCount(capacity: capacity)
    let visitsOffset = Self.dequesOffset + dequeByteCount * workerCount
    storageByteCount = visitsOffset + (nodeCount + 1) * MemoryLayout<Atomic<UInt32>>.stride
    unsafe storage = try System.map(byteCount: storageByteCount)
    unsafe shared = storage.bindMemory(to: SharedStress.self, capacity: 1)
    let deques = unsafe storage + Self.dequesOffset
    for worker in 0..<workerCount {
      _ = unsafe WorkDeque(
        layingOut: deques + worker * dequeByteCount, capacity: capacity, publicMin: 4)
    }
    unsafe shared.initialize(
      to: SharedStress(
        workerCount: workerCount, nodeCount: nodeCount, capacity: capacity, deques: deques,
        parking: Parking(at: storage + Self.parkingOffset),
        visits: (storage + visitsOffset).bindMemory(
          to: Atomic<UInt32>.self, capacity: nodeCount + 1)))
  }

  deinit {
    unsafe shared.deinitialize(count: 1)
    do throws(SystemError) {
      try unsafe System.unmap(storage, byteCount: storageByteCount)
    } catch {
      preconditionFailure("the system refused to unmap a walk's memory")
    }
  }

  /// Walks `roundCount` times.
  ///
  /// - Throws: `SystemError` of `.startThread`.
  /// - Returns: nodes that were not visited exactly `roundCount` times; 0 when all is well.
  public borrowing func run(roundCount: Int) throws(SystemError) -> Int {
    let records = unsafe (storage + Self.recordsOffset)
      .bindMemory(to: ThreadRecord.self, capacity: Self.threadCountMax)
    for index in 0..<workerCount - 1 {
      try unsafe System.startThread(
        records + index, stackByteCount: Self.threadStackByteCount,
        context: UnsafeMutableRawPointer(shared)
      ) { context in
        guard let context = unsafe context else { return }
        unsafe StressWorker(joining: context.assumingMemoryBound(to: SharedStress.self)).run()
      }
    }
    let owner = unsafe StressWorker(shared: shared, index: 0)
    for _ in 0..<roundCount { owner.walk() }
    owner.stop()
    for index in 0..<workerCount - 1 { _ = unsafe System.joinThread(records + index) }
    return wrongCount(roundCount: roundCount)
  }

  private borrowing func wrongCount(roundCount: Int) -> Int {
    var wrong = 0
    for node in 1...(unsafe shared.pointee.nodeCount)
    where unsafe shared.pointee.visits[node].load(ordering: .relaxed) != UInt32(roundCount) {
      wrong += 1
    }
    return wrong
  }
}

/// One thread's part.
@safe
struct StressWorker {
  private let shared: UnsafeMutablePointer<SharedStress>
  private let index: Int

  init(shared: UnsafeMutablePointer<SharedStress>, index: Int) {
    unsafe self.shared = shared
    self.index = index
  }

  /// The next worker that nobody is yet.
  init(joining shared: UnsafeMutablePointer<SharedStress>) {
    let index = unsafe shared.pointee.startedCount.wrappingAdd(1, ordering: .relaxed).oldValue
    unsafe self.init(shared: shared, index: index)
  }

  private func deque(_ worker: Int) -> WorkDeque {
    let byteCount = unsafe WorkDeque.byteCount(capacity: shared.pointee.capacity)
    return unsafe WorkDeque(at: shared.pointee.deques + worker * byteCount)
  }

  /// Visits nodes until the walks are over.
  func run() {
    var isOver = false
    while !isOver {
      isOver = !work(until: {
        unsafe shared.pointee.isStopping.load(ordering: .sequentiallyConsistent)
      })
    }
  }

  /// Walks once: returns when each node was visited.
  func walk() {
    unsafe shared.pointee.leftCount.store(shared.pointee.nodeCount, ordering: .relaxed)
    visit(1)
    var isOver = false
    while !isOver {
      isOver = !work(until: {
        unsafe shared.pointee.leftCount.load(ordering: .sequentiallyConsistent) == 0
      })
    }
  }

  func stop() {
    unsafe shared.pointee.isStopping.store(true, ordering: .sequentiallyConsistent)
    unsafe shared.pointee.parking.notifyAll()
  }

  /// Visits one node, of its own or stolen; false when it is over.
  private func work(until isOver: () -> Bool) -> Bool {
    let parking = unsafe shared.pointee.parking
    let workerCount = unsafe shared.pointee.workerCount
    let own = deque(index)
    var node = own.pop(published: parking.notify)
    if node == WorkDeque.none {
      node = parking.search(
        searcherMax: (workerCount + 1) / 2,
        look: {
          for offset in 1..<workerCount {
            let stolen = own.steal(
              from: deque((index + offset) % workerCount), published: parking.notify)
            if stolen != WorkDeque.none { return stolen }
          }
          return WorkDeque.none
        }, isOver: isOver,
        seesWork: {
          for worker in 0..<workerCount where !deque(worker).isPublicEmpty { return true }
          return false
        })
    }
    if node == WorkDeque.none { return false }
    visit(node)
    return true
  }

  private func visit(_ node: UInt) {
    let parking = unsafe shared.pointee.parking
    let last = unsafe UInt(shared.pointee.nodeCount)
    for child in [2 * node, 2 * node + 1] where child <= last {
      if !deque(index).push(child, published: parking.notify) { visit(child) }
    }
    unsafe shared.pointee.visits[Int(node)].wrappingAdd(1, ordering: .relaxed)
    let left = unsafe shared.pointee.leftCount.wrappingSubtract(
      1, ordering: .sequentiallyConsistent
    ).newValue
    if left == 0 { parking.notifyAll() }
  }
}
