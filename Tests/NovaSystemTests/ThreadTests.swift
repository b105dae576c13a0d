// ThreadTests.swift — hosted threads: start, share, sleep, wake, join, number and end.

import Glibc
import NovaSystem
import Synchronization
import Testing

@Suite(.serialized) struct ThreadTests {
  @Test func `threads add to one counter, and join sees all of it`() throws {
    let counter = Counter()
    let threads = try (0..<8).map { _ in
      try RunningThread {
        for _ in 0..<1000 { counter.value.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    for thread in threads { #expect(thread.join()) }
    #expect(counter.value.load(ordering: .relaxed) == 8000)
    #expect(!System.isSingleThreaded)
  }

  @Test func `join gives up when the time is over, and waits for the end afterwards`() throws {
    let gate = Gate()
    let thread = try RunningThread { gate.wait(while: 0) }
    let start = System.monotonicNanoseconds
    #expect(!thread.join(timeoutNanoseconds: 20_000_000))
    #expect(System.monotonicNanoseconds - start >= 20_000_000)
    #expect(!thread.join(timeoutNanoseconds: 0))
    gate.open(1)
    #expect(thread.join())
  }

  @Test func `wait tells a changed word from a timeout and a wake`() throws {
    let gate = Gate()
    #expect(gate.sleep(while: 1) == .changed)
    let start = System.monotonicNanoseconds
    // A signal may wake without a reason.
    while gate.sleep(while: 0, timeoutNanoseconds: 10_000_000) == .woken {}
    #expect(System.monotonicNanoseconds - start >= 10_000_000)
    #expect(gate.sleep(while: 0, timeoutNanoseconds: 0) == .timedOut)

    let sleepers = try (0..<3).map { _ in try RunningThread { gate.wait(while: 0) } }
    gate.open(1)
    for sleeper in sleepers { #expect(sleeper.join()) }
    #expect(gate.wake(.max) == 0)
  }

  @Test func `each living thread has a number of its own, used again after join`() throws {
    let gate = Gate()
    let numbers = Numbers()
    let threads = try (0..<4).map { _ in
      try RunningThread {
        numbers.add(System.threadNumber ?? 0)
        gate.wait(while: 0)
      }
    }
    gate.open(1)
    for thread in threads { #expect(thread.join()) }
    #expect(Set(numbers.sorted).count == 4)
    #expect(numbers.sorted == threads.map(\.number).sorted())
    let own = System.threadNumber
    #expect(own != nil && own == System.threadNumber)

    let again = try RunningThread {}
    #expect(again.join())
    #expect(again.number <= numbers.sorted.max() ?? 0)
  }

  @Test func `a thread that pthread started gives its number back when it ends`() throws {
    func numberOfOne() -> Int {
      let numbers = Numbers()
      var thread = pthread_t()
      let context = unsafe Unmanaged.passRetained(numbers).toOpaque()
      // SAFETY: the thread takes over the one reference that it is given.
      let result = unsafe pthread_create(
        &thread, nil,
        { context in
          guard let context = unsafe context else { return nil }
          let numbers = unsafe Unmanaged<Numbers>.fromOpaque(context).takeRetainedValue()
          numbers.add(System.threadNumber ?? 0)
          return nil
        }, context)
      #expect(result == 0)
      pthread_join(thread, nil)
      return numbers.sorted[0]
    }
    let first = numberOfOne()
    #expect(first > 0)
    #expect(numberOfOne() == first)
  }

  @Test func `a stack out of range is refused`() {
    let range = System.threadStackByteCounts
    for byteCount in [-1, 0, range.lowerBound - 1, range.upperBound + 1] {
      #expect(throws: SystemError(call: .startThread, errno: EINVAL)) {
        _ = try RunningThread(stackByteCount: byteCount) {}
      }
    }
  }

  @Test func `the thread after the last number is refused, and the numbers come back`() throws {
    let gate = Gate()
    var threads: [RunningThread] = []
    #expect(throws: SystemError(call: .startThread, errno: EAGAIN)) {
      for _ in 0...System.threadCountMax {
        let stackByteCount = System.threadStackByteCounts.lowerBound
        threads.append(
          try RunningThread(stackByteCount: stackByteCount) { gate.wait(while: 0) })
      }
    }
    gate.open(1)
    for thread in threads { #expect(thread.join()) }
    #expect(try RunningThread {}.join())
  }

  @Test func `a thread blocks every signal but the faults'`() throws {
    let numbers = Numbers()
    let thread = try RunningThread {
      var blocked = sigset_t()
      // SAFETY: both calls use the one set that lives here.
      unsafe pthread_sigmask(SIG_SETMASK, nil, &blocked)
      for signal in [SIGINT, SIGTERM, SIGCHLD, SIGSEGV, SIGILL, SIGABRT] {
        numbers.add(unsafe sigismember(&blocked, signal) == 1 ? Int(signal) : 0)
      }
    }
    #expect(thread.join())
    #expect(numbers.sorted == [0, 0, 0, Int(SIGINT), Int(SIGTERM), Int(SIGCHLD)])
  }

  @Test func `the monotonic clock does not go back, the wall clock tells the year`() {
    var last = System.monotonicNanoseconds
    for _ in 0..<1000 {
      let now = System.monotonicNanoseconds
      #expect(now >= last)
      last = now
    }
    #expect(System.wallNanoseconds / 1_000_000_000 >= 1_750_000_000)
  }

  @Test func `there is a CPU to run on, and yielding returns`() {
    System.yield()
    #expect(System.processorCount == Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  @Test func `exit from a thread runs the hooks once`() async {
    await #expect(processExitsWith: .exitCode(21)) {
      unsafe try System.atExit(context: nil) { _ in
        // SAFETY: hooks run on one thread.
        unsafe hookCount += 1
        if unsafe hookCount != 1 { _exit(1) }
      }
      _ = try (0..<4).map { _ in try RunningThread { System.exit(21) } }
      System.exit(21)
    }
  }
}

nonisolated(unsafe) private var hookCount = 0
