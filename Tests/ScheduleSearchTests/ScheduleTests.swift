// ScheduleTests.swift — the shipped deque and parking pass every schedule that the search tries.

import ScheduleSearch
import TestSupport
import Testing

@Suite struct ScheduleTests {
  @Test(arguments: Plot.allCases) func `random schedules pass`(_ plot: Plot) {
    let count = SearchSettings.count ?? 10_000
    let result = Search().exploreAtRandom(
      plot.scenario, seed: UInt64(TestSeed.value), count: count)
    #expect(result.bug == nil, "\(plot): NOVA_SEED=\(TestSeed.value)")
    #expect(result.scheduleCount == count)
  }

  @Test(arguments: Plot.allCases) func `all schedules within bounds pass`(_ plot: Plot) {
    let result = Search().exploreAll(
      plot.scenario, bounds: Bounds(switches: 1, stale: 1, delays: 1), countMax: 100_000)
    #expect(result.bug == nil)
    #expect(result.isComplete, "\(plot) has more schedules than expected")
  }

  @Test(.enabled(if: SearchSettings.count != nil), arguments: Plot.allCases)
  func `wider bounds pass`(_ plot: Plot) {
    let result = Search().exploreAll(
      plot.scenario, bounds: Bounds(switches: 2, stale: 2, delays: 2),
      countMax: SearchSettings.count ?? 0)
    #expect(result.bug == nil)
  }

  @Test(.enabled(if: SearchSettings.token != nil), arguments: Plot.allCases)
  func `the schedule of NOVA_SEARCH_TOKEN passes`(_ plot: Plot) {
    let bug = Search().replay(plot.scenario, token: SearchSettings.token ?? "")
    #expect(bug == nil)
  }
}
