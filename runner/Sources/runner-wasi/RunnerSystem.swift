// RunnerSystem.swift — what a module finds of the system besides drivers: WASI, as far as the
// program was built to grant it.
// Freestanding. Imports NovaModules, NovaWASI. Design: NovaCore.docc/WASI.md. The other files of
// this folder are links to those of the other runner.

import NovaModules
import NovaWASI

/// The system of the program's module.
struct RunnerSystem {
  /// Whether all words of the command line are the module's, and none the runner's.
  let isCommand: Bool
  private let system: WASISystem
  private let loader: ModuleLoader

  /// Opens the folders, and registers what the modules import of WASI; ends the process with 2 when
  /// a folder is not there.
  init(of module: Module, _ loader: ModuleLoader) throws(RunnerError) {
    self.loader = loader
    isCommand = module.importsWASI && module.exportType("_start") != nil
    do throws(WASIError) { system = try WASISystem(.ofProgram) } catch { Self.end(error) }
    do throws(ModuleError) { try system.add(to: loader, for: loader.modules) } catch {
      throw .module(error)
    }
  }

  private static func end(_ error: WASIError) -> Never {
    var line = Line(to: 2)
    switch error {
    case .directory(let directory, let error):
      line.append("the program was built to reach a folder that can't be opened")
      if let summary = error.summary {
        line.append(", since ")
        line.append(summary)
      }
      line.append(" (errno ")
      line.append(Int(error.errno))
      line.append("): ")
      line.append(ModuleName(directory.host))
    case .badText(let text):
      line.append("an argument or a grant is no text: ")
      line.append(ModuleName(text))
    case .tooManyDirectories(let maximum):
      line.append("the program was built to reach more folders than there can be: ")
      line.append(maximum)
    }
    line.write()
    System.exit(2)
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
