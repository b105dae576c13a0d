// DriverRegistry+Registration.swift — drivers come and go.
// Freestanding. Imports NovaMemory, NovaSystem. Design: NovaCore.docc/Drivers.md.

import NovaMemory
import NovaSystem

extension DriverRegistry {
  /// Registers a driver that is written in Swift.
  ///
  /// - Parameters:
  ///   - name: 1 … 32 bytes; no other driver's.
  ///   - version: what lookups are compared with.
  ///   - grants: what the driver cannot work without.
  ///   - operations: 1 … `operationCountMax`, their names all different.
  ///   - open: called once, before the driver can be found.
  ///   - close: called once, after the last call.
  /// - Returns: the driver's handle.
  /// - Throws: `DriverError.nameOutOfRange`, `.operationCountOutOfRange`, `.duplicateOperation`,
  ///   `.duplicate`, `.notGranted`, `.registryFull`, `.memory` or `.notOpened`.
  @discardableResult
  public func register(
    _ name: DriverName, version: DriverVersion, requiring grants: DriverGrants = [],
    operations: [DriverOperation], open: (() throws(DriverFailure) -> Void)? = nil,
    close: (@Sendable () -> Void)? = nil
  ) throws(DriverError) -> DriverHandle {
    try register(
      name, version: version, requiring: grants, operations: operations.span, open: open,
      close: close)
  }

  /// As the other `register`s; no array needed.
  @discardableResult
  public func register(
    _ name: DriverName, version: DriverVersion, requiring grants: DriverGrants = [],
    operations: Span<DriverOperation>, open: (() throws(DriverFailure) -> Void)? = nil,
    close: (@Sendable () -> Void)? = nil
  ) throws(DriverError) -> DriverHandle {
    try Self.check(operations, name)
    try require(grants, name)
    let index = try reserve(name, version)
    do throws(DriverError) {
      // SAFETY: the slot is this call's until it is live or vacant again.
      unsafe place(index).slot.pointee.body = unsafe .swift(try copy(operations), close: close)
      unsafe place(index).slot.pointee.operationCount = operations.count
      do throws(DriverFailure) {
        try open?()
      } catch {
        throw .notOpened(name, status: error.status)
      }
    } catch {
      vacate(index)
      throw error
    }
    return publish(index)
  }

  /// As `register(_:version:requiring:operations:open:close:)` by a `DriverName`.
  @discardableResult
  public func register(
    _ name: StaticString, version: DriverVersion, requiring grants: DriverGrants = [],
    operations: [DriverOperation], open: (() throws(DriverFailure) -> Void)? = nil,
    close: (@Sendable () -> Void)? = nil
  ) throws(DriverError) -> DriverHandle {
    try register(
      DriverName(name), version: version, requiring: grants, operations: operations, open: open,
      close: close)
  }

  /// Unregisters a driver: calls that are under way finish, later ones are refused.
  ///
  /// Returns when the last call has, and `close` was called: nothing of the driver is in use then.
  /// From inside a call to another driver it does not wait, but refuses.
  ///
  /// - Throws: `DriverError.staleHandle`, `.foreignHandle`, `.unregistering` where somebody else is
  ///   at it, `.reentrantUnregister` from inside a call to the driver on this thread, and
  ///   `.callsUnderWay` from inside a call to another driver. The driver stays as it was then.
  public func unregister(_ driver: DriverHandle) throws(DriverError) {
    // SAFETY: the table lives as long as the registry, and has a slot for each of its handles.
    guard unsafe driver.registry == table.pointee.number else { throw .foreignHandle(driver) }
    let place = place(Int(driver.slot))
    let (isInside, isInsideAny) = unsafe DriverFrame.find(place.slot)
    do {
      lock()
      defer { unlock() }
      let generation = unsafe place.slot.pointee.generation
      guard generation == driver.generation else {
        throw .staleHandle(driver, current: generation)
      }
      guard unsafe place.slot.pointee.phase == .live else { throw .unregistering(driver) }
      guard !isInside else { throw .reentrantUnregister(place.driverName) }
      let callCount = place.close(onlyIdle: isInsideAny)
      guard !isInsideAny || callCount == 0 else {
        throw .callsUnderWay(place.driverName, callCount: callCount)
      }
    }
    place.drain()
    unsafe place.slot.pointee.runClose()
    vacate(Int(driver.slot))
  }

