// QemuProbe.swift — observes one run of a program under qemu-user: state, system calls, trace.
// Hosted. Imports Glibc. Two emulator processes per observation: the state run (QemuStateRun.swift)
// stops through the gdb stub, the trace run (QemuTraceRun.swift) writes logs.

import Glibc
import NovaABI

/// The part of a run in which it failed.
public enum ProbeStage: String, Sendable {
  /// Before `main`.
  case start
  /// From `main` on.
  case program
}

/// Why a program could not be observed; nothing is left running or on disk.
public enum ProbeError: Error, Equatable {
  /// The file cannot be read.
  case file(FileError)
  /// The file is no ELF file, or not NovaCore's: it has no bootstrap record.
  case notOurs(path: String, ELFError)
  /// The bootstrap record lacks a word that the probe needs, by its key in nova_abi.h.
  case incompleteRecord(path: String, key: UInt32)
  /// The program was built for another CPU.
  case wrongCPU(path: String, found: Target, expected: Target)
  /// No such emulator on PATH; Debian's `package` has it.
  case emulatorMissing(name: String, package: String)
  /// The emulator ended without running the program; its own message tells why.
  case emulatorFailed(Ending, message: String)
  /// The program ended before `main`; a status of 120 … 122 is start-up's own (nova_abi.h).
  case neverReachedMain(Ending, errorOutput: String)
  /// The program was killed after the limit.
  case timedOut(stage: ProbeStage, limitMilliseconds: Int)
  /// Descriptors can only be closed by the TCG plug-in, which is not built or not supported.
  case cannotCloseDescriptors
  /// A variable that would change the emulator itself (`QEMU_…`, `LD_…`) has a comma in its value,
  /// or an entry has no `=`: qemu has no way to pass it on.
  case unpassableVariable(String)
  /// The emulator's process could not be started.
  case process(ProcessError)
  /// The conversation with the gdb stub failed.
  case gdb(GDBError)
  /// The program's memory at this address cannot be read.
  case unreadableMemory(address: UInt64)
  /// The emulator's memory and its gdb stub disagree at this address.
  case contradictoryMemory(address: UInt64)
  /// A file for logs or results cannot be made in the scratch folder.
  case scratch(path: String, errno: Int32)
  /// The emulator's log exceeds the limit; the program makes too many system calls to be traced.
  case logTooLarge(byteCountMax: Int)
}

/// Observes a program under qemu-user.
public struct QemuProbe: Sendable {
  /// Ten seconds for each of the two runs.
  public static let timeLimitMillisecondsDefault = 10_000
  /// Most bytes of an emulator's log: 1 GiB.
  public static let logByteCountMax = 1 << 30

  /// The CPU that is emulated.
  public let target: Target
  /// The program's absolute path.
  public private(set) var program: String
  /// The TCG plug-in; null for the register-level trace, which counts no data accesses.
  public var plugIn: String?
  /// For each run, in milliseconds.
  public var timeLimitMilliseconds = Self.timeLimitMillisecondsDefault
  /// Where sockets and logs live while a program is observed; short, because of `sun_path`.
  public var scratchFolder = "/tmp"

  let image: ELFFile
  let record: BootstrapRecord
  let places: ProgramPlaces
  let emulator: String
  /// For tests: moves the guest's memory, so that everything is read through the stub.
  var guestBase: UInt64?

  /// Prepares to observe a program.
  ///
  /// - Parameters:
  ///   - target: the CPU that the program was built for.
  ///   - program: the program's path.
  ///   - plugIn: path of nova-trace.so, see `plugIn(in:)`.
  ///   - emulator: name or path of the emulator; null for `qemu-TARGET`.
  /// - Throws: `file`, `notOurs`, `incompleteRecord`, `wrongCPU`, `emulatorMissing`.
  public init(
    target: Target, program: String, plugIn: String? = nil, emulator: String? = nil
  ) throws(ProbeError) {
    do {
      let bytes = try readFile(program)
      self.image = try ELFFile(bytes)
      self.record = try image.bootstrapRecord()
    } catch let error as FileError {
      throw .file(error)
    } catch let error as ELFError {
      throw .notOurs(path: program, error)
    } catch {
      preconditionFailure("readFile and ELFFile throw FileError and ELFError")
    }
    guard image.target == target else {
      throw .wrongCPU(path: program, found: image.target, expected: target)
    }
    places = try ProgramPlaces(record, path: program)
    let name = emulator ?? "qemu-\(target.rawValue)"
    guard let found = findExecutable(named: name) else {
      throw .emulatorMissing(name: name, package: "qemu-user")
    }
    self.emulator = found
    self.target = target
    self.program = Files.resolve(program) ?? program
    self.plugIn = plugIn.map { Files.resolve($0) ?? $0 }
  }

  /// Where `make plugin` puts the plug-in below NovaCore's folder; null when it is not there.
  public static func plugIn(in novaCoreRoot: String) -> String? {
    let path = "\(novaCoreRoot)/build/plugin/nova-trace.so"
    // SAFETY: the path is a C string during the call.
    return unsafe access(path, R_OK) == 0 ? path : nil
  }

  /// Runs the program twice, once for its state and once for its trace.
  ///
  /// - Throws: `ProbeError` other than the initialiser's.
  public func observe(_ perturbation: Perturbation) throws(ProbeError) -> Observation {
    let scratch = try ScratchFolder(in: scratchFolder)
    let probe = try placed(for: perturbation, scratch)
    var state = try probe.runForState(perturbation, scratch)
    let trace = try probe.runForTrace(perturbation, scratch)
    state.atMain.registers += trace.registersAtMain
    return Observation(
      perturbation: perturbation, atMain: state.atMain, atEnd: state.atEnd,
      callsBeforeMain: trace.callsBeforeMain, callsFromMain: trace.callsFromMain,
      trace: trace.instructions, output: state.output, errorOutput: state.errorOutput,
      ending: state.ending, processIdentifier: state.processIdentifier)
  }

  /// The probe of the program's copy where a run wants one, else this.
  func placed(
    for perturbation: Perturbation, _ scratch: borrowing ScratchFolder
  ) throws(ProbeError) -> QemuProbe {
    guard perturbation.isElsewhere else { return self }
    let copy = scratch.program
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readFile(program) } catch { throw .file(error) }
    do throws(FileChangeError) {
      try Files.write(bytes, to: copy, mode: 0o700)
    } catch {
      throw .scratch(path: copy, errno: error.errno)
    }
    var probe = self
    probe.program = copy
    return probe
  }
}

/// The addresses that the probe needs of a program, from its bootstrap record.
struct ProgramPlaces: Sendable {
  var main: UInt64
  var end: UInt64
  var startRecord: UInt64
  var programText: Range<UInt64>
  var data: Range<UInt64>
  var bss: Range<UInt64>

  init(_ record: BootstrapRecord, path: String) throws(ProbeError) {
    func need<Value>(_ value: Value?, _ key: nova_key) throws(ProbeError) -> Value {
      guard let value else { throw .incompleteRecord(path: path, key: key.rawValue) }
      return value
    }
    main = try need(record.main, NOVA_KEY_main)
    end = try need(record.end, NOVA_KEY_end)
    startRecord = try need(record.startRecord, NOVA_KEY_start_record)
    programText = try need(record.programText, NOVA_KEY_program_text)
    data = try need(record.data, NOVA_KEY_data_start)
    bss = try need(record.bss, NOVA_KEY_bss_start)
  }
}
