// Crew.swift — threads that run one closure side by side, and the barrier at which they wait.
// Hosted and freestanding. Imports NovaCore, Synchronization.

import NovaCore
import Synchronization

/// Runs a closure in several threads at once.
enum Crew {
  private final class Member {
    let index: Int
    let body: (Int) -> Void

    init(_ index: Int, _ body: @escaping (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }

  /// Calls `body(0 … count - 1)`, each in a thread of its own, and waits for all.
  ///
  /// - Returns: false when the system refused a thread; those that it granted have run then.
  static func run(_ count: Int, _ body: @escaping (Int) -> Void) -> Bool {
    let records = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: count)
    defer { unsafe records.deallocate() }
    var started = 0
    do throws(SystemError) {
      while started < count {
        let member = unsafe Unmanaged.passRetained(Member(started, body)).toOpaque()
        // SAFETY: the records stay until all were joined; the thread takes the member over.
        try unsafe System.startThread(
          records + started, stackByteCount: 1 << 18, context: member
        ) { context in
          guard let context = unsafe context else { return }
          let member = unsafe Unmanaged<Member>.fromOpaque(context).takeRetainedValue()
          member.body(member.index)
        }
        started += 1
      }
    } catch {
      // The count tells.
    }
    for index in 0..<started { _ = unsafe System.joinThread(records + index) }
    return started == count
  }
}

/// A point that threads pass together, time and again.
final class Barrier: Sendable {
  private let count: Int
  private let arrived = Atomic<Int>(0)

  init(count: Int) { self.count = count }

  /// Waits until all threads have come here as often.
  func wait() {
    // pairs with wait
    let ticket = arrived.add(1, ordering: .acquiringAndReleasing).newValue
    let goal = (ticket + count - 1) / count * count
    while arrived.load(ordering: .acquiring) < goal { System.yield() }  // pairs with wait
  }
}
