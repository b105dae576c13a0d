// Manifest+Text.swift — the manifest's form for version control, and how two of them differ.
// Hosted. Imports nothing.

extension Manifest {
  /// The manifest in its stable text form: fixed order, one fact a line, ends with a line break.
  public var text: String {
    var lines = ["NovaCore start-up manifest, format \(Self.formatVersion)"]
    lines.append(row("cpu", target.rawValue))
    lines.append(row("verdict", verdict == .same ? "the same in every run" : "DIFFERENT"))
    lines.append(row("digest", "sha256 \(digest)"))
    section("bootstrap", bootstrap.map { row($0.name, $0.value) }, &lines)
    section(
      "inputs", inputs.map { row($0.name, pad($0.treatment.rawValue, 12) + $0.how) }, &lines)
    let zeros = zeroRegisters.map { row("zero", "\($0.count) \($0.name)") }
    section(
      "registers at main", registers.map { row($0.name, pad($0.value, 20) + $0.reason) } + zeros,
      &lines)
    section("memory map at main", mappings.map { $0.text }, &lines)
    section("proof of zero at main", regions.flatMap { proof(of: $0) }, &lines)
    section(
      "system calls before main",
      callsBeforeMain.enumerated().map {
        pad("\($0.offset + 1) \($0.element.call.name)", 22) + $0.element.reason
      }, &lines)
    section("normalised before main", normalised.flatMap { [$0.cause, "  " + $0.effect] }, &lines)
    section(
      "system calls from main",
      callsFromMain.enumerated().map { "\($0.offset + 1) \($0.element.text)" }, &lines)
    section("course from main", course, &lines)
    return lines.joined(separator: "\n") + "\n"
  }

  private var course: [String] {
    var lines: [String] = []
    if isMultithreaded {
      lines.append(row("threads", "several: what depends on their order is not compared"))
    }
    if let trace {
      lines.append(row("instructions", "\(trace.instructionCount)"))
      lines.append(row("pc hash", hexadecimalDigits(trace.programCounterHash, digitCount: 16)))
      lines.append(row("data accesses", "\(trace.accessCount)"))
      lines.append(row("access hash", hexadecimalDigits(trace.accessHash, digitCount: 16)))
    }
    lines.append(row("output", "\(outputByteCount) bytes"))
    lines.append(row("error output", "\(errorOutputByteCount) bytes"))
    lines.append(row("ending", ending.text))
    return lines
  }

  private func proof(of region: ManifestRegion) -> [String] {
    let extent =
      "\(region.zeroByteCount) of \(region.byteCount) bytes at \(hexadecimal(region.address))"
    return [row(region.name, extent)]
      + region.exceptions.map {
        row("", "\($0.byteCount) at \(hexadecimal($0.address)): \($0.reason)")
      }
  }

  private func section(_ title: String, _ body: [String], _ lines: inout [String]) {
    lines.append("")
    lines.append("[\(title)]")
    lines += body.isEmpty ? ["none"] : body
  }

  private func row(_ name: String, _ value: String) -> String { pad(name, 28) + value }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

/// How an expected manifest and a found one differ, line by line.
public struct ManifestDifference: Sendable, Equatable {
  /// `-` expected only, `+` found only, ` ` both; with the lines around each change.
  public var lines: [String]

  /// Lines of context on each side of a change.
  static let contextLineCount = 2

  /// Compares two texts.
  ///
  /// - Returns: null when they are equal.
  public init?(expected: String, found: String) {
    guard expected != found else { return nil }
    let old = expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let new = found.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let changes = new.difference(from: old)
    var removed = Set<Int>()
    var inserted = Set<Int>()
    for change in changes {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    lines = Self.withContext(Self.merged(old, new, removed: removed, inserted: inserted))
    // Both differ only in the last line's break.
    if lines.isEmpty { lines = ["- (the file has another end of line)"] }
  }

  private static func merged(
    _ old: [String], _ new: [String], removed: Set<Int>, inserted: Set<Int>
  ) -> [String] {
    var merged: [String] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if left < old.count, removed.contains(left) {
        merged.append("-" + old[left])
        left += 1
      } else if right < new.count, inserted.contains(right) {
        merged.append("+" + new[right])
        right += 1
      } else {
        merged.append(" " + old[left])
        left += 1
        right += 1
      }
    }
    return merged
  }

  private static func withContext(_ merged: [String]) -> [String] {
    var kept: [String] = []
    var lastKept = -1
    for index in merged.indices {
      let near = merged[
        max(0, index - contextLineCount)...min(merged.count - 1, index + contextLineCount)]
      guard near.contains(where: { !$0.hasPrefix(" ") }) else { continue }
      if lastKept >= 0, index > lastKept + 1 { kept.append("…") }
      kept.append(merged[index])
      lastKept = index
    }
    return kept
  }
}

extension ManifestDifference {
  /// The lines as one text.
  public var text: String { lines.joined(separator: "\n") }
}
