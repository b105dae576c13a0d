// RuntimeBootstrap.swift — what a runtime starts from: stack, heap, workers and policies.
// Freestanding. Imports NovaABI. Design: NovaCore.docc/Embedded.md.

import NovaABI

/// The values that a runtime starts from, each within its range.
///
/// `current` holds the process's own, which were chosen at link time; `Builder` makes others.
public struct RuntimeBootstrap: Equatable, Sendable {
  /// How much of the main stack is committed and zeroed before `main`.
  public enum StackPolicy: UInt64, Sendable {
    /// Nothing: the kernel zeroes each page at its first use.
    case lazy = 0
    /// The initial window.
    case initial = 1
    /// The whole reservation.
    case full = 2
  }

  /// What happens when a fixed address is taken.
  public enum AddressPolicy: UInt64, Sendable {
    /// The kernel chooses another, which the start record tells.
    case fallback = 0
    /// The program stops with status 122.
    case strict = 1
  }

  /// Where hash seeds and random numbers come from.
  public enum EntropyPolicy: UInt64, Sendable {
    /// Constants: each run is the same.
    case fixed = 0
    /// The kernel.
    case kernel = 1
  }

  /// Whether the code's path may depend on the CPU.
  public enum CPUPolicy: UInt64, Sendable {
    /// One path for all CPUs of an architecture.
    case baseline = 0
    /// What the CPU offers may be used.
    case native = 1
  }

  /// A value of the bootstrap, by its name.
  public enum Field: Equatable, Sendable {
    case stackByteCount, stackPolicy, initialWindowByteCount, heapByteCount, workerCount
    case addressPolicy, entropyPolicy, cpuPolicy
  }

  /// The range of stack sizes in bytes: 64 KiB … 1 GiB.
  public static var stackByteCountRange: ClosedRange<Int> {
    Int(NOVA_STACK_BYTE_COUNT_MIN)...Int(NOVA_STACK_BYTE_COUNT_MAX)
  }
  /// The range of heap sizes in bytes: 64 KiB … 64 GiB.
  public static var heapByteCountRange: ClosedRange<Int> {
    Int(NOVA_HEAP_BYTE_COUNT_MIN)...Int(NOVA_HEAP_BYTE_COUNT_MAX)
  }
  /// The most workers.
  public static var workerCountMax: Int { Int(NOVA_WORKER_COUNT_MAX) }

  /// Bytes reserved for the main stack; whole pages.
  ///
  /// A hosted program's main stack is the host's.
  public let stackByteCount: Int
  /// How much of the main stack is committed and zeroed before `main`.
  public let stackPolicy: StackPolicy
  /// Bytes that `StackPolicy.initial` commits and zeroes; whole pages, at most the whole stack.
  public let initialWindowByteCount: Int
  /// Capacity of the runtime's arena, its own records included; whole pages.
  public let heapByteCount: Int
  /// Workers beside the main thread.
  public let workerCount: Int
  /// What happens when a fixed address is taken.
  public let addressPolicy: AddressPolicy
  /// Where hash seeds and random numbers come from.
  public let entropyPolicy: EntropyPolicy
  /// Whether the code's path may depend on the CPU.
  public let cpuPolicy: CPUPolicy
  /// What drivers may reach.
  public let driverGrants: DriverGrants

  /// The values that the process was started with.
  ///
  /// Freestanding, start-up has acted on them. Hosted, they are what the program's source says in
  /// sections such as `nova_heap_size`, and the defaults.
  ///
  /// - Throws: `BootstrapError` when the source of a hosted program states a value out of its
  /// range;
  ///   a freestanding program does not come to `main` with one.
  public static var current: RuntimeBootstrap {
    get throws(BootstrapError) { try Builder().build() }
  }
}
