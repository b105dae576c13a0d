// LoopSupport.swift — loops for tests, with their memory, and what tests write down.

import Glibc
import NovaMemory
import Synchronization
import Testing

@testable import NovaConcurrency

/// A run loop in an arena of its own, which ends with the body.
func withLoop<Result>(
  _ configuration: RunLoopConfiguration = RunLoopConfiguration(), isVirtual: Bool = true,
  seed: UInt64? = nil, traceEventCount: Int = 0, _ body: (RunLoop) throws -> Result
) throws -> Result {
  let arena = try Arena(byteCount: 256 << 20)
  let word = try unsafe arena.allocate(byteCount: 8, alignment: 8)
  let clock = isVirtual ? unsafe Clock(virtualTimeIn: word) : Clock.monotonic
  var trace = TraceRing.off
  if traceEventCount > 0 {
    let storage = try unsafe arena.allocate(
      byteCount: TraceRing.storageByteCount(eventCount: traceEventCount),
      alignment: TraceRing.storageAlignment)
    trace = unsafe TraceRing(storage: storage, eventCount: traceEventCount, worker: 0)
  }
  let loop = try RunLoop(
    memory: arena, configuration: configuration, clock: clock, seed: seed, trace: trace)
  defer { unsafe loop.destroy(arena) }
  return try body(loop)
}

/// Whether `make sanitize` runs the tests: what a thread does costs many times as much then.
var isSanitized: Bool { unsafe getenv("NOVA_SANITIZE") != nil }

/// Words in the order in which they were said, by any thread.
final class Journal: Sendable {
  private let lines = Mutex<[String]>([])

  func say(_ line: String) { lines.withLock { $0.append(line) } }
  var text: [String] { lines.withLock { $0 } }
}

/// A count that several threads change.
final class Count: Sendable {
  private let atomic = Atomic<Int>(0)

  /// Adds one; returns the sum.
  @discardableResult
  func up() -> Int { atomic.add(1, ordering: .acquiringAndReleasing).newValue }
  var value: Int { atomic.load(ordering: .acquiring) }
}

/// Calls `body` on `count` threads of their own while `main` runs here, and waits for all.
func beside(
  _ count: Int, _ body: @escaping @Sendable (Int) -> Void, main: () throws -> Void
) throws {
  final class Start: Sendable {
    let index: Int
    let body: @Sendable (Int) -> Void

    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }
  var threads: [pthread_t] = []
  for index in 0..<count {
    var thread = pthread_t()
    let start = unsafe Unmanaged.passRetained(Start(index, body)).toOpaque()
    let result = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        start.body(start.index)
        return nil
      }, start)
    try #require(result == 0)
    threads.append(thread)
  }
  defer { for thread in threads { pthread_join(thread, nil) } }
  try main()
}

/// Says when it is destroyed.
final class Mortal: Sendable {
  private let journal: Journal
  private let name: String

  init(_ name: String, _ journal: Journal) {
    self.name = name
    self.journal = journal
  }

  deinit { journal.say("\(name) ends") }
}
