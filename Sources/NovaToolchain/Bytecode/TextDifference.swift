// TextDifference.swift — what one text has that another has not, line by line.
// Hosted. Imports nothing. Source: Myers 1986, "An O(ND) Difference Algorithm" (Swift's
// `difference(from:)`); the form is that of POSIX diff -u.

/// The difference between two texts.
public enum TextDifference {
  /// Lines that are shown around what differs.
  public static let contextLineCount = 3

  /// Removed and added lines with those around them; empty when the texts are equal.
  ///
  /// - Complexity: O((n + m) · d) for d differing lines.
  public static func text(_ old: String, _ new: String) -> String {
    let (oldLines, newLines) = (lines(old), lines(new))
    let difference = newLines.difference(from: oldLines)
    if difference.isEmpty { return "" }
    var (removed, added) = (Set<Int>(), Set<Int>())
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var rows: [(mark: String, line: Substring, old: Int, new: Int)] = []
    var (oldIndex, newIndex) = (0, 0)
    while oldIndex < oldLines.count || newIndex < newLines.count {
      if removed.contains(oldIndex) {
        rows.append(("-", oldLines[oldIndex], oldIndex, newIndex))
        oldIndex += 1
      } else if added.contains(newIndex) {
        rows.append(("+", newLines[newIndex], oldIndex, newIndex))
        newIndex += 1
      } else {
        rows.append((" ", oldLines[oldIndex], oldIndex, newIndex))
        (oldIndex, newIndex) = (oldIndex + 1, newIndex + 1)
      }
    }
    return hunks(rows)
  }

  /// Lines without their ends.
  private static func lines(_ text: String) -> [Substring] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.last == "" ? lines.dropLast() : lines
  }

  /// `START,COUNT` of a hunk's lines in one of the texts; before the first line where it has none.
  private static func range(_ start: Int, _ count: Int) -> String {
    "\(count == 0 ? start : start + 1),\(count)"
  }

  private static func hunks(
    _ rows: [(mark: String, line: Substring, old: Int, new: Int)]
  ) -> String {
    var text = ""
    var start = 0
    while let first = rows[start...].firstIndex(where: { $0.mark != " " }) {
      let begin = max(start, first - contextLineCount)
      var end = first
      // Changes with at most twice the context between them are shown together.
      while let next = rows[(end + 1)...].firstIndex(where: { $0.mark != " " }),
        next - end <= 2 * contextLineCount + 1
      {
        end = next
      }
      end = min(rows.count, end + 1 + contextLineCount)
      let hunk = rows[begin..<end]
      let removed = range(rows[begin].old, hunk.count { $0.mark != "+" })
      let added = range(rows[begin].new, hunk.count { $0.mark != "-" })
      text += "@@ -\(removed) +\(added) @@\n"
      for row in hunk { text += "\(row.mark)\(row.line)\n" }
      start = end
      if start >= rows.count { break }
    }
    return text
  }
}
