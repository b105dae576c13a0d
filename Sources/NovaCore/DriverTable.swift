// DriverTable.swift — a registry's memory: a lock, what was granted, and a slot for each driver.
// Freestanding. Imports NovaMemory, NovaSystem, Synchronization. Design: NovaCore.docc/Drivers.md.
// Source of the lock: Drepper, "Futexes Are Tricky" (2011), section 6.

import NovaMemory
import NovaSystem
import Synchronization

/// The head of a registry's one block; the slots follow it.
struct DriverTable: ~Copyable {
  /// Registries of the process are numbered from 1, so that each tells its own handles.
  static let registryCount = Atomic<UInt64>(0)

  // First, because its address is the table's: 0 free, 1 held, 2 held and waited for.
  let lock = Atomic<UInt32>(0)

  let number: UInt64
  let grants: DriverGrants
  /// A child of the runtime's; the table itself lies in it.
  let memory: Arena

  // Holder of the lock only.
  /// Drivers that were registered, from the beginning.
  var registrationCount: UInt64 = 0
  /// What was wrong with the link-time table.
  var refusal: DriverError?

  init(memory: consuming Arena, grants: DriverGrants) {
    number = DriverTable.registryCount.add(1, ordering: .relaxed).newValue
    self.grants = grants
    self.memory = memory
  }

  /// Bytes from the table's start to the first slot.
  static var slotsOffset: Int { (MemoryLayout<DriverTable>.size + 63) & ~63 }
  /// Bytes from one slot to the next: whole lines, so that callers of two drivers do not meet.
  static var slotStride: Int { (MemoryLayout<DriverSlot>.size + 63) & ~63 }
  /// Bytes of the table and its slots.
  static var byteCount: Int { slotsOffset + DriverRegistry.driverCountMax * slotStride }

  /// Waits until nobody else holds the lock.
  func acquire(at address: UnsafePointer<UInt32>) {
    // pairs with release
    if lock.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged { return }
    while lock.exchange(2, ordering: .acquiring) != 0 {  // pairs with release
      // SAFETY: the address is the lock's, which lives as long as the registry.
      _ = unsafe System.wait(on: address, while: 2)
    }
  }

  /// Lets the next holder in.
  func release(at address: UnsafePointer<UInt32>) {
    if lock.exchange(0, ordering: .releasing) == 2 {  // pairs with acquire
      // SAFETY: as in `acquire`.
      unsafe System.wake(address)
    }
  }
}
