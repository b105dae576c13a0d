// TraceRingTests.swift — a ring keeps the last events, whole, and counts what it lost.

import Synchronization
import TestSupport
import Testing

@testable import NovaConcurrency

@Suite struct TraceRingTests {
  /// A ring over fresh storage, which lives as long as the body.
  private func withRing<Result>(
    eventCount: Int, worker: UInt32 = 0, _ body: (TraceRing) throws -> Result
  ) rethrows -> Result {
    let storage = UnsafeMutableRawPointer.allocate(
      byteCount: TraceRing.storageByteCount(eventCount: eventCount),
      alignment: TraceRing.storageAlignment)
    defer { unsafe storage.deallocate() }
    return try body(unsafe TraceRing(storage: storage, eventCount: eventCount, worker: worker))
  }

  @Test func `an event keeps its parts, and a detail has an upper end`() {
    let event = TraceEvent(.stolen, subject: .max, detail: 0xfff_ffff, time: 77)
    #expect(event.kind == .stolen)
    #expect(event.subject == .max)
    #expect(event.detail == TraceEvent.detailMax)
    #expect(event.time == 77)
    #expect(TraceEvent(time: 1, word: 0xfe << 56).kind == nil)
    #expect(MemoryLayout<TraceEvent>.size == 16)
  }

  @Test func `a ring without storage records nothing and reads no clock`() {
    let ring = TraceRing.off
    var isRead = false
    func time() -> UInt64 {
      isRead = true
      return 1
    }
    ring.record(.mark, at: time())
    #expect(!isRead)
    #expect(!ring.isOn && ring.eventCount == 0 && ring.readable.isEmpty)
    #expect(ring.event(at: 0) == nil)
  }

  @Test func `a ring that is not full gives back all events in order`() {
    withRing(eventCount: 16, worker: 3) { ring in
      for index in 0..<15 { ring.record(.taskSpawned, subject: UInt32(index), at: 100) }
      #expect(ring.worker == 3 && ring.eventCount == 16)
      #expect(ring.readable == 0..<15)
      #expect(ring.readable.map { ring.event(at: $0)?.subject } == (0..<15).map { UInt32($0) })
      #expect(ring.event(at: 15) == nil)
    }
  }

  @Test(arguments: [16, 17, 31, 32, 1000]) func `a full ring overwrites the oldest`(count: Int) {
    withRing(eventCount: 16) { ring in
      for index in 0..<count { ring.record(.mark, subject: UInt32(index), at: UInt64(index)) }
      #expect(ring.recordedCount == UInt64(count))
      #expect(ring.readable == UInt64(count - 15)..<UInt64(count))
      for index in ring.readable {
        #expect(ring.event(at: index) == TraceEvent(.mark, subject: UInt32(index), time: index))
      }
      #expect(ring.event(at: UInt64(count - 16)) == nil)
    }
  }

  @Test func `a reader beside the writer sees whole events only`() async {
    let eventCount = 64
    let storage = UInt(
      bitPattern: UnsafeMutableRawPointer.allocate(
        byteCount: TraceRing.storageByteCount(eventCount: eventCount),
        alignment: TraceRing.storageAlignment))
    let ring = unsafe TraceRing(
      storage: UnsafeMutableRawPointer(bitPattern: storage).unsafelyUnwrapped,
      eventCount: eventCount, worker: 0)
    let total: UInt64 = 200_000
    await withTaskGroup { group in
      group.addTask {
        for index in 0..<total { ring.record(.mark, subject: UInt32(index), at: index) }
      }
      group.addTask {
        var seen = 0
        while ring.recordedCount < total || seen == 0 {
          for index in ring.readable {
            guard let event = ring.event(at: index) else { continue }
            seen += 1
            if event.time != index || event.subject != UInt32(index) {
              Issue.record("event \(index) is torn: \(event)")
              return
            }
          }
        }
      }
    }
    unsafe UnsafeMutableRawPointer(bitPattern: storage)?.deallocate()
  }
}
