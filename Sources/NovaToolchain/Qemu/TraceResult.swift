// TraceResult.swift — the file that nova-trace.so fills, and the same from a register trace.
// Hosted. The layout is told in qemu/plugin/nova-trace.c.

/// One entry of a recorded window.
struct TracedPlace: Equatable {
  /// Instructions from `main` before this one.
  var instructionNumber: UInt64
  var programCounter: UInt64
  /// What the instruction accesses; the program counter again in a window of instructions.
  var address: UInt64
}

/// What the plug-in counted.
struct TraceResult {
  static let headerWordCount = 16
  static let checkpointCountMax = 1024
  static let checkpointIntervalFirst: UInt64 = 256
  private static let placeWordCount = 3
  private static let magic: UInt64 = 0x3165_6361_7254_6f4e

  var hasReachedMain: Bool
  var trace: InstructionTrace
  var window: [TracedPlace]

  /// Size of the file with room for a window.
  static func byteCount(windowCount: Int) -> Int {
    8 * (headerWordCount + checkpointCountMax + placeWordCount * windowCount)
  }

  /// Reads a result file; null when the plug-in was never installed.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.byteCount(windowCount: 0) else { return nil }
    func word(_ index: Int) -> UInt64 {
      var value: UInt64 = 0
      for place in (index * 8..<index * 8 + 8).reversed() {
        value = value << 8 | UInt64(bytes[place])
      }
      return value
    }
    guard word(0) == Self.magic else { return nil }
    hasReachedMain = word(1) != 0
    let checkpointCount = min(Int(clamping: word(7)), Self.checkpointCountMax)
    trace = InstructionTrace(
      instructionCount: word(2), programCounterHash: word(3), accessCount: word(4),
      accessHash: word(5),
      checkpoints: (0..<checkpointCount).map { word(Self.headerWordCount + $0) },
      checkpointInterval: word(6))
    let first = Self.headerWordCount + Self.checkpointCountMax
    let room = (bytes.count / 8 - first) / Self.placeWordCount
    window = (0..<min(Int(clamping: word(10)), room)).map { index in
      let place = first + Self.placeWordCount * index
      return TracedPlace(
        instructionNumber: word(place), programCounter: word(place + 1), address: word(place + 2))
    }
  }
}

/// FNV-1a, 64 bits, over each value's 8 little-endian bytes.
struct TraceHash {
  static let ofNothing: UInt64 = 0xcbf2_9ce4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01b3

  private(set) var value = Self.ofNothing

  mutating func add(_ word: UInt64) {
    var rest = word
    for _ in 0..<8 {
      value = (value ^ (rest & 0xff)) &* Self.prime
      rest >>= 8
    }
  }
}

extension InstructionTrace {
  /// Counts and hashes program counters as the plug-in does; knows no data accesses.
  init(programCounters: [UInt64]) {
    var hash = TraceHash()
    var interval = TraceResult.checkpointIntervalFirst
    var checkpoints: [UInt64] = []
    for (index, pc) in programCounters.enumerated() {
      hash.add(pc)
      let count = UInt64(index) + 1
      guard count.isMultiple(of: interval) else { continue }
      checkpoints.append(hash.value)
      if checkpoints.count == TraceResult.checkpointCountMax {
        // Each second one stays; the interval doubles.
        checkpoints = stride(from: 1, to: checkpoints.count, by: 2).map { checkpoints[$0] }
        interval *= 2
      }
    }
    self.init(
      instructionCount: UInt64(programCounters.count), programCounterHash: hash.value,
      accessCount: 0, accessHash: TraceHash.ofNothing, checkpoints: checkpoints,
      checkpointInterval: interval, countsAccesses: false)
  }
}
