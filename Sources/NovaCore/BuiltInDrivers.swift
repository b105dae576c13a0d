// BuiltInDrivers.swift — the drivers that every registry has: console, clocks, entropy, arguments,
// environment.
// Freestanding. Imports NovaSystem. Design: NovaCore.docc/Drivers.md.

import NovaMemory
import NovaSystem

/// Numbers and failures of the built-in drivers, all of version 1.0.
///
/// A number in the input or output is a 64-bit word, its lowest byte first.
public enum BuiltInDriver {
  /// Operations of `console`.
  public enum Console {
    /// Appends the input to the standard output, behind what the program has printed, and flushes.
    public static var write: Int { 0 }
    /// Writes the input to the standard error.
    public static var writeError: Int { 1 }
    /// Reads from the standard input, once, at most as much as the output has room for; nothing at
    /// its end.
    public static var read: Int { 2 }
  }

  /// Operations of `monotonic-clock` and `wall-clock`.
  public enum Clock {
    /// Nanoseconds, as a number: since some moment before the process, or since 1970-01-01 UTC.
    public static var now: Int { 0 }
  }

  /// Operations of `entropy`.
  public enum Entropy {
    /// Fills the output's room with random bytes; constants under the entropy policy `fixed`.
    public static var fill: Int { 0 }
  }

  /// Operations of `arguments`.
  public enum Arguments {
    /// How many there are, as a number.
    public static var count: Int { 0 }
    /// The bytes of the argument whose number is the input.
    public static var item: Int { 1 }
  }

  /// Operations of `environment`.
  public enum Environment {
    /// How many variables there are, as a number.
    public static var count: Int { 0 }
    /// The bytes `NAME=value` of the variable whose number is the input.
    public static var item: Int { 1 }
    /// The bytes of the value of the variable whose name is the input.
    public static var value: Int { 2 }
  }

  /// `DriverError.failed` with this status: there is no such variable (`ENOENT`).
  public static var absent: Int32 { 2 }
  /// The input is no number, or no index (`EINVAL`).
  public static var invalid: Int32 { 22 }
  /// The output has no room for all of it; nothing was appended (`ENOSPC`).
  public static var noRoom: Int32 { 28 }
}

extension DriverRegistry {
  private static var builtInVersion: DriverVersion { DriverVersion(major: 1, minor: 0) }

  /// Registers the built-in drivers, or refuses their names where they were not granted.
  func registerBuiltIn() throws(DriverError) {
    try join(
      "console", .console,
      [
        DriverOperation("write", .input) { _, input, _ throws(DriverFailure) in
          try writeOutput(input)
        },
        DriverOperation("write-error", .input) { _, input, _ throws(DriverFailure) in
          try writeError(input)
        },
        DriverOperation("read", .output) { _, _, output throws(DriverFailure) in
          try readInput(&output)
        },
      ])
    try join(
      "monotonic-clock", .monotonicClock,
      [
        DriverOperation("now", .output) { _, _, output throws(DriverFailure) in
          try append(UInt64(bitPattern: System.monotonicNanoseconds), to: &output)
        }
      ])
    try join(
      "wall-clock", .wallClock,
      [
        DriverOperation("now", .output) { _, _, output throws(DriverFailure) in
          try append(UInt64(bitPattern: System.wallNanoseconds), to: &output)
        }
      ])
    try join(
      "entropy", .entropy,
      [DriverOperation("fill", .output) { _, _, output in fill(&output) }])
    try join("arguments", .arguments, Self.argumentOperations)
    try join("environment", .environment, Self.environmentOperations)
  }

  private static var argumentOperations: [2 of DriverOperation] {
    [
      DriverOperation("count", .output) { _, _, output throws(DriverFailure) in
        try append(UInt64(ProgramArguments.current.count), to: &output)
      },
      DriverOperation("item", .output) { _, input, output throws(DriverFailure) in
        let arguments = ProgramArguments.current
        try append(arguments[number(input, below: arguments.count)], to: &output)
      },
    ]
  }

