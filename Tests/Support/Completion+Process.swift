// Completion+Process.swift — how a process ended that the toolchain ran.
// Hosted. Imports NovaToolchain.

import NovaToolchain

extension Completion {
  /// What a process left that `NovaToolchain.run` ran.
  public init(_ outcome: ProcessOutcome) {
    let status: Int32 =
      switch outcome.ending {
      case .exited(let status): status
      case .killed(let signal): 128 + signal
      }
    self.init(status: status, output: outcome.outputText, errorOutput: outcome.errorText)
  }
}
