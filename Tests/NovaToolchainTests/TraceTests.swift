// TraceTests.swift — traces read back, brought into a timeline, written as JSON and as a picture.

import Foundation
import NovaConcurrency
import NovaSystem
import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct TraceTests {
  private static let magic: UInt64 = 0x6361_7254_6176_6f4e

  /// Bytes of words, the least significant first.
  private func bytes(_ words: [UInt64]) -> [UInt8] {
    words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  private func event(
    _ kind: TraceKind, _ subject: UInt32 = 0, detail: UInt32 = 0, at time: UInt64
  ) -> [UInt64] {
    let event = TraceEvent(kind, subject: subject, detail: detail, time: time)
    return [event.time, event.word]
  }

  private func trace(_ rings: [[[UInt64]]], recorded: UInt64? = nil, end: UInt64) -> [UInt8] {
    var words = [Self.magic, UInt64(rings.count) << 32 | 1, 0, end]
    for (index, events) in rings.enumerated() {
      words += [UInt64(index), recorded ?? UInt64(events.count), UInt64(events.count)]
      words += events.flatMap { $0 }
    }
    return bytes(words)
  }

  // MARK: The file

  @Test func `what the runtime writes is read back`() throws {
    let path = "\(NSTemporaryDirectory())/nova-trace-\(ProcessInfo.processInfo.processIdentifier)"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    defer {
      close(descriptor)
      unsafe unlink(path)
    }
    let byteCount = TraceRing.storageByteCount(eventCount: 512)
    let storage = UnsafeMutableRawPointer.allocate(
      byteCount: byteCount, alignment: TraceRing.storageAlignment)
    defer { unsafe storage.deallocate() }
    let ring = unsafe TraceRing(storage: storage, eventCount: 512, worker: 1)
    for index in 0..<1000 {
      ring.record(.mark, subject: UInt32(index), detail: 0xabcdef, at: UInt64(index) << 32)
    }
    try TraceFormat.write(to: descriptor, ringCount: 2, clock: .monotonic) {
      $0 == 0 ? .off : ring
    }
    let file = try TraceFile(try readFile(path))
    #expect(!file.isVirtual && file.endTime > 0 && file.rings.count == 2)
    #expect(file.rings[0] == TraceFile.Ring(worker: 0, recordedCount: 0, events: []))
    #expect(file.rings[1].worker == 1 && file.rings[1].lostCount == 489)
    let expected = (489..<1000).map {
      TraceFile.Event(
        time: UInt64($0) << 32, kindNumber: TraceKind.mark.rawValue, subject: UInt32($0),
        detail: 0xabcdef)
    }
    #expect(file.rings[1].events == expected)
    #expect(throws: SystemError(call: .write, errno: EBADF)) {
      try TraceFormat.write(to: 9999, ringCount: 0, clock: .monotonic) { _ in .off }
    }
  }

  @Test func `both sides number kinds alike`() {
    for number in UInt8.min...UInt8.max {
      #expect(
        TraceKind(rawValue: number).map { "\($0)" }
          == TraceFile.Kind(rawValue: number).map {
            "\($0)"
          })
    }
    #expect(TraceFormat.version == TraceFile.version)
    #expect(TraceFormat.ringCountMax == TraceFile.ringCountMax)
  }

  @Test func `each damage has its error`() throws {
    let good = trace([[event(.mark, at: 1)], []], end: 5)
    _ = try TraceFile(good)
    #expect(throws: TraceFileError.empty) { try TraceFile([]) }
    #expect(throws: TraceFileError.notATrace) { try TraceFile(Array("ELF".utf8)) }
    #expect(throws: TraceFileError.notATrace) { try TraceFile([0x4f] + good.dropFirst()) }
    #expect(throws: TraceFileError.unknownVersion(9, known: 1)) {
      try TraceFile(bytes([Self.magic, 9, 0, 0]))
    }
    #expect(throws: TraceFileError.tooManyRings(count: 258, maximum: 257)) {
      try TraceFile(bytes([Self.magic, 258 << 32 | 1, 0, 0]))
    }
    #expect(throws: TraceFileError.badEventCount(ring: 0, count: 2, recorded: 1)) {
      try TraceFile(bytes([Self.magic, 1 << 32 | 1, 0, 0, 0, 1, 2]))
    }
    #expect(
      throws: TraceFileError.truncated(offset: 56, byteCount: .max, available: 0)
    ) { try TraceFile(bytes([Self.magic, 1 << 32 | 1, 0, 0, 0, .max, .max])) }
    #expect(throws: TraceFileError.trailing(offset: good.count, byteCount: 1)) {
      try TraceFile(good + [0])
    }
    #expect(throws: TraceFileError.truncated(offset: 0, byteCount: 32, available: 8)) {
      try TraceFile(Array(good.prefix(8)))
    }
  }

  @Test func `no cut and no flipped byte of a trace stops the reader`() throws {
    let good = trace(
      [[event(.taskStarted, 1, at: 1), event(.taskFinished, 1, at: 2)], [event(.parked, at: 3)]],
      end: 5)
    for count in 0..<good.count {
      #expect(throws: TraceFileError.self) { try TraceFile(Array(good.prefix(count))) }
    }
    for index in good.indices {
      for bit in 0..<8 {
        var damaged = good
        damaged[index] ^= 1 << UInt8(bit)
        guard let file = try? TraceFile(damaged) else { continue }
        let timeline = TraceTimeline(file)
        #expect(timeline.json(name: "x").hasPrefix("{"))
        #expect(timeline.picture(name: "x").hasSuffix("</svg>\n"))
      }
    }
  }

  // MARK: The timeline

  private func timeline(_ rings: [[[UInt64]]], end: UInt64 = 1000) throws -> TraceTimeline {
    TraceTimeline(try TraceFile(trace(rings, end: end)))
  }

  @Test func `begins and ends nest`() throws {
    let found = try timeline([
      [
        event(.taskStarted, 1, at: 10), event(.joinStarted, 1, at: 20),
        event(.taskStarted, 2, at: 30), event(.taskFailed, 2, at: 40),
        event(.parked, at: 50), event(.woken, at: 60), event(.joinFinished, 1, at: 70),
        event(.taskFinished, 1, at: 80), event(.jobPollStarted, 4, at: 90),
        event(.jobPollFinished, 4, detail: 3, at: 95),
      ]
    ])
    let spans = found.spans.map { "\($0.activity) \($0.subject) \($0.depth) \($0.begin)-\($0.end)" }
    #expect(
      spans == [
        "task 2 2 30-40", "parked 0 2 50-60", "join 1 1 20-70", "task 1 0 10-80", "poll 4 0 90-95",
      ])
    #expect(found.spans.map(\.outcome) == ["threw", nil, nil, nil, "waiting for a wake"])
    #expect(found.begin == 10 && found.end == 1000 && found.lanes[0].depthCount == 3)
  }

  @Test func `what lost its begin or has no end is drawn as far as it is known`() throws {
    let found = try timeline([
      [
        event(.mark, 7, at: 5), event(.taskFinished, 1, at: 10), event(.taskStarted, 2, at: 20),
        event(.joinStarted, 1, at: 25), event(.taskFinished, 2, at: 30), event(.parked, at: 40),
      ]
    ])
    let spans = found.spans.map { "\($0.activity) \($0.begin)-\($0.end) \($0.outcome ?? "")" }
    #expect(
      spans == [
        "task 5-10 ", "join 25-30 unfinished", "task 20-30 ", "parked 40-1000 unfinished",
      ])
    #expect(found.moments.map(\.kind) == [.mark])
  }

  @Test func `a trace without events is a timeline without time`() throws {
    let found = try timeline([[], []], end: 77)
    #expect(found.begin == 77 && found.end == 77 && found.lanes.count == 2)
    #expect(found.picture(name: "none").contains("worker 1"))
  }

  // MARK: JSON

  private struct Viewed: Decodable {
    struct Event: Decodable {
      struct Arguments: Decodable {
        var name: String?
        var from: Int?
        var count: Int?
        var tasks: Int?
        var outcome: String?
      }
      var name: String
      var ph: String
      var pid: Int
      var tid: Int
      var ts: Double?
      var dur: Double?
      var s: String?
      var args: Arguments
    }
    var traceEvents: [Event]
    var displayTimeUnit: String
    var otherData: [String: String]
  }

  @Test func `viewers find names, spans, moments and counters, in microseconds`() throws {
    let found = try timeline([
      [
        event(.taskSpawned, 3, detail: 1, at: 1_000_000), event(.queueDepth, 5, at: 1_000_500),
        event(.parked, at: 1_001_234), event(.woken, at: 1_002_000),
      ],
      [
        event(.stolen, 0, detail: 2, at: 1_001_000), event(.taskStarted, 3, at: 1_001_001),
        event(.taskStarted, 4, at: 1_001_001), event(.taskFailed, 4, at: 1_001_003),
        event(.taskFinished, 3, at: 1_001_003),
      ],
    ])
    let text = found.json(name: "sample \"x\"")
    let viewed = try JSONDecoder().decode(Viewed.self, from: Data(text.utf8))
    #expect(viewed.displayTimeUnit == "ns")
    #expect(viewed.otherData == ["clock": "monotonic", "lostEvents": "0"])
    let events = viewed.traceEvents
    #expect(events.allSatisfy { $0.pid == 1 && ["M", "X", "i", "C"].contains($0.ph) })
    let names = events.filter { $0.ph == "M" && $0.name != "thread_sort_index" }
    #expect(
      names.map { "\($0.name) \($0.tid) \($0.args.name ?? "")" } == [
        "process_name 1 sample \"x\"", "thread_name 1 worker 0 (first thread)",
        "thread_name 2 worker 1",
      ])
    let spans = events.filter { $0.ph == "X" }
    #expect(
      spans.map { "\($0.name) \($0.tid) \($0.ts ?? -1) \($0.dur ?? -1)" } == [
        "task 3 2 1.001 0.002", "task 4 2 1.001 0.002", "parked 1 1.234 0.766",
      ])
    #expect(spans[1].args.outcome == "threw")
    let moments = events.filter { $0.ph == "i" }
    #expect(moments.map(\.name) == ["spawned", "stole"] && moments.allSatisfy { $0.s == "t" })
    #expect(moments[1].args.from == 0 && moments[1].args.count == 2 && moments[1].ts == 1)
    let counter = try #require(events.first { $0.ph == "C" })
    #expect(counter.args.tasks == 5 && counter.ts == 0.5)
  }

  // MARK: The picture

  @Test func `a picture has a lane for each worker, bars, an arrow and a legend`() throws {
    let found = try timeline([
      [event(.taskStarted, 1, at: 0), event(.taskFinished, 1, at: 600), event(.parked, at: 600)],
      [
        event(.parked, at: 0), event(.woken, at: 300), event(.stolen, 0, detail: 1, at: 300),
        event(.taskStarted, 2, at: 310), event(.timerFired, 1, at: 500),
        event(.taskFinished, 2, at: 900),
      ],
    ])
    let picture = found.picture(name: "a<b")
    #expect(picture.contains("What the workers of a&lt;b did"))
    for words in ["worker 0", "worker 1", "busy 60 %", "task 1", "task 2", "timer fires"] {
      #expect(picture.contains(words), "\(words)")
    }
    let counts = "2 workers, 2 tasks, 1 stolen pieces of work, 0 polls of jobs in 1 µs"
    #expect(picture.contains(counts))
    // One arrow, and the legend's.
    #expect(picture.split(separator: "<path").count == 3)
    let parser = XMLCheck()
    #expect(parser.isWellFormed(picture))
  }

  /// Whether tags close in the order in which they opened.
  private struct XMLCheck {
    func isWellFormed(_ text: String) -> Bool {
      var open: [Substring] = []
      for part in text.split(separator: "<").dropFirst(text.hasPrefix("<") ? 0 : 1) {
        guard let end = part.firstIndex(of: ">") else { return false }
        let tag = part[..<end]
        let name = tag.prefix { $0 != " " && $0 != "/" }
        if tag.hasPrefix("/") {
          guard open.popLast() == tag.dropFirst() else { return false }
        } else if !tag.hasSuffix("/") {
          open.append(name)
        }
      }
      return open.isEmpty
    }
  }
}
