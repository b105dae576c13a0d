// TAPReport.swift — what a guest reported, read back: the Test Anything Protocol, version 14.
// Hosted. Imports nothing. Source: testanything.org.

/// A guest's report, line by line.
public struct TAPReport: Equatable, Sendable {
  /// How many promises the plan names; nil when the program died before it.
  public var planned: Int?
  /// The promises that held, in order.
  public var passed: [String] = []
  /// The promises that did not hold, each with the notes after it.
  public var failed: [String] = []

  /// True when the report is complete, in order, and every promise held.
  public var isComplete: Bool { failed.isEmpty && planned == passed.count && !passed.isEmpty }

  /// Reads the report out of a program's output; lines that are none of it are passed over.
  public init(parsing output: String) {
    var lastFailed = false
    for line in output.split(separator: "\n") {
      if line.hasPrefix("1..") {
        planned = Int(line.dropFirst(3))
      } else if line.hasPrefix("# ") {
        if lastFailed { failed.append(String(line)) }
      } else if let promise = TAPReport.promise(of: line, after: "ok ") {
        lastFailed = false
        passed.append(promise)
      } else if let promise = TAPReport.promise(of: line, after: "not ok ") {
        lastFailed = true
        failed.append(promise)
      }
    }
  }

  private static func promise(of line: Substring, after word: String) -> String? {
    guard line.hasPrefix(word), let dash = line.firstIndex(of: "-") else { return nil }
    return String(line[dash...].dropFirst(2))
  }
}
