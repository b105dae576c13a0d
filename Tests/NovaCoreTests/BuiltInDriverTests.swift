// BuiltInDriverTests.swift — what the built-in and the linked drivers do, and who is refused them.

import NovaCore
import Testing

@Suite struct BuiltInDriverTests {
  static let grants: [(StaticString, DriverGrants)] = [
    ("console", .console), ("monotonic-clock", .monotonicClock), ("wall-clock", .wallClock),
    ("entropy", .entropy), ("arguments", .arguments), ("environment", .environment),
  ]

  private func word(_ bytes: [UInt8]) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func bytes(_ word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
  }

  @Test func `each is there with its grant, and refused by name without`() throws {
    for (name, grant) in Self.grants {
      try withRegistry(grants: grant) { registry in
        #expect(registry.grants == grant)
        _ = try registry.lookup(name, version: version1)
      }
      try withRegistry(grants: .all.subtracting(grant)) { registry in
        let refused = DriverError.notGranted(try DriverName(name), missing: grant)
        expect(refused) { try registry.lookup(name, version: version1) }
        expect(refused) { try registry.lookup(name, version: DriverVersion(major: 7, minor: 0)) }
        // Nobody takes the name instead.
        expect(refused) { try registry.registerEcho(name) }
      }
    }
  }

  @Test func `linked drivers join every registry, or are refused what they need`() throws {
    try withRegistry(grants: [.environment, .wallClock]) { registry in
      let swift = try registry.lookup("linked-swift", version: version1)
      #expect(try registry.call(swift, 0, input: [1]) == [1])
      for name in ["linked-c", "linked-c-timed"] as [StaticString] {
        let c = try registry.lookup(name, version: version1)
        #expect(try registry.call(c, 0, handles: [5]) == bytes(5))
      }
      expect(.notGranted(try DriverName("linked-swift-random"), missing: .entropy)) {
        try registry.lookup("linked-swift-random", version: version1)
      }
    }
    try withRegistry(grants: []) { registry in
      expect(.notGranted(try DriverName("linked-c-timed"), missing: .wallClock)) {
        try registry.lookup("linked-c-timed", version: version1)
      }
    }
  }

  @Test func `more than the process was granted is refused`() throws {
    let arena = try Arena(byteCount: 1 << 20)
    let requested = DriverGrants(rawValue: 65)
    expect(.grantsExceeded(requested: requested, granted: .all)) {
      try DriverRegistry(memory: arena, grants: requested)
    }
  }

  @Test func `clocks tell nanoseconds`() throws {
    try withRegistry { registry in
      let monotonic = try registry.lookup("monotonic-clock", version: version1)
      let wall = try registry.lookup("wall-clock", version: version1)
      let now = BuiltInDriver.Clock.now
      let first = word(try registry.call(monotonic, now))
      #expect(word(try registry.call(monotonic, now)) >= first)
      #expect(Int64(first) <= System.monotonicNanoseconds)
      let before = System.wallNanoseconds
      let told = Int64(word(try registry.call(wall, now)))
      #expect(before <= told && told <= System.wallNanoseconds)
      for (clock, name) in [(monotonic, "monotonic-clock"), (wall, "wall-clock")] {
        let full = DriverError.failed(try DriverName(name), status: BuiltInDriver.noRoom)
        expect(full) { try registry.call(clock, now, capacity: 7) }
      }
    }
  }

  @Test func `entropy fills the room`() throws {
    try withRegistry { registry in
      let entropy = try registry.lookup("entropy", version: version1)
      let fill = BuiltInDriver.Entropy.fill
      let first = try registry.call(entropy, fill, capacity: 64)
      #expect(first.count == 64)
      #expect(try registry.call(entropy, fill, capacity: 64) != first)
      #expect(try registry.call(entropy, fill, capacity: 0).isEmpty)
    }
  }

  @Test func `arguments are counted and told one by one`() throws {
    try withRegistry { registry in
      let arguments = try registry.lookup("arguments", version: version1)
      let count = word(try registry.call(arguments, BuiltInDriver.Arguments.count))
      #expect(count == UInt64(CommandLine.arguments.count))
      for (index, argument) in CommandLine.arguments.enumerated() {
        let told = try registry.call(
          arguments, BuiltInDriver.Arguments.item, input: bytes(UInt64(index)), capacity: 65536)
        #expect(String(decoding: told, as: UTF8.self) == argument)
      }
      let name = try DriverName("arguments")
      for input in [[], [0], bytes(count), bytes(.max)] {
        expect(.failed(name, status: BuiltInDriver.invalid)) {
          try registry.call(arguments, BuiltInDriver.Arguments.item, input: input)
        }
      }
      expect(.failed(name, status: BuiltInDriver.noRoom)) {
        try registry.call(
          arguments, BuiltInDriver.Arguments.item, input: bytes(0), capacity: 1)
      }
    }
  }

  @Test func `variables are counted, told one by one and found by name`() throws {
    try withRegistry { registry in
      let environment = try registry.lookup("environment", version: version1)
      let count = Int(word(try registry.call(environment, BuiltInDriver.Environment.count)))
      #expect(count == ProgramEnvironment.current.count)
      var path: [UInt8]?
      for index in 0..<count {
        let told = try registry.call(
          environment, BuiltInDriver.Environment.item, input: bytes(UInt64(index)),
          capacity: 1 << 20)
        if told.starts(with: Array("PATH=".utf8)) { path = Array(told.dropFirst(5)) }
      }
      let value = try registry.call(
        environment, BuiltInDriver.Environment.value, input: Array("PATH".utf8), capacity: 65536)
      #expect(value == path)
      let name = try DriverName("environment")
      expect(.failed(name, status: BuiltInDriver.absent)) {
        try registry.call(
          environment, BuiltInDriver.Environment.value, input: Array("PAT".utf8))
      }
      expect(.failed(name, status: BuiltInDriver.invalid)) {
        try registry.call(
          environment, BuiltInDriver.Environment.item, input: bytes(UInt64(count)))
      }
    }
  }

  @Test func `the console needs room to read into`() throws {
    try withRegistry { registry in
      let console = try registry.lookup("console", version: version1)
      expect(.failed(try DriverName("console"), status: BuiltInDriver.noRoom)) {
        try registry.call(console, BuiltInDriver.Console.read, capacity: 0)
      }
    }
  }
}
