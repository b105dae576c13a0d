// Plots.swift — the scenarios by name, and how long tests search them.
// Hosted. Imports Glibc.

import Glibc
import ScheduleSearch

/// A scenario.
enum Plot: CaseIterable, Sendable {
  case stealing, wrapping, publishing, mutual, parking, meeting, shutdown, calling, callingAll
  case joining, joiningTwo, waitingOutside, detaching

  var scenario: Scenario {
    switch self {
    case .stealing: .stealing(elementCount: 6, capacity: 8, publicMin: 2)
    case .wrapping: .wrapping()
    case .publishing: .publishing()
    case .mutual: .mutual()
    case .parking: .parking()
    case .meeting: .meeting()
    case .shutdown: .shutdown()
    case .calling: .calling { $0.notify() }
    case .callingAll: .calling { $0.notifyAll() }
    case .joining: .joining()
    case .joiningTwo: .joiningTwo()
    case .waitingOutside: .waitingOutside()
    case .detaching: .detaching()
    }
  }
}

/// What the environment says of the search.
enum SearchSettings {
  /// Random schedules of each scenario, and where a longer exhaustive search ends:
  /// `NOVA_SEARCH_COUNT`.
  static let count = variable("NOVA_SEARCH_COUNT").flatMap { Int($0) }

  /// The schedule to replay: `NOVA_SEARCH_TOKEN`.
  static let token = variable("NOVA_SEARCH_TOKEN")

  private static func variable(_ name: String) -> String? {
    // SAFETY: getenv's string is copied at once.
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
