// Process+Child.swift — a started program: its number, its pipes, its end.
// Hosted. Imports CNovaProbe (fork and exec) and Glibc.

import CNovaProbe
import Glibc

/// A program that was started; killed and reaped at the latest when the value goes away.
public struct ChildProcess: ~Copyable {
  /// The program's process number.
  public let processIdentifier: Int32
  /// Writes to the program's input, or -1.
  ///
  /// There when the request says `pipe`; owned by this value.
  public private(set) var input: Int32
  /// Reads what the program wrote, or -1.
  ///
  /// There when the request says `captured` or `memory`; owned by this value.
  public private(set) var output: Int32
  /// The same for standard error.
  public private(set) var errorOutput: Int32

  /// Reads what the program wrote to descriptor 3, or -1; as `output`.
  public private(set) var traceOutput: Int32

  let executable: String
  let leadsGroup: Bool
  private let arePipes: (output: Bool, error: Bool)
  private var ending: Ending?

  /// Starts a program; returns when it has become the program (or, traced, stands at its start).
  ///
  /// - Throws: `ProcessError` other than `timedOut` and `tooMuchOutput`; nothing was started.
  public init(_ request: ProcessRequest) throws(ProcessError) {
    var plumbing = Plumbing()
    try plumbing.prepare(request)
    processIdentifier = try Self.start(request, descriptors: plumbing.childEnds)
    executable = request.executable
    leadsGroup = request.leadsGroup
    arePipes = (request.output == .captured, request.errorOutput == .captured)
    input = plumbing.take(.input)
    output = plumbing.take(.output)
    errorOutput = plumbing.take(.errorOutput)
    traceOutput = plumbing.take(.traceOutput)
  }

  deinit {
    if ending == nil {
      Self.kill(processIdentifier, group: leadsGroup, SIGKILL)
      var status: Int32 = 0
      // SAFETY: `status` outlives the call.
      while unsafe waitpid(processIdentifier, &status, 0) < 0 && errno == EINTR {}
    }
    for descriptor in [input, output, errorOutput, traceOutput] where descriptor >= 0 {
      close(descriptor)
    }
  }

  /// Sends a signal, to the whole group when the program leads one.
  ///
  /// No effect after its end.
  public func send(signal: Int32) {
    if ending == nil { Self.kill(processIdentifier, group: leadsGroup, signal) }
  }

  /// Closes the pipe to the program's input: the program reads the end of file.
  public mutating func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// How the program ended; null while it runs.
  ///
  /// Reaps it.
  public mutating func poll() -> Ending? {
    guard ending == nil else { return ending }
    var status: Int32 = 0
    // SAFETY: `status` outlives the call.
    if unsafe waitpid(processIdentifier, &status, WNOHANG) == processIdentifier {
      ending = Ending(waitStatus: status)
    }
    return ending
  }

  /// Waits for the program's end, however long it takes, and reaps it.
  public mutating func wait() -> Ending {
    if let ending { return ending }
    var status: Int32 = 0
    // SAFETY: `status` outlives the call.
    while unsafe waitpid(processIdentifier, &status, 0) < 0, errno == EINTR {}
    let ended = Ending(waitStatus: status)
    ending = ended
    return ended
  }

  /// Notes an end that a tracer has seen and reaped.
  mutating func reaped(_ ending: Ending) { self.ending = ending }

  /// Reads the captured outputs until the program has ended.
  ///
  /// Bytes that a grandchild writes after the program's end are not waited for.
  ///
  /// - Throws: `timedOut`, `tooMuchOutput` or `descriptor`; the program was killed and reaped.
  public mutating func collect(
    timeLimitMilliseconds: Int, outputByteCountMax: Int
  ) throws(ProcessError) -> ProcessOutcome {
    let outcome = Result { () throws(ProcessError) in
      try gather(timeLimitMilliseconds, outputByteCountMax)
    }
    if ending == nil {
      send(signal: SIGKILL)
      while poll() == nil { usleep(Self.pollIntervalMicroseconds) }
    }
    return try outcome.get()
  }

  private static let pollIntervalMicroseconds: UInt32 = 500

