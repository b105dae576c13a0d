// WASIFunction+Process.swift — arguments, environment, clocks, random bytes and the end.
// Freestanding. Imports NovaCore, NovaSystem. Source: WASI snapshot preview 1.

import NovaCore
import NovaSystem

extension WASIFunction {
  /// What concerns the process.
  static var process: [WASIFunction] {
    [
      WASIFunction("args_get", "ii:i") { (system, call) throws(WASIErrno) in
        try system.get(system.arguments, call)
      },
      WASIFunction("args_sizes_get", "ii:i") { (system, call) throws(WASIErrno) in
        try system.getSizes(system.arguments, call)
      },
      WASIFunction("environ_get", "ii:i") { (system, call) throws(WASIErrno) in
        try system.get(system.environment, call)
      },
      WASIFunction("environ_sizes_get", "ii:i") { (system, call) throws(WASIErrno) in
        try system.getSizes(system.environment, call)
      },
      WASIFunction("clock_res_get", "ii:i") { (system, call) throws(WASIErrno) in
        let clock = try WASIClock(call.u32(0))
        try call.memory.store(system.resolution(of: clock), call.u32(1))
      },
      WASIFunction("clock_time_get", "iIi:i") { (system, call) throws(WASIErrno) in
        let clock = try WASIClock(call.u32(0))
        try call.memory.store(system.now(clock), call.u32(2))
      },
      WASIFunction("poll_oneoff", "iiii:i") { (system, call) throws(WASIErrno) in
        try system.poll(call)
      },
      WASIFunction("proc_exit", "i:") { (system, call) throws(WASIErrno) in
        system.ending = call.u32(0)
      },
      WASIFunction("proc_raise", "i:i") { (system, call) throws(WASIErrno) in
        try system.raise(call.u32(0))
      },
      WASIFunction("random_get", "ii:i") { (system, call) throws(WASIErrno) in
        try system.fillRandom(call)
      },
      WASIFunction("sched_yield", ":i") { (_, _) throws(WASIErrno) in System.yield() },
    ]
  }
}

/// WASI's clocks; raw values are the specification's.
enum WASIClock: UInt32 {
  case wall = 0
  case monotonic = 1
  case process = 2
  case thread = 3

  /// - Throws: `WASIErrno.invalid` for a number that is no clock.
  init(_ number: UInt32) throws(WASIErrno) {
    guard let clock = WASIClock(rawValue: number) else { throw .invalid }
    self = clock
  }

  /// What shows the real one.
  var grant: DriverGrants { self == .wall ? .wallClock : .monotonicClock }
}

extension WASISystem {
  // MARK: Strings

  /// Puts strings with zeros behind them at argument 1, and their addresses at argument 0.
  fileprivate func get(_ strings: [[UInt8]], _ call: WASICall) throws(WASIErrno) {
    var (pointer, place) = (call.u32(0), call.u32(1))
    for string in strings {
      try call.memory.store(place, pointer)
      try call.memory.write(string + [0], place)
      pointer = try GuestMemory.sum(pointer, 4)
      place = try GuestMemory.sum(place, string.count + 1)
    }
  }

  /// Puts the number of strings at argument 0, and at argument 1 how many bytes they have.
  fileprivate func getSizes(_ strings: [[UInt8]], _ call: WASICall) throws(WASIErrno) {
    var byteCount = 0
    for string in strings { byteCount += string.count + 1 }
    guard let size = UInt32(exactly: byteCount) else { throw .overflow }
    try call.memory.store(UInt32(strings.count), call.u32(0))
    try call.memory.store(size, call.u32(1))
  }

  // MARK: Clocks

  /// Whether a clock is the system's.
  func isReal(_ clock: WASIClock) -> Bool { grants.contains(clock.grant) }

  /// Nanoseconds that a clock shows.
  func now(_ clock: WASIClock) -> UInt64 {
    guard isReal(clock) else {
      let elapsed = self.clock.now()
      return clock == .wall ? elapsed &+ VirtualClock.wallStart : elapsed
    }
    let nanoseconds =
      switch clock {
      case .wall: System.wallNanoseconds
      case .monotonic: System.monotonicNanoseconds
      case .process: System.processNanoseconds
      case .thread: System.threadNanoseconds
      }
    return UInt64(clamping: nanoseconds)
  }

  fileprivate func resolution(of clock: WASIClock) -> UInt64 {
    isReal(clock)
      ? UInt64(clamping: System.clockStepNanoseconds) : VirtualClock.stepNanoseconds
  }

  // MARK: Random bytes

  fileprivate func fillRandom(_ call: WASICall) throws(WASIErrno) {
    try call.memory.withBytes(call.u32(0), Int(call.u32(1))) { bytes throws(WASIErrno) in
      guard !grants.contains(.entropy) else { return System.random(into: &bytes) }
      var number: UInt64 = 0
      for index in 0..<bytes.count {
        number = index % 8 == 0 ? random.next() : number >> 8
        bytes[index] = UInt8(truncatingIfNeeded: number)
      }
    }
  }

  // MARK: The end

  /// What a signal does to a process that does not handle it: an end with 128 and Linux's number,
  /// or nothing.
  ///
  /// - Throws: `WASIErrno.invalid` for no signal, `.notSupported` for one that would stop the
  ///   module until another comes.
  fileprivate func raise(_ signal: UInt32) throws(WASIErrno) {
    // By WASI's numbers from 1; 0 ignored, 255 stopped.
    let linux: [UInt8] = [
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 255, 255, 255, 255, 0, 24, 25, 26,
      27, 0, 29, 30, 31,
    ]
    guard signal > 0 else { return }
    guard signal <= linux.count else { throw .invalid }
    switch linux[Int(signal) - 1] {
    case 0: return
    case 255: throw .notSupported
    case let number: ending = 128 + UInt32(number)
    }
  }
}
