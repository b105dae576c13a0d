// BootstrapTests.swift — each value's range, and each refusal with its figures.

import NovaCore
import Testing

// This test program states a setting of its own, as any hosted program can.
@section("nova_worker_count") @used private let workerCount: UInt64 = 5
@section("nova_driver_grants") @used private let driverGrants: UInt64 = 63

@Suite struct BootstrapTests {
  let builder = RuntimeBootstrap.Builder()

  @Test func `a hosted program starts from its source and the defaults`() throws {
    let values = try RuntimeBootstrap.current
    #expect(values.workerCount == 5)
    #expect(values.stackByteCount == 8 << 20)
    #expect(values.stackPolicy == .initial)
    #expect(values.initialWindowByteCount == 64 << 10)
    #expect(values.heapByteCount == 64 << 20)
    #expect(values.addressPolicy == .fallback)
    #expect(values.entropyPolicy == .fixed)
    #expect(values.cpuPolicy == .baseline)
    #expect(values.driverGrants == .all)
  }

  @Test func `what is set is what is built, in whole pages`() throws {
    let page = System.pageByteCount
    let values = try builder.stack(byteCount: 1_000_000).stack(policy: .full)
      .initialWindow(byteCount: 1).heap(byteCount: 65537).workers(count: 256)
      .addresses(policy: .strict).entropy(policy: .kernel).cpu(policy: .native)
      .drivers(granted: [.entropy, .arguments]).build()
    #expect(values.stackByteCount == System.pageRounded(1_000_000))
    #expect(values.stackPolicy == .full)
    #expect(values.initialWindowByteCount == page)
    #expect(values.heapByteCount == System.pageRounded(65537))
    #expect(values.workerCount == 256)
    #expect(values.addressPolicy == .strict)
    #expect(values.entropyPolicy == .kernel)
    #expect(values.cpuPolicy == .native)
    #expect(values.driverGrants == [.entropy, .arguments])
  }

  @Test func `both ends of each range are inside`() throws {
    for byteCount in [64 << 10, 1 << 30] {
      #expect(try builder.stack(byteCount: byteCount).build().stackByteCount == byteCount)
    }
    for byteCount in [64 << 10, 64 << 30] {
      #expect(try builder.heap(byteCount: byteCount).build().heapByteCount == byteCount)
    }
    for byteCount in [0, 8 << 20] {
      let values = try builder.initialWindow(byteCount: byteCount).build()
      #expect(values.initialWindowByteCount == byteCount)
    }
    for count in [0, 256] {
      #expect(try builder.workers(count: count).build().workerCount == count)
    }
  }

  @Test(arguments: [Int.min, -1, 0, 65535])
  func `a stack or heap below 64 KiB is refused`(byteCount: Int) {
    refuse(
      builder.stack(byteCount: byteCount),
      .belowMinimum(field: .stackByteCount, value: byteCount, minimum: 65536))
    refuse(
      builder.heap(byteCount: byteCount),
      .belowMinimum(field: .heapByteCount, value: byteCount, minimum: 65536))
  }

  @Test func `a value above its maximum is refused`() {
    for excess in [1, Int.max - (64 << 30)] {
      let heap = (64 << 30) + excess
      refuse(
        builder.heap(byteCount: heap),
        .aboveMaximum(field: .heapByteCount, value: heap, maximum: 64 << 30))
    }
    for stack in [(1 << 30) + 1, Int.max] {
      refuse(
        builder.stack(byteCount: stack),
        .aboveMaximum(field: .stackByteCount, value: stack, maximum: 1 << 30))
    }
    for count in [257, Int.max] {
      refuse(
        builder.workers(count: count),
        .aboveMaximum(field: .workerCount, value: count, maximum: 256))
    }
    refuse(
      builder.stack(byteCount: 65536).initialWindow(byteCount: 65537),
      .aboveMaximum(field: .initialWindowByteCount, value: 65537, maximum: 65536))
  }

  @Test func `a negative window or worker count is refused`() {
    refuse(
      builder.initialWindow(byteCount: -4096),
      .belowMinimum(field: .initialWindowByteCount, value: -4096, minimum: 0))
    refuse(
      builder.workers(count: -1), .belowMinimum(field: .workerCount, value: -1, minimum: 0))
  }

  @Test(arguments: [64, 65, 1 << 63] as [UInt64])
  func `a grant that nobody knows is refused`(bits: UInt64) {
    refuse(
      builder.drivers(granted: DriverGrants(rawValue: bits)),
      .unknownGrants(unknown: bits & ~63))
  }

  private func refuse(_ builder: RuntimeBootstrap.Builder, _ expected: BootstrapError) {
    #expect(throws: expected) { try builder.build() }
  }
}
