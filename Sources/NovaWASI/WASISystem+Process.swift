// WASISystem+Process.swift — arguments, environment, clocks, random bytes and the end.
// Freestanding. Imports NovaCore, NovaSystem. Source: WASI snapshot preview 1.

import NovaCore
import NovaSystem

extension WASISystem {
  @inline(never) func argsGet(_ call: WASICall) throws(WASIErrno) {
    var transfer = TextTransfer(call, isCounted: false)
    try handOverArguments(&transfer)
  }

  @inline(never) func argsSizesGet(_ call: WASICall) throws(WASIErrno) {
    var transfer = TextTransfer(call, isCounted: true)
    try handOverArguments(&transfer)
    try putSizes(transfer, call)
  }

  @inline(never) func environGet(_ call: WASICall) throws(WASIErrno) {
    var transfer = TextTransfer(call, isCounted: false)
    try handOverVariables(&transfer)
  }

  @inline(never) func environSizesGet(_ call: WASICall) throws(WASIErrno) {
    var transfer = TextTransfer(call, isCounted: true)
    try handOverVariables(&transfer)
    try putSizes(transfer, call)
  }

  /// Puts the number of texts at argument 0, and at argument 1 how many bytes they have.
  private func putSizes(_ transfer: TextTransfer, _ call: WASICall) throws(WASIErrno) {
    try call.memory.store(transfer.first, call.u32(0))
    try call.memory.store(transfer.second, call.u32(1))
  }

  @inline(never) func clockResGet(_ call: WASICall) throws(WASIErrno) {
    let clock = try WASIClock(call.u32(0))
    try call.memory.store(resolution(of: clock), call.u32(1))
  }

  @inline(never) func clockTimeGet(_ call: WASICall) throws(WASIErrno) {
    let clock = try WASIClock(call.u32(0))
    try call.memory.store(now(clock), call.u32(2))
  }

  @inline(never) func pollOneoff(_ call: WASICall) throws(WASIErrno) {
    try poll(call)
  }

  @inline(never) func procExit(_ call: WASICall) throws(WASIErrno) {
    ending = call.u32(0)
  }

  @inline(never) func procRaise(_ call: WASICall) throws(WASIErrno) {
    try raise(call.u32(0))
  }

  @inline(never) func randomGet(_ call: WASICall) throws(WASIErrno) {
    try fillRandom(call)
  }

  @inline(never) func schedYield(_ call: WASICall) throws(WASIErrno) {
    System.yield()
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
