// DriverRegistry.swift — the drivers of a runtime: look up, call.
// Freestanding. Imports NovaABI, NovaMemory. Design: NovaCore.docc/Drivers.md.

import NovaABI
import NovaMemory

/// A driver of one registry, as `lookup` found it; valid until the driver is unregistered.
public struct DriverHandle: Hashable, Sendable {
  let registry: UInt64
  let slot: UInt32
  let generation: UInt32
}

/// The drivers of a runtime; a reference, as cheap to copy as a pointer.
///
/// It begins with the built-in drivers, of which those that were not granted are known by name and
/// refused, and with those of the link-time table. Two registries share nothing: neither finds the
/// other's drivers nor takes its handles.
///
/// Any thread may use it. Calls take no lock: two atomic operations on the driver's own line.
/// The reference may be used as long as the runtime that made the registry exists.
@safe public struct DriverRegistry: @unchecked Sendable, Equatable {
  /// The most drivers at once, the built-in ones included.
  public static var driverCountMax: Int { 64 }
  /// The most operations of a driver.
  public static var operationCountMax: Int { Int(NOVA_DRIVER_OPERATION_COUNT_MAX) }
  /// What a registry takes of its runtime's memory: its places, and the tables of operations of
  /// drivers that are written in Swift.
  public static var byteCount: Int { 32768 }

  // In the registry's own memory, from its beginning to its end.
  let table: UnsafeMutablePointer<DriverTable>

  /// Whether both refer to one registry.
  public static func == (left: DriverRegistry, right: DriverRegistry) -> Bool {
    // SAFETY: only the addresses are compared.
    unsafe left.table == right.table
  }

  /// What drivers of this registry may reach.
  public var grants: DriverGrants {
    // SAFETY: the table lives as long as the registry.
    unsafe table.pointee.grants
  }

  // MARK: Look up and call

  /// Finds the driver of a name whose version serves who requires `version`: the same major number,
  /// and at least the minor.
  ///
  /// - Throws: `DriverError.unknown`, `.notGranted` or `.wrongVersion`.
  /// - Complexity: O(drivers), under the registry's lock; keep the handle.
  public func lookup(
    _ name: DriverName, version: DriverVersion
  ) throws(DriverError) -> DriverHandle {
    lock()
    defer { unlock() }
    guard let index = index(of: name) else { throw .unknown(name) }
    // SAFETY: the slot lives as long as the registry, and its lock is held.
    let slot = unsafe place(index).slot
    switch unsafe slot.pointee.phase {
    case .live: break
    case .denied(let missing): throw .notGranted(name, missing: missing)
    case .vacant, .opening, .closing, .retired: throw .unknown(name)
    }
    let registered = unsafe slot.pointee.version
    guard registered.serves(version) else {
      throw .wrongVersion(name, required: version, registered: registered)
    }
    return unsafe handle(index, slot.pointee.generation)
  }

  /// As `lookup(_:version:)` by a `DriverName`.
  ///
  /// - Throws: also `DriverError.nameOutOfRange`.
  public func lookup(
    _ name: StaticString, version: DriverVersion
  ) throws(DriverError) -> DriverHandle {
    try lookup(DriverName(name), version: version)
  }

  /// The number of the driver's operation of this name.
  ///
  /// - Throws: `DriverError.unknownOperation`; otherwise as `call`.
  /// - Complexity: O(operations).
  public func operation(
    _ name: DriverName, of driver: DriverHandle
  ) throws(DriverError) -> Int {
    let place = try enter(driver)
    defer { place.leave() }
    // SAFETY: nobody changes or ends a driver that somebody is inside.
    for index in unsafe 0..<place.slot.pointee.operationCount {
      if try unsafe place.slot.pointee.operationName(index) == name { return index }
    }
    throw .unknownOperation(place.driverName, operation: name)
  }

  /// As `operation(_:of:)` by a `DriverName`.
  ///
  /// - Throws: also `DriverError.nameOutOfRange`.
  public func operation(
    _ name: StaticString, of driver: DriverHandle
  ) throws(DriverError) -> Int {
    try operation(DriverName(name), of: driver)
  }

