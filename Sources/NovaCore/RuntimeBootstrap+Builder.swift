// RuntimeBootstrap+Builder.swift — bootstrap values chosen one by one, then checked together.
// Freestanding. Imports NovaABI, NovaSystem. Design: NovaCore.docc/Embedded.md.

import NovaABI
import NovaConcurrency
import NovaMemory
import NovaSystem

/// Why values make no bootstrap; nothing was mapped.
public enum BootstrapError: Error, Equatable, Sendable {
  /// The value is below the field's minimum.
  case belowMinimum(field: RuntimeBootstrap.Field, value: Int, minimum: Int)
  /// The value is above the field's maximum; an initial window's is the whole stack.
  case aboveMaximum(field: RuntimeBootstrap.Field, value: Int, maximum: Int)
  /// The value of the process's record is beyond what a signed number can tell.
  case overflow(field: RuntimeBootstrap.Field, value: UInt64)
  /// The number names no policy.
  case unknownPolicy(field: RuntimeBootstrap.Field, value: UInt64)
  /// The process has one main stack, and its `field` was fixed as `actual` before `main`.
  case mainStackIsFixed(field: RuntimeBootstrap.Field, requested: UInt64, actual: UInt64)
  /// `unknown` bits of the grants grant nothing.
  case unknownGrants(unknown: UInt64)
  /// More was asked for than the process was `granted`.
  case grantsExceeded(requested: DriverGrants, granted: DriverGrants)
  /// The policy is the process's, and was fixed as `actual` before `main`.
  case policyIsFixed(field: RuntimeBootstrap.Field, requested: UInt64, actual: UInt64)
  /// There is no memory for the runtime's arena.
  case memory(MemoryError)
  /// The runtime's executor can't be made.
  case executor(ExecutorError)
  /// The runtime's run loop can't be made.
  case loop(LoopError)
  /// The runtime's registry of drivers did not start.
  case drivers(DriverError)
}

extension RuntimeBootstrap {
  /// Values on their way to a bootstrap: the process's own until others are set.
  public struct Builder: Sendable {
    /// A size or count before it is checked.
    private enum Number: Sendable {
      /// From the process's record.
      case recorded(UInt64)
      /// From the program.
      case chosen(Int)
    }

    // Checked by `build`.
    private var stackByteCount: Number
    private var initialWindowByteCount: Number
    private var heapByteCount: Number
    private var workerCount: Number
    private var stackPolicy: UInt64
    private var addressPolicy: UInt64
    private var entropyPolicy: UInt64
    private var cpuPolicy: UInt64
    private var driverGrants: UInt64

    /// Begins with the values that the process was started with.
    public init() {
      // SAFETY: the start record lives as long as the process and is not written after start-up.
      let started = unsafe nova_started().pointee
      stackByteCount = unsafe .recorded(started.stack_byte_count)
      stackPolicy = unsafe started.stack_policy
      initialWindowByteCount = unsafe .recorded(started.stack_initial_byte_count)
      heapByteCount = unsafe .recorded(started.heap_byte_count)
      workerCount = unsafe .recorded(started.worker_count)
      addressPolicy = unsafe started.address_policy
      entropyPolicy = unsafe started.entropy_policy
      cpuPolicy = unsafe started.cpu_policy
      driverGrants = unsafe started.driver_grants
    }

    /// With a main stack of `byteCount` bytes, in `stackByteCountRange`, rounded up to pages.
    public consuming func stack(byteCount: Int) -> Builder {
      stackByteCount = .chosen(byteCount)
      return self
    }

    /// With a main stack of this policy.
    public consuming func stack(policy: StackPolicy) -> Builder {
      stackPolicy = policy.rawValue
      return self
    }

    /// With `byteCount` bytes of stack committed and zeroed before `main`, rounded up to pages.
    public consuming func initialWindow(byteCount: Int) -> Builder {
      initialWindowByteCount = .chosen(byteCount)
      return self
    }

