// RunnerError+Module.swift — what the loader refuses and why a module was stopped, in a few words.
// Freestanding. Imports NovaModules.

import NovaModules

extension ModuleError {
  /// Says what is wrong; the loader's own texts would be larger than the loader.
  func tell(_ line: inout Line) {
    line.append("the module was refused: ")
    line.append(summary)
    guard let name = importName else { return }
    line.append(": ")
    line.append(name.name)
    line.append(" of ")
    line.append(name.module)
  }

  private var importName: ModuleImportName? {
    switch self {
    case .importModuleMissing(let name, _), .importMissing(let name, _),
      .importMistyped(let name, _, _), .importNotCallable(let name, _),
      .importDriver(let name, _, _):
      name
    default: nil
    }
  }

  private var summary: StaticString {
    switch self {
    case .format: "its bytes are no module that this program reads"
    case .code: "its code is not safe to run"
    case .nativeNaN: "its results would differ between CPUs"
    case .memory: "the heap has no room for it: build with a larger --heap-size"
    case .importModuleMissing: "an import names a module that this program does not have"
    case .importMissing: "an import names what its module does not export"
    case .importMistyped: "an import is of another type"
    case .importNotCallable: "an import is nothing that a driver does"
    case .importDriver: "an import's driver is missing, or was not granted: build with --grant"
    case .importCycle: "it imports itself"
    case .memoryTooLarge: "it wants more memory than --memory allows"
    case .tableTooLarge: "it wants a larger table than there may be"
    case .limitOutOfRange: "a limit is out of range"
    case .dataOutOfRange, .elementsOutOfRange: "a segment does not fit its memory or table"
    case .exportMistyped: "the export is a function of somebody else's"
    case .executor: "the executor refused the call"
    default: "the loader does not take it"
    }
  }
}

extension ModuleTrap {
  /// Says why the call was stopped, and a line for each frame.
  func tell(_ line: inout Line) {
    line.append("the module was stopped: ")
    line.append(summary)
    for frame in frames {
      line.append("\n  at ")
      if let name = frame.function {
        line.append(name)
      } else {
        line.append("function ")
        line.append(frame.functionIndex)
      }
      if let number = frame.line {
        if let file = frame.file {
          line.append(" (")
          line.append(file)
          line.append(":")
          line.append(number)
          line.append(")")
        } else {
          line.append(", line ")
          line.append(number)
        }
      }
      line.append(", word ")
      line.append(frame.wordOffset)
    }
    guard depth > frames.count else { return }
    line.append("\n  and more calls: ")
    line.append(depth - frames.count)
  }

  private var summary: StaticString {
    switch kind {
    case .machine(let kind): kind.summary
    case .fuelExhausted: "its fuel is used up"
    case .deadlineExceeded: "it took longer than --timeout allows"
    case .driver: "a driver that it called was refused"
    case .host: "a function of the host failed"
    case .refused: "a call back into it was refused"
    }
  }
}
