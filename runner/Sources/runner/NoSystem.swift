// NoSystem.swift — the system of modules that import nothing but drivers: there is none.
// Freestanding. Imports NovaModules. The runner of compiled modules has another such file.

import NovaModules

/// The system of the program's module, unless the linker is told another `main`.
typealias ProgramSystem = NoSystem

/// Nothing besides drivers.
struct NoSystem: RunnerSystem {
  var isCommand: Bool { false }

  init(of module: Module, _ loader: ModuleLoader) throws(RunnerError) {}

  func call(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue], _ limits: ModuleLimits,
    in runtime: borrowing NovaRuntime
  ) throws(ModuleFailure) -> [ModuleValue] {
    try runtime.executeModule(module, function, arguments, limits: limits)
  }

  func status(after failure: ModuleFailure) -> Int32? { nil }
}
