// Suggestion.swift — the known name that is nearest to one that is not known.
// Hosted. Imports nothing. Source: Levenshtein 1966, with exchanged neighbours (Damerau 1964).

enum Suggestion {
  /// The name in `known` that takes the fewest changes; null when all take too many to be meant.
  ///
  /// Ties go to the first. A third of the letters may differ, at least one.
  static func nearest(to name: String, in known: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8)
    let limit = max(1, wanted.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in known {
      guard abs(candidate.utf8.count - wanted.count) <= limit else { continue }
      let distance = distance(wanted, Array(candidate.utf8))
      guard distance <= limit, distance < best?.distance ?? .max else { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// Insertions, removals, replacements and exchanges of neighbours between two names.
  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    guard !left.isEmpty else { return right.count }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(
          last[column] + (byte == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
