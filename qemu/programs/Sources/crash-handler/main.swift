// main.swift — crash-handler KIND MODE: ends while a handler of the interpreter runs.
// KIND is load, store or bulk (a page that is not there), or signal (another thread sends it while
// handlers loop); MODE is fast, charged or observed. Between main and the interpreter are Swift, C
// and Swift again; the tests know the names.

import CCrash
import NovaABI
import NovaBytecode
import NovaCore
import NovaInterpreter
import NovaSystem
import OperationChecks

/// A freestanding program's start record is there and never changes.
var started: nova_start_record { unsafe nova_started().pointee }

@inline(never)
func argument(_ index: Int, is name: StaticString) -> Bool {
  guard unsafe Int(started.argument_count) > index,
    let text = unsafe started.arguments[index]
  else { return false }
  // Both strings end with a null, and the loop ends at the first difference.
  for i in 0..<name.utf8CodeUnitCount {
    if unsafe UInt8(bitPattern: text[i]) != name.utf8Start[i] { return false }
  }
  return unsafe text[name.utf8CodeUnitCount] == 0
}

/// A word with three fields of 16 bits.
func word(_ operation: Operation, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0) -> UInt64 {
  UInt64(operation.rawValue) | a << 16 | b << 32 | c << 48
}

/// Where nothing is mapped.
let nowhere: UInt = 0x30_0000_0000
let pageByteCount: UInt64 = 65536

/// What the loop counts in, in memory 0; the other thread waits for it.
nonisolated(unsafe) var counter: UInt32 = 0
nonisolated(unsafe) var mainThread: Int32 = 0
nonisolated(unsafe) var record = ThreadRecord()

/// The code of a kind; its memory is nowhere, but for the loop.
func code() -> [UInt64] {
  let end = word(.ret0)
  if argument(1, is: "load") { return [word(.nop), word(.i32Load, 1, 2, 8), end] }
  if argument(1, is: "store") { return [word(.nop), word(.i64Store, 1, 2, 8), end] }
  if argument(1, is: "bulk") {
    return [word(.const32, 3, 64), word(.memoryFill, 1, 2, 3), 0, end]
  }
  // Counts up in memory for ever: three instructions and a branch back to the first.
  let back = UInt64(UInt32(bitPattern: -4)) << 32
  return [
    word(.i32Load, 1, 2, 0), word(.i32Addi, 1, 1, 1), word(.i32Store, 1, 2, 0),
    UInt64(Operation.jmp.rawValue) | back,
  ]
}

enum Callers {
  /// The innermost Swift function of the program's own.
  @inline(never)
  static func interpret() -> Int32 {
    let mode = ExecutionMode(
      isCharged: argument(2, is: "charged"), isObserved: argument(2, is: "observed"))
    let words = code()
    let machine = Machine()
    // SAFETY: the counter is there for ever; at `nowhere` there is nothing to be harmed.
    return unsafe withUnsafeMutablePointer(to: &counter) { counter in
      let isLoop = argument(1, is: "signal")
      let bytes = unsafe isLoop ? UnsafeMutableRawPointer(counter) : .init(bitPattern: nowhere)
      let hasReturned = unsafe machine.run(
        words, over: bytes.unsafelyUnwrapped, byteCount: isLoop ? 4 : pageByteCount, mode: mode)
      return hasReturned ? 1 : 2
    }
  }

  /// C between two functions of Swift.
  @inline(never)
  static func outer() -> Int32 {
    unsafe crash_c_between({ _ in Callers.interpret() &+ 1 }, nil) &+ 1
  }
}

/// Waits until handlers count, then sends the main thread a signal.
func send(_ context: UnsafeMutableRawPointer?) {
  var last: UInt32 = 0
  while last == 0 {
    // SAFETY: the word is there for ever, and only looked at.
    unsafe withUnsafePointer(to: &counter) { counter in
      _ = unsafe System.wait(on: counter, while: 0, timeoutNanoseconds: 1_000_000)
      last = unsafe counter.pointee
    }
  }
  unsafe crash_c_send(mainThread, 11)
}

@inline(never)
func startSender() {
  unsafe mainThread = crash_c_thread()
  unsafe withUnsafeMutablePointer(to: &record) { record in
    _ = try? unsafe System.startThread(record, stackByteCount: 1 << 18, context: nil, send)
  }
}

if argument(1, is: "signal") { startSender() }
print("no fault: \(Callers.outer())")
