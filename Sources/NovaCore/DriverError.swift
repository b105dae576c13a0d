// DriverError.swift — why a registry refused, or a driver failed.
// Freestanding. Imports NovaMemory. Design: NovaCore.docc/Drivers.md.

import NovaMemory

/// Why a registry refused, or a driver failed; unless said otherwise nothing has changed.
public enum DriverError: Error, Equatable, Sendable {
  /// The name is taken, by a driver of version `registered`.
  case duplicate(DriverName, registered: DriverVersion)
  /// No driver has the name.
  case unknown(DriverName)
  /// The driver's version does not serve who requires `required`.
  case wrongVersion(DriverName, required: DriverVersion, registered: DriverVersion)
  /// The driver has `operationCount` operations, numbered from 0.
  case wrongOperation(DriverName, operation: Int, operationCount: Int)
  /// No operation of the driver has the name.
  case unknownOperation(DriverName, operation: DriverName)
  /// The driver needs what the registry was not granted.
  case notGranted(DriverName, missing: DriverGrants)
  /// More was to be granted than the process was.
  case grantsExceeded(requested: DriverGrants, granted: DriverGrants)

  /// The handle's driver was unregistered; its place is at generation `current` now.
  case staleHandle(DriverHandle, current: UInt32)
  /// The handle is of another registry.
  case foreignHandle(DriverHandle)
  /// The handle's driver is being unregistered.
  case unregistering(DriverHandle)
  /// A driver was to be unregistered from inside a call to itself, which would never end.
  case reentrantUnregister(DriverName)
  /// A driver was to be unregistered from inside a call to another while `callCount` calls to it
  /// were under way: who is inside a call does not wait for calls.
  case callsUnderWay(DriverName, callCount: Int)

  /// All `driverCountMax` places are taken or retired.
  case registryFull(driverCountMax: Int)
  /// A name of `byteCount` bytes; 1 … `maximum` are allowed.
  case nameOutOfRange(byteCount: Int, maximum: Int)
  /// A driver of `count` operations; 1 … `maximum` are allowed.
  case operationCountOutOfRange(DriverName, count: Int, maximum: Int)
  /// Two operations of the driver have the name.
  case duplicateOperation(DriverName, operation: DriverName)
  /// A C record of another contract.
  case wrongABI(found: UInt32, expected: UInt32)
  /// A C record that is smaller than its first version.
  case recordTooSmall(byteCount: UInt32, minimum: UInt32)
  /// A pointer of a C record is null that may not be.
  case nullPointer(DriverField)
  /// The runtime's memory has no room for the driver.
  case memory(MemoryError)

  /// The driver's `open` failed with a status of its own; it is not registered.
  case notOpened(DriverName, status: Int32)
  /// The operation failed with a status of the driver's own. What it wrote is in the output.
  case failed(DriverName, status: Int32)
  /// A C operation says that it wrote more than there was room for: it has overwritten memory, or
  /// miscounts. The output is as it was before.
  case outputOverrun(DriverName, byteCount: UInt64, capacity: Int)
}

/// A pointer in a C record that may not be null.
public enum DriverField: Equatable, Sendable {
  case driver, name, operations, operationName, operationFunction
}

/// A driver's own reason for a failure.
public struct DriverFailure: Error, Equatable, Sendable {
  /// Any number but 0; those of the built-in drivers are Linux's error numbers.
  public let status: Int32

  /// A failure with this status, which is not 0.
  public init(status: Int32) {
    precondition(status != 0, "a failure's status is not 0, which means success")
    self.status = status
  }
}
