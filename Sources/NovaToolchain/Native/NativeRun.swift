// NativeRun.swift — one traced run, from exec through `main` and `nova_end` to the end.
// Hosted. Imports CNovaProbe and Glibc.

import CNovaProbe
import Glibc

/// A run that is being observed.
struct NativeRun: ~Copyable {
  let probe: NativeProbe
  let perturbation: Perturbation
  private var tracee: Tracee
  private var calls: [SystemCall]
  /// The stack pointer before the program's first instruction.
  private let initialStack: UInt64

  init(_ probe: NativeProbe, _ perturbation: Perturbation) throws(NativeProbeError) {
    var request = ProcessRequest(probe.program, perturbation.arguments)
    request.environment = perturbation.environment
    request.workingDirectory = perturbation.workingDirectory
    let closed = perturbation.closedDescriptors
    request.input = closed.contains(0) ? .closed : .null
    // Files, because nobody empties a pipe while the program stands still.
    request.output = closed.contains(1) ? .closed : .memory
    request.errorOutput = closed.contains(2) ? .closed : .memory
    request.stackLimitBytes = perturbation.stackLimitBytes
    request.randomisesAddresses = perturbation.randomisesAddresses
    request.skippedProcessCount = perturbation.skippedProcessCount
    request.timeLimitMilliseconds = probe.timeLimitMilliseconds
    let tracee = try Tracee.begin(request, NativeCPU(probe.image.target))
    initialStack = try tracee.generalRegister(at: tracee.cpu.stackPointerOffset)
    self.tracee = tracee
    self.probe = probe
    self.perturbation = perturbation
    calls = []
  }

  /// Runs the program to its end.
  mutating func observe() throws(NativeProbeError) -> Observation {
    let processIdentifier = tracee.process
    if let ending = try run(to: tracee.insertBreakpoint(at: probe.places.main)) {
      throw .neverReachedMain(ending, errorOutput: try errorText())
    }
    let before = calls
    calls = []
    let reader = try NativeSnapshotReader(probe: probe, tracee, initialStack: initialStack)
    let atMain = try reader.snapshot(tracee)
    var atEnd: Snapshot?
    // Another thread is not traced, and would die of the breakpoint: there is an end to look at
    // only while there is one thread.
    var ending: Ending?
    if before.contains(where: { $0.startsThread }) {
      ending = try run(to: nil)
    } else {
      ending = try run(
        to: tracee.insertBreakpoint(at: probe.places.end), untilSecondThread: true)
    }
    if ending == nil {
      atEnd = try reader.snapshot(tracee)
      ending = try run(to: nil)
    }
    guard let ending else { preconditionFailure("without a breakpoint a run ends at its end") }
    return Observation(
      perturbation: perturbation, atMain: atMain, atEnd: atEnd, callsBeforeMain: before,
      callsFromMain: calls, trace: nil, output: try tracee.written(to: tracee.child.output),
      errorOutput: try tracee.written(to: tracee.child.errorOutput), ending: ending,
      processIdentifier: processIdentifier)
  }

  /// Runs the program to `main` and counts its instructions from there.
  mutating func count(limit: UInt64) throws(NativeProbeError) -> InstructionTrace? {
    if let ending = try run(to: tracee.insertBreakpoint(at: probe.places.main)) {
      throw .neverReachedMain(ending, errorOutput: try errorText())
    }
    return try tracee.count(limit: limit)
  }

  private func errorText() throws(NativeProbeError) -> String {
    String(decoding: try tracee.written(to: tracee.child.errorOutput), as: UTF8.self)
  }

  /// Lets the program go on, logging its calls, to a breakpoint or its end.
  ///
  /// - Parameters:
  ///   - breakpoint: where to stop.
  ///   - untilSecondThread: whether the breakpoint is taken out when the program asks for a thread.
  /// - Returns: how the program ended; null at the breakpoint.
  /// - Throws: `NativeProbeError`.
  private mutating func run(
    to breakpoint: Breakpoint?, untilSecondThread: Bool = false
  ) throws(NativeProbeError) -> Ending? {
    var breakpoint = breakpoint
    var signal: Int32 = 0
    while true {
      let stop = try tracee.resume(NOVA_TRACE_call, signal: signal)
      signal = 0
      switch stop {
      case .call:
        try log()
        if untilSecondThread, let inserted = breakpoint, calls.last?.startsThread == true {
          try tracee.remove(inserted)
          breakpoint = nil
        }
      case .exec: break
      case .signal(let number): signal = number
      case .ended(let ending): return ending
      case .trap:
        if let breakpoint, try tracee.consume(breakpoint) { return nil }
        // The program's own trap.
        signal = SIGTRAP
      }
    }
  }

  private mutating func log() throws(NativeProbeError) {
    guard let call = try tracee.call() else { return }
    let memory = tracee.memory
    let text = SystemCallText(target: probe.image.target) { memory.read(at: $0, byteCount: $1) }
    if call.is_entry {
      guard calls.count < NativeProbe.callCountMax else {
        throw .tooManyCalls(countMax: NativeProbe.callCountMax)
      }
      let arguments = call.arguments
      calls.append(
        text.call(
          call.number,
          [arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5]))
    } else if let last = calls.indices.last {
      calls[last].result = text.result(call.result, of: calls[last].name)
    }
  }
}
