// ProcessTests.swift — arguments, environment, clocks, random bytes, waiting and the end.

import NovaModules
import TestSupport
import Testing

@testable import NovaWASI

@Suite struct ProcessTests {
  private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

  @Test func `arguments and environment are what was granted`() throws {
    var configuration = WASIConfiguration()
    configuration.arguments = ["program", "", "two words"].map { Array($0.utf8) }
    configuration.environment = [Array("A=1".utf8)]
    try Port.with(configuration) { (port: Port) throws in
      let (list, place) = (UInt64(Port.buffer), UInt64(Port.buffer + 256))
      #expect(try port.call("args_sizes_get", UInt64(Port.result), UInt64(Port.result + 4)) == 0)
      #expect(try port.number(at: Port.result) == 3)
      #expect(try port.number(at: Port.result + 4) == 19)
      #expect(try port.call("args_get", list, place) == 0)
      #expect(try port.text(at: Port.buffer + 256, 19) == "program\0\0two words\0")
      let addresses = try (0..<3).map { try port.number(at: Port.buffer + 4 * $0) }
      #expect(addresses == [place, place + 8, place + 9])
      #expect(try port.call("environ_sizes_get", UInt64(Port.result), UInt64(Port.result + 4)) == 0)
      #expect(try port.number(at: Port.result, byteCount: 8) == 4 << 32 | 1)
      #expect(try port.call("environ_get", list, place) == 0)
      #expect(try port.text(at: Port.buffer + 256, 4) == "A=1\0")
    }
    try Port.with { (port: Port) throws in
      #expect(try port.call("args_sizes_get", UInt64(Port.result), UInt64(Port.result + 4)) == 0)
      #expect(try port.number(at: Port.result, byteCount: 8) == 0)
      #expect(try port.call("args_get", 0, 0) == 0)
    }
  }

