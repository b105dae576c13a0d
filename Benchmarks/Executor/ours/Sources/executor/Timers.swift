// Timers.swift — timers of the run loop, set one by one and fired when all are due.

import NovaCore
import Synchronization

let timerCount = 100_000

/// How many timers have fired.
final class Fired: Sendable {
  let count = Atomic<Int>(0)
}

extension NovaRuntime {
  /// Nanoseconds to set and to fire a timer; waiting for the deadlines is left out.
  borrowing func timers() -> Double {
    let fired = Fired()
    let start = System.monotonicNanoseconds
    do throws(LoopError) {
      for number in 0..<timerCount {
        // Within a tenth of a second, in no order.
        let delay = 200_000_000 + UInt64(number * 7_919 % timerCount) * 1_000
        try loop.at(nanoseconds: UInt64(start) + delay) { _ in
          fired.count.add(1, ordering: .relaxed)
        }
      }
      let set = System.monotonicNanoseconds - start
      sleepThread(nanoseconds: 310_000_000 - set)
      let due = System.monotonicNanoseconds
      try runLoop()
      let fire = System.monotonicNanoseconds - due
      check(fired.count.load(ordering: .relaxed) == timerCount)
      return Double(set + fire) / Double(timerCount)
    } catch {
      Program.fail("\(error)")
    }
  }
}