  private static func kill(_ process: Int32, group: Bool, _ signal: Int32) {
    _ = Glibc.kill(group ? -process : process, signal)
  }

  private mutating func gather(
    _ timeLimitMilliseconds: Int, _ outputByteCountMax: Int
  ) throws(ProcessError) -> ProcessOutcome {
    let deadline = monotonicMilliseconds() + timeLimitMilliseconds
    // A kernel before 5.3 has no process descriptor: then the loop asks at intervals.
    let ended = Int32(truncatingIfNeeded: nova_process_descriptor(processIdentifier))
    defer { if ended >= 0 { close(ended) } }
    var sinks = [
      Sink(descriptor: output, isPipe: arePipes.output),
      Sink(descriptor: errorOutput, isPipe: arePipes.error),
    ]
    for sink in sinks where sink.descriptor >= 0 { setNonblocking(sink.descriptor) }
    while true {
      let isOver = poll() != nil
      for index in sinks.indices { try sinks[index].drain(limit: outputByteCountMax) }
      if let ending, isOver {
        return ProcessOutcome(
          ending: ending, output: sinks[0].bytes, errorOutput: sinks[1].bytes)
      }
      let remaining = deadline - monotonicMilliseconds()
      if remaining <= 0 {
        throw .timedOut(
          milliseconds: timeLimitMilliseconds, output: sinks[0].bytes, errorOutput: sinks[1].bytes)
      }
      var polled = (sinks.map(\.pollable) + [ended]).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      let wait = ended >= 0 ? min(remaining, 1 << 20) : min(remaining, 2)
      // SAFETY: the array holds exactly the count of entries that is passed.
      _ = unsafe Glibc.poll(&polled, nfds_t(polled.count), Int32(wait))
    }
  }

  private static func start(
    _ request: ProcessRequest, descriptors: [Int32]
  ) throws(ProcessError) -> Int32 {
    let arguments = [request.argumentZero ?? request.executable] + request.arguments
    for text in arguments + (request.environment ?? []) + [request.executable]
    where text.utf8.contains(0) {
      throw .embeddedNull(text)
    }
    var step: UInt32 = 0
    // SAFETY: all pointers live until `nova_spawn` returns; it keeps none of them.
    let result = unsafe withCStrings([request.executable, request.workingDirectory ?? ""]) {
      paths in
      unsafe withCStrings(arguments) { arguments in
        unsafe withCStrings(request.environment ?? []) { environment in
          var native = unsafe nova_spawn_request()
          unsafe native.executable = UnsafePointer(paths[0])
          unsafe native.arguments = UnsafePointer(arguments)
          unsafe native.environment =
            request.environment == nil
            ? UnsafePointer(environ) : UnsafePointer(environment)
          unsafe native.working_directory =
            request.workingDirectory == nil ? nil : UnsafePointer(paths[1])
          unsafe native.descriptors = (
            descriptors[0], descriptors[1], descriptors[2], descriptors[3]
          )
          unsafe native.limits_stack = request.stackLimitBytes != nil
          unsafe native.stack_limit_bytes = request.stackLimitBytes ?? 0
          unsafe native.limits_address_space = request.addressSpaceLimitBytes != nil
          unsafe native.address_space_limit_bytes = request.addressSpaceLimitBytes ?? 0
          unsafe native.fixes_addresses = !request.randomisesAddresses
          unsafe native.is_traced = request.isTraced
          unsafe native.leads_group = request.leadsGroup
          unsafe native.skipped_process_count = UInt32(clamping: request.skippedProcessCount)
          return unsafe nova_spawn(&native, &step)
        }
      }
    }
    guard result > 0 else {
      throw .refused(
        step: ProcessStep(rawValue: step) ?? .fork, executable: request.executable,
        errno: Int32(truncatingIfNeeded: -result))
    }
    return Int32(truncatingIfNeeded: result)
  }
}

extension Ending {
  /// Decodes `waitpid`'s status of a process that has ended.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7f
    self = signal == 0 ? .exited(waitStatus >> 8 & 0xff) : .killed(signal: signal)
  }
}
