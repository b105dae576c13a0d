// RunnerSystem.swift — what a module finds of the system besides drivers: here, nothing.
// Freestanding. Imports NovaModules. The runner of modules that import WASI has another such file.

import NovaModules

/// The system of the program's module.
struct RunnerSystem {
  /// Whether all words of the command line are the module's, and none the runner's.
  var isCommand: Bool { false }

  init(of module: Module, _ loader: ModuleLoader) throws(RunnerError) {}

  /// Calls a function of a fresh instance.
  func call(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue], _ limits: ModuleLimits,
    in runtime: borrowing NovaRuntime
  ) throws(ModuleFailure) -> [ModuleValue] {
    try runtime.executeModule(module, function, arguments, limits: limits)
  }

  /// The status with which the module ended itself; nil when it did not.
  func status(after failure: ModuleFailure) -> Int32? { nil }
}
