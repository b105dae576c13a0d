// DriverDescriptionTests.swift — each of a registry's errors says in words what it holds.

import Testing

@testable import NovaCore

@Suite struct DriverDescriptionTests {
  private static func name(_ text: StaticString) -> DriverName {
    guard let name = try? DriverName(text) else { preconditionFailure("a test's name is a name") }
    return name
  }

  private static let driver = name("echo")
  private static let handle = DriverHandle(registry: 2, slot: 6, generation: 5)
  private static let version = DriverVersion(major: 1, minor: 2)

  static let errors: [(DriverError, String)] = [
    (.duplicate(driver, registered: version), "there is a driver echo already, of version 1.2"),
    (.unknown(driver), "there is no driver echo"),
    (
      .wrongVersion(
        driver, required: DriverVersion(major: 2, minor: 0), registered: version),
      "the driver echo has version 1.2, which does not serve 2.0"
    ),
    (
      .wrongOperation(driver, operation: 7, operationCount: 3),
      "the driver echo has no operation 7, but 3 from 0"
    ),
    (.unknownOperation(driver, operation: name("shout")), "the driver echo has no operation shout"),
    (
      .notGranted(driver, missing: [.console, .wallClock]),
      "the driver echo was not granted console, wall-clock; --grant does"
    ),
    (
      .grantsExceeded(requested: .entropy, granted: []),
      "drivers are to reach entropy, but the process was granted none"
    ),
    (
      .staleHandle(handle, current: 6),
      "driver 6 (generation 5) was unregistered; its place is at generation 6"
    ),
    (.foreignHandle(handle), "driver 6 (generation 5) is another registry's"),
    (.unregistering(handle), "driver 6 (generation 5) is being unregistered"),
    (
      .reentrantUnregister(driver),
      "the driver echo cannot be unregistered from inside a call to it"
    ),
    (
      .callsUnderWay(driver, callCount: 2),
      "2 calls to the driver echo are under way, which a call does not wait for"
    ),
    (.registryFull(driverCountMax: 64), "there are 64 drivers, the most there can be"),
    (
      .nameOutOfRange(byteCount: 33, maximum: 32),
      "a name of 33 bytes is not within 1 to 32"
    ),
    (
      .operationCountOutOfRange(driver, count: 0, maximum: 64),
      "the driver echo has 0 operations, not 1 to 64"
    ),
    (.duplicateOperation(driver, operation: driver), "the driver echo has two operations echo"),
    (.wrongABI(found: 2, expected: 1), "a driver's record is of contract 2, not 1"),
    (
      .recordTooSmall(byteCount: 8, minimum: 72),
      "a driver's record has 8 bytes, not 72 at least"
    ),
    (.nullPointer(.driver), "nova_driver is null"),
    (.nullPointer(.operationFunction), "nova_driver_operation.function is null"),
    (
      .memory(.capacityExceeded(requested: 3, available: 1, capacity: 2)),
      "the registry has no memory: 3 bytes requested, the largest free block holds 1 of 2"
    ),
    (.notOpened(driver, status: -1), "the driver echo did not open: status -1"),
    (.failed(driver, status: 22), "the driver echo failed: status 22"),
    (
      .outputOverrun(driver, byteCount: 9, capacity: 8),
      "the driver echo says that it wrote 9 bytes where 8 had room"
    ),
  ]

  @Test(arguments: errors)
  func `an error is in words`(error: DriverError, text: String) {
    #expect("\(error)" == text)
  }

  @Test func `grants are named as the command takes them`() {
    #expect(
      "\(DriverGrants.all)"
        == "console, monotonic-clock, wall-clock, entropy, arguments, environment")
    #expect("\(DriverGrants([]))" == "none")
  }
}
