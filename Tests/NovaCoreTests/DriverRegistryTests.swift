// DriverRegistryTests.swift — drivers come, are found and called, and go; each refusal's payload.

import NovaABI
import Synchronization
import Testing

@testable import NovaCore

// This test program states two drivers, as any program can; Tests/CDrivers states two in C.
@section("nova_drivers") @used private let linked: DriverEntry = { host in
  unsafe host.add("linked-swift", version: version1, operations: [.echo])
  if isSpoiled.load(ordering: .relaxed) {
    unsafe host.add("linked-swift", version: version1, operations: [.echo])
    unsafe host.add("", version: version1, operations: [.echo])
  }
}
/// Whether the link-time table holds drivers that are refused.
private let isSpoiled = Atomic<Bool>(false)
@section("nova_drivers") @used private let linkedRandom: DriverEntry = { host in
  unsafe host.add(
    "linked-swift-random", version: version1, requiring: [.entropy, .environment],
    operations: [.echo])
}

@Suite struct DriverRegistryTests {
  @Test func `a driver is found by name and version, and called`() throws {
    try withRegistry { registry in
      let registered = try registry.registerEcho("echo", version: DriverVersion(major: 3, minor: 4))
      for minor in [0, 4] as [UInt32] {
        let found = try registry.lookup("echo", version: DriverVersion(major: 3, minor: minor))
        #expect(found == registered)
      }
      #expect(try registry.operation("echo", of: registered) == 0)
      #expect(try registry.call(registered, 0, input: [1, 2, 3]) == [1, 2, 3])
    }
  }

  @Test func `an operation gets handles and bytes, and appends to the output`() throws {
    try withRegistry { registry in
      let driver = try registry.register(
        "sum", version: version1,
        operations: [
          DriverOperation("handles") { handles, _, output in
            for index in handles.indices { output.append(UInt8(handles[index].rawValue & 255)) }
          },
          DriverOperation("capacity") { _, _, output in
            output.append(UInt8(output.freeCapacity))
          },
        ])
      #expect(try registry.call(driver, 0, handles: [7, 1 << 63 | 9]) == [7, 9])
      #expect(try registry.call(driver, 1, capacity: 5) == [5])
      var storage = [UInt8](repeating: 0, count: 8)
      // SAFETY: the array's elements are initialised, and stay so.
      let written = try unsafe storage.withUnsafeMutableBufferPointer { buffer in
        var output = unsafe OutputSpan(buffer: buffer, initializedCount: 3)
        try registry.call(driver, operation: 1, output: &output)
        return unsafe output.finalize(for: buffer)
      }
      #expect(written == 4)
      #expect(storage[3] == 5)
    }
  }

  @Test func `unknown names and other versions are refused`() throws {
    try withRegistry { registry in
      let (three, name) = (DriverVersion(major: 3, minor: 4), try DriverName("echo"))
      try registry.registerEcho("echo", version: three)
      expect(.unknown(try DriverName("ech"))) { try registry.lookup("ech", version: three) }
      for (major, minor) in [(2, 0), (4, 4), (3, 5), (0, 0)] as [(UInt32, UInt32)] {
        let required = DriverVersion(major: major, minor: minor)
        expect(.wrongVersion(name, required: required, registered: three)) {
          try registry.lookup("echo", version: required)
        }
      }
    }
  }

  @Test func `unknown operations are refused, by number and by name`() throws {
    try withRegistry { registry in
      let (driver, name) = (try registry.registerEcho("echo"), try DriverName("echo"))
      for number in [1, -1, Int.max, Int.min] {
        expect(.wrongOperation(name, operation: number, operationCount: 1)) {
          try registry.call(driver, number)
        }
      }
      let missing = try DriverName("shout")
      expect(.unknownOperation(name, operation: missing)) {
        try registry.operation("shout", of: driver)
      }
    }
  }

