// PageShare.swift — pages that many runs show alike are kept once.
// Hosted. Imports Synchronization. A program that fills a heap of 64 MiB would otherwise take
// 64 MiB of this process for each of its runs.

import Synchronization

/// Replaces pages of observations by equal ones that were seen before.
final class PageShare: Sendable {
  /// Pages by address, of the first run that showed a region at a moment.
  private let known = Mutex<[String: [UInt64: [UInt8]]]>([:])

  /// The observation with its pages shared; equal to what was given.
  func shared(_ observation: Observation) -> Observation {
    var observation = observation
    share(&observation.atMain, DifferencePlace.Moment.main)
    if var end = observation.atEnd {
      observation.atEnd = nil
      share(&end, .end)
      observation.atEnd = end
    }
    return observation
  }

  private func share(_ snapshot: inout Snapshot, _ moment: DifferencePlace.Moment) {
    for index in snapshot.memory.indices {
      let key = "\(snapshot.memory[index].name) \(moment)"
      let mine = snapshot.memory[index].nonzeroPages
      let first = known.withLock { known in
        if known[key] == nil { known[key] = mine }
        return known[key] ?? mine
      }
      snapshot.memory[index].nonzeroPages = Self.shared(mine, first)
    }
  }

  private static func shared(
    _ pages: [UInt64: [UInt8]], _ first: [UInt64: [UInt8]]
  ) -> [UInt64: [UInt8]] {
    guard pages != first else { return first }
    return Dictionary(
      uniqueKeysWithValues: pages.map { address, bytes in
        let seen = first[address]
        return (address, seen == bytes ? seen ?? bytes : bytes)
      })
  }
}
