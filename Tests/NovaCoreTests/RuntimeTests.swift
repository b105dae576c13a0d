// RuntimeTests.swift — a runtime's memory comes and goes with it, hosted and in guests.

import Glibc
import NovaCore
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct RuntimeTests {
  /// Much more than anything else maps at once, so that the runtime's heap stands out.
  static let heapByteCount = 3 << 30

  @Test(arguments: GuestCPU.allCases)
  func `a guest starts from its source, and a further runtime is a child`(cpu: GuestCPU) throws {
    let completion = try Guests.run("runtime", on: cpu)
    let report = TAPReport(parsing: completion.output)
    #expect(report.isComplete, "\(report.failed) \(completion.errorOutput)")
    #expect(completion.status == 0)
  }

  @Test func `bootstrap starts from the process's values`() throws {
    let runtime = try NovaRuntime.bootstrap()
    #expect(try runtime.bootstrap == RuntimeBootstrap.current)
    let capacity = runtime.memoryContract.stats.capacity
    #expect(capacity > runtime.bootstrap.heapByteCount - 65536)
    #expect(capacity < runtime.bootstrap.heapByteCount)
  }

  @Test func `a runtime's heap is unmapped with it`() throws {
    let values = try RuntimeBootstrap.Builder().heap(byteCount: RuntimeTests.heapByteCount).build()
    let address: UInt
    do {
      let runtime = try NovaRuntime(from: values)
      let block = try unsafe runtime.memoryContract.allocate(byteCount: 1)
      address = UInt(bitPattern: block)
      #expect(try isMapped(address))
    }
    #expect(try !isMapped(address))
  }

  @Test func `two runtimes are apart`() throws {
    let values = try RuntimeBootstrap.Builder().heap(byteCount: 1 << 20).build()
    let first = try NovaRuntime(from: values)
    let second = try NovaRuntime(from: values)
    let before = first.memoryContract.stats.liveCount
    #expect(second.memoryContract.stats.liveCount == before)
    let handle = try first.memoryContract.allocateArc(byteCount: 1000)
    #expect(first.memoryContract.stats.liveCount == before + 1)
    #expect(second.memoryContract.stats.liveCount == before)
    #expect(throws: MemoryError.foreignHandle(handle, contract: handle.contract)) {
      try second.memoryContract.release(handle)
    }
    try first.memoryContract.release(handle)
  }

  @Test func `the parts of a runtime live in its memory and work together`() throws {
    let values = try RuntimeBootstrap.Builder().heap(byteCount: 4 << 20).workers(count: 1).build()
    let runtime = try NovaRuntime(from: values)
    let sum = Atomic<Int>(0)
    runtime.executor.parallelFor(0..<1000) { sum.add($0, ordering: .relaxed) }
    #expect(sum.load(ordering: .relaxed) == 499_500)
    let task = try runtime.executor.spawn { 6 * 7 }
    let fired = Counter()
    _ = try runtime.loop.after(nanoseconds: 1000) { _ in fired.count.add(1, ordering: .relaxed) }
    try runtime.runLoop()
    #expect(fired.count.load(ordering: .relaxed) == 1)
    let isFinished = task.isFinished
    #expect(isFinished)
    #expect(try task.join() == 42)
  }

  @Test func `a heap too small for the parts is refused`() throws {
    let values = try RuntimeBootstrap.Builder().heap(byteCount: 65536).build()
    do throws(BootstrapError) {
      _ = try NovaRuntime(from: values)
      Issue.record("the runtime started")
    } catch {
      var isMemory = false
      if case .executor(.memory(.capacityExceeded)) = error { isMemory = true }
      #expect(isMemory, "\(error)")
    }
  }

  @Test func `without address space the start fails and leaves nothing mapped`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      let values = try RuntimeBootstrap.Builder().heap(byteCount: 3 << 30).build()
      let before = mappedByteCount()
      var limit = rlimit(rlim_cur: rlim_t(before + 1 << 30), rlim_max: ~0)
      // SAFETY: setrlimit reads one record.
      guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { _exit(2) }
      do throws(BootstrapError) {
        _ = try NovaRuntime(from: values)
        _exit(3)
      } catch {
        guard error == .memory(.system(SystemError(call: .map, errno: ENOMEM))) else { _exit(4) }
      }
      // The test's own reading may map a buffer or two; a heap would be 3 GiB.
      _exit(mappedByteCount() - before < 1 << 28 ? 0 : 5)
    }
  }
}

private final class Counter: Sendable {
  let count = Atomic<Int>(0)
}

/// The process's mappings, as the kernel lists them: `low-high …` by line.
private func mappings() -> [ClosedRange<UInt>] {
  // SAFETY: the file is open between fopen and fclose, and fgets writes at most the line's size.
  guard let file = unsafe fopen("/proc/self/maps", "r") else { return [] }
  defer { unsafe fclose(file) }
  var found: [ClosedRange<UInt>] = []
  var line = [CChar](repeating: 0, count: 4096)
  while unsafe fgets(&line, Int32(line.count), file) != nil {
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let bounds = text.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
    if bounds.count == 2 { found.append(bounds[0]...(bounds[1] - 1)) }
  }
  return found
}

private func isMapped(_ address: UInt) throws -> Bool {
  let all = mappings()
  try #require(!all.isEmpty)
  return all.contains { $0.contains(address) }
}

private func mappedByteCount() -> Int { mappings().reduce(0) { $0 + $1.count } }
