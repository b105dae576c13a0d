// main.swift — does what its first argument names, for tests of the probes.
// Freestanding.

import NovaCore

/// Bytes of a table; on the stack, its middle is deeper than what later functions overwrite.
let tableByteCount = 65536

func isArgument(_ name: StaticString) -> Bool {
  let arguments = ProgramArguments.current
  guard arguments.count > 1 else { return false }
  let bytes = arguments[1]
  guard bytes.count == name.utf8CodeUnitCount else { return false }
  for index in bytes.indices {
    // SAFETY: index is below the name's count, which was just compared.
    guard unsafe bytes[index] == name.utf8Start[index] else { return false }
  }
  return true
}

@inline(never) func takeShortWay() { print("short") }
@inline(never) func takeLongWay() { print("long") }

/// Leaves one byte on the stack and one on the heap, and prints their addresses.
@inline(never) func leaveMarks() {
  var stack = InlineArray<65536, UInt8>(repeating: 0)
  stack[100] = 0x5a
  unsafe withUnsafePointer(to: &stack) { print(Int(bitPattern: $0) + 100) }
  // Never freed: what is freed may be written over.
  let heap = UnsafeMutableRawPointer.allocate(byteCount: tableByteCount, alignment: 16)
  // SAFETY: the place lies in the block.
  unsafe heap.storeBytes(of: 0xa5, toByteOffset: 200, as: UInt8.self)
  print(Int(bitPattern: heap) + 200)
}

/// Reads a byte whose place depends on the count of arguments, by the same instructions.
@inline(never) func readByCount() {
  unsafe withUnsafeTemporaryAllocation(byteCount: tableByteCount, alignment: 16) { table in
    // SAFETY: a test passes fewer than 1024 arguments.
    let byte = unsafe table.load(
      fromByteOffset: 64 * ProgramArguments.current.count, as: UInt8.self)
    print(byte == 0 ? "zero" : "something")
  }
}

func run() {
  if isArgument("branch") {
    if ProgramArguments.current.count > 2 { takeLongWay() } else { takeShortWay() }
  } else if isArgument("marks") {
    leaveMarks()
  } else if isArgument("read") {
    readByCount()
  } else if isArgument("environment") {
    let environment = ProgramEnvironment.current
    for index in 0..<environment.count {
      // A refused byte shows in the test.
      try? System.print(environment[index])
      print("")
    }
  } else if isArgument("spin") {
    while ProgramArguments.current.count > 0 {}
  } else if isArgument("trap") {
    fatalError()
  } else {
    print("observed")
  }
}

run()
