// DriverError+Description.swift — why a registry refused or a driver failed, in words.
// Freestanding. Imports nothing. Design: NovaCore.docc/Drivers.md.

extension DriverError: CustomStringConvertible {
  /// The error in English, without a line's end.
  public var description: String {
    switch self {
    case .duplicate(let name, let registered):
      "there is a driver \(name) already, of version \(registered)"
    case .unknown(let name):
      "there is no driver \(name)"
    case .wrongVersion(let name, let required, let registered):
      "the driver \(name) has version \(registered), which does not serve \(required)"
    case .wrongOperation(let name, let operation, let operationCount):
      "the driver \(name) has no operation \(operation), but \(operationCount) from 0"
    case .unknownOperation(let name, let operation):
      "the driver \(name) has no operation \(operation)"
    case .notGranted(let name, let missing):
      "the driver \(name) was not granted \(missing); --grant does"
    case .grantsExceeded(let requested, let granted):
      "drivers are to reach \(requested), but the process was granted \(granted)"
    case .staleHandle, .foreignHandle, .unregistering, .reentrantUnregister, .callsUnderWay:
      lifeDescription
    case .registryFull, .nameOutOfRange, .operationCountOutOfRange, .duplicateOperation, .wrongABI,
      .recordTooSmall, .nullPointer, .memory:
      registrationDescription
    case .notOpened(let name, let status):
      "the driver \(name) did not open: status \(status)"
    case .failed(let name, let status):
      "the driver \(name) failed: status \(status)"
    case .outputOverrun(let name, let byteCount, let capacity):
      "the driver \(name) says that it wrote \(byteCount) bytes where \(capacity) had room"
    }
  }

  private var lifeDescription: String {
    switch self {
    case .staleHandle(let handle, let current):
      "\(handle) was unregistered; its place is at generation \(current)"
    case .foreignHandle(let handle):
      "\(handle) is another registry's"
    case .unregistering(let handle):
      "\(handle) is being unregistered"
    case .reentrantUnregister(let name):
      "the driver \(name) cannot be unregistered from inside a call to it"
    case .callsUnderWay(let name, let callCount):
      "\(callCount) calls to the driver \(name) are under way, which a call does not wait for"
    default: preconditionFailure("another error is described elsewhere")
    }
  }

  private var registrationDescription: String {
    switch self {
    case .registryFull(let driverCountMax):
      "there are \(driverCountMax) drivers, the most there can be"
    case .nameOutOfRange(let byteCount, let maximum):
      "a name of \(byteCount) bytes is not within 1 to \(maximum)"
    case .operationCountOutOfRange(let name, let count, let maximum):
      "the driver \(name) has \(count) operations, not 1 to \(maximum)"
    case .duplicateOperation(let name, let operation):
      "the driver \(name) has two operations \(operation)"
    case .wrongABI(let found, let expected):
      "a driver's record is of contract \(found), not \(expected)"
    case .recordTooSmall(let byteCount, let minimum):
      "a driver's record has \(byteCount) bytes, not \(minimum) at least"
    case .nullPointer(let field):
      "\(field) is null"
    case .memory(let error):
      "the registry has no memory: \(error)"
    default: preconditionFailure("another error is described elsewhere")
    }
  }
}

extension DriverHandle: CustomStringConvertible {
  /// Such as `driver 3 (generation 1)`.
  public var description: String { "driver \(slot) (generation \(generation))" }
}

extension DriverField: CustomStringConvertible {
  /// The field, as nova_driver.h calls it.
  public var description: String {
    switch self {
    case .driver: "nova_driver"
    case .name: "nova_driver.name"
    case .operations: "nova_driver.operations"
    case .operationName: "nova_driver_operation.name"
    case .operationFunction: "nova_driver_operation.function"
    }
  }
}
