// WASIRunnerSystem.swift — WASI for modules that import drivers as well, and their `main`.
// Freestanding. Imports NovaModules, NovaWASI. Design: NovaCore.docc/WASI.md.

import NovaModules
import NovaWASI

/// Of a program whose modules import WASI and drivers.
@c public func nova_wasi_drivers_main() -> Int32 { runToEnd(WASIRunnerSystem.self) }

/// WASI, as far as the program was built to grant it.
struct WASIRunnerSystem: RunnerSystem {
  let isCommand: Bool
  private let system: WASISystem
  private let loader: ModuleLoader

  /// Opens the folders, and registers what the modules import of WASI.
  init(of module: Module, _ loader: ModuleLoader) throws(RunnerError) {
    self.loader = loader
    isCommand = module.importsWASI && module.exportType("_start") != nil
    system = WASISystem.ofProgram
    if WASISystem.statesFolders { openFolders(of: system) }
    do throws(ModuleError) { try system.add(to: loader, for: loader.modules) } catch {
      throw .module(error)
    }
  }

  /// Calls a function of a fresh instance, after the one that initialises it.
  func call(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue], _ limits: ModuleLimits,
    in runtime: borrowing NovaRuntime
  ) throws(ModuleFailure) -> [ModuleValue] {
    let instance = try loader.instantiate(module, limits: limits)
    // Source: WASI's "application ABI": a command is called once, a reactor initialises itself.
    if module.importsWASI, module.exportType("_initialize") != nil {
      _ = try instance.call("_initialize", [])
    }
    return try instance.call(function, arguments)
  }

  /// The status with which the module ended itself; nil when it did not.
  ///
  /// When it failed, the standard error tells what it was refused.
  func status(after failure: ModuleFailure) -> Int32? {
    let status = system.exitStatus.map { Int32($0 & 0xff) }
    if status != 0, let text = system.refusalText {
      do throws(SystemError) { try System.write(text.span, to: 2) } catch {
        // The status tells as much.
      }
    }
    guard case .trapped(let trap) = failure, case .host = trap.kind else { return nil }
    return status
  }
}