  @Test func `a text with a zero in it is refused`() {
    var configuration = WASIConfiguration()
    configuration.environment = [[65, 0, 66]]
    #expect(throws: WASIError.badText([65, 0, 66])) { try WASISystem(configuration) }
    configuration.environment = []
    configuration.directories = [WASIDirectory(host: [], guest: [47])]
    #expect(throws: WASIError.badText([])) { try WASISystem(configuration) }
    let missing = WASIDirectory(host: Array("/there/is/none".utf8), guest: [47])
    configuration.directories = [missing]
    #expect(throws: WASIError.directory(missing, SystemError(call: .open, errno: 2))) {
      try WASISystem(configuration)
    }
    configuration.directories = Array(
      repeating: WASIDirectory(host: [46], guest: [47]), count: 1022)
    #expect(throws: WASIError.tooManyDirectories(maximum: 1021)) { try WASISystem(configuration) }
  }

  @Test(arguments: [
    (
      WASIError.directory(
        WASIDirectory(host: Array("none".utf8), guest: [47]),
        SystemError(call: .open, errno: 2)),
      "the folder none can't be granted: the system refused open: "
        + "there is no such file or folder (errno 2)"
    ),
    (.badText([65, 0, 66]), "'A\u{fffd}B' holds a zero byte"),
    (.badText([]), "a folder's name is empty"),
    (.tooManyDirectories(maximum: 1021), "there are more than 1021 folders"),
  ])
  func `a refused configuration is told in words`(error: WASIError, text: String) {
    #expect("\(error)" == text)
  }

  private func time(_ port: Port, _ clock: UInt64) throws -> UInt64 {
    #expect(try port.call("clock_time_get", clock, 0, UInt64(Port.result)) == 0)
    return try port.number(at: Port.result, byteCount: 8)
  }

  @Test func `time is virtual unless it is granted`() throws {
    try Port.with { (port: Port) throws in
      let step = VirtualClock.stepNanoseconds
      #expect(try time(port, 0) == VirtualClock.wallStart + step)
      #expect(try time(port, 1) == 2 * step)
      #expect(try time(port, 2) == 3 * step)
      #expect(try time(port, 3) == 4 * step)
      #expect(try port.call("clock_res_get", 0, UInt64(Port.result)) == 0)
      #expect(try port.number(at: Port.result, byteCount: 8) == step)
      #expect(try port.call("clock_time_get", 4, 0, UInt64(Port.result)) == Errno.invalid)
      #expect(try port.call("clock_res_get", 4, UInt64(Port.result)) == Errno.invalid)
    }
    var configuration = WASIConfiguration()
    configuration.grants = [.wallClock, .monotonicClock]
    try Port.with(configuration) { (port: Port) throws in
      let before = UInt64(System.wallNanoseconds)
      #expect(try time(port, 0) >= before)
      let monotonic = UInt64(System.monotonicNanoseconds)
      #expect(try time(port, 1) >= monotonic)
      #expect(try time(port, 2) > 0)
      #expect(try port.call("clock_res_get", 1, UInt64(Port.result)) == 0)
      #expect((1...10_000_000).contains(try port.number(at: Port.result, byteCount: 8)))
    }
  }

  @Test func `random bytes are the same in every run unless entropy is granted`() throws {
    func bytes(_ grants: DriverGrants) throws -> [UInt8] {
      var configuration = WASIConfiguration()
      configuration.grants = grants
      var found: [UInt8] = []
      try Port.with(configuration) { (port: Port) throws in
        #expect(try port.call("random_get", UInt64(Port.buffer), 11) == 0)
        found = try port.bytes(at: Port.buffer, 12)
      }
      return found
    }
    // SplitMix64's first numbers from 0: e220a8397b1dcdaf, 6e789e6aa1b965f4.
    let expected: [UInt8] = [
      0xaf, 0xcd, 0x1d, 0x7b, 0x39, 0xa8, 0x20, 0xe2, 0xf4, 0x65, 0xb9, 0,
    ]
    #expect(try bytes([]) == expected)
    let (first, second) = (try bytes(.entropy), try bytes(.entropy))
    #expect(first != second)
  }

  // MARK: Waiting

  /// Puts a subscription: 48 bytes.
  private func subscribe(
    _ port: Port, _ index: UInt32, tag: UInt8, _ number: UInt32, timeout: UInt64 = 0,
    isAbsolute: Bool = false
  ) throws {
    let place = Port.buffer + 48 * index
    try port.write([UInt8](repeating: 0, count: 48), at: place)
    try port.write(words: [UInt32(100 + index), 7], at: place)
    try port.write([tag], at: place + 8)
    try port.write(words: [number], at: place + 16)
    try port.write(
      words: [UInt32(truncatingIfNeeded: timeout), UInt32(timeout >> 32)], at: place + 24)
    try port.write([isAbsolute ? 1 : 0], at: place + 40)
  }

  private func poll(_ port: Port, _ count: UInt64) throws -> [[UInt64]] {
    let events = Port.buffer + 2048
    #expect(
      try port.call(
        "poll_oneoff", UInt64(Port.buffer), UInt64(events), count, UInt64(Port.result)) == 0)
    let found = UInt32(try port.number(at: Port.result))
    return try (0..<found).map { index in
      let place = events + 32 * index
      return [
        try port.number(at: place, byteCount: 8) & 0xffff_ffff,
        try port.number(at: place + 8, byteCount: 2), try port.number(at: place + 10, byteCount: 1),
        try port.number(at: place + 16, byteCount: 8),
      ]
    }
  }

  @Test func `sleeping lets virtual time go by at once`() throws {
    try Port.with { (port: Port) throws in
      let hour = 3600 * Self.nanosecondsPerSecond
      try subscribe(port, 0, tag: 0, 1, timeout: hour)
      try subscribe(port, 1, tag: 0, 1, timeout: 2 * hour)
      let before = System.monotonicNanoseconds
      #expect(try poll(port, 2) == [[100, 0, 0, 0]])
      #expect(System.monotonicNanoseconds - before < Int64(hour))
      #expect(try time(port, 1) == hour + VirtualClock.stepNanoseconds)
      try subscribe(
        port, 0, tag: 0, 0, timeout: VirtualClock.wallStart + 3 * hour, isAbsolute: true)
      #expect(try poll(port, 1) == [[100, 0, 0, 0]])
      #expect(try time(port, 0) >= VirtualClock.wallStart + 3 * hour)
      #expect(
        try port.call(
          "poll_oneoff", UInt64(Port.buffer), UInt64(Port.buffer), 0, UInt64(Port.result))
          == Errno.invalid)
    }
  }

  @Test func `sleeping waits where the clock is granted`() throws {
    var configuration = WASIConfiguration()
    configuration.grants = .monotonicClock
    try Port.with(configuration) { (port: Port) throws in
      try subscribe(port, 0, tag: 0, 1, timeout: 2_000_000)
      let before = System.monotonicNanoseconds
      #expect(try poll(port, 1) == [[100, 0, 0, 0]])
      #expect(System.monotonicNanoseconds - before >= 2_000_000)
    }
  }

  @Test func `files are ready, and what can't be waited for is told`() throws {
    try Port.withFolder { (port: Port, folder: TemporaryFolder) throws in
      try folder.write("12345", to: "file")
      let file = UInt32(try port.open("file").get())
      try subscribe(port, 0, tag: 1, file)
      try subscribe(port, 1, tag: 2, file)
      try subscribe(port, 2, tag: 0, 1, timeout: 1_000_000_000)
      #expect(try poll(port, 3) == [[100, 0, 1, 5], [101, 0, 2, 1]])
      try subscribe(port, 0, tag: 1, 77)
      try subscribe(port, 1, tag: 1, 0)
      try subscribe(port, 2, tag: 9, 0)
      try subscribe(port, 3, tag: 0, 9)
      #expect(
        try poll(port, 4) == [
          [100, UInt64(Errno.badDescriptor), 1, 0], [101, UInt64(Errno.notCapable), 1, 0],
          [102, UInt64(Errno.invalid), 9, 0], [103, UInt64(Errno.invalid), 0, 0],
        ])
    }
  }

  // MARK: The end

  @Test func `a module that exits is stopped with its status`() throws {
    for status: UInt32 in [0, 7, 300, .max] {
      try Port.with { (port: Port) throws in
        #expect(port.system.exitStatus == nil)
        do {
          try port.call("proc_exit", UInt64(status))
          Issue.record("it came back")
        } catch ModuleFailure.trapped(let trap) {
          #expect(trap.kind == .host(HostFailure(status: Int32(bitPattern: status))))
          #expect(port.system.exitStatus == status)
        }
      }
    }
  }

  @Test func `a signal does what it does to a process`() throws {
    try Port.with { (port: Port) throws in
      #expect(try port.call("sched_yield") == 0)
      #expect(try port.call("proc_raise", 0) == 0)
      #expect(try port.call("proc_raise", 27) == 0)  // the window changed
      #expect(try port.call("proc_raise", 18) == Errno.notSupported)  // stop
      #expect(try port.call("proc_raise", 31) == Errno.invalid)
      do {
        try port.call("proc_raise", 6)  // abort
        Issue.record("it came back")
      } catch ModuleFailure.trapped {
        #expect(port.system.exitStatus == 134)
      }
    }
  }
}
