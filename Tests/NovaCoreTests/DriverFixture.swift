// DriverFixture.swift — a registry in memory of its own, and calls with arrays, for tests.

import NovaCore
import Testing

/// The version that most test drivers have.
let version1 = DriverVersion(major: 1, minor: 0)

/// Runs `body` with a fresh registry and ends the registry.
func withRegistry<Result, Failure: Error>(
  grants: DriverGrants = .all, _ body: (DriverRegistry) throws(Failure) -> Result
) throws -> Result {
  let arena = try Arena(byteCount: 1 << 20)
  let registry = try DriverRegistry(memory: arena, grants: grants)
  // SAFETY: the tests keep no copy.
  defer { unsafe registry.end() }
  return try body(registry)
}

extension DriverRegistry {
  /// Calls an operation and returns its output.
  func call(
    _ driver: DriverHandle, _ operation: Int, handles: [UInt64] = [], input: [UInt8] = [],
    capacity: Int = 64
  ) throws(DriverError) -> [UInt8] {
    let handles = handles.map(MemoryHandle.init(rawValue:))
    return try [UInt8](capacity: capacity) { output throws(DriverError) in
      try call(
        driver, operation: operation, handles: handles.span, input: input.span, output: &output)
    }
  }

  /// Registers a driver whose one operation, `echo`, appends its input.
  @discardableResult
  func registerEcho(
    _ name: StaticString, version: DriverVersion = version1
  ) throws(DriverError) -> DriverHandle {
    try register(name, version: version, operations: [.echo])
  }
}

extension DriverOperation {
  /// Appends its input.
  static var echo: DriverOperation {
    DriverOperation("echo") { _, input, output throws(DriverFailure) in
      guard output.freeCapacity >= input.count else { throw DriverFailure(status: 28) }
      for index in input.indices { output.append(input[index]) }
    }
  }
}

/// Expects `body` to throw exactly `expected`.
func expect<Result>(
  _ expected: DriverError, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) {
  #expect(throws: expected, sourceLocation: sourceLocation) { _ = try body() }
}

/// Expects a count, such as that of a hook's calls.
func expect(
  _ count: UInt32, equals expected: UInt32, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(count == expected, sourceLocation: sourceLocation)
}
