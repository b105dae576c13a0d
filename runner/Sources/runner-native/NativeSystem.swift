// NativeSystem.swift — a module that runs by the compiled code that its program was linked with.
// Freestanding. Imports CNativeCode, NovaModules. Design: Decisions/0020-a-native-program.md. Other
// files here are links to those of the other runner.

import CNativeCode
import NovaModules

/// The system of the program's module.
typealias ProgramSystem = NativeSystem

/// Nothing besides drivers, and the module's code.
struct NativeSystem: RunnerSystem {
  var isCommand: Bool { false }

  /// Gives the module its code; ends the process with 2 when it is another module's.
  init(of module: Module, _ loader: ModuleLoader) throws(RunnerError) {
    // SAFETY: the symbol is null, or the linker put what the compiler made there.
    guard let record = unsafe nova_native_linked() else {
      Self.end("the program was linked without compiled code; build it with nova build --native")
    }
    do throws(NativeCodeError) {
      // SAFETY: as above; the code is in the program's own file, for its CPU.
      try module.attach(unsafe NativeCode(record))
    } catch {
      switch error {
      case .notNative, .version:
        Self.end("the program's compiled code was made for another version of its runner")
      case .otherModule, .functionCount:
        Self.end("the program's compiled code was made from another module than it has")
      }
    }
  }

  private static func end(_ text: StaticString) -> Never {
    var line = Line(to: 2)
    line.append(text)
    line.write()
    System.exit(2)
  }

  /// Calls a function of a fresh instance.
  func call(
    _ module: Module, _ function: ModuleName, _ arguments: [ModuleValue], _ limits: ModuleLimits,
    in runtime: borrowing NovaRuntime
  ) throws(ModuleFailure) -> [ModuleValue] {
    try runtime.executeModule(module, function, arguments, limits: limits, on: NativeBackend.self)
  }

  /// The status with which the module ended itself; nil when it did not.
  func status(after failure: ModuleFailure) -> Int32? { nil }
}
