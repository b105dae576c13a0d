// main.swift — threads of a freestanding program: start, share, sleep, wake, number, join.
// Without an allocation in any thread: what they share lies in pages of its own.

import NovaCore
import NovaSystem
import Synchronization
import TAP

/// What the threads share; the pages are zero at first.
struct Shared: ~Copyable {
  let gate = Atomic<UInt32>(0)  // first: its address is the pages'
  let counter = Atomic<Int>(0)
  let sleeping = Atomic<Int>(0)
  let stackSum = Atomic<Int>(0)
  let numbers = Atomic<Int>(0)
}

let threadCount = 8
let roundCount = 1000
let stackByteCount = 1 << 18

/// The pages' first part, and a record for each thread behind it.
@safe struct Place {
  let shared: UnsafeMutablePointer<Shared>
  let records: UnsafeMutablePointer<ThreadRecord>

  init() {
    guard let pages = try? unsafe System.map(byteCount: 1 << 18) else { fatalError() }
    unsafe shared = pages.assumingMemoryBound(to: Shared.self)
    unsafe shared.initialize(to: Shared())
    unsafe records = (pages + 4096).assumingMemoryBound(to: ThreadRecord.self)
  }

  /// Starts a thread with the shared part for its context; 0 or the errno.
  func start(_ index: Int, byteCount: Int = stackByteCount, _ entry: ThreadEntry) -> Int {
    do throws(SystemError) {
      unsafe try System.startThread(
        records + index, stackByteCount: byteCount, context: shared, entry)
      return 0
    } catch {
      return Int(error.errno)
    }
  }

  func join(_ index: Int, timeoutNanoseconds: Int64 = -1) -> Bool {
    unsafe System.joinThread(records + index, timeoutNanoseconds: timeoutNanoseconds)
  }

  var gate: UnsafePointer<UInt32> { unsafe gateWord(of: shared) }
}

/// The shared part, from a thread's context.
func shared(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Shared> {
  guard let context = unsafe context else { fatalError() }
  return unsafe context.assumingMemoryBound(to: Shared.self)
}

/// The gate as a futex: an atomic is as large as its value, and this one comes first.
func gateWord(of shared: UnsafeMutablePointer<Shared>) -> UnsafePointer<UInt32> {
  unsafe UnsafeRawPointer(shared).assumingMemoryBound(to: UInt32.self)
}

func waitAtGate(_ shared: UnsafeMutablePointer<Shared>) {
  unsafe shared.pointee.sleeping.wrappingAdd(1, ordering: .relaxed)
  while unsafe shared.pointee.gate.load(ordering: .acquiring) == 0 {  // pairs with open
    _ = unsafe System.wait(on: gateWord(of: shared), while: 0)
  }
}

func open(_ place: Place) {
  unsafe place.shared.pointee.gate.store(1, ordering: .releasing)  // pairs with waitAtGate
  unsafe System.wake(place.gate, count: .max)
}

func close(_ place: Place) {
  unsafe place.shared.pointee.gate.store(0, ordering: .relaxed)
  unsafe place.shared.pointee.sleeping.store(0, ordering: .relaxed)
}

func checkCounting(_ tap: inout TAP, _ place: Place) {
  tap.check(System.isSingleThreaded, "one thread at first")
  tap.check(System.threadNumber ?? 0, equals: 1, "the first thread is number 1")
  var failures = 0
  for index in 0..<threadCount {
    failures += unsafe place.start(index) { context in
      for _ in 0..<roundCount {
        unsafe shared(context).pointee.counter.wrappingAdd(1, ordering: .relaxed)
      }
    }
  }
  tap.check(failures, equals: 0, "threads start")
  tap.check(!System.isSingleThreaded, "several threads from the second on")
  for index in 0..<threadCount where !place.join(index) { failures += 1 }
  tap.check(failures, equals: 0, "threads are joined")
  let counted = unsafe place.shared.pointee.counter.load(ordering: .relaxed)
  tap.check(counted, equals: threadCount * roundCount, "threads add to one counter")
}

func checkNumbersAndStacks(_ tap: inout TAP, _ place: Place) {
  var mismatches = 0
  var expectedNumbers = 0
  for index in 0..<threadCount {
    _ = unsafe place.start(index) { context in
      let number = System.threadNumber ?? 0
      unsafe shared(context).pointee.numbers.wrappingAdd(1 << number, ordering: .relaxed)
      unsafe waitAtGate(shared(context))
    }
    expectedNumbers += 1 << (index + 2)
    let record = unsafe place.records[index]
    let low = 0x11_0000_0000 + index * 0x200_0000
    if unsafe Int(record.number) != index + 2 { mismatches += 1 }
    if unsafe Int(record.stack_low) != low { mismatches += 1 }
    if unsafe Int(record.stack_high) != low + stackByteCount { mismatches += 1 }
  }
  tap.check(mismatches, equals: 0, "the lowest numbers, with stacks at their fixed places")
  tap.check(!place.join(0, timeoutNanoseconds: 2_000_000), "join gives up in time")
  while unsafe place.shared.pointee.sleeping.load(ordering: .relaxed) < threadCount {
    System.yield()
  }
  open(place)
  for index in 0..<threadCount where !place.join(index) { mismatches += 1 }
  close(place)
  let numbers = unsafe place.shared.pointee.numbers.load(ordering: .relaxed)
  tap.check(numbers, equals: expectedNumbers, "each thread knows its number")
  _ = unsafe place.start(3) { _ in }
  tap.check(unsafe Int(place.records[3].number), equals: 2, "a number is used again")
  tap.check(place.join(3), "its thread is joined")
}

func checkStack(_ tap: inout TAP, _ place: Place) {
  _ = unsafe place.start(0) { context in
    var sum = 0
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 16384) { words in
      for index in words.indices where unsafe words[index] != 0 { sum += 1 }
    }
    unsafe shared(context).pointee.stackSum.store(sum + 1, ordering: .relaxed)
  }
  _ = place.join(0)
  let sum = unsafe place.shared.pointee.stackSum.load(ordering: .relaxed)
  tap.check(sum, equals: 1, "a thread's stack is zero")
  let large = System.threadStackByteCounts.upperBound
  tap.check(unsafe place.start(0, byteCount: large) { _ in }, equals: 0, "the largest stack")
  tap.check(place.join(0), "is joined")
  tap.check(unsafe place.start(0, byteCount: 4096) { _ in }, equals: 22, "a small stack is refused")
  tap.check(unsafe place.start(0, byteCount: large + 1) { _ in }, equals: 22, "and one too large")
}

