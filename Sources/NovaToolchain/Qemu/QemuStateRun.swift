// QemuStateRun.swift — stops a program at `main` and at `nova_end`, and records its state there.
// Hosted. Imports Glibc.

import Glibc

/// What the state run shows.
struct StateRun {
  var atMain: Snapshot
  var atEnd: Snapshot?
  var output: [UInt8]
  var errorOutput: [UInt8]
  var ending: Ending
  var processIdentifier: Int32
}

/// Where start-up put things, from `struct nova_start_record`.
struct StartedPlaces {
  var stack: Range<UInt64>
  var heap: Range<UInt64>

  // stack_low, stack_high, heap_low, heap_high follow five words (nova_abi.h).
  static let offset: UInt64 = 40
  static let byteCount = 32

  init?(_ bytes: [UInt8]) {
    func word(_ index: Int) -> UInt64 {
      bytes[index * 8..<index * 8 + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard bytes.count == Self.byteCount, word(0) <= word(1), word(2) <= word(3) else { return nil }
    stack = word(0)..<word(1)
    heap = word(2)..<word(3)
  }
}

extension QemuProbe {
  private static let connectMicroseconds: UInt32 = 200
  private static let breakpointSignal: UInt8 = 5

  func runForState(
    _ perturbation: Perturbation, _ scratch: borrowing ScratchFolder
  ) throws(ProbeError) -> StateRun {
    var options = ["-g", scratch.socket]
    if !perturbation.closedDescriptors.isEmpty {
      guard let plugIn else { throw .cannotCloseDescriptors }
      try scratch.makeFile(scratch.unused, byteCount: TraceResult.byteCount(windowCount: 0))
      options += plugInOptions(plugIn, result: scratch.unused, perturbation)
    }
    var child: ChildProcess
    do {
      child = try ChildProcess(try launch(perturbation, options: options))
    } catch let error as ProcessError {
      throw .process(error)
    } catch let error as ProbeError {
      throw error
    } catch {
      preconditionFailure("the two calls throw ProcessError and ProbeError")
    }
    let deadline = monotonicMilliseconds() + timeLimitMilliseconds
    var remote = try connect(to: scratch.socket, of: &child, deadline)
    var stage = ProbeStage.start
    do {
      return try record(&child, &remote, &stage)
    } catch let error as GDBError {
      if error == .timedOut {
        throw .timedOut(stage: stage, limitMilliseconds: timeLimitMilliseconds)
      }
      if error == .closed, let ending = child.end(before: deadline) {
        throw .emulatorFailed(ending, message: Self.text(of: child.errorOutput))
      }
      throw .gdb(error)
    } catch let error as ProbeError {
      throw error
    } catch {
      preconditionFailure("the recording throws GDBError and ProbeError")
    }
  }

  private func connect(
    to socket: String, of child: inout ChildProcess, _ deadline: Int
  ) throws(ProbeError) -> GDBRemote {
    while true {
      do {
        return try GDBRemote(path: socket, deadline: deadline)
      } catch .unconnected(let error) where error == ENOENT || error == ECONNREFUSED {
        if let ending = child.poll() {
          throw .emulatorFailed(ending, message: Self.text(of: child.errorOutput))
        }
        if monotonicMilliseconds() > deadline {
          throw .timedOut(stage: .start, limitMilliseconds: timeLimitMilliseconds)
        }
        usleep(Self.connectMicroseconds)
      } catch {
        throw .gdb(error)
      }
    }
  }

  /// Throws GDBError and ProbeError.
  private func record(
    _ child: inout ChildProcess, _ remote: inout GDBRemote, _ stage: inout ProbeStage
  ) throws -> StateRun {
    try remote.begin()
    let layout = try RegisterLayout(from: &remote)
    let initialStack = try pointer(layout, &remote, named: ["rsp", "sp"])
    if let ending = try run(to: places.main, &remote, layout) {
      let ended = child.end(before: remote.deadline) ?? ending
      throw ProbeError.neverReachedMain(ended, errorOutput: Self.text(of: child.errorOutput))
    }
    stage = .program
    let startRecord = try remote.memory(
      at: places.startRecord + StartedPlaces.offset, byteCount: StartedPlaces.byteCount)
    guard let started = StartedPlaces(startRecord) else {
      throw ProbeError.unreadableMemory(address: places.startRecord)
    }
    let reader = SnapshotReader(
      probe: self, process: child.processIdentifier, layout: layout, started: started,
      initialStack: initialStack)
    let atMain = try reader.snapshot(&remote)
    var atEnd: Snapshot?
    if places.end != places.main {
      if try run(to: places.end, &remote, layout) == nil {
        atEnd = try reader.snapshot(&remote)
        try runToEnd(&remote)
      }
    } else {
      try runToEnd(&remote)
    }
    guard let ending = child.end(before: remote.deadline) else { throw GDBError.timedOut }
    return StateRun(
      atMain: atMain, atEnd: atEnd, output: Self.contents(of: child.output),
      errorOutput: Self.contents(of: child.errorOutput), ending: ending,
      processIdentifier: child.processIdentifier)
  }

  /// Runs until `address` is reached, handing signals on to the program: null there; else how the
  /// program ended as far as the stub says.
  private func run(
    to address: UInt64, _ remote: inout GDBRemote, _ layout: RegisterLayout
  ) throws(GDBError) -> Ending? {
    try remote.insertBreakpoint(at: address)
    var signal: UInt8?
    while true {
      let stop: GDBStop
      do {
        stop = try remote.resume(signal: signal)
      } catch .closed {
        return .killed(signal: SIGKILL)  // nothing else ends qemu without a last packet
      }
      switch stop {
      case .exited(let status): return .exited(Int32(status))
      case .killed(let signal): return .killed(signal: Int32(signal))
      case .signal(let number):
        let pc = try pointer(layout, &remote, named: ["rip", "pc"])
        if number == Self.breakpointSignal && pc == address {
          try remote.removeBreakpoint(at: address)
          return nil
        }
        signal = number
      }
    }
  }

  private func runToEnd(_ remote: inout GDBRemote) throws(GDBError) {
    var signal: UInt8?
    do {
      while case .signal(let number) = try remote.resume(signal: signal) { signal = number }
    } catch .closed {
      return
    }
  }

  /// The value of the first register of one of these names.
  private func pointer(
    _ layout: RegisterLayout, _ remote: inout GDBRemote, named names: [String]
  ) throws(GDBError) -> UInt64 {
    guard let register = layout.registers.first(where: { names.contains($0.name) }),
      let bytes = try remote.register(register.number), bytes.count == 8
    else { throw .malformed(request: "p", answer: names.joined(separator: " ")) }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
