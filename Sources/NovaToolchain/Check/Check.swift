// Check.swift — what a start-up check takes, says while it runs, and finds.
// Hosted. Imports nothing.

/// How a check is made.
public struct CheckOptions: Sendable {
  /// Whether programs for this machine's own CPU also run without qemu.
  public var runsNatively = true
  /// Runs at a time, 1 … 64; null for as many as there are processors.
  public var concurrentRunCount: Int?
  /// For each time that the program runs, in milliseconds; 1 and more.
  public var timeLimitMilliseconds = QemuProbe.timeLimitMillisecondsDefault
  /// Path of nova-trace.so; null for the register-level trace, which counts no data accesses and
  /// cannot close descriptors.
  public var plugIn: String?

  /// What is used when nothing else is asked for.
  public init() {}
}

/// How far a check has come.
public enum CheckProgress: Sendable, Equatable {
  /// The plan is made.
  case planned(runCount: Int)
  /// One more run is done; `count` of `runCount` are.
  case ran(name: String, engine: Engine, count: Int, runCount: Int)
  /// All runs are done and being compared.
  case comparing
}

/// Why a check could not be made; nothing was written.
public enum CheckError: Error, Sendable, Equatable {
  /// The program cannot be checked as it is.
  case program(path: String, reason: String, remedy: String)
  /// The program is for another CPU than the one asked for.
  case wrongTarget(path: String, found: Target, wanted: Target)
  /// A run could not be made or observed.
  case run(name: String, reason: String, remedy: String)
  /// An expected manifest could not be read.
  case unreadable(path: String, errno: Int32)
  /// A file could not be written; the one before it, if any, is unchanged.
  case unwritable(path: String, errno: Int32)
}

/// A place in a program's start or course where something is not as it must be.
public enum DifferencePlace: Sendable, Equatable {
  case register(name: String, moment: Moment)
  case byte(address: UInt64, region: String, symbol: String?, moment: Moment)
  case mapping(name: String, moment: Moment)
  /// `index` counts from 0 within the phase.
  case call(index: Int, phase: Phase)
  /// The instruction lies between two checkpoints, counted from `main`.
  case instruction(first: UInt64, last: UInt64?)
  /// The access hash differs, while the instructions agree.
  case access
  case output(descriptor: Int32, offset: Int)
  case ending

  /// When the state was taken.
  public enum Moment: String, Sendable {
    case main = "at main"
    case end = "at the end"
  }

  /// Which part of the course a call belongs to.
  public enum Phase: String, Sendable {
    case startUp = "before main"
    case program = "from main"
  }
}

/// What two runs, or a run and the rule, disagree in.
public struct Difference: Sendable, Equatable {
  /// What follows from it.
  public enum Weight: String, Sendable {
    /// The program does not start, or run, the same every time.
    case failure
    /// Start-up deals with it before `main`.
    case normalised
  }

  /// Whether it is a failure.
  public var weight: Weight
  /// Where the two disagree.
  public var place: DifferencePlace
  /// The run that shows it, and the one it is compared with (null: with the rule).
  public var run: String
  /// The run that `run` is compared with; null: it breaks a rule.
  public var baseline: String?
  /// Both values as text.
  public var expected: String
  /// What `run` shows, as text.
  public var found: String
  /// What made the difference, in words: an input, or that nothing clears the place.
  public var cause: String
  /// The inputs among the causes; empty when the place is the same in every run.
  public var inputs: [StartInput] = []
  /// For instructions and accesses: the exact place, from repeating both runs.
  public var divergence: Divergence? = nil
}

/// What a check found.
public struct CheckResult: Sendable {
  /// The outcome in one word.
  public enum Verdict: String, Sendable {
    /// Every run started from the same state and took the same course.
    case same
    /// At least one difference is a failure.
    case different
  }

  /// Whether a difference is a failure.
  public var verdict: Verdict
  /// The CPU of the program.
  public var target: Target
  /// Runs made, by engine.
  public var qemuRunCount: Int
  /// Runs made without an emulator; 0 where the CPU is not this machine's.
  public var nativeRunCount: Int
  /// Failures first, in the order of start-up; then what was normalised.
  public var differences: [Difference]
  /// How the program starts.
  public var manifest: Manifest
}
