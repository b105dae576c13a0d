// ParkingTests.swift — calls that a worker uses up in another's stead.

import Testing

@testable import NovaConcurrency

@Suite struct ParkingTests {
  private func withParking(_ body: (Parking) throws -> Void) rethrows {
    let storage = UnsafeMutableRawPointer.allocate(
      byteCount: Parking.byteCount, alignment: Parking.alignment)
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0, count: Parking.byteCount)
    defer { unsafe storage.deallocate() }
    // SAFETY: the bytes are zero, aligned, and stay for the body.
    try body(unsafe Parking(at: storage))
  }

  @Test func `a loop that was woken in a worker's stead sleeps when it finds nothing`() {
    withParking { parking in
      // A worker announced, was called, and has no CPU to notice.
      _ = parking.announce(searching: false)
      parking.notify()
      let epoch = parking.announce(searching: false)
      #expect(parking.sleep(since: epoch, timeoutNanoseconds: -1), "the call is used up")
      parking.leaveSearch()
      let next = parking.announce(searching: false)
      #expect(!parking.sleep(since: next, timeoutNanoseconds: 1_000_000), "nobody calls")
    }
  }

  @Test func `whoever leaves a search is counted no longer, and others are called again`() {
    withParking { parking in
      _ = parking.announce(searching: false)
      #expect(parking.beginSearch(searcherMax: 1))
      parking.notify()
      #expect(parking.sleeperCount == 1, "somebody searches")
      parking.leaveSearch()
      #expect(parking.sleeperCount == 1, "leaving calls nobody")
      parking.notify()
      #expect(parking.sleeperCount == 0)
    }
  }
}
