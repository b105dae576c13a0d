// main.swift — `make spec`: plays the specification's tests, prints counts by file and kind.
// Hosted. Imports Foundation, Specification and TestSupport.

import Foundation
import Specification
import TestSupport

let arguments = CommandLine.arguments.dropFirst()
guard let path = arguments.first else {
  print("skipped: the tests of WebAssembly's specification; say where they are: make spec SPEC=…")
  exit(0)
}

/// Such as `assert_return 255 of 256`.
func line(_ counts: [String: SpecificationCount]) -> String {
  counts.keys.sorted().map { kind in
    let count = counts[kind, default: SpecificationCount()]
    let skipped = count.skipped == 0 ? "" : " (\(count.skipped) skipped)"
    return "\(kind) \(count.passed)/\(count.passed + count.failed)\(skipped)"
  }.joined(separator: ", ")
}

var total: [String: SpecificationCount] = [:]
var skips: [String: Int] = [:]
var failureCount = 0
let suite = try SpecificationSuite(path)
for name in suite.names where arguments.count == 1 || arguments.dropFirst().contains(name) {
  let outcome = try suite.run(name)
  print("\(name): \(line(outcome.counts))")
  for failure in outcome.failures { print("  FAILED \(failure)") }
  failureCount += outcome.failures.count
  total.merge(outcome.counts) { $0.adding($1) }
  skips.merge(outcome.skips, uniquingKeysWith: +)
}
print("\nby kind:")
for kind in total.keys.sorted() { print("  \(line([kind: total[kind, default: .init()]]))") }
for reason in skips.keys.sorted() { print("  skipped: \(skips[reason, default: 0]) \(reason)") }

if arguments.count == 1 {
  let (bytes, commandCount) = try suite.guestFile()
  let file = FileManager.default.temporaryDirectory.appending(path: "nova-\(UUID()).scripts")
  try Data(bytes).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  for cpu in GuestCPU.allCases {
    do {
      let lines = try SpecificationSuite.runGuest(file.path(percentEncoded: false), on: cpu)
      print("freestanding, \(cpu): \(lines.last ?? "no line")")
      for line in lines.dropLast() { print("  \(line)") }
      if lines.last != suite.guestResult(commandCount: commandCount) { failureCount += 1 }
    } catch let error as GuestError {
      print("freestanding, \(cpu): skipped: \(error)")
    }
  }
}
print(failureCount == 0 ? "all as specified" : "\(failureCount) FAILED")
exit(failureCount == 0 ? 0 : 1)