  @Test func `a name that is taken is refused, a built-in's too`() throws {
    try withRegistry { registry in
      let registered = DriverVersion(major: 1, minor: 2)
      try registry.registerEcho("echo", version: registered)
      for version in [registered, DriverVersion(major: 9, minor: 0)] {
        expect(.duplicate(try DriverName("echo"), registered: registered)) {
          try registry.registerEcho("echo", version: version)
        }
      }
      expect(.duplicate(try DriverName("console"), registered: version1)) {
        try registry.registerEcho("console")
      }
    }
  }

  @Test func `names of 1 to 32 bytes are names`() throws {
    for count in [1, 7, 8, 9, 31, 32] {
      let text = String(repeating: "n", count: count)
      #expect(try DriverName(text).description == text)
      #expect(try DriverName(text).byteCount == count)
    }
    for count in [0, 33, 1000] {
      expect(.nameOutOfRange(byteCount: count, maximum: 32)) {
        try DriverName(String(repeating: "n", count: count))
      }
    }
    #expect(try DriverName("ä") == DriverName("\u{e4}" as String))
    try withRegistry { registry in
      expect(.nameOutOfRange(byteCount: 0, maximum: 32)) { try registry.registerEcho("") }
      expect(.nameOutOfRange(byteCount: 33, maximum: 32)) {
        try registry.register(
          "long", version: version1,
          operations: [DriverOperation("123456789012345678901234567890123") { _, _, _ in }])
      }
    }
  }

  @Test func `1 to 64 operations make a driver, of different names`() throws {
    try withRegistry { registry in
      let name = try DriverName("many")
      for count in [0, 65] {
        expect(.operationCountOutOfRange(name, count: count, maximum: 64)) {
          try registry.register(
            "many", version: version1,
            operations: [DriverOperation](repeating: .echo, count: count))
        }
      }
      expect(.duplicateOperation(name, operation: try DriverName("echo"))) {
        try registry.register("many", version: version1, operations: [.echo, .echo])
      }
      expect(.unknown(name)) { try registry.lookup("many", version: version1) }
    }
  }

  @Test func `a driver's own failure keeps its status and what was written`() throws {
    try withRegistry { registry in
      let driver = try registry.register(
        "failing", version: version1,
        operations: [
          DriverOperation("fail") { _, input, output throws(DriverFailure) in
            output.append(1)
            throw DriverFailure(status: Int32(input.count) - 4)
          }
        ])
      for count in [1, 8] {
        var output: [UInt8] = []
        let failed = DriverError.failed(try DriverName("failing"), status: Int32(count) - 4)
        output = try [UInt8](capacity: 4) { span throws(DriverError) in
          do throws(DriverError) {
            let input = [UInt8](repeating: 0, count: count)
            try registry.call(driver, operation: 0, input: input.span, output: &span)
          } catch {
            guard error == failed else { throw error }
          }
        }
        #expect(output == [1])
      }
    }
  }

  @Test func `the registry holds 64 drivers and no more`() throws {
    try withRegistry { registry in
      var registered: [DriverHandle] = []
      do throws(DriverError) {
        for number in 0..<65 {
          registered.append(
            try registry.register(
              DriverName("driver-\(number)"), version: version1, operations: [.echo]))
        }
        Issue.record("more than 64 drivers were registered")
      } catch {
        #expect(error == .registryFull(driverCountMax: 64))
      }
      // Six are built in, two of Swift and two of C are in the link-time table.
      #expect(registered.count == 54)
      try registry.unregister(registered[20])
      let again = try registry.registerEcho("another")
      #expect(again.slot == registered[20].slot)
    }
  }

  @Test func `a registry's memory is bounded`() throws {
    try withRegistry { registry in
      let names: [StaticString] = [
        "00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14",
        "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
      ]
      let table = names.map { DriverOperation($0) { _, _, _ in } }
      do throws(DriverError) {
        for number in 0..<54 {
          try registry.register(DriverName("d\(number)"), version: version1, operations: table)
        }
        Issue.record("54 tables of 30 operations went into 32 KiB")
      } catch {
        guard case .memory(.capacityExceeded(let requested, _, _)) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(requested == 30 * MemoryLayout<DriverOperation>.stride)
      }
      try registry.registerEcho("small")
    }
  }

