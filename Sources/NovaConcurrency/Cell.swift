// Cell.swift — words that threads share: atomic, or plain and ordered by an atomic one.
// Freestanding. Imports NovaABI, NovaSystem, Synchronization.
// Design: NovaCore.docc/WorkStealing.md.
//
// The only place of this room that names an atomic type. WorkDeque.swift, Parking.swift and the
// code of completion import nothing, so that the schedule search compiles them a second time over
// cells of its own (Tests/ScheduleSearch).

import NovaABI
import NovaSystem
import Synchronization

/// How a load is ordered.
@usableFromInline
enum LoadOrder {
  case relaxed, acquiring, sequentiallyConsistent
}

/// How a store is ordered.
@usableFromInline
enum StoreOrder {
  case relaxed, releasing, sequentiallyConsistent
}

/// How an operation that reads and writes is ordered.
@usableFromInline
enum ChangeOrder {
  case relaxed, acquiring, releasing, acquiringAndReleasing, sequentiallyConsistent
}

/// The address of an atomic word of 64 bits.
///
/// Orders are named where an operation is called; they fold away when it is optimised.
@safe
@usableFromInline
@frozen
struct AtomicCell64 {
  @usableFromInline let pointer: UnsafeMutablePointer<Atomic<UInt64>>

  /// Takes an address for a cell's.
  ///
  /// - Safety: at the address lies a word, zero at first, for as long as the cell is used; every
  ///   thread touches it through cells only.
  @unsafe
  @inlinable
  @inline(__always)
  init(at address: UnsafeMutableRawPointer) {
    unsafe pointer = address.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  @inlinable
  @inline(__always)
  func load(_ order: LoadOrder) -> UInt64 {
    // SAFETY: the initialiser's caller vouches for the address.
    switch order {
    case .relaxed: unsafe pointer.pointee.load(ordering: .relaxed)
    case .acquiring: unsafe pointer.pointee.load(ordering: .acquiring)
    case .sequentiallyConsistent: unsafe pointer.pointee.load(ordering: .sequentiallyConsistent)
    }
  }

  @inlinable
  @inline(__always)
  func store(_ value: UInt64, _ order: StoreOrder) {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed: unsafe pointer.pointee.store(value, ordering: .relaxed)
    case .releasing: unsafe pointer.pointee.store(value, ordering: .releasing)
    case .sequentiallyConsistent:
      unsafe pointer.pointee.store(value, ordering: .sequentiallyConsistent)
    }
  }

  @inlinable
  @inline(__always)
  func exchange(_ value: UInt64, _ order: ChangeOrder) -> UInt64 {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed: unsafe pointer.pointee.exchange(value, ordering: .relaxed)
    case .acquiring: unsafe pointer.pointee.exchange(value, ordering: .acquiring)
    case .releasing: unsafe pointer.pointee.exchange(value, ordering: .releasing)
    case .acquiringAndReleasing:
      unsafe pointer.pointee.exchange(value, ordering: .acquiringAndReleasing)
    case .sequentiallyConsistent:
      unsafe pointer.pointee.exchange(value, ordering: .sequentiallyConsistent)
    }
  }

  /// Stores `desired` if the word is `expected`.
  ///
  /// - Returns: what the word was; equal to `expected` exactly when `desired` was stored. A word
  ///   that differs is read relaxed.
  @inlinable
  @inline(__always)
  func compareExchange(
    expected: UInt64, desired: UInt64, _ order: ChangeOrder
  ) -> (exchanged: Bool, original: UInt64) {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired, ordering: .relaxed)
    case .acquiring:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired,
        successOrdering: .acquiring, failureOrdering: .relaxed)
    case .releasing:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired, ordering: .releasing)
    case .acquiringAndReleasing:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired,
        successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
    case .sequentiallyConsistent:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired,
        successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed)
    }
  }

  /// Adds, wrapping around; what the word was.
  @inlinable
  @inline(__always)
  @discardableResult
  func add(_ value: UInt64, _ order: ChangeOrder) -> UInt64 {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed: unsafe pointer.pointee.wrappingAdd(value, ordering: .relaxed).oldValue
    case .acquiring: unsafe pointer.pointee.wrappingAdd(value, ordering: .acquiring).oldValue
    case .releasing: unsafe pointer.pointee.wrappingAdd(value, ordering: .releasing).oldValue
    case .acquiringAndReleasing:
      unsafe pointer.pointee.wrappingAdd(value, ordering: .acquiringAndReleasing).oldValue
    case .sequentiallyConsistent:
      unsafe pointer.pointee.wrappingAdd(value, ordering: .sequentiallyConsistent).oldValue
    }
  }

  /// Sleeps while the low half is `expected`, until woken, or for no reason.
  ///
  /// - Parameters:
  ///   - expected: what it sleeps on.
  ///   - timeoutNanoseconds: forever when negative.
  /// - Returns: false when the time is over.
  @usableFromInline
  func waitOnLowHalf(expected: UInt32, timeoutNanoseconds: Int64) -> Bool {
    // SAFETY: the CPUs are little-endian: the low half lies first. The kernel only reads it.
    let half = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt32.self)
    return unsafe System.wait(
      on: half, while: expected, timeoutNanoseconds: timeoutNanoseconds) != .timedOut
  }

  /// Wakes up to `count` threads that sleep in `waitOnLowHalf`.
  @usableFromInline
  func wakeOnLowHalf(count: UInt32) {
    // SAFETY: as in `waitOnLowHalf`.
    unsafe System.wake(
      UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt32.self), count: count)
  }
}