func checkLimit(_ tap: inout TAP, _ place: Place) {
  let smallest = System.threadStackByteCounts.lowerBound
  var count = 0
  var errno = 0
  while errno == 0 {
    errno = unsafe place.start(count, byteCount: smallest) { context in
      unsafe waitAtGate(shared(context))
    }
    if errno == 0 { count += 1 }
  }
  tap.check(errno, equals: 11, "the thread after the last is refused")
  tap.check(count, equals: System.threadCountMax - 1, "there are as many as promised")
  open(place)
  var joined = 0
  for index in 0..<count where place.join(index) { joined += 1 }
  close(place)
  tap.check(joined, equals: count, "all of them end")
}

func checkWaiting(_ tap: inout TAP, _ place: Place) {
  tap.check(
    unsafe System.wait(on: place.gate, while: 7) == .changed, "a changed word is not waited for")
  let start = System.monotonicNanoseconds
  var outcome = System.WaitOutcome.woken
  while outcome == .woken {
    outcome = unsafe System.wait(on: place.gate, while: 0, timeoutNanoseconds: 3_000_000)
  }
  tap.check(outcome == .timedOut, "waiting ends in time")
  tap.check(System.monotonicNanoseconds - start >= 3_000_000, "and not before")
  tap.check(unsafe System.wake(place.gate), equals: 0, "nobody waits")
}

func checkClocks(_ tap: inout TAP) {
  var last = System.monotonicNanoseconds
  var steps = 0
  for _ in 0..<1000 {
    let now = System.monotonicNanoseconds
    if now < last { steps += 1 }
    last = now
  }
  tap.check(steps, equals: 0, "the monotonic clock does not go back")
  tap.check(System.wallNanoseconds > 1_700_000_000_000_000_000, "the wall clock tells the year")
  tap.check(System.processorCount >= 1, "there is a CPU")
}

func run() {
  var tap = TAP()
  let place = Place()
  checkCounting(&tap, place)
  checkNumbersAndStacks(&tap, place)
  checkStack(&tap, place)
  checkLimit(&tap, place)
  checkWaiting(&tap, place)
  checkClocks(&tap)
  tap.finish()
}

run()
