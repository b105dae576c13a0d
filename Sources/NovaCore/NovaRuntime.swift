// NovaRuntime.swift — the runtime of a program: a bootstrap and the memory it was given.
// Freestanding. Imports NovaMemory. Design: NovaCore.docc/Architecture.md.

import NovaMemory

/// A runtime; its end gives everything back.
///
/// In a freestanding program the first runtime of the process's own heap size owns the process's
/// arena, on which Swift's allocations draw too; each other runtime is a child, whose heap is a
/// quota of that arena. In a hosted program each runtime maps an arena of its own.
public struct NovaRuntime: ~Copyable {
  /// The values that the runtime started from.
  public let bootstrap: RuntimeBootstrap
  /// The runtime's memory, of `bootstrap.heapByteCount` bytes.
  public let memoryContract: Arena
  /// The runtime's drivers, granted `bootstrap.driverGrants`; of use as long as the runtime.
  ///
  /// The runtime's end unregisters them, and waits for calls that are under way.
  public let driverRegistry: DriverRegistry

  /// Starts a runtime from the values that were chosen before `main`.
  ///
  /// - Throws: as `init(from:)` and `RuntimeBootstrap.current`.
  public static func bootstrap() throws(BootstrapError) -> NovaRuntime {
    try NovaRuntime(from: RuntimeBootstrap.current)
  }

  /// Starts a runtime from `values`.
  ///
  /// A hosted program's main stack and process are the host's: of `values`, only heap and workers
  /// have an effect there.
  ///
  /// - Throws: `BootstrapError.memory` when there is no room for the heap, `.drivers` when the heap
  ///   has none for the registry or a driver of the link-time table is refused; freestanding,
  ///   `.mainStackIsFixed` and `.policyIsFixed` when `values` differ from the process's in what
  ///   belongs to the process; `.grantsExceeded` for more grants than the process's. Nothing stays
  ///   mapped or charged then.
  public init(from values: RuntimeBootstrap) throws(BootstrapError) {
    let granted = DriverGrants.process
    guard granted.isSuperset(of: values.driverGrants) else {
      throw .grantsExceeded(requested: values.driverGrants, granted: granted)
    }
    #if hasFeature(Embedded)
      let process = try RuntimeBootstrap.current
      try values.requireStack(of: process)
      try values.requirePolicies(of: process)
    #endif
    let memory: Arena
    do throws(MemoryError) {
      memory = try NovaRuntime.arena(byteCount: values.heapByteCount)
    } catch {
      throw .memory(error)
    }
    do throws(DriverError) {
      driverRegistry = try DriverRegistry(memory: memory, grants: values.driverGrants)
    } catch {
      throw .drivers(error)
    }
    memoryContract = memory
    bootstrap = values
  }

  deinit {
    // SAFETY: whoever has a copy was told how long it is of use.
    unsafe driverRegistry.end()
  }

  private static func arena(byteCount: Int) throws(MemoryError) -> Arena {
    #if hasFeature(Embedded)
      if let process = Arena.claimProcess(byteCount: byteCount) { return process }
      return try Arena.process.makeChild(byteCount: byteCount)
    #else
      return try Arena(byteCount: byteCount)
    #endif
  }
}

#if hasFeature(Embedded)
  extension RuntimeBootstrap {
    fileprivate func requireStack(of process: RuntimeBootstrap) throws(BootstrapError) {
      if stackByteCount != process.stackByteCount {
        throw .mainStackIsFixed(
          field: .stackByteCount, requested: UInt64(stackByteCount),
          actual: UInt64(process.stackByteCount))
      }
      if stackPolicy != process.stackPolicy {
        throw .mainStackIsFixed(
          field: .stackPolicy, requested: stackPolicy.rawValue,
          actual: process.stackPolicy.rawValue)
      }
      if initialWindowByteCount != process.initialWindowByteCount {
        throw .mainStackIsFixed(
          field: .initialWindowByteCount, requested: UInt64(initialWindowByteCount),
          actual: UInt64(process.initialWindowByteCount))
      }
    }

    fileprivate func requirePolicies(of process: RuntimeBootstrap) throws(BootstrapError) {
      if addressPolicy != process.addressPolicy {
        throw .policyIsFixed(
          field: .addressPolicy, requested: addressPolicy.rawValue,
          actual: process.addressPolicy.rawValue)
      }
      if entropyPolicy != process.entropyPolicy {
        throw .policyIsFixed(
          field: .entropyPolicy, requested: entropyPolicy.rawValue,
          actual: process.entropyPolicy.rawValue)
      }
      if cpuPolicy != process.cpuPolicy {
        throw .policyIsFixed(
          field: .cpuPolicy, requested: cpuPolicy.rawValue, actual: process.cpuPolicy.rawValue)
      }
    }
  }
#endif
