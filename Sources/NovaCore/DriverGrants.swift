// DriverGrants.swift — what drivers may reach of the system: a set that the bootstrap states.
// Freestanding. Imports NovaABI. Design: NovaCore.docc/Drivers.md.

import NovaABI

/// What drivers may reach of the system below the program.
///
/// The bootstrap grants a process a set, by default the console alone; a runtime has that set or
/// less. Raw values are the bootstrap record's (`NOVA_GRANT_…`).
public struct DriverGrants: OptionSet, Sendable {
  /// The bits of the bootstrap record.
  public let rawValue: UInt64

  /// The set of these bits; a bit that is no grant grants nothing.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Standard input, output and error.
  public static var console: DriverGrants { DriverGrants(rawValue: UInt64(NOVA_GRANT_console)) }
  /// Time since some moment before the process.
  public static var monotonicClock: DriverGrants {
    DriverGrants(rawValue: UInt64(NOVA_GRANT_monotonic_clock))
  }
  /// Time since 1970.
  public static var wallClock: DriverGrants {
    DriverGrants(rawValue: UInt64(NOVA_GRANT_wall_clock))
  }
  /// Random bytes, which are constants under `RuntimeBootstrap.EntropyPolicy.fixed`.
  public static var entropy: DriverGrants { DriverGrants(rawValue: UInt64(NOVA_GRANT_entropy)) }
  /// The program's arguments.
  public static var arguments: DriverGrants {
    DriverGrants(rawValue: UInt64(NOVA_GRANT_arguments))
  }
  /// The program's environment.
  public static var environment: DriverGrants {
    DriverGrants(rawValue: UInt64(NOVA_GRANT_environment))
  }

  /// Each of them.
  public static var all: DriverGrants { DriverGrants(rawValue: UInt64(NOVA_GRANT_ALL)) }

  /// What the process was granted, before `main`.
  ///
  /// Hosted, a program's source may state bits that are no grant; they grant nothing.
  public static var process: DriverGrants {
    // SAFETY: the start record lives as long as the process and is not written after start-up.
    DriverGrants(rawValue: unsafe nova_started().pointee.driver_grants).intersection(.all)
  }
}

extension DriverGrants: CustomStringConvertible {
  /// The names by comma, such as `console, wall-clock`, or `none`; as `nova build --grant` takes
  /// them.
  public var description: String {
    var names = ""
    func append(_ name: StaticString, _ grant: DriverGrants) {
      guard contains(grant) else { return }
      if !names.isEmpty { names += ", " }
      names += "\(name)"
    }
    append("console", .console)
    append("monotonic-clock", .monotonicClock)
    append("wall-clock", .wallClock)
    append("entropy", .entropy)
    append("arguments", .arguments)
    append("environment", .environment)
    return names.isEmpty ? "none" : names
  }
}