  private static var environmentOperations: [3 of DriverOperation] {
    [
      DriverOperation("count", .output) { _, _, output throws(DriverFailure) in
        try append(UInt64(ProgramEnvironment.current.count), to: &output)
      },
      DriverOperation("item", .output) { _, input, output throws(DriverFailure) in
        let environment = ProgramEnvironment.current
        try append(environment[number(input, below: environment.count)], to: &output)
      },
      DriverOperation("value", .output) { _, input, output throws(DriverFailure) in
        guard let value = ProgramEnvironment.current.value(of: input) else {
          throw DriverFailure(status: BuiltInDriver.absent)
        }
        try append(value, to: &output)
      },
    ]
  }

  private func join<let count: Int>(
    _ name: StaticString, _ grant: DriverGrants, _ operations: [count of DriverOperation]
  ) throws(DriverError) {
    try join(DriverName(name), Self.builtInVersion, grant) { () throws(DriverError) in
      try register(
        DriverName(name), version: Self.builtInVersion, requiring: grant,
        operations: operations.span)
    }
  }
}

// MARK: Bytes

private func writeOutput(_ input: Span<UInt8>) throws(DriverFailure) {
  do throws(SystemError) {
    try System.print(input)
    try System.flush()
  } catch {
    throw DriverFailure(status: error.errno)
  }
}

private func writeError(_ input: Span<UInt8>) throws(DriverFailure) {
  var written = 0
  while written < input.count {
    do throws(SystemError) {
      written += try System.write(input.extracting(droppingFirst: written), to: 2)
    } catch {
      throw DriverFailure(status: error.errno)
    }
  }
}

private func readInput(_ output: inout OutputSpan<UInt8>) throws(DriverFailure) {
  guard !output.isFull else { throw DriverFailure(status: BuiltInDriver.noRoom) }
  // SAFETY: all of the room is initialised, and what was read is counted.
  try unsafe output.withUnsafeMutableBufferPointer { (buffer, count) throws(DriverFailure) in
    let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...])
    unsafe room.initialize(repeating: 0)
    var span = unsafe room.mutableSpan
    do throws(SystemError) {
      count += try System.read(from: 0, into: &span)
    } catch {
      throw DriverFailure(status: error.errno)
    }
  }
}

private func fill(_ output: inout OutputSpan<UInt8>) {
  // SAFETY: all of the room is initialised and counted.
  unsafe output.withUnsafeMutableBufferPointer { buffer, count in
    let room = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...])
    unsafe room.initialize(repeating: 0)
    var span = unsafe room.mutableSpan
    System.random(into: &span)
    count = buffer.count
  }
}

private func append(
  _ number: UInt64, to output: inout OutputSpan<UInt8>
) throws(DriverFailure) {
  guard output.freeCapacity >= 8 else { throw DriverFailure(status: BuiltInDriver.noRoom) }
  for place in 0..<8 {
    output.append(UInt8(truncatingIfNeeded: number >> UInt64(place * 8)))
  }
}

private func append(
  _ bytes: Span<UInt8>, to output: inout OutputSpan<UInt8>
) throws(DriverFailure) {
  guard output.freeCapacity >= bytes.count else {
    throw DriverFailure(status: BuiltInDriver.noRoom)
  }
  for index in bytes.indices { output.append(bytes[index]) }
}

private func number(_ input: Span<UInt8>, below count: Int) throws(DriverFailure) -> Int {
  guard input.count == 8 else { throw DriverFailure(status: BuiltInDriver.invalid) }
  var number: UInt64 = 0
  for place in 0..<8 { number |= UInt64(input[place]) << UInt64(place * 8) }
  guard number < UInt64(count) else { throw DriverFailure(status: BuiltInDriver.invalid) }
  return Int(number)
}
