// ImportProgress.swift — how far the translation of a WebAssembly file is, on a terminal.
// Hosted. Imports Glibc and Synchronization.

import Glibc
import Synchronization

/// A line that appears when a translation takes long and the standard error is a terminal.
final class ImportProgress: Sendable {
  private let path: String
  private let start = ContinuousClock.now
  private let line = ProgressLine(isShown: isatty(2) == 1)
  /// What the line says; nil before it is shown.
  private let percent = Mutex<Int?>(nil)

  /// How long people wait before they want to know.
  private static let patience = Duration.milliseconds(500)

  init(_ path: String) { self.path = path }

  func show(_ byteCount: Int, of total: Int) {
    guard line.isShown, start.duration(to: .now) > Self.patience else { return }
    let done = byteCount * 100 / max(total, 1)
    let isNew = percent.withLock { shown in
      defer { shown = done }
      return shown != done
    }
    if isNew { line.show("\(path): \(done) % translated") }
  }

  /// Leaves nothing behind.
  func clear() {
    if percent.withLock({ $0 != nil }) { line.clear() }
  }
}
