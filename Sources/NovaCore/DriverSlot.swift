// DriverSlot.swift — a registry's place for one driver, and the calls that are under way there.
// Freestanding. Imports NovaABI, NovaSystem, Synchronization. Design: NovaCore.docc/Drivers.md.

import NovaABI
import NovaSystem
import Synchronization

/// A place for one driver.
///
///                 1 reserve           2 publish          3 close           4 vacate
///     vacant ───────────────▶ opening ─────────▶ live ───────────▶ closing ─────────▶ vacant
///       ▲                        │ 5 vacate                                           │ last
///       └────────────────────────┘                                                    ▼
///                                                                                  retired
///
/// The state word says which handles are valid, and who is inside:
///
///     bits  0…30   calls under way
///     bit  31      closing: nobody comes in any more
///     bits 32…63   generation: odd while a driver can be called or closes, else even
struct DriverSlot: ~Copyable {
  enum Phase: Equatable {
    case vacant, opening, live, closing, retired
    /// Known by its name, and refused to everybody.
    case denied(missing: DriverGrants)
  }

  @safe enum Body {
    case none
    /// `operationCount` of them, in the registry's memory.
    case swift(UnsafeMutablePointer<DriverOperation>, close: (@Sendable () -> Void)?)
    /// The driver's own record, checked.
    case c(CDriver)
  }

  static var callCountMask: UInt64 { 0x7fff_ffff }
  static var closingBit: UInt64 { 1 << 31 }
  /// The last generation; a slot that has come there is not used again.
  static var generationMax: UInt32 { .max - 1 }

  // First, because its address is the slot's: `drain` waits there.
  let state = Atomic<UInt64>(0)

  // Holder of the registry's lock only.
  var phase = Phase.vacant
  /// When it was registered, from 1.
  var order: UInt64 = 0
  var name: DriverName?
  var version = DriverVersion(major: 0, minor: 0)

  // Written while opening; read by whoever is inside a call.
  var body = Body.none
  var operationCount = 0

  /// The generation, under the registry's lock.
  var generation: UInt32 { UInt32(truncatingIfNeeded: state.load(ordering: .relaxed) >> 32) }
}

/// A call on this thread's stack; the innermost is in the thread's record.
@safe struct DriverFrame {
  let previous: UnsafeRawPointer?
  let slot: UnsafeMutablePointer<DriverSlot>

  /// Whether a call to the driver in `slot` is under way on this thread, and whether any is.
  static func find(
    _ slot: UnsafeMutablePointer<DriverSlot>
  ) -> (isInside: Bool, isInsideAny: Bool) {
    // SAFETY: the thread's record lives as long as the thread, and each frame until its call has
    // returned, which takes it out of the chain.
    let innermost = unsafe nova_local().pointee.driver_call
    var next = unsafe innermost
    while let address = unsafe next {
      let frame = unsafe address.load(as: DriverFrame.self)
      if unsafe frame.slot == slot { return (true, true) }
      unsafe next = frame.previous
    }
    return unsafe (false, innermost != nil)
  }

  /// Calls `body` with a frame of the driver in the chain.
  static func within<Failure: Error>(
    _ slot: UnsafeMutablePointer<DriverSlot>, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    // SAFETY: the thread's record lives as long as the thread, and the frame until the chain is as
    // it was before.
    let local = unsafe nova_local()
    let previous = unsafe local?.pointee.driver_call
    let frame = unsafe DriverFrame(previous: previous, slot: slot)
    try unsafe withUnsafePointer(to: frame) { (address) throws(Failure) in
      unsafe local?.pointee.driver_call = unsafe UnsafeRawPointer(address)
      defer { unsafe local?.pointee.driver_call = unsafe previous }
      try body()
    }
  }
}

/// A slot in a registry's memory, and what changes its state.
@safe struct DriverPlace {
  let slot: UnsafeMutablePointer<DriverSlot>

  /// - Safety: `slot` must stay valid as long as the place is used.
  @unsafe init(_ slot: UnsafeMutablePointer<DriverSlot>) { unsafe self.slot = unsafe slot }

  /// Lets the caller in as long as `generation` is live; otherwise nil, with the state that is.
  func enter(generation: UInt32) -> (isInside: Bool, state: UInt64) {
    // SAFETY: promised to `init`; here and below.
    var seen = unsafe slot.pointee.state.load(ordering: .relaxed)
    while UInt32(truncatingIfNeeded: seen >> 32) == generation, seen & DriverSlot.closingBit == 0 {
      precondition(seen & DriverSlot.callCountMask != DriverSlot.callCountMask)
      // pairs with publish
      let (exchanged, original) = unsafe slot.pointee.state.weakCompareExchange(
        expected: seen, desired: seen + 1, ordering: .acquiring)
      if exchanged { return (true, seen) }
      seen = original
    }
    return (false, seen)
  }

  /// Lets the caller out, and wakes who waits for the last one.
  func leave() {
    // SAFETY: as in `enter`; after the subtraction only the address is used, as a queue's name.
    let (old, _) = unsafe slot.pointee.state.subtract(1, ordering: .releasing)  // pairs with drain
    if old & (DriverSlot.closingBit | DriverSlot.callCountMask) == DriverSlot.closingBit | 1 {
      unsafe System.wake(word, count: .max)
    }
  }

  /// Makes the driver callable, under the registry's lock.
  func publish() -> UInt32 {
    // SAFETY: as in `enter`.
    let generation = unsafe slot.pointee.generation + 1
    unsafe slot.pointee.phase = .live
    // pairs with enter
    unsafe slot.pointee.state.store(UInt64(generation) << 32, ordering: .releasing)
    return generation
  }

  /// Lets nobody in any more, under the registry's lock.
  ///
  /// - Parameter onlyIdle: do nothing where calls are under way.
  /// - Returns: how many calls are under way.
  func close(onlyIdle: Bool) -> Int {
    // SAFETY: as in `enter`.
    var seen = unsafe slot.pointee.state.load(ordering: .relaxed)
    while true {
      let callCount = Int(seen & DriverSlot.callCountMask)
      if onlyIdle, callCount > 0 { return callCount }
      let (exchanged, original) = unsafe slot.pointee.state.weakCompareExchange(
        expected: seen, desired: seen | DriverSlot.closingBit, ordering: .relaxed)
      if exchanged {
        unsafe slot.pointee.phase = .closing
        return callCount
      }
      seen = original
    }
  }

  /// Waits until the last call has left a slot that closes.
  func drain() {
    while true {
      // SAFETY: as in `enter`.
      let seen = unsafe slot.pointee.state.load(ordering: .acquiring)  // pairs with leave
      guard seen & DriverSlot.callCountMask != 0 else { return }
      _ = unsafe System.wait(on: word, while: UInt32(truncatingIfNeeded: seen))
    }
  }

  /// Gives the place to the next driver, or to none if no generation is left, under the registry's
  /// lock.
  func vacate() {
    // SAFETY: as in `enter`.
    let generation = unsafe slot.pointee.generation
    let next = generation & 1 == 1 ? generation + 1 : generation
    unsafe slot.pointee.state.store(UInt64(next) << 32, ordering: .relaxed)
    unsafe slot.pointee.phase = next >= DriverSlot.generationMax ? .retired : .vacant
    unsafe slot.pointee.name = nil
  }

  /// The state's lower half, where `drain` waits: all three CPUs are little-endian.
  private var word: UnsafePointer<UInt32> {
    // SAFETY: the state is the slot's first property.
    unsafe UnsafeRawPointer(slot).assumingMemoryBound(to: UInt32.self)
  }
}
