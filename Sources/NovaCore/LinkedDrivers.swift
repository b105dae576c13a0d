// LinkedDrivers.swift — drivers that a program's source states, gathered by the linker.
// Freestanding. Imports NovaABI. Design: NovaCore.docc/Drivers.md.

import NovaABI

/// A registry that begins, to the entries of the link-time table; valid until the entry returns.
public typealias DriverHost = UnsafePointer<nova_driver_host>

/// What a program puts into the section `nova_drivers`: adds drivers to each registry that begins.
///
///     @section("nova_drivers") @used
///     let entry: DriverEntry = { host in host.add(…) }
public typealias DriverEntry = @convention(c) (_ host: DriverHost) -> Void

extension UnsafePointer where Pointee == nova_driver_host {
  /// Adds a driver that is written in Swift to the registry.
  ///
  /// The parameters are those of `DriverRegistry.register`. A driver that the registry refuses
  /// stops its start with the reason, except for a missing grant: then the driver is known by name,
  /// and refused to whoever looks it up.
  public func add(
    _ name: StaticString, version: DriverVersion, requiring grants: DriverGrants = [],
    operations: [DriverOperation], open: (() throws(DriverFailure) -> Void)? = nil,
    close: (@Sendable () -> Void)? = nil
  ) {
    // SAFETY: the host is valid until the entry returns, and its registry with it.
    let registry = unsafe DriverRegistry(of: self)
    _ = registry.settle { () throws(DriverError) in
      let name = try DriverName(name)
      try registry.join(name, version, grants) { () throws(DriverError) in
        try registry.register(
          name, version: version, requiring: grants, operations: operations, open: open,
          close: close)
      }
    }
  }
}

extension DriverRegistry {
  /// The registry that a host stands for.
  ///
  /// - Safety: the host must be valid.
  @unsafe fileprivate init(of host: DriverHost) {
    // SAFETY: promised by the caller; `registerLinked` stated the table.
    guard let table = unsafe host.pointee.registry else {
      preconditionFailure("a driver's entry changed its host")
    }
    unsafe self.init(table: table.assumingMemoryBound(to: DriverTable.self))
  }

  /// Calls the entries of the link-time table.
  func registerLinked() throws(DriverError) {
    var count: UInt64 = 0
    // SAFETY: the linker's bounds; the section holds entries and nothing else.
    guard let entries = unsafe nova_driver_entries(&count) else { return }
    var host = unsafe nova_driver_host()
    unsafe host.byte_count = UInt32(MemoryLayout<nova_driver_host>.size)
    unsafe host.abi = NOVA_DRIVER_ABI
    unsafe host.registry = unsafe UnsafeMutableRawPointer(table)
    unsafe host.add = { host, driver in unsafe add(host, driver) }
    for index in 0..<Int(count) {
      guard let entry = unsafe entries[index] else { continue }
      unsafe withUnsafePointer(to: host) { unsafe entry($0) }
      if let refusal = unsafe table.pointee.refusal { throw refusal }
    }
  }

  /// Registers a driver, or refuses its name to everybody where it was not granted what it needs.
  func join(
    _ name: DriverName, _ version: DriverVersion, _ grants: DriverGrants,
    _ register: () throws(DriverError) -> DriverHandle
  ) throws(DriverError) {
    let missing = grants.subtracting(self.grants)
    guard missing.isEmpty else { return try deny(name, version, missing: missing) }
    _ = try register()
  }

  /// Keeps the first refusal for the start of the registry to end with; what C is told of it.
  fileprivate func settle(_ join: () throws(DriverError) -> Void) -> nova_driver_refusal {
    do throws(DriverError) {
      try join()
      return NOVA_DRIVER_accepted
    } catch {
      // SAFETY: only the thread that starts the registry comes here.
      if unsafe table.pointee.refusal == nil { unsafe table.pointee.refusal = error }
      return error.refusal
    }
  }
}

/// `nova_driver_host.add`.
private func add(
  _ host: UnsafePointer<nova_driver_host>?, _ driver: UnsafePointer<nova_driver>?
) -> Int32 {
  guard let host = unsafe host else { return Int32(NOVA_DRIVER_bad_record.rawValue) }
  // SAFETY: promised by the entry that calls, as nova_driver.h asks.
  let registry = unsafe DriverRegistry(of: host)
  let refusal = registry.settle { () throws(DriverError) in
    let (name, record) = unsafe try DriverRegistry.check(driver)
    let version = unsafe DriverVersion(major: record.major, minor: record.minor)
    let grants = unsafe DriverGrants(rawValue: record.grants)
    try registry.join(name, version, grants) { () throws(DriverError) in
      unsafe try registry.register(driver)
    }
  }
  return Int32(refusal.rawValue)
}

extension DriverError {
  /// What C is told.
  fileprivate var refusal: nova_driver_refusal {
    switch self {
    case .duplicate: NOVA_DRIVER_duplicate
    case .registryFull: NOVA_DRIVER_registry_full
    case .notGranted, .grantsExceeded: NOVA_DRIVER_not_granted
    case .notOpened: NOVA_DRIVER_not_opened
    case .memory: NOVA_DRIVER_no_memory
    case .wrongABI, .recordTooSmall, .nullPointer, .nameOutOfRange, .operationCountOutOfRange,
      .duplicateOperation:
      NOVA_DRIVER_bad_record
    case .unknown, .wrongVersion, .wrongOperation, .unknownOperation, .staleHandle, .foreignHandle,
      .unregistering, .reentrantUnregister, .callsUnderWay, .failed, .outputOverrun:
      preconditionFailure("a registration is not refused for what happens to a call")
    }
  }
}
