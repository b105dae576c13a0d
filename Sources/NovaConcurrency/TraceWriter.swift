// TraceWriter.swift — the rings of a program's workers as bytes for a descriptor.
// Freestanding. Imports NovaSystem. Design and format: NovaCore.docc/Tracing.md.

import NovaSystem

/// The trace format: a header, then for each ring its own header and its events.
///
/// All numbers are little-endian. Header, 32 bytes: 0 `magic`; 8 `version`, 32 bits; 12 how many
/// rings, 32 bits; 16 `virtualFlag` or 0; 24 the time at the end, nanoseconds. Ring header, 24
/// bytes: 0 the worker; 8 events ever recorded; 16 events that follow, the last ones of those, 16
/// bytes each as `TraceEvent` says.
public enum TraceFormat {
  /// The version that is written.
  public static var version: UInt32 { 1 }
  /// The first eight bytes: "NovaTrac".
  public static var magic: UInt64 { 0x6361_7254_6176_6f4e }
  /// Said of a trace whose time is virtual.
  public static var virtualFlag: UInt64 { 1 }
  /// The most rings: the first thread's and each extra worker's.
  public static var ringCountMax: Int { 257 }

  /// Writes rings to a descriptor; also while workers record.
  ///
  /// - Parameters:
  ///   - descriptor: open for writing.
  ///   - ringCount: `0 … ringCountMax`.
  ///   - clock: of the events; what it shows now is the trace's end.
  ///   - ring: the ring of a number below `ringCount`.
  /// - Throws: `SystemError` of `.write`; a part may have been written.
  public static func write(
    to descriptor: Int32, ringCount: Int, clock: Clock, ring: (Int) -> TraceRing
  ) throws(SystemError) {
    precondition(ringCount >= 0 && ringCount <= ringCountMax, "a trace has too many rings")
    var output = TraceOutput(descriptor: descriptor)
    try output.append(magic)
    try output.append(UInt64(ringCount) << 32 | UInt64(version))
    try output.append(clock.isVirtual ? virtualFlag : 0)
    try output.append(clock.now)
    for index in 0..<ringCount {
      let ring = ring(index)
      let readable = ring.readable
      try output.append(UInt64(ring.worker))
      try output.append(readable.upperBound)
      try output.append(readable.upperBound - readable.lowerBound)
      for number in readable {
        // One that was overwritten meanwhile is written as nothing, so that the count stays true.
        let event = ring.event(at: number)
        try output.append(event?.time ?? 0)
        try output.append(event?.word ?? 0)
      }
    }
    try output.flush()
  }
}

/// Words on their way to a descriptor, collected to spare calls.
private struct TraceOutput: ~Copyable {
  private static var capacity: Int { 4096 }

  let descriptor: Int32
  private var bytes = InlineArray<4096, UInt8>(repeating: 0)
  private var count = 0

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Appends eight bytes, the least significant first.
  mutating func append(_ word: UInt64) throws(SystemError) {
    var rest = word
    for _ in 0..<8 {
      bytes[count] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
      count += 1
    }
    if count == TraceOutput.capacity { try flush() }
  }

  mutating func flush() throws(SystemError) {
    var written = 0
    while written < count {
      written += try System.write(bytes.span.extracting(written..<count), to: descriptor)
    }
    count = 0
  }
}
