// LitmusTests.swift — the model of memory allows and forbids what C11 does: the field's small
// tests, each by which outcomes can be reached.
// Source of the names: Alglave, Maranget & Tautschnig, "Herding Cats" (TOPLAS 2014).

import Testing

@testable import ScheduleSearch

/// The words and results of one litmus test.
final class Litmus {
  var x: AtomicCell64?
  var y: AtomicCell64?
  var plain: PlainWord?
  var results = [UInt64](repeating: 0, count: 4)
  var outcomes: Set<[UInt64]> = []
}

@Suite struct LitmusTests {
  typealias Step = (AtomicCell64, AtomicCell64, Litmus) -> Void

  /// All outcomes that random and exhaustive schedules reach.
  private func outcomes(_ threads: [Step]) -> (outcomes: Set<[UInt64]>, bug: FoundBug?) {
    let litmus = Litmus()
    let scenario = Scenario(
      "litmus",
      prepare: { stage in
        unsafe litmus.x = AtomicCell64(at: stage.allocate(byteCount: 8))
        unsafe litmus.y = AtomicCell64(at: stage.allocate(byteCount: 8))
        litmus.plain = PlainWord(in: stage)
        litmus.results = [0, 0, 0, 0]
      },
      threads: threads.map { step in
        { _ in
          if let x = litmus.x, let y = litmus.y { step(x, y, litmus) }
        }
      },
      check: { _ in
        litmus.outcomes.insert(litmus.results)
        return nil
      })
    let random = Search().exploreAtRandom(scenario, seed: 1, count: 3000)
    let all = Search().exploreAll(
      scenario, bounds: Bounds(switches: 4, stale: 2, delays: 2), countMax: 50_000)
    return (litmus.outcomes, random.bug ?? all.bug)
  }

  /// SB: each thread stores one word and loads the other.
  private func storeBuffering(
    _ store: StoreOrder, _ load: LoadOrder, fenced: Bool = false
  ) -> Set<[UInt64]> {
    outcomes([
      { x, y, litmus in
        x.store(1, store)
        if fenced { fence(.sequentiallyConsistent) }
        litmus.results[0] = y.load(load)
      },
      { x, y, litmus in
        y.store(1, store)
        if fenced { fence(.sequentiallyConsistent) }
        litmus.results[1] = x.load(load)
      },
    ]).outcomes
  }

  @Test func `store buffering happens, unless all is in one order`() {
    let all: Set<[UInt64]> = [[0, 0, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]]
    let ordered = all.subtracting([[0, 0, 0, 0]])
    #expect(storeBuffering(.relaxed, .relaxed) == all)
    #expect(storeBuffering(.releasing, .acquiring) == all)
    #expect(storeBuffering(.sequentiallyConsistent, .acquiring) == all)
    #expect(storeBuffering(.relaxed, .relaxed, fenced: true) == ordered)
    #expect(storeBuffering(.sequentiallyConsistent, .sequentiallyConsistent) == ordered)
  }

  /// MP: a message, and a flag that says that it is there.
  private func messagePassing(
    _ store: StoreOrder, _ load: LoadOrder, fenced: Bool = false
  ) -> Set<[UInt64]> {
    outcomes([
      { x, y, _ in
        x.store(1, .relaxed)
        if fenced { fence(.releasing) }
        y.store(1, store)
      },
      { x, y, litmus in
        litmus.results[0] = y.load(load)
        if fenced { fence(.acquiring) }
        litmus.results[1] = x.load(.relaxed)
      },
    ]).outcomes
  }

  @Test func `a message passes by release and acquire, or by fences, and not otherwise`() {
    #expect(messagePassing(.relaxed, .relaxed).contains([1, 0, 0, 0]))
    #expect(messagePassing(.releasing, .relaxed).contains([1, 0, 0, 0]))
    #expect(messagePassing(.relaxed, .acquiring).contains([1, 0, 0, 0]))
    let passed: Set<[UInt64]> = [[0, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0]]
    #expect(messagePassing(.releasing, .acquiring) == passed)
    #expect(messagePassing(.relaxed, .relaxed, fenced: true) == passed)
  }

  @Test func `a release sequence continues through a relaxed change`() {
    let found = outcomes([
      { x, y, _ in
        x.store(1, .relaxed)
        y.store(1, .releasing)
      },
      { _, y, _ in y.add(1, .relaxed) },
      { x, y, litmus in
        litmus.results[0] = y.load(.acquiring)
        litmus.results[1] = x.load(.relaxed)
      },
    ]).outcomes
    #expect(found.contains([2, 1, 0, 0]))
    #expect(!found.contains([2, 0, 0, 0]))
  }

  @Test func `one word never goes back`() {
    let found = outcomes([
      { x, _, _ in
        x.store(1, .relaxed)
        x.store(2, .relaxed)
      },
      { x, _, litmus in
        litmus.results[0] = x.load(.relaxed)
        litmus.results[1] = x.load(.relaxed)
      },
    ]).outcomes
    #expect(found.contains([1, 2, 0, 0]))
    #expect(found.allSatisfy { $0[0] <= $0[1] })
  }

  /// IRIW: two readers of two independent writes.
  private func independentReads(_ store: StoreOrder, _ load: LoadOrder) -> Set<[UInt64]> {
    outcomes([
      { x, _, _ in x.store(1, store) },
      { _, y, _ in y.store(1, store) },
      { x, y, litmus in
        litmus.results[0] = x.load(load)
        litmus.results[1] = y.load(load)
      },
      { x, y, litmus in
        litmus.results[2] = y.load(load)
        litmus.results[3] = x.load(load)
      },
    ]).outcomes
  }

  @Test func `independent writes have no one order, unless all is in one`() {
    #expect(independentReads(.releasing, .acquiring).contains([1, 0, 1, 0]))
    #expect(
      !independentReads(.sequentiallyConsistent, .sequentiallyConsistent).contains([1, 0, 1, 0]))
  }

  @Test func `no addition is lost`() {
    let found = outcomes([
      { x, _, litmus in litmus.results[0] = x.add(1, .relaxed) },
      { x, _, litmus in litmus.results[1] = x.add(1, .relaxed) },
    ]).outcomes
    #expect(found == [[0, 1, 0, 0], [1, 0, 0, 0]])
  }

  @Test func `plain words race without order, and do not with it`() {
    func run(_ store: StoreOrder, _ load: LoadOrder) -> FoundBug? {
      outcomes([
        { x, _, litmus in
          litmus.plain?.value = 1
          x.store(1, store)
        },
        { x, _, litmus in
          if x.load(load) == 1 { litmus.results[0] = litmus.plain?.value ?? 0 }
        },
      ]).bug
    }
    #expect(run(.releasing, .acquiring) == nil)
    #expect(run(.releasing, .relaxed)?.kind == .race)
    #expect(run(.relaxed, .acquiring)?.kind == .race)
  }
}
