// TimerHeapTests.swift — the heap of deadlines beside a plain sorted list.

import TestSupport
import Testing

@testable import NovaConcurrency

@Suite struct TimerHeapTests {
  private struct Deadline: Equatable {
    let time: UInt64
    let order: Int
    let item: UInt32
  }

  private func withHeap(itemCount: Int, _ body: (inout TimerHeap) -> Void) {
    let entries = UnsafeMutableRawPointer.allocate(
      byteCount: TimerHeap.entriesByteCount(itemCount: itemCount),
      alignment: TimerHeap.entryAlignment)
    let byteCount = TimerHeap.placesByteCount(itemCount: itemCount)
    let places = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 4)
    unsafe places.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    defer {
      unsafe entries.deallocate()
      unsafe places.deallocate()
    }
    var heap = unsafe TimerHeap(itemCount: itemCount, entries: entries, places: places)
    body(&heap)
  }

  @Test(arguments: [1, 2, 5, 64, 300]) func `after any changes it agrees with a sorted list`(
    itemCount: Int
  ) {
    print("NOVA_SEED=\(TestSeed.value)")
    var random = SeededGenerator(seed: UInt64(TestSeed.value) + UInt64(itemCount))
    withHeap(itemCount: itemCount) { heap in
      var model: [Deadline] = []
      for order in 0..<20_000 {
        let item = UInt32.random(in: 0..<UInt32(itemCount), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0, 1:
          guard !model.contains(where: { $0.item == item }) else { break }
          let time = UInt64.random(in: 0..<40, using: &random)
          heap.insert(item, at: time)
          model.append(Deadline(time: time, order: order, item: item))
          model.sort { ($0.time, $0.order) < ($1.time, $1.order) }
        case 2:
          let isThere = model.contains { $0.item == item }
          #expect(heap.remove(item) == isThere)
          model.removeAll { $0.item == item }
        default:
          let first = heap.removeFirst()
          #expect(first?.item == model.first?.item && first?.time == model.first?.time)
          if !model.isEmpty { model.removeFirst() }
        }
        #expect(heap.count == model.count && heap.first?.item == model.first?.item)
        if order % 16 == 0 { heap.checkInvariants() }
      }
    }
  }

  @Test func `the order of equal times outlasts a wrap of its number`() {
    let early = TimerHeapEntry(time: 5, order: .max, item: 0)
    let late = TimerHeapEntry(time: 5, order: 0, item: 1)
    #expect(early.precedes(late) && !late.precedes(early))
    #expect(TimerHeapEntry(time: 4, order: 9, item: 2).precedes(early))
  }

  @Test func `what was set during a walk is told from what waits since long ago`() {
    withHeap(itemCount: 2) { heap in
      heap.insert(0, at: 5)
      let limit = heap.order
      heap.insert(1, at: 5)
      var wereBefore: [Bool] = []
      while let entry = heap.removeFirst() {
        wereBefore.append(heap.wasSet(entry, before: limit))
      }
      #expect(wereBefore == [true, false])
      // 3 · 2³⁰ others were set between this one and the walk.
      let old = TimerHeapEntry(time: 5, order: limit &- 3 << 30, item: 0)
      let isOldBefore = heap.wasSet(old, before: limit)
      #expect(isOldBefore)
    }
  }
}
