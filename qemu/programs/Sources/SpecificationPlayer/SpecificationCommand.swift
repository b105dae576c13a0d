// SpecificationCommand.swift — what a script of WebAssembly's specification tests does, as data.
// Freestanding; also built hosted. Imports NovaModules.

import NovaModules

/// A value that a script expects.
public enum ExpectedValue: Equatable, Sendable {
  /// Exactly these bits of this type.
  case value(ModuleValue)
  /// A NaN with no more than the highest bit of its fraction set, of either sign.
  case canonicalNaN(isDouble: Bool)
  /// A NaN with at least the highest bit of its fraction set.
  case arithmeticNaN(isDouble: Bool)
}

/// Why an assertion expects a module to stop or not to start.
public enum ExpectedFailure: UInt8, Equatable, Sendable {
  case unreachable, divisionByZero, integerOverflow, invalidConversion, memoryBounds, tableBounds
  case nullReference, typeMismatch, stackExhausted
  case importMissing, importMistyped
}

/// What a command calls or reads.
public struct SpecificationAction: Equatable, Sendable {
  /// The module's name in the script; nil for the last one.
  public var module: [UInt8]?
  /// Which export.
  public var field: [UInt8]
  /// Of a function; nil to read a global.
  public var arguments: [ModuleValue]?

  /// An action of these parts.
  public init(module: [UInt8]?, field: [UInt8], arguments: [ModuleValue]?) {
    (self.module, self.field, self.arguments) = (module, field, arguments)
  }
}

/// One command of a script, its modules translated.
public enum SpecificationCommand: Equatable, Sendable {
  /// Makes an instance.
  case module([UInt8], name: [UInt8]?)
  /// Lets later modules import what a module exports.
  case register(module: [UInt8]?, name: [UInt8])
  /// Gives these results; nil for any.
  case perform(SpecificationAction, expected: [ExpectedValue]?)
  /// Traps so.
  case performTrapping(SpecificationAction, ExpectedFailure)
  /// An instance can't be made of the module.
  case refuse([UInt8], ExpectedFailure)
}

/// A script's commands.
public struct SpecificationScript: Equatable, Sendable {
  /// Its name.
  public var name: [UInt8]
  /// Whether modules share what they register; otherwise each has a world of its own.
  public var isShared: Bool
  /// With the lines of the script.
  public var commands: [(line: UInt32, command: SpecificationCommand)]

  /// A script of these parts.
  public init(
    name: [UInt8], isShared: Bool, commands: [(line: UInt32, command: SpecificationCommand)]
  ) {
    (self.name, self.isShared, self.commands) = (name, isShared, commands)
  }

  /// Whether all of it is equal.
  public static func == (left: SpecificationScript, right: SpecificationScript) -> Bool {
    left.name == right.name && left.isShared == right.isShared
      && left.commands.count == right.commands.count
      && zip(left.commands, right.commands).allSatisfy {
        $0.line == $1.line && $0.command == $1.command
      }
  }
}
