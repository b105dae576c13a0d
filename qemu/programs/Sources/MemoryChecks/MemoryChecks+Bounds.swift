// MemoryChecks+Bounds.swift — ranges that touch unmapped pages, and large ones drawn by a seed.
// Freestanding. Imports NovaCore and TAP.

import NovaCore
import TAP

/// Ranges that end or begin where the mapping does: one byte too many is a fault, which ends the
/// report before its plan.
func checkEdges(_ near: Region, _ far: Region, _ tap: inout TAP) {
  near.paint(0..<near.count, source)
  var errors = 0
  for count in Array(0...sizeMax) + [511, 512, 513, 1000, 2047, 2048, 2049, 2500, 24577] {
    let nearLast = near.count - count
    let farLast = far.count - count
    errors += copyErrors(near, nearLast, far, farLast, count)
    errors += copyErrors(near, 0, far, 0, count)
    errors += copyErrors(near, nearLast, far, 0, count)
    errors += copyErrors(near, 0, far, farLast, count)
    for (left, right) in [(nearLast, farLast), (0, 0), (nearLast, 0), (0, farLast)] {
      for index in 0..<count { far[right + index] = near[left + index] }
      errors += compareErrors(near, left, far, right, count)
      guard count > 0 else { continue }
      far[right + count - 1] ^= 1
      errors += compareErrors(near, left, far, right, count)
      far[right] ^= 1
      errors += compareErrors(near, left, far, right, count)
    }
    errors += fillErrors(far, farLast, 0x5a, count) + fillErrors(far, 0, 0xa5, count)
  }
  tap.check(errors, equals: 0, "nothing outside the ranges is touched, next to unmapped pages")
  errors = 0
  for count in 0...sizeMax {
    let last = near.count - count - 40
    errors += moveErrors(near, last, 40, count) + moveErrors(near, 40, -40, count)
    errors += moveErrors(near, near.count - count, -40, count) + moveErrors(near, 0, 40, count)
  }
  tap.check(errors, equals: 0, "overlapping moves stay inside, next to unmapped pages")
}

/// Knuth's linear congruential generator: the high bits of its state.
struct Sequence {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}

/// The decimal number in NOVA_SEED, or 1.
func chosenSeed() -> UInt64 {
  guard let text = ProgramEnvironment.current.value(of: "NOVA_SEED") else { return 1 }
  var seed: UInt64 = 0
  for index in text.indices { seed = seed &* 10 &+ UInt64(text[index] &- 48) }
  return seed
}

func checkLarge(_ tap: inout TAP) {
  let seed = chosenSeed()
  print("# NOVA_SEED=", terminator: "")
  print(seed)
  var sequence = Sequence(state: seed)
  let byteCount = 1 << 20
  let near = Region(count: byteCount)
  let far = Region(count: byteCount)
  near.paint(0..<byteCount, source)
  var errors = 0
  for _ in 0..<40 {
    let count = sequence.next(below: 1 << (6 + sequence.next(below: 12)))
    let from = sequence.next(below: byteCount - count)
    let to = sequence.next(below: byteCount - count)
    errors += copyErrors(near, from, far, to, count)
    errors += compareErrors(near, from, far, to, count)
    if count > 0 {
      far[to + sequence.next(below: count)] ^= 4
      errors += compareErrors(near, from, far, to, count)
    }
    errors += fillErrors(far, to, Int32(sequence.next(below: 256)), count)
  }
  errors += fillErrors(far, 3, 7, 900_001)
  tap.check(errors, equals: 0, "large copies, comparisons and fills")
  errors = 0
  for _ in 0..<40 {
    let count = sequence.next(below: 1 << (6 + sequence.next(below: 11)))
    let distance = sequence.next(below: 2 * count + 2) - count
    let start = 140_000 + sequence.next(below: byteCount - 400_000)
    errors += moveErrors(far, start, distance, count)
  }
  tap.check(errors, equals: 0, "large overlapping moves")
}
