// Tracee.swift — a program under ptrace: stops, registers, memory, breakpoints.
// Hosted. Imports CNovaProbe and Glibc. Every call comes from the thread that started the program.

import CNovaProbe
import Glibc

/// Where and why a traced program stands, or that it has ended.
enum TraceStop: Equatable {
  case call
  /// A breakpoint or a trap of its own.
  case trap
  case signal(Int32)
  /// The program has just become another one.
  case exec
  case ended(Ending)
}

/// A traced program, killed at the latest when the value goes away.
@safe struct Tracee: ~Copyable {
  private(set) var child: ChildProcess
  let cpu: NativeCPU
  let timeLimitMilliseconds: Int
  let memory: TraceeMemory
  private var watch: OpaquePointer?
  /// Why there is no memory or no watch.
  private let openError: Int32

  // waitpid(2): also children that are not signalled by SIGCHLD.
  private static let waitForAll: Int32 = 0x4000_0000
  private static let traceSystemCall: Int32 = SIGTRAP | 0x80

  var process: Int32 { child.processIdentifier }

  /// Starts a program and stops it at its first instruction.
  static func begin(
    _ request: ProcessRequest, _ cpu: NativeCPU
  ) throws(NativeProbeError) -> Tracee {
    var tracee = Tracee(try start(request), cpu, request.timeLimitMilliseconds)
    guard tracee.memory.descriptor >= 0 else { throw .tracingForbidden(errno: tracee.openError) }
    // SAFETY: the opaque pointer is compared only.
    guard unsafe tracee.watch != nil else { throw .trace(.watch, errno: tracee.openError) }
    _ = try tracee.wait()
    try check(nova_trace_options(tracee.process), .options)
    return tracee
  }

  private init(_ child: consuming ChildProcess, _ cpu: NativeCPU, _ timeLimitMilliseconds: Int) {
    let process = child.processIdentifier
    // SAFETY: the path is a C string during the call.
    let descriptor = unsafe open("/proc/\(process)/mem", O_RDWR | O_CLOEXEC)
    var error = errno
    if descriptor >= 0 {
      // SAFETY: an opaque pointer that only `nova_watch_end` receives.
      unsafe watch = nova_watch_begin(process, UInt64(timeLimitMilliseconds))
      error = errno
    }
    openError = error
    memory = TraceeMemory(descriptor: descriptor)
    self.cpu = cpu
    self.timeLimitMilliseconds = timeLimitMilliseconds
    self.child = child
  }

  deinit {
    // SAFETY: the watch is ended once: `wait` forgets it when it ends it.
    if let watch = unsafe watch { unsafe nova_watch_end(watch) }
    if memory.descriptor >= 0 { close(memory.descriptor) }
  }

  private static func start(_ request: ProcessRequest) throws(NativeProbeError) -> ChildProcess {
    var request = request
    request.isTraced = true
    do throws(ProcessError) {
      return try ChildProcess(request)
    } catch .refused(step: .trace, _, errno: let error) {
      throw .tracingForbidden(errno: error)
    } catch {
      throw .process(error)
    }
  }

  private static func check(_ result: Int64, _ request: TraceRequest) throws(NativeProbeError) {
    guard result >= 0 else { throw .trace(request, errno: Int32(truncatingIfNeeded: -result)) }
  }

  // MARK: Going on

  /// Lets the program go on to its next stop, with a signal delivered first (0 for none).
  mutating func resume(
    _ how: nova_trace_resume, signal: Int32 = 0
  ) throws(NativeProbeError) -> TraceStop {
    let result = nova_trace_go(process, how, signal)
    // Another thread, which nobody traces, may have ended the program since it stopped.
    if result != -Int64(ESRCH) { try Self.check(result, .resume) }
    return try wait()
  }

  private mutating func wait() throws(NativeProbeError) -> TraceStop {
    var status: Int32 = 0
    // SAFETY: `status` outlives the call.
    while unsafe waitpid(process, &status, Self.waitForAll) < 0 {
      if errno != EINTR { throw .trace(.wait, errno: errno) }
    }
    guard status & 0xff == 0x7f else { return try end(status) }
    let signal = status >> 8 & 0xff
    if status >> 16 != 0 { return .exec }
    if signal == Self.traceSystemCall { return .call }
    return signal == SIGTRAP ? .trap : .signal(signal)
  }

  private mutating func end(_ status: Int32) throws(NativeProbeError) -> TraceStop {
    let ending = Ending(waitStatus: status)
    child.reaped(ending)
    // SAFETY: the watch was begun in `init` and is forgotten here.
    if let ended = unsafe watch {
      unsafe watch = nil
      if unsafe nova_watch_end(ended) {
        throw .timedOut(limitMilliseconds: timeLimitMilliseconds)
      }
    }
    return .ended(ending)
  }

  /// Steps to the program's end; null when it takes more instructions than the limit.
  mutating func count(limit: UInt64) throws(NativeProbeError) -> InstructionTrace? {
    var checkpoints = [UInt64](repeating: 0, count: Self.checkpointCountMax)
    var result: Int64 = 0
    let counts = unsafe checkpoints.withUnsafeMutableBufferPointer { buffer in
      var counts = unsafe nova_trace_counts()
      unsafe counts.checkpoints = buffer.baseAddress
      unsafe counts.checkpoint_capacity = buffer.count
      unsafe counts.checkpoint_interval = Self.checkpointIntervalFirst
      // SAFETY: the buffer holds `checkpoint_capacity` words and outlives the call.
      result = unsafe nova_trace_count(
        process, UInt32(cpu.programCounterOffset), limit, &counts)
      unsafe counts.checkpoints = nil
      return unsafe counts
    }
    try Self.check(result, .count)
    if result == 0 { return nil }
    _ = try end(Int32(truncatingIfNeeded: result))
    return unsafe InstructionTrace(
      instructionCount: counts.instruction_count, programCounterHash: counts.hash, accessCount: 0,
      accessHash: Self.hashOfNothing,
      checkpoints: Array(checkpoints.prefix(counts.checkpoint_count)),
      checkpointInterval: counts.checkpoint_interval, countsAccesses: false)
  }

