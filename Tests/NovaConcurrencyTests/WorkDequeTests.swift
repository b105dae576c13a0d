// WorkDequeTests.swift — what a deque promises its owner and thieves, by one thread.

import NovaConcurrency
import TestSupport
import Testing

/// A deque in storage of its own.
@safe
struct OwnedDeque: ~Copyable {
  let deque: WorkDeque
  private let storage: UnsafeMutableRawPointer

  init(capacity: UInt32, publicMin: UInt32) {
    let byteCount = WorkDeque.byteCount(capacity: capacity)
    unsafe storage = .allocate(byteCount: byteCount, alignment: WorkDeque.alignment)
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    unsafe deque = WorkDeque(layingOut: storage, capacity: capacity, publicMin: publicMin)
  }

  deinit {
    unsafe storage.deallocate()
  }
}

@Suite struct WorkDequeTests {
  @Test func `the owner pops what it pushed last`() {
    let owner = OwnedDeque(capacity: 16, publicMin: 4)
    for element: UInt in 1...9 { #expect(owner.deque.push(element)) }
    for element: UInt in (1...9).reversed() { #expect(owner.deque.pop() == element) }
    #expect(owner.deque.pop() == WorkDeque.none)
  }

  @Test func `a full ring refuses and loses nothing`() {
    let owner = OwnedDeque(capacity: 8, publicMin: 0)
    for element: UInt in 1...8 { #expect(owner.deque.push(element)) }
    #expect(!owner.deque.push(9))
    #expect(owner.deque.pop() == 8)
    #expect(owner.deque.push(9))
    #expect(!owner.deque.push(10))
  }

  @Test func `without thieves nothing becomes public`() {
    let owner = OwnedDeque(capacity: 64, publicMin: 0)
    for element: UInt in 1...64 { #expect(owner.deque.push(element)) }
    #expect(owner.deque.publicCount == 0)
    #expect(owner.deque.privateCount == 64)
  }

  @Test func `a thief takes half, oldest first, and pops them in order`() {
    let owner = OwnedDeque(capacity: 64, publicMin: 0)
    let thief = OwnedDeque(capacity: 64, publicMin: 4)
    for element: UInt in 1...40 { _ = owner.deque.push(element) }
    #expect(thief.deque.steal(from: owner.deque) == WorkDeque.none)
    #expect(owner.deque.publish())
    #expect(owner.deque.publicCount == 20)
    var published = 0
    #expect(thief.deque.steal(from: owner.deque, published: { published += 1 }) == 1)
    #expect(published == 1)
    #expect(owner.deque.publicCount == 10)
    #expect(thief.deque.privateCount + thief.deque.publicCount == 9)
    for element: UInt in 2...10 { #expect(thief.deque.pop() == element) }
    #expect(thief.deque.pop() == WorkDeque.none)
    #expect(thief.deque.steal(from: owner.deque) == 11)
  }

  @Test func `work does not stay private beside thieves that found nothing`() {
    let owner = OwnedDeque(capacity: 64, publicMin: 2)
    let thief = OwnedDeque(capacity: 64, publicMin: 2)
    for element: UInt in 1...32 { _ = owner.deque.push(element) }
    while thief.deque.steal(from: owner.deque) != WorkDeque.none {}
    #expect(owner.deque.publicCount == 0)
    var published = 0
    #expect(owner.deque.pop(published: { published += 1 }) == 32)
    #expect(published == 1)
    #expect(!owner.deque.isPublicEmpty)
  }

  @Test func `any sequence of operations agrees with a model`() {
    var random = SeededGenerator(seed: UInt64(TestSeed.value))
    for capacityLog in 2...8 {
      let capacity: UInt32 = 1 << capacityLog
      let publicMin = UInt32.random(in: 0...min(4, capacity), using: &random)
      let owner = OwnedDeque(capacity: capacity, publicMin: publicMin)
      var model: [UInt] = []
      var next: UInt = 1
      for _ in 0..<20_000 {
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2:
          let isPushed = owner.deque.push(next)
          #expect(isPushed == (model.count < capacity), "NOVA_SEED=\(TestSeed.value)")
          if isPushed { model.append(next) }
          next += 1
        case 3...5:
          #expect(
            owner.deque.pop() == model.popLast() ?? WorkDeque.none, "NOVA_SEED=\(TestSeed.value)")
        case 6:
          #expect(owner.deque.publish() == false || !model.isEmpty)
        default:
          let thief = OwnedDeque(capacity: 256, publicMin: 0)
          let publicCount = Int(owner.deque.publicCount)
          var stolen: [UInt] = []
          var element = thief.deque.steal(from: owner.deque)
          while element != WorkDeque.none {
            stolen.append(element)
            element = thief.deque.pop()
          }
          let count = min((publicCount + 1) / 2, min(64, Int(capacity) / 4))
          #expect(stolen == Array(model.prefix(count)), "NOVA_SEED=\(TestSeed.value)")
          model.removeFirst(count)
        }
        #expect(
          Int(owner.deque.publicCount + owner.deque.privateCount) == model.count,
          "NOVA_SEED=\(TestSeed.value)")
      }
    }
  }
}