/// The address of an atomic word of 32 bits.
///
/// Orders are named where an operation is called; they fold away when it is optimised.
@safe
@usableFromInline
@frozen
struct AtomicCell32 {
  @usableFromInline let pointer: UnsafeMutablePointer<Atomic<UInt32>>

  /// Takes an address for a cell's.
  ///
  /// - Safety: at the address lies a word, zero at first, for as long as the cell is used; every
  ///   thread touches it through cells only.
  @unsafe
  @inlinable
  @inline(__always)
  init(at address: UnsafeMutableRawPointer) {
    unsafe pointer = address.assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  @inlinable
  @inline(__always)
  func load(_ order: LoadOrder) -> UInt32 {
    // SAFETY: the initialiser's caller vouches for the address.
    switch order {
    case .relaxed: unsafe pointer.pointee.load(ordering: .relaxed)
    case .acquiring: unsafe pointer.pointee.load(ordering: .acquiring)
    case .sequentiallyConsistent: unsafe pointer.pointee.load(ordering: .sequentiallyConsistent)
    }
  }

  @inlinable
  @inline(__always)
  func store(_ value: UInt32, _ order: StoreOrder) {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed: unsafe pointer.pointee.store(value, ordering: .relaxed)
    case .releasing: unsafe pointer.pointee.store(value, ordering: .releasing)
    case .sequentiallyConsistent:
      unsafe pointer.pointee.store(value, ordering: .sequentiallyConsistent)
    }
  }

