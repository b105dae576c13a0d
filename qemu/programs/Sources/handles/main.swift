// main.swift — handles among threads, at their limits, and while allocations fail.
// Usage: handles SCALE; twice the rounds with each step, 0 … 9.

import MemoryModel
import NovaCore
import TAP

/// How often each check's smallest number of rounds is to be done.
func factor() -> Int {
  let arguments = ProgramArguments.current
  guard arguments.count == 2, arguments[1].count == 1, arguments[1][0] >= 48, arguments[1][0] < 58
  else { System.exit(2) }
  return 1 << (Int(arguments[1][0]) - 48)
}

/// Reports a check that names the promise that did not hold.
func report(
  _ tap: inout TAP, _ promise: StaticString,
  _ check: () throws(MemoryError) -> StaticString?
) {
  do throws(MemoryError) {
    let failure = try check()
    tap.check(failure == nil, promise)
    if let failure {
      print("# ", terminator: "")
      print(failure)
    }
  } catch {
    tap.check(false, promise)
    print("# there was no room")
  }
}

/// Takes as many references as can be counted, and one more.
func overRetain() throws(MemoryError) -> StaticString? {
  let arena = try Arena(byteCount: 1 << 16)
  let handle = try arena.allocateArc(UInt64(7))
  let maximum = 0xff_ffff
  for _ in 1..<maximum { try arena.retain(handle) }
  let expected = MemoryError.overRetain(handle, maximum: maximum)
  for _ in 0..<2 {
    do throws(MemoryError) {
      try arena.retain(handle)
      return "one reference too many is refused"
    } catch {
      if error != expected { return "an over-retain says how many there can be" }
    }
  }
  do throws(MemoryError) {
    try unsafe arena.withBytes(of: handle) { _ throws(MemoryError) in }
    return "an access needs a reference of its own"
  } catch {
    if error != expected { return "an access's over-retain says how many there can be" }
  }
  if try arena.load(UInt64.self, from: handle) != 7 { return "a load needs none" }
  for _ in 1..<maximum { try arena.release(handle) }
  if arena.stats.liveCount != 1 { return "the last reference keeps the block" }
  try arena.release(handle)
  return arena.stats.liveCount == 0 ? nil : "the last release takes the block back"
}

func walk() throws(MemoryError) -> StaticString? {
  let outcome = try FaultWalk.run(byteCount: 1 << 22) { _ in }
  return outcome.failure ?? (outcome.allocationCount > 70 ? nil : "a walk meets each allocation")
}

func run() {
  let factor = factor()
  var tap = TAP()
  // First, while the process has one thread.
  report(&tap, "whichever allocation fails, nothing leaks", walk)
  report(&tap, "references are counted to their limit", overRetain)
  let live = Arena.process.stats.liveCount
  report(&tap, "of racing releases exactly one succeeds") { () throws(MemoryError) in
    try Stress.racingReleases(threadCount: 3, roundCount: 20 * factor)
  }
  report(&tap, "threads lend, swap, verify and release") { () throws(MemoryError) in
    try Stress.exchanges(seed: 1, threadCount: 3, stepCount: 5000 * factor)
  }
  report(&tap, "a consumer finds what the producer wrote") { () throws(MemoryError) in
    try Stress.producerAndConsumer(count: 4000 * factor)
  }
  report(&tap, "bytes stay during an access") { () throws(MemoryError) in
    try Stress.releasesDuringAccess(roundCount: 50 * factor)
  }
  report(&tap, "whichever allocation fails among threads, nothing leaks", walk)
  tap.check(
    Arena.process.stats.liveCount, equals: live, "Swift's own allocations came back")
  tap.finish()
}

run()
