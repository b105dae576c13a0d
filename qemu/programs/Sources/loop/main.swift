// main.swift — the run loop in a freestanding program: wakes from a thread, real timers, a stall.

import NovaCore
import NovaSystem
import Synchronization
import TAP

/// What the loop and the other thread share.
struct Shared: ~Copyable {
  let said = Atomic<Int>(0)
  let seen = Atomic<Int>(0)
}

let roundCount = 300

/// The loop, the job and the counts of the test of wakes, for the other thread.
@safe struct Waking {
  var loop: RunLoop
  var job: JobHandle
  let shared: UnsafeMutablePointer<Shared>
}

/// Wakes the job of a `Waking`, each time after the poll that followed the last wake.
func wake(_ context: UnsafeMutableRawPointer?) {
  guard let context = unsafe context else { fatalError() }
  let waking = unsafe context.assumingMemoryBound(to: Waking.self).pointee
  let shared = unsafe waking.shared
  for round in 1...roundCount {
    unsafe shared.pointee.said.store(round, ordering: .relaxed)
    do throws(LoopError) { try waking.loop.wake(waking.job) } catch { fatalError() }
    while unsafe shared.pointee.seen.load(ordering: .acquiring) < round { System.yield() }
  }
}

func testWakes(_ tap: inout TAP) throws(LoopError) {
  guard let pages = try? unsafe System.map(byteCount: 1 << 16),
    let arena = try? Arena(byteCount: 1 << 18)
  else { fatalError() }
  // The pages outlive the loop and the thread.
  nonisolated(unsafe) let shared = unsafe pages.assumingMemoryBound(to: Shared.self)
  unsafe shared.initialize(to: Shared())
  let loop = try RunLoop(memory: arena)
  let job = try loop.add { _ in
    let said = unsafe shared.pointee.said.load(ordering: .relaxed)
    unsafe shared.pointee.seen.store(said, ordering: .releasing)
    return said == roundCount ? .idle : .waitingForWake
  }
  let place = unsafe (pages + 1024).assumingMemoryBound(to: Waking.self)
  unsafe place.initialize(to: Waking(loop: loop, job: job, shared: shared))
  let record = unsafe (pages + 2048).assumingMemoryBound(to: ThreadRecord.self)
  let source = loop.makeWakeSource()
  do throws(SystemError) {
    try unsafe System.startThread(record, stackByteCount: 1 << 18, context: place) {
      unsafe wake($0)
    }
  } catch {
    fatalError()
  }
  try loop.run()
  _ = consume source
  tap.check(unsafe System.joinThread(record, timeoutNanoseconds: -1), "the other thread ends")
  tap.check(
    unsafe shared.pointee.seen.load(ordering: .acquiring), equals: roundCount,
    "no wake from another thread is lost")
  unsafe loop.destroy(arena)
}

func testTimers(_ tap: inout TAP) throws(LoopError) {
  guard let arena = try? Arena(byteCount: 1 << 18) else { fatalError() }
  let loop = try RunLoop(memory: arena)
  let begin = loop.clock.now
  try loop.after(nanoseconds: 20_000_000) { _ in }
  try loop.after(nanoseconds: 5_000_000) { _ in }
  try loop.run()
  tap.check(loop.clock.now - begin >= 20_000_000, "real timers fire no earlier than asked")
  tap.check(loop.timerCount, equals: 0, "no timer is left")
  _ = try loop.add { _ in .waitingForWake }
  do throws(LoopError) {
    try loop.run()
    tap.check(false, "a job that nobody can wake stalls the loop")
  } catch {
    guard case .stalled(let count, _) = error else { throw error }
    tap.check(count, equals: 1, "a job that nobody can wake stalls the loop")
  }
  unsafe loop.destroy(arena)
}

do throws(LoopError) {
  var tap = TAP()
  try testWakes(&tap)
  try testTimers(&tap)
  tap.finish()
} catch {
  print("\(error)")
  System.exit(1)
}
