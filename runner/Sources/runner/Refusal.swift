// Refusal.swift — the runner's words, of which no program needs all.
// Freestanding. Imports NovaModules.

import NovaModules

/// Why a program did not begin.
enum Refusal {
  case noModule, format, code, nativeNaN, memory
  case importModuleMissing, importMissing, importMistyped, importNotCallable
  case importDriver, importNotGranted
  case importCycle, memoryTooLarge, tableTooLarge, limitOutOfRange, segmentOutOfRange
  case exportMistyped, executor, runtime, trace, other

  static var beginning: StaticString { "the module was refused: " }

  var text: StaticString {
    switch self {
    case .noModule: "there is no module in this program that its nova verified: build it anew"
    case .format: "its bytes are no module that this program reads"
    case .code: "its code is not safe to run"
    case .nativeNaN: "its results would differ between CPUs"
    case .memory: "the heap has no room for it: build with a larger --heap-size"
    case .importModuleMissing: "an import names a module that this program does not have"
    case .importMissing: "an import names what its module does not export"
    case .importMistyped: "an import is of another type than what it names"
    case .importNotCallable: "an import is nothing that a driver does"
    case .importDriver: "an import names a driver or operation that this program does not have"
    case .importNotGranted: "an import's driver was not granted: build with --grant"
    case .importCycle: "it imports itself"
    case .memoryTooLarge: "it wants more memory than --memory allows"
    case .tableTooLarge: "it wants a larger table than --table allows"
    case .limitOutOfRange: "a limit is out of range"
    case .segmentOutOfRange: "a segment does not fit its memory or table"
    case .exportMistyped: "the export is a function of somebody else's"
    case .executor: "the executor refused the call"
    case .runtime: "the runtime did not start: its settings or memory do not allow it"
    case .trace: "a pruned program without drivers has no executor, and so no trace"
    case .other: "the loader does not take it"
    }
  }
}

/// Why a program was stopped, and where.
enum Stop {
  static var beginning: StaticString { "the module was stopped: " }
  static var fuel: StaticString { "its fuel is used up" }
  static var deadline: StaticString { "it took longer than --timeout allows" }
  static var frame: StaticString { "\n  at " }
  static var function: StaticString { "function " }
  static var word: StaticString { ", word " }
  static var stack: StaticString { "its calls are as deep as --depth allows" }
  static var noLines: StaticString { "\n  no lines: it was built with --strip, or made without -g" }
  static var more: StaticString { "\n  and more calls: " }
}

/// What a command line asks for and is not there.
enum Misuse {
  static var noFunction: StaticString { "the module exports no function " }
  static var first: StaticString { "; --invoke may name: " }
  static var next: StaticString { ", " }
}

extension Line {
  /// Appends that a function, whose name is there, was given another number of arguments.
  mutating func append(wanted: Int, found: Int) {
    append(" wants ")
    append(wanted)
    append(" arguments, and was given ")
    append(found)
  }

  /// Appends that a function, whose name is there, was given a word that is no value of a type.
  mutating func append(argument index: Int, isNo type: ValueType) {
    append(" wants a value of type ")
    append(type.name)
    append(", and this is none: ")
    append(argument: index)
  }
}
