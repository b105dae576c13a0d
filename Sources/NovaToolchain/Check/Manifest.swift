// Manifest.swift — how a program starts, as a value: every input, the state at `main`, the course.
// Hosted. Imports nothing. Holds no path, time, process id or size of the host, so that the same
// program has the same manifest on every machine. Forms: Manifest+Text, +JSON, +Picture.

/// One entry of the bootstrap record.
public struct ManifestBootstrap: Sendable, Equatable {
  /// As `nova inspect` calls the entry.
  public var name: String
  /// The value in words: a size with its unit, a count, a policy.
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

  /// As Linux calls the input: `AT_RANDOM`, `argc`.
  public var name: String
  /// What became of it.
  public var treatment: Treatment
  /// How, in words, and in how many runs it was varied.
  public var how: String
  /// Whether the check varied it.
  public var isVaried: Bool
}

/// A register that is not zero at `main`, and why that is right.
public struct ManifestRegister: Sendable, Equatable {
  /// The debugger's name of the register.
  public var name: String
  /// Hexadecimal, or the symbol that it points to.
  public var value: String
  /// Why it is not zero.
  public var reason: String
}

/// How much of a region is proven to be zero at `main`.
public struct ManifestRegion: Sendable, Equatable {
  /// Bytes that are not zero, and why.
  public struct Exception: Sendable, Equatable {
    /// The first byte.
    public var address: UInt64
    /// How many bytes follow one another.
    public var byteCount: UInt64
    /// Why they are not zero.
    public var reason: String
  }

  /// `stack`, `heap`, `data`, `bss`.
  public var name: String
  /// The first byte.
  public var address: UInt64
  /// Bytes of the whole region.
  public var byteCount: UInt64
  /// Bytes that were read, or whose pages were never made, and are zero.
  public var zeroByteCount: UInt64
  /// By address.
  public var exceptions: [Exception]
}

/// A system call, with its reason when start-up makes it.
public struct ManifestCall: Sendable, Equatable {
  /// The call, its arguments as the tracer prints them.
  public var call: SystemCall
  /// Why start-up makes it; empty from `main` on.
  public var reason: String
}

/// The start-up manifest of one program on one CPU.
public struct Manifest: Sendable, Equatable {
  /// Raised when the text form changes.
  public static let formatVersion = 1

  /// The CPU.
  public var target: Target
  /// What the check found.
  public var verdict: CheckResult.Verdict
  /// The bootstrap record, in its order.
  public var bootstrap: [ManifestBootstrap]
  /// Every start-up input, in a fixed order.
  public var inputs: [ManifestInput]
  /// Registers that are not zero at `main`.
  public var registers: [ManifestRegister]
  /// Registers proven zero, by group.
  public var zeroRegisters: [ZeroGroup]
  /// The memory map at `main`, by address.
  public var mappings: [Mapping]
  /// The regions that must be zero.
  public var regions: [ManifestRegion]
  /// System calls before `main`, in order.
  public var callsBeforeMain: [ManifestCall]
  /// What start-up did otherwise for some inputs, so that `main` finds the same: place and cause.
  public var normalised: [ManifestNormalisation]
  /// Whether the program starts threads; the course then ends in front of the
  /// first one's start.
  public var isMultithreaded: Bool
  /// System calls from `main` on, in order.
  public var callsFromMain: [SystemCall]
  /// Instructions from `main` on; null when no run had a trace.
  public var trace: InstructionTrace?
  /// How the program ended.
  public var ending: Ending
  /// Bytes written to descriptors 1 and 2.
  public var outputByteCount: Int
  /// Bytes written to descriptor 2.
  public var errorOutputByteCount: Int
  /// SHA-256 over the state at `main` and everything from `main` on.
  public var digest: String
}

/// A kind of register and how many of it were found zero.
public struct ZeroGroup: Sendable, Equatable {
  /// What the registers are: general, vector, mask and so on.
  public var name: String
  /// How many registers, 1 or more.
  public var count: Int
}

/// A difference before `main` that start-up makes up for.
public struct ManifestNormalisation: Sendable, Equatable {
  /// The inputs that differ, such as `closed descriptors (0)`.
  public var cause: String
  /// What start-up does then, and otherwise.
  public var effect: String
}
