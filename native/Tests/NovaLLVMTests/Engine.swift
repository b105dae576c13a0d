// Engine.swift — compiles modules into this process for tests; compiler and code stay loaded.
// Hosted. Imports NovaLLVM and NovaModules.

import ModuleRunsHosted
import NovaLLVM
import NovaModules
import Testing

/// One compiler for all tests, which are run one after the other.
enum Engine {
  nonisolated(unsafe) private static let process: NativeProcess = {
    guard let process = try? NativeProcess() else { preconditionFailure("LLVM can be used") }
    return process
  }()

  /// The ways that a compiled module is run in.
  static var ways: [RunWay] { [.compiledCharged, .compiledSliced, .compiledFast] }

  /// Gives the module code that counts fuel, and code that does not.
  static func attach(_ module: Module, _ effort: NativeEffort) {
    for isCharged in [true, false] {
      var compiler = NativeCompiler()
      compiler.effort = effort
      compiler.isCharged = isCharged
      do {
        try process.attach(to: module, compiler)
      } catch {
        Issue.record("\(module.name): \(error)")
      }
    }
  }
}
