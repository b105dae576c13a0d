// Progress.swift — how much was read, and a line on the standard error that says it.

import NovaCore
import Synchronization

/// How much of the input was read; shared by the reader and the timer.
final class Progress: Sendable {
  private let byteCount = Atomic<Int>(0)

  func add(_ count: Int) { byteCount.add(count, ordering: .relaxed) }

  func report() { Program.write("\(byteCount.load(ordering: .relaxed) >> 10) KiB\n") }
}
