// ModelCell.swift — the cells of NovaConcurrency/Cell.swift over the model of memory.
// Hosted. Imports ScheduleModel. Design: NovaCore.docc/WorkStealing.md.
//
// The same names and parameters; where an operation stands in the shipped source comes along.

import ScheduleModel

@usableFromInline
enum LoadOrder {
  case relaxed, acquiring, sequentiallyConsistent

  var order: search_order {
    switch self {
    case .relaxed: SEARCH_relaxed
    case .acquiring: SEARCH_acquiring
    case .sequentiallyConsistent: SEARCH_sequentially_consistent
    }
  }
}

@usableFromInline
enum StoreOrder {
  case relaxed, releasing, sequentiallyConsistent

  var order: search_order {
    switch self {
    case .relaxed: SEARCH_relaxed
    case .releasing: SEARCH_releasing
    case .sequentiallyConsistent: SEARCH_sequentially_consistent
    }
  }
}

@usableFromInline
enum ChangeOrder {
  case relaxed, acquiring, releasing, acquiringAndReleasing, sequentiallyConsistent

  var order: search_order {
    switch self {
    case .relaxed: SEARCH_relaxed
    case .acquiring: SEARCH_acquiring
    case .releasing: SEARCH_releasing
    case .acquiringAndReleasing: SEARCH_acquiring_and_releasing
    case .sequentiallyConsistent: SEARCH_sequentially_consistent
    }
  }
}

private func site(_ function: StaticString, _ line: UInt32) -> search_site {
  // SAFETY: the name is the program's own and ends with a zero.
  unsafe search_site(
    function: UnsafeRawPointer(function.utf8Start).assumingMemoryBound(to: CChar.self), line: line)
}

/// An atomic word of 64 bits in the search's memory.
@safe
@usableFromInline
@frozen
struct AtomicCell64 {
  @usableFromInline let pointer: UnsafeMutableRawPointer

  @unsafe
  @usableFromInline
  init(at address: UnsafeMutableRawPointer) { unsafe pointer = address }

  @usableFromInline
  func load(
    _ order: LoadOrder, function: StaticString = #function, line: UInt32 = #line
  ) -> UInt64 {
    // SAFETY: the word lies in the search's memory, as everything in a scenario.
    UInt64(truncatingIfNeeded: unsafe search_load(pointer, 8, order.order, site(function, line)))
  }

  @usableFromInline
  func store(
    _ value: UInt64, _ order: StoreOrder, function: StaticString = #function, line: UInt32 = #line
  ) {
    // SAFETY: as in `load`.
    unsafe search_store(pointer, 8, UInt64(value), order.order, site(function, line))
  }

  @usableFromInline
  func exchange(
    _ value: UInt64, _ order: ChangeOrder, function: StaticString = #function, line: UInt32 = #line
  ) -> UInt64 {
    // SAFETY: as in `load`.
    UInt64(
      truncatingIfNeeded: unsafe search_change(
        pointer, 8, SEARCH_exchange, UInt64(value), 0, order.order, site(function, line)))
  }

  @usableFromInline
  func compareExchange(
    expected: UInt64, desired: UInt64, _ order: ChangeOrder, function: StaticString = #function,
    line: UInt32 = #line
  ) -> (exchanged: Bool, original: UInt64) {
    // SAFETY: as in `load`.
    let original = UInt64(
      truncatingIfNeeded: unsafe search_change(
        pointer, 8, SEARCH_compare_exchange, UInt64(desired), UInt64(expected), order.order,
        site(function, line)))
    return (original == expected, original)
  }

  @discardableResult
  @usableFromInline
  func add(
    _ value: UInt64, _ order: ChangeOrder, function: StaticString = #function, line: UInt32 = #line
  ) -> UInt64 {
    // SAFETY: as in `load`.
    UInt64(
      truncatingIfNeeded: unsafe search_change(
        pointer, 8, SEARCH_add, UInt64(value), 0, order.order, site(function, line)))
  }

  @usableFromInline
  func waitOnLowHalf(
    expected: UInt32, timeoutNanoseconds: Int64, function: StaticString = #function,
    line: UInt32 = #line
  ) -> Bool {
    // SAFETY: as in `load`.
    unsafe search_wait(pointer, expected, timeoutNanoseconds < 0, site(function, line))
  }

