// NativeProbe.swift — observes one run of a program without qemu: state, system calls, trace.
// Hosted. Imports Glibc. The run itself: NativeRun.swift; ptrace: Tracee.swift.

import Glibc
import NovaABI

/// What the tracer asked the kernel for.
public enum TraceRequest: String, Sendable {
  case options, resume, registers, setRegisters, call, wait, watch, count
}

/// Why a program could not be observed natively; nothing of it is left running.
public enum NativeProbeError: Error, Equatable {
  /// The file cannot be read.
  case file(FileError)
  /// The file is no ELF file, or has no bootstrap record.
  case notOurs(path: String, ELFError)
  /// The bootstrap record lacks what the probe needs, by its key in nova_abi.h.
  case incompleteRecord(path: String, key: UInt32)
  /// The program is for another CPU than this machine's (null: one that NovaCore does not know).
  case wrongCPU(path: String, found: Target, host: Target?)
  /// The program could not be started.
  case process(ProcessError)
  /// The kernel forbids ptrace, as it does in containers without the capability SYS_PTRACE.
  case tracingForbidden(errno: Int32)
  /// The kernel refused a request of the tracer.
  case trace(TraceRequest, errno: Int32)
  /// The program ended before `main`; a status of 120 … 122 is start-up's own (nova_abi.h).
  case neverReachedMain(Ending, errorOutput: String)
  /// The program was killed after the limit.
  case timedOut(limitMilliseconds: Int)
  /// The program's memory at this address cannot be read or written.
  case inaccessibleMemory(address: UInt64)
  /// The start record's bounds of stack and heap contradict each other.
  case badStartRecord(address: UInt64)
  /// The program makes more system calls than are logged.
  case tooManyCalls(countMax: Int)

  /// What to do about it, as a sentence; null when the error itself says so.
  public var remedy: String? {
    switch self {
    case .tracingForbidden:
      "allow ptrace: start the container with --cap-add=SYS_PTRACE, or check under qemu only"
    case .process(.refused(step: .personality, _, _)):
      "allow the personality call: start the container with --security-opt seccomp=unconfined, "
        + "or check under qemu only"
    case .wrongCPU: "check under qemu, or on a machine with the program's CPU"
    case .notOurs, .incompleteRecord: "build the program with `nova build`"
    default: nil
    }
  }
}

/// Observes a program on this machine's own CPU.
public struct NativeProbe: Sendable {
  /// Ten seconds for each run.
  public static let timeLimitMillisecondsDefault = 10_000
  /// Most instructions that are counted.
  ///
  /// A step costs two context switches, 32 µs on a busy virtual machine: 6 s, within the time
  /// limit.
  public static let instructionCountMaxDefault: UInt64 = 200_000
  /// Most system calls that are logged.
  public static let callCountMax = 1 << 20

  /// The program's absolute path.
  public let program: String
  /// For each run, in milliseconds; 1 and more.
  public var timeLimitMilliseconds = Self.timeLimitMillisecondsDefault
  /// Whether a second run steps through the program and hashes its path.
  public var countsInstructions = false
  /// Beyond this the observation has no trace.
  public var instructionCountMax = Self.instructionCountMaxDefault

  let image: ELFFile
  let places: NativePlaces

  /// Prepares to observe a program.
  ///
  /// - Throws: `file`, `notOurs`, `incompleteRecord`, `wrongCPU`.
  public init(program: String) throws(NativeProbeError) {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readFile(program) } catch { throw .file(error) }
    let record: BootstrapRecord
    do throws(ELFError) {
      image = try ELFFile(bytes)
      record = try image.bootstrapRecord()
    } catch {
      throw .notOurs(path: program, error)
    }
    guard image.target == Target.host else {
      throw .wrongCPU(path: program, found: image.target, host: Target.host)
    }
    places = try NativePlaces(record, path: program)
    self.program = Files.resolve(program) ?? program
  }

  /// Runs the program, twice when instructions are counted.
  ///
  /// May be called from several threads at once. No other part of this process may wait for
  /// whichever child ends next.
  ///
  /// - Throws: `NativeProbeError` other than the initialiser's.
  public func observe(_ perturbation: Perturbation) throws(NativeProbeError) -> Observation {
    var run = try NativeRun(self, perturbation)
    var observation = try run.observe()
    if countsInstructions {
      var counted = try NativeRun(self, perturbation)
      observation.trace = try counted.count(limit: instructionCountMax)
    }
    return observation
  }
}

/// The addresses that the probe needs of a program, from its bootstrap record.
struct NativePlaces: Sendable {
  let main: UInt64
  let end: UInt64
  let startRecord: UInt64
  let data: Range<UInt64>
  let bss: Range<UInt64>

  init(_ record: BootstrapRecord, path: String) throws(NativeProbeError) {
    func need<Value>(_ value: Value?, _ key: nova_key) throws(NativeProbeError) -> Value {
      guard let value else { throw .incompleteRecord(path: path, key: key.rawValue) }
      return value
    }
    main = try need(record.main, NOVA_KEY_main)
    end = try need(record.end, NOVA_KEY_end)
    startRecord = try need(record.startRecord, NOVA_KEY_start_record)
    data = try need(record.data, NOVA_KEY_data_start)
    bss = try need(record.bss, NOVA_KEY_bss_start)
  }
}