  // MARK: Steps of a registration

  private static func check(
    _ operations: Span<DriverOperation>, _ driver: DriverName
  ) throws(DriverError) {
    let maximum = DriverRegistry.operationCountMax
    guard !operations.isEmpty, operations.count <= maximum else {
      throw .operationCountOutOfRange(driver, count: operations.count, maximum: maximum)
    }
    for index in operations.indices {
      let name = try DriverName(operations[index].name)
      for before in 0..<index where try DriverName(operations[before].name) == name {
        throw .duplicateOperation(driver, operation: name)
      }
    }
  }

  func require(_ needed: DriverGrants, _ name: DriverName) throws(DriverError) {
    let missing = needed.subtracting(grants)
    guard missing.isEmpty else { throw .notGranted(name, missing: missing) }
  }

  /// Takes a place for a driver that nobody finds yet.
  func reserve(_ name: DriverName, _ version: DriverVersion) throws(DriverError) -> Int {
    lock()
    defer { unlock() }
    // SAFETY: the slots live as long as the registry, and its lock is held.
    if let taken = index(of: name) {
      let slot = unsafe place(taken).slot
      if case .denied(let missing) = unsafe slot.pointee.phase {
        throw .notGranted(name, missing: missing)
      }
      throw unsafe .duplicate(name, registered: slot.pointee.version)
    }
    for index in 0..<DriverRegistry.driverCountMax {
      let slot = unsafe place(index).slot
      guard unsafe slot.pointee.phase == .vacant else { continue }
      unsafe table.pointee.registrationCount += 1
      unsafe slot.pointee.order = unsafe table.pointee.registrationCount
      unsafe slot.pointee.phase = .opening
      unsafe slot.pointee.name = name
      unsafe slot.pointee.version = version
      return index
    }
    throw .registryFull(driverCountMax: DriverRegistry.driverCountMax)
  }

  /// Takes a place for a name that is refused to everybody.
  func deny(_ name: DriverName, _ version: DriverVersion, missing: DriverGrants) throws(DriverError)
  {
    let index = try reserve(name, version)
    lock()
    // SAFETY: the slot lives as long as the registry, and its lock is held.
    unsafe place(index).slot.pointee.phase = .denied(missing: missing)
    unlock()
  }

  func publish(_ index: Int) -> DriverHandle {
    lock()
    defer { unlock() }
    return handle(index, place(index).publish())
  }

  /// Ends what a place holds and gives it to the next driver.
  func vacate(_ index: Int) {
    // SAFETY: nobody else is inside a driver that opens or was drained.
    let slot = unsafe place(index).slot
    if case .swift(let operations, _) = unsafe slot.pointee.body {
      unsafe operations.deinitialize(count: slot.pointee.operationCount)
      unsafe table.pointee.memory.release(UnsafeMutableRawPointer(operations))
    }
    unsafe slot.pointee.body = .none
    unsafe slot.pointee.operationCount = 0
    lock()
    place(index).vacate()
    unlock()
  }

  private func copy(
    _ operations: Span<DriverOperation>
  ) throws(DriverError) -> UnsafeMutablePointer<DriverOperation> {
    do throws(MemoryError) {
      // SAFETY: the block is the slot's until `vacate`, and has room for all of them.
      let block = try unsafe table.pointee.memory.allocate(
        byteCount: operations.count * MemoryLayout<DriverOperation>.stride)
      let copies = unsafe block.bindMemory(to: DriverOperation.self, capacity: operations.count)
      for index in operations.indices {
        unsafe (copies + index).initialize(to: operations[index])
      }
      return unsafe copies
    } catch {
      throw .memory(error)
    }
  }
}
