// main.swift — misuse of memory that must end in a report; the argument chooses which.

import NovaCore

@section("nova_heap_size") @used let heapByteCount: UInt64 = 1_048_576

func run() {
  let arguments = ProgramArguments.current
  guard arguments.count > 1, let choice = arguments[1].first else { System.exit(2) }
  switch choice {
  case UInt8(ascii: "g"):  // grow
    var numbers: [Int] = []
    while true { numbers.append(numbers.count) }
  case UInt8(ascii: "p"):  // pointer
    // SAFETY: the program ends before anybody uses the memory.
    let bytes = UnsafeMutablePointer<Int>.allocate(capacity: 1 << 40)
    unsafe bytes.initialize(to: 1)
    print("stored")
  case UInt8(ascii: "t"):  // twice
    let pages = UnsafeMutablePointer<Int>.allocate(capacity: 8)
    unsafe pages.deallocate()
    unsafe pages.deallocate()
    print("released twice")
  default:
    System.exit(2)
  }
}

extension Span<UInt8> {
  var first: UInt8? { isEmpty ? nil : self[0] }
}

run()
