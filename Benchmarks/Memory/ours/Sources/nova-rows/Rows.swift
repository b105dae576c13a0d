// Rows.swift — what each row of handles-results.md does with one thread.
// Hosted and freestanding. Imports NovaCore.

import NovaCore

let liveCount = 1024
let chunkCount = 101
let pairsPerChunk = 20_000
let heldCount = 1 << 20

/// Eight words, as slotmap's program keeps; a vector, because the CPU would wait for eight single
/// stores before it could copy them in larger pieces.
struct Value: BitwiseCopyable {
  var words: SIMD8<UInt64>

  @inline(__always)
  init(_ word: UInt64) { words = SIMD8(repeating: word) }
}

/// Numerical Recipes' generator; its high bits choose.
struct Generator {
  var state: UInt32 = 12345

  @inline(__always)
  mutating func next() -> UInt32 {
    state = state &* 1_664_525 &+ 1_013_904_223  // wrapping is the method's
    return state
  }
}

/// Handles in plain memory, so that the loop pays for no array.
@safe struct Handles {
  let storage: UnsafeMutablePointer<MemoryHandle>

  init(_ memory: borrowing Arena, count: Int) throws(MemoryError) {
    // SAFETY: the rows stay below `count`; the memory is never given back.
    unsafe storage = UnsafeMutablePointer.allocate(capacity: count)
    for index in 0..<count {
      unsafe (storage + index).initialize(to: try memory.allocateArc(byteCount: 64))
    }
  }

  subscript(index: UInt32) -> MemoryHandle {
    @inline(__always) get { unsafe storage[Int(index)] }
    @inline(__always) nonmutating set { unsafe storage[Int(index)] = newValue }
  }
}

/// Prints nanoseconds with three decimals.
func report(_ times: [Int64], operationCount: Int) {
  let thousandths = Int(times.sorted()[times.count / 2]) * 1000 / operationCount
  print(thousandths / 1000, terminator: ".")
  let rest = thousandths % 1000
  print(rest / 100, terminator: "")
  print(rest / 10 % 10, terminator: "")
  print(rest % 10)
}

func time(
  _ operationCount: Int, _ chunk: (_ count: Int) throws(MemoryError) -> Void
) throws(MemoryError) {
  try chunk(operationCount)
  var times: [Int64] = []
  for _ in 0..<chunkCount {
    let begin = System.monotonicNanoseconds
    try chunk(operationCount)
    times.append(System.monotonicNanoseconds - begin)
  }
  report(times, operationCount: operationCount)
}

func timeFixed(_ memory: borrowing Arena) throws(MemoryError) {
  let handles = try Handles(memory, count: liveCount)
  var generator = Generator()
  try time(pairsPerChunk) { count throws(MemoryError) in
    for number in 0..<count {
      let index = generator.next() >> 22
      try memory.release(handles[index])
      let handle = try memory.allocateArc(byteCount: 64)
      handles[index] = handle
      try memory.store(number, to: handle)
    }
  }
}

func timeMixed(_ memory: borrowing Arena) throws(MemoryError) {
  let handles = try Handles(memory, count: liveCount)
  var generator = Generator()
  try time(pairsPerChunk) { count throws(MemoryError) in
    for number in 0..<count {
      let random = generator.next()
      let index = random >> 22
      try memory.release(handles[index])
      let handle = try memory.allocateArc(byteCount: 16 + Int(random & 1023))
      handles[index] = handle
      try memory.store(number, to: handle)
    }
  }
}

func timeValues(_ memory: borrowing Arena) throws(MemoryError) {
  let handles = try Handles(memory, count: liveCount)
  var generator = Generator()
  try time(pairsPerChunk) { count throws(MemoryError) in
    for number in 0..<count {
      let index = generator.next() >> 22
      try memory.release(handles[index])
      handles[index] = try memory.allocateArc(Value(UInt64(number)))
    }
  }
}

func timeAccess(_ memory: borrowing Arena) throws(MemoryError) {
  let handles = try Handles(memory, count: liveCount)
  var generator = Generator()
  for index in 0..<UInt32(liveCount) {
    try memory.release(handles[index])
    handles[index] = try memory.allocateArc(Value(UInt64(generator.next() >> 22)))
  }
  var sum: UInt64 = 0
  try time(pairsPerChunk) { count throws(MemoryError) in
    for _ in 0..<count {
      sum &+= try memory.load(UInt64.self, from: handles[generator.next() >> 22])
    }
  }
  // Without a use of it there would be no sum.
  if sum == 0 { System.exit(3) }
}

func holdAll(_ memory: borrowing Arena) throws(MemoryError) { try hold(memory, count: heldCount) }

func holdNone(_ memory: borrowing Arena) throws(MemoryError) { try hold(memory, count: 0) }

func hold(_ memory: borrowing Arena, count: Int) throws(MemoryError) {
  var held = [MemoryHandle](repeating: try memory.allocateArc(byteCount: 64), count: heldCount)
  for index in 0..<count { held[index] = try memory.allocateArc(Value(1)) }
  print(0)
}