  @usableFromInline
  func wakeOnLowHalf(
    count: UInt32, function: StaticString = #function, line: UInt32 = #line
  ) {
    // SAFETY: as in `load`.
    unsafe search_wake(pointer, count, site(function, line))
  }
}

/// An atomic word of 32 bits in the search's memory.
@safe
@usableFromInline
@frozen
struct AtomicCell32 {
  @usableFromInline let pointer: UnsafeMutableRawPointer

  @unsafe
  @usableFromInline
  init(at address: UnsafeMutableRawPointer) { unsafe pointer = address }

  @usableFromInline
  func load(
    _ order: LoadOrder, function: StaticString = #function, line: UInt32 = #line
  ) -> UInt32 {
    // SAFETY: the word lies in the search's memory, as everything in a scenario.
    UInt32(truncatingIfNeeded: unsafe search_load(pointer, 4, order.order, site(function, line)))
  }

  @usableFromInline
  func store(
    _ value: UInt32, _ order: StoreOrder, function: StaticString = #function, line: UInt32 = #line
  ) {
    // SAFETY: as in `load`.
    unsafe search_store(pointer, 4, UInt64(value), order.order, site(function, line))
  }

  @usableFromInline
  func exchange(
    _ value: UInt32, _ order: ChangeOrder, function: StaticString = #function, line: UInt32 = #line
  ) -> UInt32 {
    // SAFETY: as in `load`.
    UInt32(
      truncatingIfNeeded: unsafe search_change(
        pointer, 4, SEARCH_exchange, UInt64(value), 0, order.order, site(function, line)))
  }

  @usableFromInline
  func compareExchange(
    expected: UInt32, desired: UInt32, _ order: ChangeOrder, function: StaticString = #function,
    line: UInt32 = #line
  ) -> (exchanged: Bool, original: UInt32) {
    // SAFETY: as in `load`.
    let original = UInt32(
      truncatingIfNeeded: unsafe search_change(
        pointer, 4, SEARCH_compare_exchange, UInt64(desired), UInt64(expected), order.order,
        site(function, line)))
    return (original == expected, original)
  }

  @discardableResult
  @usableFromInline
  func add(
    _ value: UInt32, _ order: ChangeOrder, function: StaticString = #function, line: UInt32 = #line
  ) -> UInt32 {
    // SAFETY: as in `load`.
    UInt32(
      truncatingIfNeeded: unsafe search_change(
        pointer, 4, SEARCH_add, UInt64(value), 0, order.order, site(function, line)))
  }

  @usableFromInline
  func wait(
    expected: UInt32, timeoutNanoseconds: Int64, function: StaticString = #function,
    line: UInt32 = #line
  ) -> Bool {
    // SAFETY: as in `load`.
    unsafe search_wait(pointer, expected, timeoutNanoseconds < 0, site(function, line))
  }

  @usableFromInline
  func wake(
    count: UInt32, function: StaticString = #function, line: UInt32 = #line
  ) {
    // SAFETY: as in `load`.
    unsafe search_wake(pointer, count, site(function, line))
  }
}

/// A plain word in the search's memory; two threads that touch it without order are a race.
@safe
@usableFromInline
@frozen
struct PlainCell<Value: FixedWidthInteger & UnsignedInteger> {
  @usableFromInline let pointer: UnsafeMutablePointer<Value>

  @unsafe
  @usableFromInline
  init(at address: UnsafeMutableRawPointer) {
    unsafe pointer = address.assumingMemoryBound(to: Value.self)
  }

  @usableFromInline
  func load(function: StaticString = #function, line: UInt32 = #line) -> Value {
    // SAFETY: as in `AtomicCell64.load`.
    unsafe search_touch(pointer, false, site(function, line))
    return unsafe pointer.pointee
  }

  @usableFromInline
  func store(_ value: Value, function: StaticString = #function, line: UInt32 = #line) {
    // SAFETY: as in `AtomicCell64.load`.
    unsafe search_touch(pointer, true, site(function, line))
    unsafe pointer.pointee = value
  }
}

@usableFromInline
func fence(_ order: ChangeOrder, function: StaticString = #function, line: UInt32 = #line) {
  unsafe search_fence(order.order, site(function, line))
}

@usableFromInline var pauseCountMax: UInt32 { 1 }

@usableFromInline
func pauseProcessor() {
  search_pause()
}
