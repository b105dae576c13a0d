// DriverRegistry+Life.swift — how a registry begins and ends.
// Freestanding. Imports NovaMemory. Design: NovaCore.docc/Drivers.md.

import NovaMemory

extension DriverRegistry {
  /// Begins a registry in memory of its own, a child of `memory` of `byteCount` bytes.
  ///
  /// - Parameters:
  ///   - memory: the runtime's; it must outlive the registry.
  ///   - grants: what drivers may reach, at most what the process was granted.
  /// - Throws: `DriverError.grantsExceeded`, `.memory`, or why a driver of the link-time table was
  ///   refused; a driver there that lacks a grant is not refused but known by name, as a built-in
  ///   one is. Nothing stays open or charged then.
  package init(memory: borrowing Arena, grants: DriverGrants) throws(DriverError) {
    let granted = DriverGrants.process
    guard granted.isSuperset(of: grants) else {
      throw .grantsExceeded(requested: grants, granted: granted)
    }
    do throws(MemoryError) {
      try self.init(in: memory.makeChild(byteCount: Self.byteCount), grants)
    } catch {
      throw .memory(error)
    }
    do throws(DriverError) {
      try registerBuiltIn()
      try registerLinked()
    } catch {
      // SAFETY: nobody has a copy of the reference yet.
      unsafe end()
      throw error
    }
  }

  /// Lays the registry's table out in `memory`.
  private init(in memory: consuming Arena, _ grants: DriverGrants) throws(MemoryError) {
    // SAFETY: the block is the table's until `end`, large enough and aligned for it and the slots.
    let block = try unsafe memory.allocate(byteCount: DriverTable.byteCount, alignment: 64)
    let table = unsafe block.bindMemory(to: DriverTable.self, capacity: 1)
    unsafe table.initialize(to: DriverTable(memory: memory, grants: grants))
    unsafe self.init(table: table)
    for index in 0..<DriverRegistry.driverCountMax {
      unsafe place(index).slot.initialize(to: DriverSlot())
    }
  }

  /// Unregisters all drivers, the last one first, and gives the memory back.
  ///
  /// Waits for calls that are under way.
  ///
  /// - Safety: no copy of the reference may be used afterwards.
  @unsafe package func end() {
    while let index = lastRegistered() {
      let place = place(index)
      let (isInside, _) = unsafe DriverFrame.find(place.slot)
      precondition(!isInside, "a registry ends inside a call of its own")
      lock()
      _ = place.close(onlyIdle: false)
      unlock()
      place.drain()
      // SAFETY: nobody is inside any more.
      unsafe place.slot.pointee.runClose()
      vacate(index)
    }
    for index in 0..<DriverRegistry.driverCountMax {
      unsafe place(index).slot.deinitialize(count: 1)
    }
    // The table lies in the memory that it owns.
    let last = unsafe table.move()
    unsafe last.memory.release(UnsafeMutableRawPointer(table))
  }

  /// The live driver that was registered last.
  private func lastRegistered() -> Int? {
    lock()
    defer { unlock() }
    var last: (index: Int, order: UInt64)?
    for index in 0..<DriverRegistry.driverCountMax {
      // SAFETY: the slot lives as long as the registry, and its lock is held.
      let slot = unsafe place(index).slot
      guard unsafe slot.pointee.phase == .live else { continue }
      let order = unsafe slot.pointee.order
      if order > last?.order ?? 0 { last = (index, order) }
    }
    return last?.index
  }
}
