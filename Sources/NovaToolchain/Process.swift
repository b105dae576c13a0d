// Process.swift — what a program is started with, how it ended, and why it could not be started.
// Hosted. The starting itself: ChildProcess in Process+Child.swift; the C part: CNovaProbe.

/// Where a program's standard input comes from.
public enum ProcessInput: Sendable, Equatable {
  /// `/dev/null`.
  case null
  /// The program starts without descriptor 0.
  case closed
  /// This process's own.
  case inherited
  /// A file, opened for reading.
  case file(String)
  /// These bytes, then the end of file.
  case bytes([UInt8])
  /// A pipe whose other end is `ChildProcess.input`.
  case pipe
}

/// Where a program's standard output or standard error goes.
public enum ProcessOutput: Sendable, Equatable {
  /// A pipe that is read while the program runs.
  case captured
  /// An unlinked file in memory: holds any amount while nobody reads, as a tracer needs.
  case memory
  /// `/dev/null`.
  case null
  /// The program starts without the descriptor.
  case closed
  /// This process's own.
  case inherited
  /// This process's standard error.
  case inheritedError
  /// A file, created or emptied, mode 0644.
  case file(String)
}

/// A program to start, and everything that it inherits.
public struct ProcessRequest: Sendable, Equatable {
  /// Path of the program; no search on PATH (`findExecutable(named:)` does that).
  public var executable: String
  /// Arguments after the program's name.
  public var arguments: [String]
  /// `argv[0]`; null for `executable`.
  public var argumentZero: String?
  /// `NAME=value`, the whole environment; null for this process's.
  public var environment: [String]?
  /// Null for this process's.
  public var workingDirectory: String?
  /// Descriptor 0.
  public var input = ProcessInput.null
  /// Descriptor 1.
  public var output = ProcessOutput.captured
  /// Descriptor 2.
  public var errorOutput = ProcessOutput.captured
  /// Descriptor 3.
  public var traceOutput = ProcessOutput.closed
  /// Soft `RLIMIT_STACK` in bytes; null for the inherited one.
  public var stackLimitBytes: UInt64?
  /// Soft `RLIMIT_AS` in bytes; null for the inherited one.
  public var addressSpaceLimitBytes: UInt64?
  /// False: started with the personality ADDR_NO_RANDOMIZE.
  public var randomisesAddresses = true
  /// The program stops at exec; the thread that started it is its tracer.
  public var isTraced = false
  /// The program leads a process group, and is killed with all of it.
  public var leadsGroup = false
  /// Process numbers consumed before the program's own.
  public var skippedProcessCount = 0
  /// After this time `run` kills the program; 1 and more.
  public var timeLimitMilliseconds = ProcessRequest.timeLimitMillisecondsDefault
  /// Most bytes that `run` keeps of each output; a program that writes more is killed.
  public var outputByteCountMax = ProcessRequest.outputByteCountMaxDefault

  /// One minute.
  public static let timeLimitMillisecondsDefault = 60_000
  /// 256 MiB.
  public static let outputByteCountMaxDefault = 256 << 20

  /// A program with arguments; everything else at its default.
  public init(_ executable: String, _ arguments: [String] = []) {
    self.executable = executable
    self.arguments = arguments
  }
}

/// How a program ended, and what it wrote.
public struct ProcessOutcome: Sendable, Equatable {
  /// The exit status or the signal.
  public var ending: Ending
  /// Empty unless the request captures it.
  public var output: [UInt8]
  /// Empty unless the request captures it.
  public var errorOutput: [UInt8]

  /// Whether the program exited with status 0.
  public var isSuccess: Bool { ending == .exited(0) }

  /// The standard output as text; bytes that are not UTF-8 become U+FFFD.
  public var outputText: String { String(decoding: output, as: UTF8.self) }
  /// The standard error as text; bytes that are not UTF-8 become U+FFFD.
  public var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}

/// The step at which a child process failed to become its program.
public enum ProcessStep: UInt32, Sendable {
  case fork, group, trace, personality, stackLimit, addressSpaceLimit, workingDirectory
  case descriptors, execute
}

/// Why a program could not be run to its end; nothing of it is left running.
public enum ProcessError: Error, Equatable {
  /// The system refused a step; `errno` as the kernel gave it.
  case refused(step: ProcessStep, executable: String, errno: Int32)
  /// A file that the request names as input or output cannot be opened.
  case unopenable(path: String, errno: Int32)
  /// An argument or a variable holds a NUL byte.
  case embeddedNull(String)
  /// A pipe or a file in memory could not be made, read or written.
  case descriptor(errno: Int32)
  /// Killed after the time limit; what it had written until then.
  case timedOut(milliseconds: Int, output: [UInt8], errorOutput: [UInt8])
  /// Killed because it wrote more than the limit to one of its outputs.
  case tooMuchOutput(byteCountMax: Int)
}

/// Runs a program to its end.
///
/// - Parameter request: what to start, with what, and the limits in time and output.
/// - Returns: how it ended and what it wrote to outputs that the request captures.
/// - Throws: `ProcessError`; the program, if it was started, was killed and reaped.
public func run(_ request: ProcessRequest) throws(ProcessError) -> ProcessOutcome {
  var child = try ChildProcess(request)
  return try child.collect(
    timeLimitMilliseconds: request.timeLimitMilliseconds,
    outputByteCountMax: request.outputByteCountMax)
}