  @inlinable
  @inline(__always)
  func exchange(_ value: UInt32, _ order: ChangeOrder) -> UInt32 {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed: unsafe pointer.pointee.exchange(value, ordering: .relaxed)
    case .acquiring: unsafe pointer.pointee.exchange(value, ordering: .acquiring)
    case .releasing: unsafe pointer.pointee.exchange(value, ordering: .releasing)
    case .acquiringAndReleasing:
      unsafe pointer.pointee.exchange(value, ordering: .acquiringAndReleasing)
    case .sequentiallyConsistent:
      unsafe pointer.pointee.exchange(value, ordering: .sequentiallyConsistent)
    }
  }

  /// Stores `desired` if the word is `expected`.
  ///
  /// - Returns: what the word was; equal to `expected` exactly when `desired` was stored. A word
  ///   that differs is read relaxed.
  @inlinable
  @inline(__always)
  func compareExchange(
    expected: UInt32, desired: UInt32, _ order: ChangeOrder
  ) -> (exchanged: Bool, original: UInt32) {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired, ordering: .relaxed)
    case .acquiring:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired,
        successOrdering: .acquiring, failureOrdering: .relaxed)
    case .releasing:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired, ordering: .releasing)
    case .acquiringAndReleasing:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired,
        successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
    case .sequentiallyConsistent:
      unsafe pointer.pointee.compareExchange(
        expected: expected, desired: desired,
        successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed)
    }
  }

  /// Adds, wrapping around; what the word was.
  @inlinable
  @inline(__always)
  @discardableResult
  func add(_ value: UInt32, _ order: ChangeOrder) -> UInt32 {
    // SAFETY: as in `load`.
    switch order {
    case .relaxed: unsafe pointer.pointee.wrappingAdd(value, ordering: .relaxed).oldValue
    case .acquiring: unsafe pointer.pointee.wrappingAdd(value, ordering: .acquiring).oldValue
    case .releasing: unsafe pointer.pointee.wrappingAdd(value, ordering: .releasing).oldValue
    case .acquiringAndReleasing:
      unsafe pointer.pointee.wrappingAdd(value, ordering: .acquiringAndReleasing).oldValue
    case .sequentiallyConsistent:
      unsafe pointer.pointee.wrappingAdd(value, ordering: .sequentiallyConsistent).oldValue
    }
  }

  /// Sleeps while the word is `expected`, until woken, or for no reason.
  ///
  /// - Parameters:
  ///   - expected: what it sleeps on.
  ///   - timeoutNanoseconds: forever when negative.
  /// - Returns: false when the time is over.
  @usableFromInline
  func wait(expected: UInt32, timeoutNanoseconds: Int64) -> Bool {
    // SAFETY: the word outlives the cell; the kernel only reads it.
    let word = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt32.self)
    return unsafe System.wait(
      on: word, while: expected, timeoutNanoseconds: timeoutNanoseconds) != .timedOut
  }

  /// Wakes up to `count` threads that sleep in `wait`.
  @usableFromInline
  func wake(count: UInt32) {
    // SAFETY: as in `wait`.
    unsafe System.wake(
      UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt32.self), count: count)
  }
}

/// The address of a word that one thread touches at a time, ordered by atomic ones.
@safe
@usableFromInline
@frozen
struct PlainCell<Value: FixedWidthInteger & UnsignedInteger> {
  @usableFromInline let pointer: UnsafeMutablePointer<Value>

  /// Takes an address for a cell's.
  ///
  /// - Safety: at the address lies a word, zero at first, for as long as the cell is used; two
  ///   threads that touch it, one of them writing, are ordered by an atomic cell.
  @unsafe
  @inlinable
  @inline(__always)
  init(at address: UnsafeMutableRawPointer) {
    unsafe pointer = address.assumingMemoryBound(to: Value.self)
  }

  @inlinable
  @inline(__always)
  func load() -> Value {
    // SAFETY: the initialiser's caller vouches for the address and the order.
    unsafe pointer.pointee
  }

  @inlinable
  @inline(__always)
  func store(_ value: Value) {
    // SAFETY: as in `load`.
    unsafe pointer.pointee = value
  }
}

/// Orders what comes before with what comes after.
@inlinable
@inline(__always)
func fence(_ order: ChangeOrder) {
  switch order {
  case .relaxed: break
  case .acquiring: atomicMemoryFence(ordering: .acquiring)
  case .releasing: atomicMemoryFence(ordering: .releasing)
  case .acquiringAndReleasing: atomicMemoryFence(ordering: .acquiringAndReleasing)
  case .sequentiallyConsistent: atomicMemoryFence(ordering: .sequentiallyConsistent)
  }
}

/// Pauses of a worker's search, one after each vain look at all victims.
///
/// They are 1 to 2⁷ processor pauses long. The schedule search has less patience.
@inlinable
var pauseCountMax: UInt32 { 8 }

/// Tells the CPU that the thread waits for another in a loop.
@inlinable
@inline(__always)
func pauseProcessor() { nova_pause() }
