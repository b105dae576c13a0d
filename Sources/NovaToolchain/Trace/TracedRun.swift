// TracedRun.swift — runs a program and takes its trace.
// Hosted. Imports Glibc, NovaABI.

import Glibc
import NovaABI

/// Why a program could not be run for its trace.
public enum TracedRunError: Error {
  /// The program could not be read.
  case read(FileError)
  /// The copy that is told of the trace could not be written.
  case copy(FileChangeError)
  /// The emulator is missing, or the like.
  case run(ProgramRunError)
}

/// A program that is run for its trace.
///
/// A static program with a bootstrap record is told in a copy of the file, because its course must
/// not depend on its environment; another one by the environment.
public struct TracedRun {
  private let run: ProgramRun
  private let copy: ToldCopy?
  /// Whether the program's output goes to this process's standard error, which leaves the standard
  /// output to the trace.
  public var divertsOutput = false

  /// The most bytes that are taken of a trace: full rings of two hundred workers.
  public static let byteCountMax = 1 << 30
  /// Where the program writes its trace: the first descriptor behind the standard ones.
  private static let descriptor: UInt64 = 3
  /// Where a hosted program finds that.
  private static let variable = "NOVA_TRACE=\(descriptor)"

  /// The run of a program.
  ///
  /// - Parameters:
  ///   - program: path of an ELF program for `target`.
  ///   - target: the CPU that it is for.
  ///   - arguments: after the program's name.
  /// - Throws: `TracedRunError`; nothing is left behind then.
  public init(
    _ program: String, target: Target, arguments: [String]
  ) throws(TracedRunError) {
    let copy = try ToldCopy.make(of: program, descriptor: Self.descriptor)
    do throws(ProgramRunError) {
      run = try ProgramRun(
        copy?.path ?? program, target: target, arguments: arguments,
        name: copy == nil ? nil : program)
    } catch {
      throw .run(error)
    }
    self.copy = copy
  }
  /// What came of it.
  public struct Outcome: Sendable, Equatable {
    /// How the program ended.
    public var ending: Ending
    /// The bytes of its trace; empty when it wrote none.
    public var trace: [UInt8]
  }

  /// Runs the program to its end.
  ///
  /// The terminal's signals are the program's meanwhile: it decides whether they end it.
  ///
  /// - Throws: `ProcessError` when it could not be started or its trace not be read.
  public func start() throws(ProcessError) -> Outcome {
    var request = ProcessRequest(run.executable, Array(run.arguments.dropFirst()))
    request.argumentZero = run.arguments.first
    request.environment = Self.environment
    request.input = .inherited
    request.output = divertsOutput ? .inheritedError : .inherited
    request.errorOutput = .inherited
    request.traceOutput = .memory
    let signals = [SIGINT, SIGQUIT]
    let handlers = signals.map { signal($0, SIG_IGN) }
    defer { for index in signals.indices { _ = signal(signals[index], handlers[index]) } }
    var child = try ChildProcess(request)
    let ending = child.wait()
    var sink = Sink(descriptor: child.traceOutput, isPipe: false)
    try sink.drain(limit: Self.byteCountMax)
    return Outcome(ending: ending, trace: sink.bytes)
  }

  /// This process's environment, with the trace's descriptor.
  private static var environment: [String] {
    var variables: [String] = []
    var index = 0
    // SAFETY: the vector ends with a null, each string with a zero; all are copied at once.
    while let variable = unsafe environ[index] {
      let text = unsafe String(cString: variable)
      if !text.hasPrefix("NOVA_TRACE=") { variables.append(text) }
      index += 1
    }
    return variables + [variable]
  }
}

/// A program that is told where to write its trace, in a folder of its own; gone with the value.
private final class ToldCopy {
  let path: String
  private let folder: String

  private init(path: String, folder: String) {
    self.path = path
    self.folder = folder
  }

  /// Copies a program; nil when it has no record that could tell it.
  static func make(
    of program: String, descriptor: UInt64
  ) throws(TracedRunError) -> ToldCopy? {
    guard let bytes = try told(program, descriptor) else { return nil }
    let folder: String
    do { folder = try Files.makeTemporaryFolder("nova-trace") } catch { throw .copy(error) }
    let path = "\(folder)/\(Files.name(of: program))"
    do throws(FileChangeError) {
      try Files.write(bytes, to: path, mode: 0o700)
    } catch {
      Files.remove(folder)
      throw .copy(error)
    }
    return ToldCopy(path: path, folder: folder)
  }

  deinit {
    Files.remove(path)
    Files.remove(folder)
  }

  private static func told(
    _ program: String, _ descriptor: UInt64
  ) throws(TracedRunError) -> [UInt8]? {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try readFile(program) } catch { throw .read(error) }
    do throws(ELFError) {
      return try ELFFile(bytes).bytes(stating: descriptor, for: NOVA_KEY_trace_descriptor)
    } catch {
      return nil
    }
  }
}
