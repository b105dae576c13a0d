// LoopTimerTests.swift — timers fire in order, once or each period, and not after they were
// cancelled.

import NovaMemory
import TestSupport
import Testing

@testable import NovaConcurrency

@Suite struct LoopTimerTests {
  @Test func `timers fire in the order of their times, equal ones as they were set`() throws {
    let journal = Journal()
    try withLoop { loop in
      for (name, time) in [("c", 30), ("a", 10), ("b1", 20), ("b2", 20), ("a2", 10)] {
        try loop.after(nanoseconds: UInt64(time) * 1_000_000) { _ in journal.say(name) }
      }
      try loop.at(nanoseconds: 0) { _ in journal.say("now") }
      #expect(loop.timerCount == 6)
      try loop.run()
      #expect(loop.timerCount == 0)
    }
    #expect(journal.text == ["now", "a", "a2", "b1", "b2", "c"])
  }

  @Test func `a periodic timer does not drift, and says what it missed`() throws {
    let journal = Journal()
    try withLoop { loop in
      try loop.every(nanoseconds: 1_000_000) { context in
        journal.say("\(context.deadline / 1_000_000) due \(context.dueCount)")
        do {
          // The second firing takes more than three periods.
          if context.deadline == 2_000_000 { context.loop.clock.advance(to: 5_500_000) }
          if context.deadline >= 6_000_000 { try context.loop.cancel(context.timer) }
        } catch { journal.say("\(error)") }
      }
      try loop.run()
    }
    #expect(journal.text == ["1 due 1", "2 due 1", "3 due 3", "6 due 1"])
  }

  @Test func `a cancelled timer does not fire, and drops what it holds`() throws {
    let journal = Journal()
    try withLoop { loop in
      let timer = try loop.after(nanoseconds: 5) { [mortal = Mortal("action", journal)] _ in
        withExtendedLifetime(mortal) {}
        journal.say("fired")
      }
      try loop.cancel(timer)
      #expect(journal.text == ["action ends"])
      #expect(throws: LoopError.unknownTimer(timer)) { try loop.cancel(timer) }
      let next = try loop.after(nanoseconds: 5) { _ in }
      #expect(next.slot == timer.slot)
      #expect(throws: LoopError.unknownTimer(timer)) { try loop.cancel(timer) }
      try loop.run()
      let nobody = TimerHandle(loop: timer.loop, slot: 0, number: 0)
      #expect(throws: LoopError.unknownTimer(nobody)) { try loop.cancel(nobody) }
      try withLoop { other in
        let set = try other.after(nanoseconds: 5) { _ in }
        #expect(throws: LoopError.unknownTimer(set)) { try loop.cancel(set) }
      }
    }
    #expect(journal.text == ["action ends"])
  }

  @Test func `a timer that fires is gone for its own action`() throws {
    let journal = Journal()
    try withLoop(RunLoopConfiguration(jobCountMax: 1, timerCountMax: 1)) { loop in
      try loop.after(nanoseconds: 5) { context in
        do throws(LoopError) { try context.loop.cancel(context.timer) } catch {
          journal.say("\(error == .unknownTimer(context.timer))")
        }
        // Its place is free for the next.
        do { try context.loop.after(nanoseconds: 1) { _ in journal.say("next") } } catch {
          journal.say("\(error)")
        }
      }
      try loop.run()
    }
    #expect(journal.text == ["true", "next"])
  }

  @Test func `virtual time comes to its last moment, and stays there`() throws {
    let journal = Journal()
    try withLoop { loop in
      try loop.at(nanoseconds: .max) { journal.say("timer at \($0.now)") }
      try loop.at(nanoseconds: 1 << 63) { _ in journal.say("far timer") }
      try loop.add { $0.now < .max ? .waiting(until: .max) : .idle }
      try loop.run()
      try loop.after(nanoseconds: 5) { _ in journal.say("one more") }
      try loop.run()
      #expect(loop.clock.now == .max)
    }
    #expect(journal.text == ["far timer", "timer at \(UInt64.max)", "one more"])
  }

  @Test func `timers are bounded, and a period is above 0`() throws {
    try withLoop(RunLoopConfiguration(jobCountMax: 1, timerCountMax: 2)) { loop in
      try loop.after(nanoseconds: 1) { _ in }
      try loop.after(nanoseconds: 1) { _ in }
      #expect(throws: LoopError.timersExhausted(capacity: 2)) {
        try loop.after(nanoseconds: 1) { _ in }
      }
      #expect(throws: LoopError.periodIsZero) { try loop.every(nanoseconds: 0) { _ in } }
      // Deadlines of jobs need no timer.
      try loop.add { $0.now > 1000 ? .idle : .waiting(until: 7000) }
      try loop.run()
      #expect(loop.timerCount == 0)
    }
  }

  @Test func `a timer set for now waits for the next turn, so that a job is not starved`() throws {
    let journal = Journal()
    try withLoop { loop in
      try again(loop, journal, left: 4)
      try loop.add { context in
        journal.say("job")
        return journal.text.count > 7 ? .idle : .ready
      }
      try loop.run()
    }
    #expect(journal.text.prefix(6) == ["timer", "job", "timer", "job", "timer", "job"])
  }

  private func again(_ loop: RunLoop, _ journal: Journal, left: Int) throws(LoopError) {
    try loop.at(nanoseconds: 0) { context in
      journal.say("timer")
      guard left > 0 else { return }
      do { try again(context.loop, journal, left: left - 1) } catch { journal.say("\(error)") }
    }
  }

  @Test func `after any setting and cancelling, what fires agrees with a model`() throws {
    print("NOVA_SEED=\(TestSeed.value)")
    var random = SeededGenerator(seed: UInt64(TestSeed.value))
    let configuration = RunLoopConfiguration(jobCountMax: 1, timerCountMax: 500)
    for _ in 0..<20 {
      let journal = Journal()
      var model: [(time: UInt64, name: Int, handle: TimerHandle)] = []
      try withLoop(configuration) { loop in
        for name in 0..<2000 {
          if Bool.random(using: &random), model.count < 500 {
            let time = UInt64.random(in: 0..<300, using: &random) * 1000
            let handle = try loop.at(nanoseconds: time) { _ in journal.say("\(name)") }
            model.append((time, name, handle))
          } else if let place = model.indices.randomElement(using: &random) {
            try loop.cancel(model[place].handle)
            model.remove(at: place)
          }
        }
        #expect(loop.timerCount == model.count)
        try loop.run()
      }
      let expected = model.sorted { ($0.time, $0.name) < ($1.time, $1.name) }.map { "\($0.name)" }
      #expect(journal.text == expected)
    }
  }

  @Test func `real timers fire no earlier than asked, and the loop sleeps meanwhile`() throws {
    try withLoop(isVirtual: false) { loop in
      let journal = Journal()
      let begin = loop.clock.now
      for delay in [30, 10, 20] {
        try loop.after(nanoseconds: UInt64(delay) * 1_000_000) { context in
          journal.say("\(delay) \(context.now >= context.deadline)")
        }
      }
      try loop.run()
      #expect(loop.clock.now - begin >= 30_000_000)
      #expect(journal.text == ["10 true", "20 true", "30 true"])
    }
  }
}
