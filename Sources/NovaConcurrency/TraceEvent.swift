// TraceEvent.swift — one thing that happened to a worker: 16 bytes, when, what, to whom.
// Freestanding. Imports nothing. Design: NovaCore.docc/Tracing.md.

/// What happened; raw values are the trace format's (append, never renumber).
///
/// `subject` and `detail` are the event's two numbers; where a kind does not say, they are zero.
public enum TraceKind: UInt8, Equatable, Sendable {
  /// Task `subject` was handed to the executor; `detail` is the depth of the worker's queue then.
  case taskSpawned = 1
  /// Task `subject` begins to run on this worker; until its end, others may run inside of it.
  case taskStarted = 2
  /// Task `subject`, the one begun last, has ended.
  case taskFinished = 3
  /// Task `subject`, the one begun last, has ended by throwing its error.
  case taskFailed = 4
  /// Task `subject` was cancelled before it ran.
  case taskCancelled = 5
  /// This worker took `detail` tasks from worker `subject`.
  case stolen = 6
  /// This worker found no work and goes to sleep.
  case parked = 7
  /// This worker woke up.
  case woken = 8
  /// The depth of this worker's queue is `subject`.
  case queueDepth = 9
  /// Timer `subject` was set.
  case timerSet = 10
  /// Timer `subject` fired.
  case timerFired = 11
  /// Timer `subject` was cancelled.
  case timerCancelled = 12
  /// Job `subject` joined the run loop.
  case jobAdded = 13
  /// The run loop begins to poll job `subject`.
  case jobPollStarted = 14
  /// The poll of job `subject` has ended; `detail` is the raw value of a `TracePollResult`.
  case jobPollFinished = 15
  /// Job `subject` was woken.
  case jobWoken = 16
  /// Job `subject` left the run loop.
  case jobRemoved = 17
  /// The second half of another worker's two-way join begins to run on this worker; `subject` is
  /// how many such halves run here then, inside of each other.
  case joinStarted = 18
  /// The half of a join that was begun last has ended.
  case joinFinished = 19
  /// The program's own mark, with its own numbers.
  case mark = 20
}

/// What a poll answered, in a `TraceKind.jobPollFinished`.
public enum TracePollResult: UInt32, Equatable, Sendable {
  /// `LoopState.idle`.
  case idle = 0
  /// `LoopState.ready`.
  case ready = 1
  /// `LoopState.waiting(until:)`.
  case waiting = 2
  /// `LoopState.waitingForWake`.
  case waitingForWake = 3
}

/// One event of a trace.
///
/// In memory and in the trace format: bytes 0–7 the time, 8–11 the subject, 12–14 the detail,
/// 15 the kind; little-endian.
@frozen public struct TraceEvent: Equatable, Sendable {
  /// The largest `detail`; larger ones are recorded as this.
  public static var detailMax: UInt32 { 0xff_ffff }

  /// Nanoseconds of the executor's clock.
  public let time: UInt64
  /// Bits 0–31 the subject, 32–55 the detail, 56–63 the kind.
  public let word: UInt64

  /// The kind's raw value; one that is unknown comes from a later version.
  public var kindNumber: UInt8 { UInt8(truncatingIfNeeded: word >> 56) }
  /// What happened; nil when this version does not know the number.
  public var kind: TraceKind? { TraceKind(rawValue: kindNumber) }
  /// To which task, worker, timer or job.
  public var subject: UInt32 { UInt32(truncatingIfNeeded: word) }
  /// The kind's second number, 0 … `detailMax`.
  public var detail: UInt32 { UInt32(truncatingIfNeeded: word >> 32) & TraceEvent.detailMax }

  /// An event as it lies in memory.
  @inlinable
  public init(time: UInt64, word: UInt64) {
    self.time = time
    self.word = word
  }

  /// An event; a detail beyond `detailMax` becomes `detailMax`.
  @inlinable
  public init(_ kind: TraceKind, subject: UInt32 = 0, detail: UInt32 = 0, time: UInt64) {
    self.time = time
    let detail = UInt64(min(detail, TraceEvent.detailMax))
    word = UInt64(kind.rawValue) << 56 | detail << 32 | UInt64(subject)
  }
}
