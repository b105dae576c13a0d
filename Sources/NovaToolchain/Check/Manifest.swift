// Manifest.swift — how a program starts, as a value: every input, the state at `main`, the course.
// Hosted. Imports nothing. Holds no path, time, process id or size of the host, so that the same
// program has the same manifest on every machine. Forms: Manifest+Text, +JSON, +Picture.

/// One entry of the bootstrap record.
public struct ManifestBootstrap: Sendable, Equatable {
  public var name: String
  public var value: String
}

/// What became of a start-up input.
public struct ManifestInput: Sendable, Equatable {
  /// The four things that can become of an input.
  public enum Treatment: String, Sendable {
    /// It cannot reach the program.
    case eliminated
    /// The program finds the same whatever it was.
    case normalised
    /// The program can ask for it; nothing acts on it before.
    case recorded
    /// Start-up neither reads nor passes it on.
    case ignored
    /// It makes a difference: see the check's findings.
    case leaks = "LEAKS"
  }

  public var name: String
  public var treatment: Treatment
  public var how: String
}

/// A register that is not zero at `main`, and why that is right.
public struct ManifestRegister: Sendable, Equatable {
  public var name: String
  public var value: String
  public var reason: String
}

/// How much of a region is proven to be zero at `main`.
public struct ManifestRegion: Sendable, Equatable {
  /// Bytes that are not zero, and why.
  public struct Exception: Sendable, Equatable {
    public var address: UInt64
    public var byteCount: UInt64
    public var reason: String
  }

  public var name: String
  public var address: UInt64
  public var byteCount: UInt64
  /// Bytes that were read, or whose pages were never made, and are zero.
  public var zeroByteCount: UInt64
  public var exceptions: [Exception]
}

/// A system call, with its reason when start-up makes it.
public struct ManifestCall: Sendable, Equatable {
  public var call: SystemCall
  public var reason: String
}

/// The start-up manifest of one program on one CPU.
public struct Manifest: Sendable, Equatable {
  /// Raised when the text form changes.
  public static let formatVersion = 1

  public var target: Target
  public var verdict: CheckResult.Verdict
  public var bootstrap: [ManifestBootstrap]
  public var inputs: [ManifestInput]
  public var registers: [ManifestRegister]
  /// Registers proven zero, by group.
  public var zeroRegisters: [ZeroGroup]
  public var mappings: [Mapping]
  public var regions: [ManifestRegion]
  public var callsBeforeMain: [ManifestCall]
  /// What start-up did otherwise for some inputs, so that `main` finds the same: place and cause.
  public var normalised: [ManifestNormalisation]
  public var callsFromMain: [SystemCall]
  public var trace: InstructionTrace?
  public var ending: Ending
  /// Bytes written to descriptors 1 and 2.
  public var outputByteCount: Int
  public var errorOutputByteCount: Int
  /// SHA-256 over the state at `main` and everything from `main` on.
  public var digest: String
}

/// A kind of register and how many of it were found zero.
public struct ZeroGroup: Sendable, Equatable {
  public var name: String
  public var count: Int
}

/// A difference before `main` that start-up makes up for.
public struct ManifestNormalisation: Sendable, Equatable {
  /// The inputs that differ, e.g. `closed descriptors (0)`.
  public var cause: String
  /// What start-up does then, and otherwise.
  public var effect: String
}
