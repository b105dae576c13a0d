// RunnerError+Module.swift — what the loader refuses and why a module was stopped, in a few words.
// Freestanding. Imports NovaModules.

import NovaModules

extension ModuleError {
  /// Says what is wrong; the loader's own texts would be larger than the loader.
  func tell(_ line: inout Line) {
    line.append(Refusal.beginning)
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

  private var summary: StaticString { refusal.text }

  private var refusal: Refusal {
    switch self {
    case .format: .format
    case .code: .code
    case .nativeNaN: .nativeNaN
    case .memory: .memory
    case .importModuleMissing: .importModuleMissing
    case .importMissing: .importMissing
    case .importMistyped: .importMistyped
    case .importNotCallable: .importNotCallable
    case .importDriver(_, _, .notGranted): .importNotGranted
    case .importDriver: .importDriver
    case .importCycle: .importCycle
    case .memoryTooLarge: .memoryTooLarge
    case .tableTooLarge: .tableTooLarge
    case .limitOutOfRange: .limitOutOfRange
    case .dataOutOfRange, .elementsOutOfRange: .segmentOutOfRange
    case .exportMistyped: .exportMistyped
    case .executor: .executor
    default: .other
    }
  }
}

extension ModuleTrap {
  /// Says why the call was stopped, and a line for each frame.
  func tell(_ line: inout Line) {
    line.append(Stop.beginning)
    line.append(summary)
    for frame in frames {
      line.append(Stop.frame)
      if let name = frame.function {
        line.append(name)
      } else {
        line.append(Stop.function)
        line.append(frame.functionIndex)
      }
      if let number = frame.line {
        if let file = frame.file {
          line.append(" (")
          line.append(file)
          line.append(UInt8(ascii: ":"))
          line.append(number)
          line.append(UInt8(ascii: ")"))
        } else {
          line.append(", line ")
          line.append(number)
        }
      }
      line.append(Stop.word)
      line.append(frame.wordOffset)
    }
    if depth > frames.count {
      line.append(Stop.more)
      line.append(depth - frames.count)
    }
    if let frame = frames.first, frame.line == nil { line.append(Stop.noLines) }
  }

  private var summary: StaticString {
    switch kind {
    case .machine(.stackExhausted): Stop.stack
    case .machine(let kind): kind.summary
    case .fuelExhausted: Stop.fuel
    case .deadlineExceeded: Stop.deadline
    case .driver: "a driver that it called was refused"
    case .host: "a function of the host failed"
    case .refused: "a call back into it was refused"
    }
  }
}