  /// What the driver says that an operation moves; nil where it does not say.
  ///
  /// - Throws: `DriverError.wrongOperation`; otherwise as `call`.
  public func transfer(
    of operation: Int, by driver: DriverHandle
  ) throws(DriverError) -> DriverTransfer? {
    let place = try enter(driver)
    defer { place.leave() }
    try check(operation, in: place)
    // SAFETY: nobody changes or ends a driver that somebody is inside.
    guard case .swift(let operations, _) = unsafe place.slot.pointee.body else { return nil }
    return unsafe operations[operation].transfer
  }

  /// Calls an operation of a driver and waits until it returns.
  ///
  /// - Parameters:
  ///   - driver: as `lookup` found it.
  ///   - operation: the operation's number in the driver's table, from 0.
  ///   - handles: memory that the operation may use; the caller holds a reference to each.
  ///   - input: bytes that the operation reads.
  ///   - output: where it appends bytes, as many as there is room for.
  /// - Throws: `DriverError.staleHandle`, `.foreignHandle`, `.unregistering`, `.wrongOperation`,
  ///   `.failed` or `.outputOverrun`.
  public func call(
    _ driver: DriverHandle, operation: Int, handles: Span<MemoryHandle> = Span(),
    input: Span<UInt8> = Span(), output: inout OutputSpan<UInt8>
  ) throws(DriverError) {
    let place = try enter(driver)
    defer { place.leave() }
    try check(operation, in: place)
    // SAFETY: nobody changes or ends a driver that somebody is inside.
    try unsafe DriverFrame.within(place.slot) { () throws(DriverError) in
      switch unsafe place.slot.pointee.body {
      case .none: preconditionFailure("a driver that can be called has a body")
      case .swift(let operations, _):
        do throws(DriverFailure) {
          try unsafe operations[operation].body(handles, input, &output)
        } catch {
          throw .failed(place.driverName, status: error.status)
        }
      case .c(let driver):
        try driver.call(operation, place.driverName, handles, input, &output)
      }
    }
  }

  /// Refuses a number that no operation of the driver has; the caller is inside.
  private func check(_ operation: Int, in place: DriverPlace) throws(DriverError) {
    // SAFETY: nobody changes or ends a driver that somebody is inside.
    let operationCount = unsafe place.slot.pointee.operationCount
    guard operation >= 0, operation < operationCount else {
      throw .wrongOperation(
        place.driverName, operation: operation, operationCount: operationCount)
    }
  }

  // MARK: Places

  /// Lets the caller into the handle's driver, or says why not.
  private func enter(_ driver: DriverHandle) throws(DriverError) -> DriverPlace {
    // SAFETY: the table lives as long as the registry, and has a slot for each of its handles.
    guard unsafe driver.registry == table.pointee.number else { throw .foreignHandle(driver) }
    let place = place(Int(driver.slot))
    let (isInside, state) = place.enter(generation: driver.generation)
    if isInside { return place }
    let current = UInt32(truncatingIfNeeded: state >> 32)
    if current == driver.generation { throw .unregistering(driver) }
    throw .staleHandle(driver, current: current)
  }

  func handle(_ index: Int, _ generation: UInt32) -> DriverHandle {
    // SAFETY: the table lives as long as the registry.
    unsafe DriverHandle(
      registry: table.pointee.number, slot: UInt32(index), generation: generation)
  }

  /// The place of this index, below `driverCountMax`.
  func place(_ index: Int) -> DriverPlace {
    // SAFETY: the table's block has room for `driverCountMax` slots.
    unsafe DriverPlace(
      (UnsafeMutableRawPointer(table) + DriverTable.slotsOffset + index * DriverTable.slotStride)
        .assumingMemoryBound(to: DriverSlot.self))
  }

  /// The place of the driver of this name, under the registry's lock.
  func index(of name: DriverName) -> Int? {
    for index in 0..<DriverRegistry.driverCountMax {
      // SAFETY: the slot lives as long as the registry, and its lock is held.
      if unsafe place(index).slot.pointee.name == name { return index }
    }
    return nil
  }

  func lock() {
    // SAFETY: the lock is the table's first property, and lives as long as the registry.
    unsafe table.pointee.acquire(
      at: UnsafeRawPointer(table).assumingMemoryBound(to: UInt32.self))
  }

  func unlock() {
    // SAFETY: as in `lock`.
    unsafe table.pointee.release(
      at: UnsafeRawPointer(table).assumingMemoryBound(to: UInt32.self))
  }
}