  @Test func `an unregistered driver's handle is stale, also when its place is taken again`() throws
  {
    try withRegistry { registry in
      let first = try registry.registerEcho("echo")
      try registry.unregister(first)
      expect(.unknown(try DriverName("echo"))) { try registry.lookup("echo", version: version1) }
      expect(.staleHandle(first, current: first.generation + 1)) { try registry.call(first, 0) }
      expect(.staleHandle(first, current: first.generation + 1)) { try registry.unregister(first) }
      let second = try registry.registerEcho("echo")
      #expect(second.slot == first.slot)
      expect(.staleHandle(first, current: second.generation)) { try registry.call(first, 0) }
      expect(.staleHandle(first, current: second.generation)) {
        try registry.operation("echo", of: first)
      }
      #expect(try registry.call(second, 0, input: [5]) == [5])
    }
  }

  @Test func `a place retires at its last generation`() throws {
    try withRegistry { registry in
      let first = try registry.registerEcho("echo")
      // SAFETY: nobody else uses the registry; the slot is live at an odd generation.
      let slot = unsafe registry.place(Int(first.slot)).slot
      unsafe slot.pointee.state.store(
        UInt64(DriverSlot.generationMax - 1) << 32, ordering: .relaxed)
      let last = try registry.lookup("echo", version: version1)
      #expect(last.generation == DriverSlot.generationMax - 1)
      try registry.unregister(last)
      expect(.staleHandle(last, current: DriverSlot.generationMax)) { try registry.call(last, 0) }
      #expect(try registry.registerEcho("echo").slot != last.slot)
    }
  }

  @Test func `two registries know nothing of each other`() throws {
    try withRegistry { first in
      try withRegistry(grants: .console) { second in
        let driver = try first.registerEcho("echo")
        expect(.unknown(try DriverName("echo"))) { try second.lookup("echo", version: version1) }
        expect(.foreignHandle(driver)) { try second.call(driver, 0) }
        expect(.foreignHandle(driver)) { try second.unregister(driver) }
        expect(.foreignHandle(driver)) { try second.operation("echo", of: driver) }
        try second.registerEcho("echo")
        #expect(try first.call(driver, 0, input: [1]) == [1])
      }
    }
  }

  @Test func `a registry ends with its drivers closed, the last first, and its memory back`() throws
  {
    let arena = try Arena(byteCount: 1 << 20)
    let before = arena.stats.liveByteCount
    let closed = Mutex<[Int]>([])
    let registry = try DriverRegistry(memory: arena, grants: [])
    #expect(arena.stats.liveByteCount >= before + DriverRegistry.byteCount)
    for number in 0..<3 {
      try registry.register(
        DriverName("d\(number)"), version: version1, operations: [.echo],
        close: { closed.withLock { $0.append(number) } })
    }
    // SAFETY: no copy is used afterwards.
    unsafe registry.end()
    #expect(closed.withLock { $0 } == [2, 1, 0])
    #expect(arena.stats.liveByteCount == before)
  }

  @Test func `the first driver of the table that is refused stops a runtime's start`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      isSpoiled.store(true, ordering: .relaxed)
      let values = try RuntimeBootstrap.Builder().workers(count: 0).build()
      let refused = DriverError.duplicate(
        try DriverName("linked-swift"), registered: version1)
      do throws(BootstrapError) {
        _ = try NovaRuntime(from: values)
        System.exit(2)
      } catch {
        System.exit(error == .drivers(refused) ? 0 : 3)
      }
    }
  }

  @Test func `a registry without room leaves nothing behind`() throws {
    let arena = try Arena(byteCount: 16384)
    let before = arena.stats
    do throws(DriverError) {
      _ = try DriverRegistry(memory: arena, grants: [])
      Issue.record("32 KiB went into 16 KiB")
    } catch {
      guard case .memory(.capacityExceeded(let requested, _, _)) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(requested == DriverRegistry.byteCount)
    }
    #expect(arena.stats.liveByteCount == before.liveByteCount)
  }
}

