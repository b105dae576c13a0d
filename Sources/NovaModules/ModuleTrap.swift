// ModuleTrap.swift — why a call of a module ended without results, and where in the module.
// Freestanding. Imports NovaBytecode, NovaInterpreter. Design: NovaCore.docc/Modules.md.

import NovaBytecode
import NovaInterpreter

/// A call of a module that began and was stopped; the instance can be called again.
public struct ModuleTrap: Error, Equatable, Sendable {
  /// Why a call was stopped.
  public enum Kind: Equatable, Sendable {
    /// An instruction can't be done; it has not happened.
    case machine(TrapKind)
    /// The call's fuel, so many units, was used up.
    case fuelExhausted(UInt64)
    /// The call ran longer than so many nanoseconds.
    case deadlineExceeded(nanoseconds: UInt64)
    /// A registry refused a driver that the module called.
    case driver(DriverError)
    /// A host function failed with a status of its own.
    case host(HostFailure)
    /// A driver or host function called back into a module, which was refused.
    case refused(ModuleError)
  }

  /// Why.
  public let kind: Kind
  /// The module's frames, the innermost first; at most `ModuleLimits.backtraceFrameCountMax`.
  public let frames: [ModuleFrame]
  /// How many calls were under way, of which `frames` has the innermost.
  public let depth: Int

  /// A trap of these parts.
  public init(_ kind: Kind, frames: [ModuleFrame], depth: Int) {
    self.kind = kind
    self.frames = frames
    self.depth = depth
  }
}

/// A call of a module's function that was under way.
public struct ModuleFrame: Equatable, Sendable {
  /// The module's name.
  public let module: ModuleName
  /// The function's index in the module, imported ones counted.
  public let functionIndex: Int
  /// The function's name: the one for readers, or one under which it is exported.
  public let function: ModuleName?
  /// The instruction, in words from the function's beginning; of a caller, its call.
  public let wordOffset: Int
  /// The source file, if the module tells.
  public let file: ModuleName?
  /// The line, from 1, if the module tells.
  public let line: Int?

  /// A frame of these parts.
  public init(
    module: ModuleName, functionIndex: Int, function: ModuleName?, wordOffset: Int,
    file: ModuleName?, line: Int?
  ) {
    self.module = module
    self.functionIndex = functionIndex
    self.function = function
    self.wordOffset = wordOffset
    self.file = file
    self.line = line
  }

  /// The frame at a word of an own function.
  ///
  /// - Parameters:
  ///   - module: whose function it is.
  ///   - function: its index among the module's own.
  ///   - wordOffset: from the function's beginning.
  init(_ module: Module, ownFunction function: Int, wordOffset: Int) {
    let view = module.view
    let index = view.importedFunctionCount + function
    let word = Int(view.functions[function].firstWord) + wordOffset
    let entry = view.line(atWord: word)
    self.init(
      module: module.name, functionIndex: index, function: Self.name(of: index, in: view),
      wordOffset: wordOffset,
      file: entry.map { ModuleName(view.debugString(view.sourceFiles[Int($0.fileIndex)].name)) },
      line: entry.flatMap { $0.line == 0 ? nil : Int($0.line) })
  }

  private static func name(of function: Int, in view: ModuleView) -> ModuleName? {
    if let name = view.name(.function, UInt32(function)) { return ModuleName(name) }
    for index in 0..<view.exports.count {
      let entry = view.exports[index]
      if entry.kind == ExternalKind.function.rawValue, Int(entry.index) == function {
        return ModuleName(view.string(entry.name))
      }
    }
    return nil
  }
}

extension ModuleTrap: CustomStringConvertible {
  /// The kind in English on the first line, then a line for each frame, without the last line's
  /// end.
  public var description: String {
    var text = "\(kind)"
    for frame in frames { text += "\n  at \(frame)" }
    if depth > frames.count { text += "\n  and \(depth - frames.count) calls more" }
    return text
  }
}

extension ModuleFrame: CustomStringConvertible {
  /// Such as `sum (primes.nvasm:12) in primes, word 7`.
  public var description: String {
    var text = ""
    if let function { text += "\(function)" } else { text += "function \(functionIndex)" }
    if let line {
      if let file { text += " (\(file):\(line))" } else { text += " (line \(line))" }
    }
    return text + " in \(module), word \(wordOffset)"
  }
}

extension ModuleTrap.Kind: CustomStringConvertible {
  /// The cause in English, without a line's end.
  public var description: String {
    switch self {
    case .machine(let kind): "\(kind.summary)"
    case .fuelExhausted(let units): "the call's \(units) units of fuel are used up"
    case .deadlineExceeded(let nanoseconds):
      nanoseconds % 1_000_000 == 0
        ? "the call took longer than \(nanoseconds / 1_000_000) milliseconds"
        : "the call took longer than \(nanoseconds) nanoseconds"
    case .driver(let error): "a driver that the module called was refused: \(error)"
    case .host(let failure): "a host function failed: status \(failure.status)"
    case .refused(let error): "a call back into a module was refused: \(error)"
    }
  }
}

extension TrapKind {
  /// The cause in a few words.
  public var summary: StaticString {
    switch self {
    case .unreachable: "unreachable code was reached"
    case .integerDivisionByZero: "an integer was divided by zero"
    case .integerOverflow: "a result does not fit its integer"
    case .invalidConversion: "a float that is not a number was to become an integer"
    case .memoryOutOfBounds: "an access was beyond the end of its memory or segment"
    case .tableOutOfBounds: "an index was beyond the end of its table or segment"
    case .nullReference: "a null reference was called"
    case .typeMismatch: "a function was called by another type than its own"
    case .stackExhausted: "the call depth or the registers of all calls are at their limit"
    case .invalidReference: "a reference names no function"
    }
  }
}
