// PlantedTests.swift — the search finds planted bugs: an operation torn apart, an order weakened, a
// wake-up left out. So each order in the shipped sources is shown to be needed.

import ScheduleSearch
import Testing

/// A bug, and the scenario that shows it.
struct PlantedBug: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let planted: Planted
  let plot: Plot
  let kind: FoundBug.Kind
  /// Whether it takes more than two switches.
  let isDeep: Bool

  init(
    _ name: String, _ planted: Planted, _ plot: Plot, _ kind: FoundBug.Kind, isDeep: Bool = false
  ) {
    (testDescription, self.planted, self.plot, self.kind) = (name, planted, plot, kind)
    self.isDeep = isDeep
  }

  static let all: [PlantedBug] = [
    PlantedBug(
      "two thieves claim the same element",
      Planted("claim(from:)", .change, ordered: .acquiring, .torn), .stealing, .wrong),
    PlantedBug(
      "a thief claims what the owner takes back", Planted("reclaim()", .change, .torn), .publishing,
      .wrong),
    PlantedBug(
      "a thief reads what was not published yet", Planted("publish()", .change, .relaxed),
      .stealing, .race),
    PlantedBug(
      "a thief does not see what was published",
      Planted("claim(from:)", .change, ordered: .acquiring, .relaxed), .mutual, .race),
    PlantedBug(
      "the owner overwrites what a thief reads",
      Planted("claim(from:)", .change, ordered: .releasing, .relaxed), .wrapping, .race),
    PlantedBug(
      "the owner does not see that a thief still reads",
      Planted("raiseLimit(_:)", .load, .relaxed), .wrapping, .race),
    PlantedBug(
      "no fence between publishing and looking for sleepers",
      Planted("publish()", .change, .unordered), .parking, .deadlock),
    PlantedBug(
      "a submitter looks for sleepers too early", Planted("notify()", .load, .unordered), .parking,
      .deadlock),
    PlantedBug(
      "no fence between announcing and looking once more",
      Planted("announce(searching:)", .change, .unordered), .parking, .deadlock),
    PlantedBug(
      "a sleeper looks once more too early", Planted("isPublicEmpty", .load, .unordered), .parking,
      .deadlock),
    PlantedBug(
      "a wake-up is lost", Planted("wakeOne()", .wake, .missing), .parking, .deadlock),
    PlantedBug(
      "the last wake-up is lost", Planted("notifyAll()", .wake, .missing), .shutdown, .deadlock),
    PlantedBug(
      "who shuts down looks for sleepers too early", Planted("notifyAll()", .load, .unordered),
      .shutdown, .deadlock),
    PlantedBug(
      "a call does not hand on what was done", Planted("wakeOne()", .change, .relaxed), .calling,
      .race),
    PlantedBug(
      "a call to all does not hand on what was done", Planted("notifyAll()", .change, .relaxed),
      .callingAll, .race),
    PlantedBug(
      "the one who is called does not see what was done",
      Planted("sleep(since:timeoutNanoseconds:)", .change, .relaxed), .calling, .race),
    PlantedBug(
      "the one of all who are called does not see what was done",
      Planted("sleep(since:timeoutNanoseconds:)", .load, .relaxed), .callingAll, .race),
    PlantedBug(
      "a result is handed on too early", Planted("finish(_:)", .change, .relaxed), .joining, .race),
    PlantedBug(
      "a result is read too early", Planted("isFinished", .load, .relaxed), .joining, .race),
    PlantedBug(
      "the runner looks for a waiter too early", Planted("finish(_:)", .change, .torn),
      .waitingOutside, .deadlock),
    PlantedBug(
      "a joiner looks once more too early", Planted("isFinishedInOrder", .load, .relaxed),
      .joiningTwo, .deadlock),
    PlantedBug(
      "a runner does not see that its joiner sleeps", Planted("finish(_:)", .change, .unordered),
      .joining, .deadlock, isDeep: true),
    PlantedBug(
      "whoever waits outside is not woken", Planted("wakeOutside()", .wake, .missing),
      .waitingOutside, .deadlock),
    PlantedBug(
      "the holder frees what the runner has not left", Planted("detach()", .change, .relaxed),
      .detaching, .race),
    PlantedBug(
      "the runner frees what the holder has not left", Planted("finish(_:)", .change, .relaxed),
      .detaching, .race),
    PlantedBug(
      "both free a record, or nobody", Planted("finish(_:)", .change, .torn), .detaching, .wrong),
  ]
}

@Suite struct PlantedTests {
  @Test(arguments: PlantedBug.all)
  func `random schedules find it, and the token finds it again`(_ bug: PlantedBug) throws {
    let search = Search()
    search.plant(bug.planted)
    let found = try #require(
      search.exploreAtRandom(bug.plot.scenario, seed: 1, count: 20_000).bug)
    #expect(found.kind == bug.kind)
    let again = Search()
    again.plant(bug.planted)
    #expect(again.replay(bug.plot.scenario, token: found.token)?.message == found.message)
    #expect(Search().replay(bug.plot.scenario, token: found.token) == nil)
  }

  @Test(arguments: PlantedBug.all.filter { !$0.isDeep })
  func `the exhaustive search finds it, and the token finds it again`(_ bug: PlantedBug) throws {
    let search = Search()
    search.plant(bug.planted)
    let bounds = Bounds(switches: 2, stale: 1, delays: 0)
    let found = try #require(
      search.exploreAll(bug.plot.scenario, bounds: bounds, countMax: 200_000).bug)
    #expect(found.kind == bug.kind)
    let again = Search()
    again.plant(bug.planted)
    #expect(again.replay(bug.plot.scenario, token: found.token)?.message == found.message)
  }

  @Test func `a wake-up before the work is visible is found`() {
    let search = Search()
    #expect(
      search.exploreAtRandom(.notifyingTooEarly(), seed: 1, count: 20_000).bug?.kind == .deadlock)
  }

  @Test func `another scenario's token is refused`() {
    #expect(Search().replay(Plot.parking.scenario, token: "mutual:seed-1") == nil)
    #expect(Search().replay(Plot.parking.scenario, token: "parking:path-1.1") == nil)
    #expect(
      Search().replay(Plot.parking.scenario, token: "parking:path-1.1.1-z")?.message
        == "the path does not belong to the scenario")
  }
}