@Suite struct DriverHookTests {
  @Test func `open comes before the first call and close after the last`() throws {
    let events = Mutex<[String]>([])
    try withRegistry { registry in
      let driver = try registry.register(
        "hooked", version: version1,
        operations: [DriverOperation("call") { _, _, _ in events.withLock { $0.append("call") } }],
        open: {
          #expect(throws: DriverError.self) { try registry.lookup("hooked", version: version1) }
          events.withLock { $0.append("open") }
        },
        close: { events.withLock { $0.append("close") } })
      _ = try registry.call(driver, 0)
      try registry.unregister(driver)
    }
    #expect(events.withLock { $0 } == ["open", "call", "close"])
  }

  @Test func `a driver that does not open is not registered`() throws {
    try withRegistry { registry in
      expect(.notOpened(try DriverName("shut"), status: -3)) {
        try registry.register(
          "shut", version: version1, operations: [.echo],
          open: { () throws(DriverFailure) in throw DriverFailure(status: -3) },
          close: { Issue.record("a driver that did not open was closed") })
      }
      expect(.unknown(try DriverName("shut"))) { try registry.lookup("shut", version: version1) }
      try registry.registerEcho("shut")
    }
  }

  @Test func `from inside a call neither the driver nor a busy one is unregistered`() throws {
    try withRegistry { registry in
      let handle = Mutex<DriverHandle?>(nil)
      let seen = Mutex<[DriverError?]>([])
      let other = try registry.registerEcho("other")
      let outer = try registry.register(
        "outer", version: version1,
        operations: [
          DriverOperation("nest") { _, input, output throws(DriverFailure) in
            if input.count == 1 {
              // A call to another driver in between changes nothing.
              guard let inner = handle.withLock({ $0 }) else { return }
              _ = try? registry.call(inner, 0, input: [0, 0])
            } else {
              let own = try? registry.lookup("outer", version: version1)
              for driver in [own, handle.withLock { $0 }, other] {
                var error: DriverError?
                do throws(DriverError) {
                  if let driver { try registry.unregister(driver) }
                } catch let thrown { error = thrown }
                seen.withLock { $0.append(error) }
              }
            }
          }
        ])
      let inner = try registry.register(
        "inner", version: version1,
        operations: [
          DriverOperation("back") { _, _, _ in _ = try? registry.call(outer, 0, input: [0, 0]) }
        ])
      handle.withLock { $0 = inner }
      _ = try registry.call(outer, 0, input: [1])
      #expect(
        seen.withLock { $0 } == [
          .reentrantUnregister(try DriverName("outer")),
          .reentrantUnregister(try DriverName("inner")), nil,
        ])
      expect(.staleHandle(other, current: other.generation + 1)) { try registry.call(other, 0) }
      try registry.unregister(outer)
      try registry.unregister(inner)
    }
  }

  @Test func `a close hook cannot call its driver, nor unregister it again`() throws {
    try withRegistry { registry in
      let handle = Mutex<DriverHandle?>(nil)
      let seen = Mutex<[DriverError]>([])
      let driver = try registry.register(
        "hooked", version: version1, operations: [.echo],
        close: {
          guard let driver = handle.withLock({ $0 }) else { return }
          do throws(DriverError) {
            _ = try registry.call(driver, 0)
          } catch { seen.withLock { $0.append(error) } }
          do throws(DriverError) {
            try registry.unregister(driver)
          } catch { seen.withLock { $0.append(error) } }
        })
      handle.withLock { $0 = driver }
      try registry.unregister(driver)
      #expect(seen.withLock { $0 } == [.unregistering(driver), .unregistering(driver)])
    }
  }
}
