// WASIConfiguration.swift — what a module is granted through WASI, and why that was refused.
// Freestanding. Imports NovaCore, NovaModules, NovaSystem. Design: NovaCore.docc/WASI.md.

import NovaCore
import NovaModules
import NovaSystem

/// A folder of the system's that a module is granted, with everything in it.
public struct WASIDirectory: Equatable, Sendable {
  /// Where it is.
  public let host: [UInt8]
  /// What the module calls it.
  public let guest: [UInt8]

  /// A folder of these names, which hold no zero.
  public init(host: [UInt8], guest: [UInt8]) {
    self.host = host
    self.guest = guest
  }
}

/// What a module is granted; nothing, unless it is said.
public struct WASIConfiguration: Equatable, Sendable {
  /// The arguments, the program's name first.
  public var arguments: [[UInt8]] = []
  /// `NAME=value` each.
  public var environment: [[UInt8]] = []
  /// Folders, which get the descriptors from 3 on.
  public var directories: [WASIDirectory] = []
  /// Whether descriptor 0 can be read.
  public var hasInput = false
  /// Of these, `console` (descriptors 1 and 2 can be written), the two clocks and `entropy`.
  public var grants: DriverGrants = []

  /// Nothing.
  public init() {}
}

/// Why a module can't be granted what was asked for.
public enum WASIError: Error, Equatable {
  /// The system refused a folder.
  case directory(WASIDirectory, SystemError)
  /// A name or a variable is empty or holds a zero.
  case badText([UInt8])
  /// More folders than there are descriptors.
  case tooManyDirectories(maximum: Int)
}

extension WASIConfiguration {
  /// What a module knows its program as: the same in every program, wherever it lies.
  public static var programName: [UInt8] {
    let name = PoolBytes(WASITexts.programName)
    return (0..<name.count).map { name[$0] }
  }

  /// Adds the process's variables where `grants` holds `environment`, but not those that are set.
  public mutating func addEnvironment(_ grants: DriverGrants) {
    guard grants.contains(.environment) else { return }
    let variables = ProgramEnvironment.current
    let given = environment
    for index in 0..<variables.count {
      let copy = [UInt8](copying: variables[index])
      let name = copy.prefix { $0 != UInt8(ascii: "=") }
      let isSet = given.contains { $0.prefix { $0 != UInt8(ascii: "=") } == name }
      if !isSet { environment.append(copy) }
    }
  }
}
