// main.swift — crash KIND [thread]: ends with the fault that KIND names, behind a line of buffered
// output; in a thread of its own when asked to.

import CCrash
import NovaABI
import NovaCore
import NovaSystem

/// Ordinary Swift that goes wrong, one function each; the tests know the names.
enum Faults {
  @inline(never)
  static func recursion(_ depth: Int32) -> Int32 {
    if depth == 0 { return 1 }
    let below = recursion(depth &+ 1)
    return (below &* 31) ^ depth
  }

  @inline(never)
  static func arrayBounds(_ index: Int) -> Int32 {
    let numbers: [Int32] = [1, 2, 3]
    return numbers[index] &+ 1
  }

  @inline(never)
  static func integerOverflow(_ value: Int32) -> Int32 {
    value + Int32.max
  }

  @inline(never)
  static func fatal() -> Int32 {
    fatalError("asked for")
  }

  /// Swift between two functions of C.
  @inline(never)
  static func fromC(_ address: UnsafePointer<Int32>?) -> Int32 {
    crash_c_leaf_of(address) &+ 1
  }

  @inline(never)
  static func chain() -> Int32 {
    crash_c_between({ address in Faults.fromC(address) &+ 1 }, nil) &+ 1
  }
}

/// A freestanding program's start record is there and never changes.
var started: nova_start_record { nova_started().pointee }

@inline(never)
func isKind(_ name: StaticString) -> Bool {
  guard started.argument_count > 1, let argument = started.arguments[1] else { return false }
  // Both strings end with a null, and the loop ends at the first difference.
  for i in 0..<name.utf8CodeUnitCount {
    if UInt8(bitPattern: argument[i]) != name.utf8Start[i] { return false }
  }
  return argument[name.utf8CodeUnitCount] == 0
}

/// The top of the stack of the first thread, or of the second.
var stackHigh: UInt {
  System.threadNumber == 1
    ? UInt(started.stack_high) : UInt(NOVA_THREAD_STACK_BASE) + threadStackByteCount
}

let threadStackByteCount: UInt = 1 << 18

@inline(never)
func crash() -> Int32 {
  let count = Int(started.argument_count)
  let heap = UInt(started.heap_low)
  if isKind("c-recursion") { return crash_c_recursion(1) }
  if isKind("c-null") { return crash_c_null(nil) &+ 1 }
  if isKind("c-copy") { return crash_c_copy(nil) &+ 1 }
  if isKind("c-divide") { return crash_c_divide(7, Int32(count - 2)) &+ 1 }
  if isKind("c-call-null") { return crash_c_call(0) &+ 1 }
  if isKind("c-execute-heap") { return crash_c_call(heap) &+ 1 }
  if isKind("c-write-constant") { return crash_c_write(crash_constant()) &+ 1 }
  if isKind("c-heap-overrun") {
    return crash_c_write(UnsafeMutablePointer(bitPattern: UInt(started.heap_high))) &+ 1
  }
  if isKind("c-above-stack") {
    return crash_c_write(UnsafeMutablePointer(bitPattern: stackHigh)) &+ 1
  }
  if isKind("c-unmapped") {
    return crash_c_write(UnsafeMutablePointer(bitPattern: 0x30_0000_0000)) &+ 1
  }
  if isKind("c-smash") { return crash_c_smash(64) &+ 1 }
  if isKind("c-abort") { return crash_c_abort() &+ 1 }
  if isKind("c-bus") { return crash_c_bus() &+ 1 }
  if isKind("c-trap") { return crash_c_illegal() &+ 1 }
  if isKind("c-signal") { return crash_c_signal(11) &+ 1 }
  if isKind("c-lost-stack") { return crash_c_lost_stack() &+ 1 }
  if isKind("swift-recursion") { return Faults.recursion(1) &+ 1 }
  if isKind("swift-array-bounds") { return Faults.arrayBounds(count + 5) &+ 1 }
  if isKind("swift-integer-overflow") { return Faults.integerOverflow(Int32(count)) &+ 1 }
  if isKind("swift-fatal") { return Faults.fatal() &+ 1 }
  if isKind("chain") { return Faults.chain() &+ 1 }
  return 0
}

/// Where the fault happens, with a caller below it.
func crashInThread(_ context: UnsafeMutableRawPointer?) {
  print("no such kind: \(crash())")
}

func startThread() {
  var record = ThreadRecord()
  withUnsafeMutablePointer(to: &record) { record in
    let isStarted: Void? = try? System.startThread(
      record, stackByteCount: Int(threadStackByteCount), context: nil, crashInThread)
    if isStarted != nil { _ = System.joinThread(record) }
  }
}

print("before the fault")
if started.argument_count > 2 { startThread() }
print("no such kind: \(crash())")