    /// With a heap of `byteCount` bytes, in `heapByteCountRange`, rounded up to pages.
    public consuming func heap(byteCount: Int) -> Builder {
      heapByteCount = .chosen(byteCount)
      return self
    }

    /// With `count` workers beside the main thread, `0 … workerCountMax`.
    public consuming func workers(count: Int) -> Builder {
      workerCount = .chosen(count)
      return self
    }

    /// With this policy for taken addresses.
    public consuming func addresses(policy: AddressPolicy) -> Builder {
      addressPolicy = policy.rawValue
      return self
    }

    /// With this source of random numbers.
    public consuming func entropy(policy: EntropyPolicy) -> Builder {
      entropyPolicy = policy.rawValue
      return self
    }

    /// With this use of the CPU.
    public consuming func cpu(policy: CPUPolicy) -> Builder {
      cpuPolicy = policy.rawValue
      return self
    }

    /// With drivers that may reach `grants`, at most what the process was granted.
    public consuming func drivers(granted grants: DriverGrants) -> Builder {
      driverGrants = grants.rawValue
      return self
    }

    /// Checks the values and rounds sizes up to whole pages.
    ///
    /// - Throws: the first field's `BootstrapError`, in the order of the record.
    public func build() throws(BootstrapError) -> RuntimeBootstrap {
      let stack = try pages(stackByteCount, .stackByteCount, stackByteCountRange)
      guard let stackPolicy = StackPolicy(rawValue: stackPolicy) else {
        throw .unknownPolicy(field: .stackPolicy, value: self.stackPolicy)
      }
      var window = initialWindowByteCount
      if case .recorded(let byteCount) = window, byteCount > UInt64(stack) {
        window = .chosen(stack)  // as start-up does
      }
      let windowByteCount = try pages(window, .initialWindowByteCount, 0...stack)
      let heap = try pages(heapByteCount, .heapByteCount, heapByteCountRange)
      let workers = try checked(workerCount, .workerCount, 0...workerCountMax)
      guard let addressPolicy = AddressPolicy(rawValue: addressPolicy) else {
        throw .unknownPolicy(field: .addressPolicy, value: self.addressPolicy)
      }
      guard let entropyPolicy = EntropyPolicy(rawValue: entropyPolicy) else {
        throw .unknownPolicy(field: .entropyPolicy, value: self.entropyPolicy)
      }
      guard let cpuPolicy = CPUPolicy(rawValue: cpuPolicy) else {
        throw .unknownPolicy(field: .cpuPolicy, value: self.cpuPolicy)
      }
      let grants = DriverGrants(rawValue: driverGrants)
      guard DriverGrants.all.isSuperset(of: grants) else {
        throw .unknownGrants(unknown: grants.subtracting(.all).rawValue)
      }
      return RuntimeBootstrap(
        stackByteCount: stack, stackPolicy: stackPolicy, initialWindowByteCount: windowByteCount,
        heapByteCount: heap, workerCount: workers, addressPolicy: addressPolicy,
        entropyPolicy: entropyPolicy, cpuPolicy: cpuPolicy, driverGrants: grants)
    }

    private func checked(
      _ number: Number, _ field: Field, _ range: ClosedRange<Int>
    ) throws(BootstrapError) -> Int {
      let value: Int
      switch number {
      case .chosen(let chosen): value = chosen
      case .recorded(let word):
        guard let exact = Int(exactly: word) else { throw .overflow(field: field, value: word) }
        value = exact
      }
      guard value >= range.lowerBound else {
        throw .belowMinimum(field: field, value: value, minimum: range.lowerBound)
      }
      guard value <= range.upperBound else {
        throw .aboveMaximum(field: field, value: value, maximum: range.upperBound)
      }
      return value
    }

    private func pages(
      _ number: Number, _ field: Field, _ range: ClosedRange<Int>
    ) throws(BootstrapError) -> Int {
      let value = try checked(number, field, range)
      guard let rounded = System.pageRounded(value) else {
        preconditionFailure("a range ends where page rounding overflows")
      }
      return rounded
    }
  }
}
