// DriverRecordTests.swift — drivers by way of nova_driver.h: called, and refused when they lie.

import CDrivers
import NovaABI
import Testing

@testable import NovaCore

@Suite struct DriverRecordTests {
  /// Runs `body` with a registry, and a driver in C with its log.
  private func withDriver(
    grants: DriverGrants = .all,
    _ body: (
      DriverRegistry, UnsafeMutablePointer<nova_driver>, UnsafeMutablePointer<c_driver_log>
    ) throws -> Void
  ) throws {
    // SAFETY: both outlive the registry, which ends before `withRegistry` returns.
    let log = UnsafeMutablePointer<c_driver_log>.allocate(capacity: 1)
    let driver = UnsafeMutablePointer<nova_driver>.allocate(capacity: 1)
    unsafe log.initialize(to: c_driver_log())
    unsafe driver.initialize(to: c_driver_make(log))
    defer {
      unsafe driver.deallocate()
      unsafe log.deallocate()
    }
    try withRegistry(grants: grants) { registry in try unsafe body(registry, driver, log) }
  }

  /// Expects the record to be refused, and nothing of it to be called or kept.
  private func expectRefusal(
    _ expected: DriverError, sourceLocation: SourceLocation = #_sourceLocation,
    grants: DriverGrants = .all,
    _ spoil: (UnsafeMutablePointer<nova_driver>) -> Void
  ) throws {
    try unsafe withDriver(grants: grants) { registry, driver, log in
      unsafe spoil(driver)
      expect(expected, sourceLocation: sourceLocation) { unsafe try registry.register(driver) }
      unsafe expect(log.pointee.open_count, equals: 0, sourceLocation: sourceLocation)
      expect(.unknown(try DriverName("made-in-c")), sourceLocation: sourceLocation) {
        try registry.lookup("made-in-c", version: DriverVersion(major: 2, minor: 0))
      }
    }
  }

  @Test func `a driver in C is opened, found, called and closed`() throws {
    try unsafe withDriver { registry, driver, log in
      let registered = unsafe try registry.register(driver)
      unsafe expect(log.pointee.open_count, equals: 1)
      let found = try registry.lookup("made-in-c", version: DriverVersion(major: 2, minor: 5))
      #expect(found == registered)
      #expect(try registry.operation("overrun", of: found) == 2)
      let sum = try registry.call(found, 0, handles: [1 << 40, 2], input: [3, 4])
      #expect(sum == [9, 0, 0, 0, 0, 1, 0, 0])
      #expect(try registry.call(found, 0) == [UInt8](repeating: 0, count: 8))
      unsafe expect(log.pointee.call_count, equals: 2)
      unsafe expect(log.pointee.close_count, equals: 0)
      try registry.unregister(found)
      unsafe expect(log.pointee.close_count, equals: 1)
    }
  }

  @Test func `a C operation's failure and miscount are told apart`() throws {
    try unsafe withDriver { registry, driver, _ in
      let (name, driver) = (try DriverName("made-in-c"), unsafe try registry.register(driver))
      expect(.failed(name, status: 28)) { try registry.call(driver, 0, capacity: 7) }
      let output = try [UInt8](capacity: 4) { output throws(DriverError) in
        output.append(1)
        do throws(DriverError) {
          try registry.call(driver, operation: 1, output: &output)
        } catch {
          guard error == .failed(name, status: 7) else { throw error }
        }
        do throws(DriverError) {
          try registry.call(driver, operation: 2, output: &output)
        } catch {
          guard error == .outputOverrun(name, byteCount: 3, capacity: 2) else { throw error }
        }
      }
      #expect(output == [1, UInt8(ascii: "!")])
    }
  }

  @Test func `a driver in C that does not open is not registered`() throws {
    try unsafe withDriver { registry, driver, log in
      unsafe log.pointee.open_status = -9
      expect(.notOpened(try DriverName("made-in-c"), status: -9)) {
        unsafe try registry.register(driver)
      }
      unsafe log.pointee.open_status = 0
      let registered = unsafe try registry.register(driver)
      try registry.unregister(registered)
      unsafe expect(log.pointee.open_count, equals: 2)
      unsafe expect(log.pointee.close_count, equals: 1)
    }
  }

