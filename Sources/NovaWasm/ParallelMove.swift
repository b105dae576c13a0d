// ParallelMove.swift — moves that happen at once, as moves one after the other.
// Hosted. Imports nothing. Source: Rideau, Serpette and Leroy, Tilting at Windmills with Coq, 2008.

/// Moves between registers that happen at once, as steps one after the other.
struct ParallelMove {
  private(set) var steps: [(from: Int, to: Int)] = []

  /// The steps of `moves`, no two of which have one destination; `scratch` is a register that is
  /// none of the others.
  ///
  /// - Complexity: O(n) for n moves.
  init(_ moves: [(from: Int, to: Int)], scratch: Int) {
    var sources: [Int: Int] = [:]
    var readerCounts: [Int: Int] = [:]
    for move in moves where move.from != move.to {
      sources[move.to] = move.from
      readerCounts[move.from, default: 0] += 1
    }
    // Destinations in the moves' order, so that the steps are the same each time.
    let destinations = moves.map(\.to).filter { sources[$0] != nil }
    var free = destinations.filter { readerCounts[$0] == nil }
    while let next = free.popLast() { emit(next, &sources, &readerCounts, &free) }
    // Only cycles are left: one value of each waits in the scratch register.
    for first in destinations where sources[first] != nil {
      steps.append((from: first, to: scratch))
      var destination = first
      while let source = sources.removeValue(forKey: destination) {
        steps.append((from: source == first ? scratch : source, to: destination))
        destination = source
      }
    }
  }

  /// Makes the move to `destination`, which nobody reads any more.
  private mutating func emit(
    _ destination: Int, _ sources: inout [Int: Int], _ readerCounts: inout [Int: Int],
    _ free: inout [Int]
  ) {
    guard let source = sources.removeValue(forKey: destination) else { return }
    steps.append((from: source, to: destination))
    guard let count = readerCounts[source] else { return }
    readerCounts[source] = count == 1 ? nil : count - 1
    if count == 1, sources[source] != nil { free.append(source) }
  }
}
