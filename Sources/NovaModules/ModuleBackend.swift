// ModuleBackend.swift — what runs a module's code: the interpreter, and room for a compiler.
// Freestanding. Imports NovaInterpreter. Design: NovaCore.docc/Modules.md.

import NovaInterpreter

/// An engine that runs calls of an instance; one value for each call.
///
/// A generic constraint, not an existential. Whatever the engine, a call's results, its traps and
/// where its fuel runs out are the same.
public protocol ModuleBackend: ~Copyable {
  /// An engine for one call; `isCharged` says whether it counts fuel.
  ///
  /// - Throws: `ModuleError.memory` when there is no room for its stack.
  init(_ instance: ModuleInstance, limits: ModuleLimits, isCharged: Bool) throws(ModuleError)

  /// Units of fuel left; the call adds some when it goes on.
  var fuel: UInt64 { get set }

  /// Begins a call of an own function of an instance; nothing is under way.
  mutating func begin(_ function: BackendFunction, arguments: [UInt64]) -> BackendOutcome

  /// Goes on after an outcome that asked for something, with what was answered.
  mutating func resume(answer: UInt32) -> BackendOutcome

  /// The first `count` results of a call that returned.
  func results(count: Int) -> [UInt64]

  /// The module's frames, the innermost first, until `body` says no.
  func backtrace(_ body: (BackendFrame) -> Bool)
}

/// Is shown each instruction of a module before it happens: where it is, and its first word.
public typealias ModuleObserver = @Sendable (_ frame: ModuleFrame, _ code: UInt64) -> Void

/// A function of an instance, by numbers.
public struct BackendFunction: Equatable, Sendable {
  /// Which of the linked instances, from 1.
  public let instance: Int
  /// Which of its own functions.
  public let index: Int

  /// A function of these numbers.
  public init(instance: Int, index: Int) {
    self.instance = instance
    self.index = index
  }
}

/// A place in a function that is under way.
public struct BackendFrame: Equatable, Sendable {
  /// The function.
  public let function: BackendFunction
  /// In words from the function's beginning; of a caller, the last word of its call.
  public let wordOffset: Int

  /// A place of these parts.
  public init(function: BackendFunction, wordOffset: Int) {
    self.function = function
    self.wordOffset = wordOffset
  }
}

/// Why an engine came back.
@safe public enum BackendOutcome {
  /// The call is over.
  case returned
  /// The call was stopped.
  case trapped(TrapKind)
  /// The next charge is more than the fuel left.
  case fuelExhausted
  /// A function outside of modules is called, by its number in the instance's list; its arguments
  /// lie in the window, and its results go there.
  case hostCall(Int, window: UnsafeMutablePointer<UInt64>)
  /// The memory whose record lies here is to grow by so many pages.
  case growMemory(UnsafeRawPointer, pages: UInt32)
  /// The table whose record lies here is to grow by so many cells of this value.
  case growTable(UnsafeRawPointer, count: UInt32, cell: UInt64)
}
