// Observation.swift — what one run of a program showed: state at `main` and at the end, calls,
// trace.
// Hosted. Written by the probes (qemu and native), read by the comparison and the manifest.

/// A CPU that NovaCore builds for.
public enum Target: String, CaseIterable, Sendable {
  case x86_64, aarch64, riscv64
}

/// What one run changes of everything that a kernel or a user may vary.
public struct Perturbation: Sendable, Equatable {
  /// Unique in a plan, e.g. `environment-empty`; the run that others are compared with is
  /// `baseline`.
  public var name: String
  /// Arguments after the program's name.
  public var arguments: [String] = []
  /// `NAME=value`; the whole environment of the program.
  public var environment: [String] = []
  /// Null for the current folder.
  public var workingDirectory: String?
  /// Natively: whether the kernel randomises addresses.
  public var randomisesAddresses = true
  /// Under qemu: fixes the bytes behind AT_RANDOM.
  public var randomSeed: UInt32?
  /// Descriptors among 0–2 that are closed in the program.
  public var closedDescriptors: [Int32] = []
  /// `RLIMIT_STACK` in bytes; null for the inherited one.
  public var stackLimitBytes: UInt64?
  /// qemu's `-cpu`; null for its default.
  public var cpuModel: String?
  /// Process numbers consumed before the program starts, so that its own differs.
  public var skippedProcessCount = 0

  public init(name: String) { self.name = name }
}

/// One register at a stop; bytes in the target's (little-endian) order.
public struct RegisterValue: Sendable, Equatable {
  public var name: String
  public var bytes: [UInt8]
  /// Which layer knew it: `gdb`, `trace` or `ptrace`.
  public var source: String
}

/// A range of the program's memory at a stop.
public struct MemoryRegion: Sendable, Equatable {
  /// `stack`, `heap`, `data`, `bss`, …
  public var name: String
  public var address: UInt64
  public var byteCount: UInt64
  /// Pages that are not all zero, by address; every byte outside them was proven zero.
  public var nonzeroPages: [UInt64: [UInt8]]
}

/// A mapping of the process, as the kernel (or qemu) lists it.
public struct Mapping: Sendable, Equatable {
  public var low: UInt64
  public var high: UInt64
  /// `r`, `w`, `x` or `-`, in this order.
  public var permissions: String
  /// `image`, `stack`, `stack-guard`, `heap`, `kernel-stack`, `vdso`, …
  public var name: String
}

/// Registers, memory and mappings at one place of the program.
public struct Snapshot: Sendable, Equatable {
  public var registers: [RegisterValue]
  public var memory: [MemoryRegion]
  public var mappings: [Mapping]
}

/// One system call, as traced.
public struct SystemCall: Sendable, Equatable {
  public var name: String
  /// Arguments as the tracer prints them.
  public var arguments: String
  /// Result as the tracer prints it; empty when the call does not return.
  public var result: String
}

/// The instruction trace from `main` on.
public struct InstructionTrace: Sendable, Equatable {
  /// Instructions executed.
  public var instructionCount: UInt64
  /// FNV-1a over the program counters in order, 64 bits.
  public var programCounterHash: UInt64
  /// Data accesses executed, and FNV-1a over their addresses in order.
  public var accessCount: UInt64
  public var accessHash: UInt64
  /// The program counters' hash after each `checkpointInterval` instructions, so that a difference
  /// can be narrowed.
  public var checkpoints: [UInt64]
  /// Instructions from one checkpoint to the next; the first one lies that many behind `main`.
  public var checkpointInterval: UInt64 = 1
  /// False where the tracer sees no data accesses: the count is then 0.
  public var countsAccesses = true
}

/// How a run ended.
public enum Ending: Sendable, Equatable {
  case exited(Int32)
  case killed(signal: Int32)
}

/// Everything that one run showed.
public struct Observation: Sendable {
  public var perturbation: Perturbation
  public var atMain: Snapshot
  /// At `nova_end`; null when the program did not come there.
  public var atEnd: Snapshot?
  public var callsBeforeMain: [SystemCall]
  public var callsFromMain: [SystemCall]
  /// Null where no instruction trace can be had (natively).
  public var trace: InstructionTrace?
  public var output: [UInt8]
  public var errorOutput: [UInt8]
  public var ending: Ending
  /// The program's process id in this run; null where the probe cannot know it.
  public var processIdentifier: Int32? = nil
}
