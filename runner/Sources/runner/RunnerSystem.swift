// RunnerSystem.swift — what a module finds of the system besides drivers, and what runs it.
// Freestanding. Imports NovaModules. Design: NovaCore.docc/Images.md.

import NovaModules

/// The system of the program's module.
protocol RunnerSystem {
  /// Whether all words of the command line are the module's, and none the runner's.
  var isCommand: Bool { get }
  /// A module's system; the loader is given what modules import of it.
  init(of module: Module, _ loader: ModuleLoader) throws(RunnerError)
  /// Calls a function of a fresh instance.
  func call(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue], _ limits: ModuleLimits,
    in runtime: borrowing NovaRuntime
  ) throws(ModuleFailure) -> [ModuleValue]
  /// The status with which the module ended itself; nil when it did not.
  func status(after failure: ModuleFailure) -> Int32?
}