  @Test func `records of another size or contract are refused`() throws {
    for byteCount in [0, 71] as [UInt32] {
      try unsafe expectRefusal(.recordTooSmall(byteCount: byteCount, minimum: 72)) {
        unsafe $0.pointee.byte_count = byteCount
      }
    }
    for abi in [0, 2, .max] as [UInt32] {
      try unsafe expectRefusal(.wrongABI(found: abi, expected: 1)) { unsafe $0.pointee.abi = abi }
    }
    var operation = unsafe nova_driver_operation()
    try unsafe withUnsafeMutablePointer(to: &operation) { operation in
      unsafe operation.pointee.byte_count = 23
      try unsafe expectRefusal(.recordTooSmall(byteCount: 23, minimum: 24)) {
        unsafe $0.pointee.operations = unsafe UnsafePointer(operation)
      }
      unsafe operation.pointee.byte_count = 24
      unsafe operation.pointee.abi = 3
      try unsafe expectRefusal(.wrongABI(found: 3, expected: 1)) {
        unsafe $0.pointee.operations = unsafe UnsafePointer(operation)
      }
      unsafe operation.pointee.abi = 1
      try unsafe expectRefusal(.nullPointer(.operationName)) {
        unsafe $0.pointee.operations = unsafe UnsafePointer(operation)
      }
    }
  }

  @Test func `a newer driver's larger records are read as far as both know`() throws {
    // SAFETY: the table has three operations of 32 bytes, each 24 that are known and 8 more.
    let table = UnsafeMutableRawPointer.allocate(byteCount: 96, alignment: 8)
    defer { unsafe table.deallocate() }
    try unsafe withDriver { registry, driver, _ in
      for index in 0..<3 {
        var operation = unsafe driver.pointee.operations[index]
        unsafe operation.byte_count = 32
        unsafe (table + index * 32).storeBytes(of: operation, as: nova_driver_operation.self)
      }
      unsafe driver.pointee.byte_count = 80
      unsafe driver.pointee.operations = unsafe UnsafePointer(
        table.assumingMemoryBound(to: nova_driver_operation.self))
      let registered = unsafe try registry.register(driver)
      #expect(try registry.operation("overrun", of: registered) == 2)
      expect(.failed(try DriverName("made-in-c"), status: 7)) {
        try registry.call(registered, 1)
      }
    }
  }

  @Test func `null pointers are refused, each by its name`() throws {
    try withRegistry { registry in
      expect(.nullPointer(.driver)) { unsafe try registry.register(nil) }
    }
    try unsafe expectRefusal(.nullPointer(.name)) { unsafe $0.pointee.name = nil }
    try unsafe expectRefusal(.nullPointer(.operations)) { unsafe $0.pointee.operations = nil }
    try unsafe "name".withCString { name in
      var operation = unsafe nova_driver_operation(
        byte_count: 24, abi: 1, name: name, function: nil)
      try unsafe withUnsafePointer(to: &operation) { operation in
        try unsafe expectRefusal(.nullPointer(.operationFunction)) {
          unsafe $0.pointee.operations = unsafe operation
        }
      }
    }
  }

  @Test func `names and tables out of range are refused`() throws {
    try unsafe String(repeating: "x", count: 33).withCString { name in
      try unsafe expectRefusal(.nameOutOfRange(byteCount: 33, maximum: 32)) {
        unsafe $0.pointee.name = unsafe name
      }
    }
    try unsafe "".withCString { name in
      try unsafe expectRefusal(.nameOutOfRange(byteCount: 0, maximum: 32)) {
        unsafe $0.pointee.name = unsafe name
      }
    }
    for (count, told) in [(0, 0), (65, 65), (.max, .max)] as [(UInt64, Int)] {
      let name = try DriverName("made-in-c")
      try unsafe expectRefusal(.operationCountOutOfRange(name, count: told, maximum: 64)) {
        unsafe $0.pointee.operation_count = count
      }
    }
  }

  @Test func `two operations of one name are refused`() throws {
    try unsafe withDriver { registry, driver, _ in
      let operations = unsafe [driver.pointee.operations[0], driver.pointee.operations[0]]
      try unsafe operations.withUnsafeBufferPointer { table in
        unsafe driver.pointee.operations = table.baseAddress
        unsafe driver.pointee.operation_count = 2
        let (name, sum) = (try DriverName("made-in-c"), try DriverName("sum"))
        expect(.duplicateOperation(name, operation: sum)) { unsafe try registry.register(driver) }
      }
    }
  }

  @Test func `a driver in C gets what it needs, or is refused`() throws {
    let name = try DriverName("made-in-c")
    try unsafe expectRefusal(.notGranted(name, missing: .wallClock), grants: [.console, .entropy]) {
      unsafe $0.pointee.grants = DriverGrants([.console, .wallClock]).rawValue
    }
    try unsafe expectRefusal(.notGranted(name, missing: DriverGrants(rawValue: 64))) {
      unsafe $0.pointee.grants = 64
    }
    try unsafe withDriver(grants: .wallClock) { registry, driver, _ in
      unsafe driver.pointee.grants = DriverGrants.wallClock.rawValue
      unsafe try registry.register(driver)
    }
  }
}
