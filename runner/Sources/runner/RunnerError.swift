// RunnerError.swift — why the runner did not do it, in words, and with which exit status.
// Freestanding. Imports NovaModules.

import NovaModules

/// Why there are no results; numbers are of the program's arguments.
enum RunnerError: Error {
  /// `nova build` has put no module into the program, or one of a later version.
  case noModule
  /// An option at the end of the line.
  case missingValue(option: Int)
  /// What follows an option is no number, or none of 64 bits.
  case badNumber(option: Int)
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
    case .noModule:
      line.append("there is no module in this program that its nova verified: build it anew")
    case .missingValue(let option):
      line.append(argument: option)
      line.append(" wants a value behind it")
    case .badNumber(let option):
      line.append(argument: option)
      line.append(" wants a number, and this is none: ")
      line.append(argument: option + 1)
    case .noFunction(let name, let exported): Self.tell(name, exported, &line)
    case .wrongCount(let name, let wanted, let found):
      line.append(name)
      line.append(" wants ")
      line.append(wanted)
      line.append(" arguments, and was given ")
      line.append(found)
    case .badArgument(let name, let argument, let type):
      line.append(name)
      line.append(" wants a value of type ")
      line.append(type.name)
      line.append(", and this is none: ")
      line.append(argument: argument)
    case .runtime: line.append("the runtime did not start: its settings or memory do not allow it")
    case .module(let error), .call(.refused(let error)): error.tell(&line)
    case .call(.trapped(let trap)): trap.tell(&line)
    case .call(.cancelled): line.append("the call was cancelled")
    }
  }

  private static func tell(_ name: ModuleName, _ exported: [ModuleName], _ line: inout Line) {
    line.append("the module exports no function ")
    line.append(name)
    guard !exported.isEmpty else { return }
    line.append("; --invoke may name")
    for index in exported.indices {
      line.append(index == 0 ? ": " : ", ")
      line.append(exported[index])
    }
  }
}
