// Observation.swift — what one run of a program showed: state at `main` and at the end, calls,
// trace.
// Hosted. Written by the probes (qemu and native), read by the comparison and the manifest.

/// A CPU that NovaCore builds for.
public enum Target: String, CaseIterable, Sendable {
  case x86_64, aarch64, riscv64
}

/// What one run changes of everything that a kernel or a user may vary.
public struct Perturbation: Sendable, Equatable {
  /// Unique in a plan, such as `environment-empty`.
  ///
  /// The run that others are compared with is `baseline`.
  public var name: String
  /// Arguments after the program's name.
  public var arguments: [String] = []
  /// Under qemu: whether a copy of the program runs, in another folder and under another name.
  public var isElsewhere = false
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

  /// A run that changes nothing, under this name.
  public init(name: String) { self.name = name }
}

/// One register at a stop; bytes in the target's (little-endian) order.
public struct RegisterValue: Sendable, Equatable {
  /// The debugger's name.
  public var name: String
  /// The value, lowest byte first.
  public var bytes: [UInt8]
  /// Which layer knew it: `gdb`, `trace` or `ptrace`.
  public var source: String
}

/// A range of the program's memory at a stop.
public struct MemoryRegion: Sendable, Equatable {
  /// What the layout calls it: `stack`, `heap`, `data`, `bss`.
  public var name: String
  /// The first byte.
  public var address: UInt64
  /// Bytes of the range.
  public var byteCount: UInt64
  /// Pages that are not all zero, by address; every byte outside them was proven zero.
  public var nonzeroPages: [UInt64: [UInt8]]
}

/// A mapping of the process, as the kernel (or qemu) lists it.
public struct Mapping: Sendable, Equatable {
  /// The first byte.
  public var low: UInt64
  /// One past the last byte.
  public var high: UInt64
  /// `r`, `w`, `x` or `-`, in this order.
  public var permissions: String
  /// What it is for: `image`, `stack`, `stack-guard`, `heap`, `kernel-stack`, `vdso` and so on.
  public var name: String
}

/// Registers, memory and mappings at one place of the program.
public struct Snapshot: Sendable, Equatable {
  /// Every register that the probe knows.
  public var registers: [RegisterValue]
  /// Stack, heap and variables.
  public var memory: [MemoryRegion]
  /// All of the process, by address.
  public var mappings: [Mapping]
}

/// One system call, as traced.
public struct SystemCall: Sendable, Equatable {
  /// Linux's name of the call.
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
  /// Data accesses executed.
  public var accessCount: UInt64
  /// FNV-1a over the addresses of the data accesses in order, 64 bits.
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
  /// What the run varied.
  public var perturbation: Perturbation
  /// The state before the first instruction of `main`.
  public var atMain: Snapshot
  /// At `nova_end`; null when the program did not come there.
  public var atEnd: Snapshot?
  /// In order.
  public var callsBeforeMain: [SystemCall]
  /// In order.
  public var callsFromMain: [SystemCall]
  /// Null where no instruction trace can be had (natively).
  public var trace: InstructionTrace?
  /// Bytes written to descriptor 1.
  public var output: [UInt8]
  /// Bytes written to descriptor 2.
  public var errorOutput: [UInt8]
  /// How the run ended.
  public var ending: Ending
  /// The program's process id in this run; null where the probe cannot know it.
  public var processIdentifier: Int32? = nil
}

extension Observation {
  /// The observation without what depends on the order in which threads run: the calls from the
  /// second thread's start on, the trace and the state at the end.
  ///
  /// Not even that one call is sure: qemu's log mixes its line with those of the new thread.
  var untilSecondThread: Observation {
    guard let index = callsFromMain.firstIndex(where: { $0.startsThread }) else { return self }
    var observation = self
    observation.callsFromMain = Array(callsFromMain[..<index])
    observation.trace = nil
    observation.atEnd = nil
    return observation
  }
}

extension SystemCall {
  /// Whether the call asks for a thread in the same process, as either tracer prints it.
  var startsThread: Bool {
    let threadFlag: UInt64 = 0x10000
    return name == "clone"
      && (arguments.contains("CLONE_THREAD") || (firstNumber ?? 0) & threadFlag != 0)
  }
}
