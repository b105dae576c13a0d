// CodeWorkspace.swift — what passes over code know and have room for, from function to function.
// Hosted. Imports Synchronization.

import Synchronization

/// What is the same for each function that is finished: rooms that need not be made again, and what
/// joining instructions came to, which is the same in every module.
package struct CodeWorkspace: ~Copyable, Sendable {
  var fusing = FusingPass()

  private init() {}

  // The one that was given back last.
  private static let idle = Mutex<CodeWorkspace?>(nil)

  /// The one that is idle, or a new one.
  package static func take() -> CodeWorkspace {
    var taken: CodeWorkspace?
    idle.withLock { swap(&$0, &taken) }
    return taken ?? CodeWorkspace()
  }

  /// Lets another have it.
  package static func give(back workspace: consuming CodeWorkspace) {
    var given: CodeWorkspace? = workspace
    idle.withLock { swap(&$0, &given) }
  }
}
