// RunnerError.swift — why the runner did not do it, in words, and with which exit status.
// Freestanding. Imports NovaModules.

import NovaModules

/// Why there are no results; numbers are of the program's arguments.
enum RunnerError: Error {
  /// `nova build` has put no module into the program, or one of a later version.
  case noModule
  /// The module exports nothing of the name, or no function.
  case noFunction(ModuleName, exported: [ModuleName])
  /// The function takes another number of arguments.
  case wrongCount(ModuleName, wanted: Int, found: Int)
  /// A word is no value of the parameter's type.
  case badArgument(ModuleName, argument: Int, type: ValueType)
  case runtime
  case module(ModuleError)
  case call(ModuleFailure)

  /// 1 when the module began and failed, 2 when it was not begun.
  var status: Int32 {
    switch self {
    case .call(.trapped), .call(.cancelled): 1
    default: 2
    }
  }

  /// Says what is wrong, where, and what to do.
  func tell(_ line: inout Line) {
    switch self {
    case .noModule: line.append(Refusal.noModule.text)
    case .noFunction(let name, let exported): Self.tell(name, exported, &line)
    case .wrongCount(let name, let wanted, let found):
      line.append(name)
      line.append(wanted: wanted, found: found)
    case .badArgument(let name, let argument, let type):
      line.append(name)
      line.append(argument: argument, isNo: type)
    case .runtime: line.append(Refusal.runtime.text)
    case .module(let error), .call(.refused(let error)): error.tell(&line)
    case .call(.trapped(let trap)): trap.tell(&line)
    case .call(.cancelled): line.append("the call was cancelled")
    }
  }

  private static func tell(_ name: ModuleName, _ exported: [ModuleName], _ line: inout Line) {
    line.append(Misuse.noFunction)
    line.append(name)
    for index in exported.indices {
      line.append(index == 0 ? Misuse.first : Misuse.next)
      line.append(exported[index])
    }
  }
}
