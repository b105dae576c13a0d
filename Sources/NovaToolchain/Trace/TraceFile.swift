// TraceFile.swift — a program's trace read back: bounds-checked, without trust in any count.
// Hosted. Imports nothing. Format: NovaCore.docc/Tracing.md.

/// Why bytes are no trace.
public enum TraceFileError: Error, Equatable {
  /// There is nothing at all.
  case empty
  /// The first eight bytes are not a trace's.
  case notATrace
  /// A later format.
  case unknownVersion(UInt32, known: UInt32)
  /// The file ends within what begins at `offset` and takes `byteCount` bytes.
  case truncated(offset: Int, byteCount: UInt64, available: Int)
  /// More rings than any program has.
  case tooManyRings(count: UInt32, maximum: Int)
  /// Ring `ring` says that it holds more events than were ever recorded.
  case badEventCount(ring: Int, count: UInt64, recorded: UInt64)
  /// Bytes follow the last ring.
  case trailing(offset: Int, byteCount: Int)
}

/// What the workers of a program did.
public struct TraceFile: Equatable, Sendable {
  /// What happened; the raw values are `TraceKind`'s of NovaConcurrency.
  public enum Kind: UInt8, Sendable {
    case taskSpawned = 1
    case taskStarted, taskFinished, taskFailed, taskCancelled, stolen, parked, woken, queueDepth
    case timerSet, timerFired, timerCancelled
    case jobAdded, jobPollStarted, jobPollFinished, jobWoken, jobRemoved
    case joinStarted, joinFinished, mark
  }

  /// One event.
  public struct Event: Equatable, Sendable {
    /// Nanoseconds of the program's clock.
    public var time: UInt64
    /// Of `Kind`, or of a later one.
    public var kindNumber: UInt8
    /// To which task, worker, timer or job.
    public var subject: UInt32
    /// The kind's second number.
    public var detail: UInt32

    /// What happened; null for a number that this version does not know.
    public var kind: Kind? { Kind(rawValue: kindNumber) }
  }

  /// What one worker recorded.
  public struct Ring: Equatable, Sendable {
    /// Which worker; 0 is the program's first thread.
    public var worker: UInt64
    /// Events ever recorded.
    public var recordedCount: UInt64
    /// The last of them.
    public var events: [Event]

    /// Events that were overwritten.
    public var lostCount: UInt64 { recordedCount - UInt64(events.count) }
  }

  /// The format that this version reads.
  public static let version: UInt32 = 1
  /// The most rings.
  public static let ringCountMax = 257
  private static let magic = Array("NovaTrac".utf8)
  private static let virtualFlag: UInt64 = 1
  private static let headerByteCount = 32
  private static let ringHeaderByteCount = 24
  private static let eventByteCount = 16

  /// Whether time is virtual.
  public var isVirtual: Bool
  /// The time at the end.
  public var endTime: UInt64
  /// By ring.
  public var rings: [Ring]

  /// Reads a trace.
  ///
  /// - Throws: `TraceFileError`.
  public init(_ bytes: [UInt8]) throws(TraceFileError) {
    guard !bytes.isEmpty else { throw .empty }
    var reader = Reader(bytes: bytes)
    guard bytes.prefix(Self.magic.count).elementsEqual(Self.magic.prefix(bytes.count)) else {
      throw .notATrace
    }
    try reader.require(UInt64(Self.headerByteCount))
    _ = reader.word()
    let counts = reader.word()
    let version = UInt32(truncatingIfNeeded: counts)
    guard version == Self.version else {
      throw .unknownVersion(version, known: Self.version)
    }
    let ringCount = UInt32(truncatingIfNeeded: counts >> 32)
    guard ringCount <= Self.ringCountMax else {
      throw .tooManyRings(count: ringCount, maximum: Self.ringCountMax)
    }
    isVirtual = reader.word() & Self.virtualFlag != 0
    endTime = reader.word()
    rings = []
    for number in 0..<Int(ringCount) { rings.append(try Self.readRing(number, &reader)) }
    guard reader.offset == bytes.count else {
      throw .trailing(offset: reader.offset, byteCount: bytes.count - reader.offset)
    }
  }

  private static func readRing(
    _ number: Int, _ reader: inout Reader
  ) throws(TraceFileError) -> Ring {
    try reader.require(UInt64(ringHeaderByteCount))
    let worker = reader.word()
    let recorded = reader.word()
    let count = reader.word()
    guard count <= recorded else {
      throw .badEventCount(ring: number, count: count, recorded: recorded)
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: UInt64(eventByteCount))
    try reader.require(overflow ? .max : byteCount)
    var ring = Ring(worker: worker, recordedCount: recorded, events: [])
    ring.events.reserveCapacity(Int(count))
    for _ in 0..<count {
      let time = reader.word()
      let word = reader.word()
      ring.events.append(
        Event(
          time: time, kindNumber: UInt8(truncatingIfNeeded: word >> 56),
          subject: UInt32(truncatingIfNeeded: word),
          detail: UInt32(truncatingIfNeeded: word >> 32 & 0xff_ffff)))
    }
    return ring
  }

  /// Little-endian words from the front on.
  private struct Reader {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Throws unless so many bytes are left.
    func require(_ byteCount: UInt64) throws(TraceFileError) {
      guard byteCount <= UInt64(bytes.count - offset) else {
        throw .truncated(offset: offset, byteCount: byteCount, available: bytes.count - offset)
      }
    }

    /// The next word, which `require` has found to be there.
    mutating func word() -> UInt64 {
      var word: UInt64 = 0
      for index in (0..<8).reversed() { word = word << 8 | UInt64(bytes[offset + index]) }
      offset += 8
      return word
    }
  }
}
