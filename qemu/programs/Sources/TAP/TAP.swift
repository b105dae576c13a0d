// TAP.swift — a guest's report to its test, line by line: the Test Anything Protocol, version 14.
// Freestanding. Imports nothing. Source: testanything.org.

/// The results of a program's checks, printed as they come.
public struct TAP: ~Copyable {
  private var count = 0
  private var failureCount = 0

  /// Begins the report.
  public init() { print("TAP version 14") }

  /// Reports whether a promise holds.
  public mutating func check(_ holds: Bool, _ promise: StaticString) {
    count += 1
    if !holds { failureCount += 1 }
    print(holds ? "ok" : "not ok", terminator: " ")
    print(count, terminator: " - ")
    print(promise)
  }

  /// Reports whether two values agree, and both when they do not.
  public mutating func check(_ found: Int, equals expected: Int, _ promise: StaticString) {
    check(found == expected, promise)
    guard found != expected else { return }
    print("# found", terminator: " ")
    print(found, terminator: ", expected ")
    print(expected)
  }

  /// Ends the report: without this plan its reader takes the program for one that died.
  public consuming func finish() {
    print("1..", terminator: "")
    print(count)
  }
}
