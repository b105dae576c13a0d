// TracedRun.swift — runs a program and takes its trace.
// Hosted. Imports Glibc.

import Glibc

/// A program that is run for its trace.
public struct TracedRun: Sendable, Equatable {
  /// How the program is started.
  public var run: ProgramRun
  /// Whether the program's output goes to this process's standard error, which leaves the standard
  /// output to the trace.
  public var divertsOutput = false

  /// The most bytes that are taken of a trace: full rings of two hundred workers.
  public static let byteCountMax = 1 << 30
  /// Where the program finds its trace's descriptor.
  public static let variable = "NOVA_TRACE=3"

  /// The run of a program.
  public init(_ run: ProgramRun) { self.run = run }

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
