// QemuTraceRun.swift — runs a program for its system calls and its instruction trace.
// Hosted. Imports Glibc. By the TCG plug-in; where qemu cannot load it, by qemu's own log of each
// instruction.

import Glibc

/// What the trace run shows.
struct TraceRun {
  var callsBeforeMain: [SystemCall]
  var callsFromMain: [SystemCall]
  var instructions: InstructionTrace
  /// Registers that the gdb stub lacks.
  var registersAtMain: [RegisterValue]
  /// The instructions or accesses that were asked for.
  var window: [TracedPlace]
}

/// Which part of a trace is recorded entry by entry.
struct TraceWindow {
  enum Kind: String {
    case programCounter = "pc"
    case access
  }

  var kind: Kind
  /// In instructions or accesses from `main` on.
  var first: UInt64
  var count: Int
}

extension QemuProbe {
  func runForTrace(
    _ perturbation: Perturbation, _ scratch: borrowing ScratchFolder, window: TraceWindow? = nil
  ) throws(ProbeError) -> TraceRun {
    if let plugIn,
      let run = try runWithPlugIn(plugIn, perturbation, scratch, window)
    {
      return run
    }
    return try runForRegisterTrace(perturbation, scratch, window)
  }

  /// Null when the emulator did not load the plug-in.
  private func runWithPlugIn(
    _ plugIn: String, _ perturbation: Perturbation, _ scratch: borrowing ScratchFolder,
    _ window: TraceWindow?
  ) throws(ProbeError) -> TraceRun? {
    let byteCount = TraceResult.byteCount(windowCount: window?.count ?? 0)
    try scratch.makeFile(scratch.result, byteCount: byteCount)
    var more: [String] = []
    if let window {
      more = ["kind=\(window.kind.rawValue)", "window=\(window.first)+\(window.count)"]
    }
    let options =
      ["-strace"] + logOptions(["plugin"], of: wideRegisterLog, scratch)
      + plugInOptions(plugIn, result: scratch.result, perturbation, more: more)
    let end = try finish(perturbation, options: options)
    guard let result = TraceResult(try contents(of: scratch.result)) else { return nil }
    let log = QemuLog(try contents(of: scratch.log), main: places.main)
    guard result.hasReachedMain else {
      throw .neverReachedMain(end.ending, errorOutput: end.errorOutput)
    }
    return TraceRun(
      callsBeforeMain: log.callsBeforeMain, callsFromMain: log.callsFromMain,
      instructions: result.trace, registersAtMain: log.wideRegisters, window: result.window)
  }

  private func runForRegisterTrace(
    _ perturbation: Perturbation, _ scratch: borrowing ScratchFolder, _ window: TraceWindow?
  ) throws(ProbeError) -> TraceRun {
    guard perturbation.closedDescriptors.isEmpty else { throw .cannotCloseDescriptors }
    let options = [
      "-strace", "-singlestep", "-d", "exec,nochain", "-dfilter", programTextFilter, "-D",
      scratch.log,
    ]
    let end = try finish(perturbation, options: options)
    let log = QemuLog(try contents(of: scratch.log), main: places.main)
    guard log.hasReachedMain else {
      throw end.ending == .exited(1) && log.callsBeforeMain.isEmpty
        ? .emulatorFailed(end.ending, message: end.errorOutput)
        : .neverReachedMain(end.ending, errorOutput: end.errorOutput)
    }
    var registers: [RegisterValue] = []
    if !wideRegisterLog.isEmpty {
      _ = try finish(perturbation, options: logOptions([], of: wideRegisterLog, scratch))
      registers = QemuLog(try contents(of: scratch.log), main: places.main).wideRegisters
    }
    let places = log.programCounters.enumerated().map { index, pc in
      TracedPlace(instructionNumber: UInt64(index), programCounter: pc, address: pc)
    }
    var recorded: [TracedPlace] = []
    if let window, window.kind == .programCounter {
      recorded = Array(places.dropFirst(Int(clamping: window.first)).prefix(window.count))
    }
    return TraceRun(
      callsBeforeMain: log.callsBeforeMain, callsFromMain: log.callsFromMain,
      instructions: InstructionTrace(programCounters: log.programCounters),
      registersAtMain: registers, window: recorded)
  }

  /// The option `-dfilter` for the code that runs from `main` on.
  ///
  /// Start-up's loops would make the log large. Of start-up's code, the place that `main` returns
  /// to belongs to it, where symbols tell it.
  private var programTextFilter: String {
    var ranges = [places.programText]
    if let back = image.symbols.first(where: { $0.name == "nova_return" }) {
      ranges.append(back.address..<back.address + max(back.byteCount, 1))
    }
    return ranges.map {
      "0x\(String($0.lowerBound, radix: 16))+0x\(String($0.count, radix: 16))"
    }.joined(separator: ",")
  }

  /// Items of `-d` that show registers which the stub lacks: on x86_64 it has no upper halves of
  /// the YMM registers.
  private var wideRegisterLog: [String] { target == .x86_64 ? ["cpu", "fpu"] : [] }

  /// Logs registers only where the block of `main` begins.
  private func logOptions(
    _ items: [String], of registers: [String], _ scratch: borrowing ScratchFolder
  ) -> [String] {
    var options = ["-D", scratch.log, "-d", (items + registers).joined(separator: ",")]
    if !registers.isEmpty { options += ["-dfilter", "0x\(String(places.main, radix: 16))+1"] }
    return options
  }

  /// Runs the emulator to the program's end.
  private func finish(
    _ perturbation: Perturbation, options: [String]
  ) throws(ProbeError) -> (ending: Ending, errorOutput: String) {
    let request = try launch(perturbation, options: options)
    var child: ChildProcess
    do {
      child = try ChildProcess(request)
    } catch {
      throw .process(error)
    }
    guard let ending = child.end(before: monotonicMilliseconds() + timeLimitMilliseconds) else {
      throw .timedOut(stage: .program, limitMilliseconds: timeLimitMilliseconds)
    }
    return (ending, Self.text(of: child.errorOutput))
  }

  /// A log or result file; empty when the emulator made none.
  private func contents(of path: String) throws(ProbeError) -> [UInt8] {
    do {
      return try readFile(path)
    } catch .unreadable(_, ENOENT) {
      return []
    } catch .unreadable(let path, let error) {
      throw .scratch(path: path, errno: error)
    } catch {
      throw .logTooLarge(byteCountMax: Int(fileByteCountMax))
    }
  }
}
