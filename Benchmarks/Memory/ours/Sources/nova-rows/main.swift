// main.swift — the rows of handles-results.md over a memory contract, hosted and freestanding.
// Usage: PROGRAM ROW; prints nanoseconds per operation, the median of `chunkCount` stretches.

import NovaCore

@section("nova_heap_size") @used let heapByteCount: UInt64 = 0x2000_0000

enum Row {
  /// Whether an argument is `name`, and whether `-threads` follows.
  static func matches(_ argument: Span<UInt8>, _ name: StaticString) -> (Bool, threads: Bool) {
    let suffix: StaticString = "-threads"
    let hasSuffix = argument.count == name.utf8CodeUnitCount + suffix.utf8CodeUnitCount
    guard hasSuffix || argument.count == name.utf8CodeUnitCount else { return (false, false) }
    for index in 0..<argument.count {
      let isName = index < name.utf8CodeUnitCount
      // SAFETY: the index is below the string's length.
      let byte =
        unsafe isName
        ? name.utf8Start[index] : suffix.utf8Start[index - name.utf8CodeUnitCount]
      if byte != argument[index] { return (false, false) }
    }
    return (true, hasSuffix)
  }

  /// What a row does.
  typealias Work = (borrowing Arena) throws(MemoryError) -> Void
}

func run() throws(BootstrapError) {
  let runtime = try NovaRuntime.bootstrap()
  let arguments = ProgramArguments.current
  guard arguments.count == 2 else { System.exit(2) }
  let rows: [(StaticString, Row.Work)] = [
    ("fixed", timeFixed), ("mixed", timeMixed), ("handover", timeHandovers),
    ("handle", timeValues), ("access", timeAccess), ("hold", holdAll), ("hold-none", holdNone),
  ]
  for (name, row) in rows {
    let (isRow, threads) = Row.matches(arguments[1], name)
    guard isRow else { continue }
    if threads { startSleeper() }
    do throws(MemoryError) {
      return try row(runtime.memoryContract)
    } catch {
      System.exit(3)
    }
  }
  System.exit(2)
}

do throws(BootstrapError) {
  try run()
} catch {
  System.exit(1)
}