  private static let checkpointCountMax = 1024
  private static let checkpointIntervalFirst: UInt64 = 256
  /// FNV-1a's basis: ptrace shows no data accesses.
  private static let hashOfNothing: UInt64 = 0xcbf2_9ce4_8422_2325

  // MARK: Registers and calls

  /// A register set's bytes; null when there is none.
  func registers(_ noteType: UInt32) -> [UInt8]? {
    var filled: Int64 = 0
    let bytes = unsafe [UInt8](
      unsafeUninitializedCapacity: RegisterSet.byteCountMax
    ) { buffer, count in
      // SAFETY: at most `byteCountMax` bytes, the buffer's capacity, are written.
      unsafe filled = nova_trace_registers(
        process, noteType, buffer.baseAddress, RegisterSet.byteCountMax)
      count = Int(max(filled, 0))
    }
    return filled > 0 ? bytes : nil
  }

  /// One word of the general registers.
  func generalRegister(at offset: Int) throws(NativeProbeError) -> UInt64 {
    guard let bytes = registers(RegisterSet.general), offset + 8 <= bytes.count else {
      throw .trace(.registers, errno: EIO)
    }
    return bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func setProgramCounter(_ address: UInt64) throws(NativeProbeError) {
    guard var bytes = registers(RegisterSet.general) else {
      throw .trace(.registers, errno: EIO)
    }
    for index in 0..<8 {
      bytes[cpu.programCounterOffset + index] = UInt8(truncatingIfNeeded: address >> (8 * index))
    }
    // SAFETY: the array holds the count of bytes that is passed.
    try Self.check(
      unsafe nova_trace_set_registers(process, RegisterSet.general, &bytes, bytes.count),
      .setRegisters)
  }

  /// The system call at whose entry or exit the program stands; null at neither, and when another
  /// thread has ended the program since it stopped.
  func call() throws(NativeProbeError) -> nova_trace_call? {
    var call = nova_trace_call()
    // SAFETY: `call` outlives the call.
    let result = unsafe nova_trace_read_call(process, &call)
    if result == -Int64(ENOENT) || result == -Int64(ESRCH) { return nil }
    try Self.check(result, .call)
    return call
  }

  // MARK: Memory

  /// Writes bytes, read-only memory included; returns what was there.
  private func replace(at address: UInt64, with bytes: [UInt8]) throws(NativeProbeError) -> [UInt8]
  {
    guard let old = memory.read(at: address, byteCount: bytes.count) else {
      throw .inaccessibleMemory(address: address)
    }
    // SAFETY: the array holds the count of bytes that is passed.
    guard
      unsafe pwrite(
        memory.descriptor, bytes, bytes.count, off_t(truncatingIfNeeded: address))
        == bytes.count
    else { throw .inaccessibleMemory(address: address) }
    return old
  }

  /// Puts a breakpoint at an address.
  func insertBreakpoint(at address: UInt64) throws(NativeProbeError) -> Breakpoint {
    Breakpoint(address: address, original: try replace(at: address, with: cpu.breakpoint))
  }

  /// Takes a breakpoint out again.
  func remove(_ breakpoint: Breakpoint) throws(NativeProbeError) {
    _ = try replace(at: breakpoint.address, with: breakpoint.original)
  }

  /// Whether the program has just run into a breakpoint; then it is taken out, and the program
  /// stands before the instruction that was there.
  func consume(_ breakpoint: Breakpoint) throws(NativeProbeError) -> Bool {
    let pc = try generalRegister(at: cpu.programCounterOffset)
    guard pc == breakpoint.address &+ cpu.breakpointAdvance else { return false }
    try remove(breakpoint)
    if cpu.breakpointAdvance != 0 { try setProgramCounter(breakpoint.address) }
    return true
  }

  /// What the program wrote to an output that is a file in memory.
  func written(to descriptor: Int32) throws(NativeProbeError) -> [UInt8] {
    var sink = Sink(descriptor: descriptor, isPipe: false)
    do throws(ProcessError) {
      try sink.drain(limit: ProcessRequest.outputByteCountMaxDefault)
    } catch {
      throw .process(error)
    }
    return sink.bytes
  }
}

/// A program's memory, by address; of use only while the `Tracee` that opened it lives.
struct TraceeMemory {
  let descriptor: Int32

  /// Bytes at an address; null when not all of them can be read.
  func read(at address: UInt64, byteCount: Int) -> [UInt8]? {
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      // SAFETY: at most `byteCount` bytes, the buffer's capacity, are written.
      unsafe count = pread(
        descriptor, buffer.baseAddress, byteCount, off_t(truncatingIfNeeded: address))
      filled = max(count, 0)
    }
    return count == byteCount ? bytes : nil
  }
}

/// A breakpoint in a program, and what it replaces.
struct Breakpoint {
  let address: UInt64
  let original: [UInt8]
}
