// MemoryChecks.swift — the memory primitives against what each byte must be afterwards.
// Freestanding. Imports TAP. The expectation is a formula, not a copy: no primitive checks another.

import NovaCore
import TAP

/// Every size where a path ends or begins; beyond, sizes are sampled.
let sizeMax = 288
/// Bytes looked at on each side of what was asked for.
let margin = 72

let source = 1
let target = 2

/// Runs every check and reports it.
public func checkMemory() {
  var tap = TAP()
  let near = Region(count: Region.guardByteCount)
  let far = Region(count: Region.guardByteCount)
  checkCopy(near, far, &tap)
  checkMove(near, &tap)
  checkFill(near, &tap)
  checkCompare(near, far, &tap)
  checkEdges(near, far, &tap)
  checkLarge(&tap)
  tap.finish()
}

/// Copies `count` bytes and counts what is wrong afterwards.
func copyErrors(_ from: Region, _ fromIndex: Int, _ to: Region, _ toIndex: Int, _ count: Int) -> Int
{
  let low = max(toIndex - margin, 0)
  let high = min(toIndex + count + margin, to.count)
  to.paint(low..<high, target)
  // SAFETY: both ranges lie in their regions: the callers' arithmetic, checked by `at`.
  let result = unsafe memcpy(to.at(toIndex), from.at(fromIndex), count)
  precondition(to.count - toIndex >= count && from.count - fromIndex >= count)
  // SAFETY: compared, not read.
  return unsafe (result == to.at(toIndex) ? 0 : 1) + to.strays(low..<toIndex, target)
    + to.strays(toIndex..<toIndex + count, source, shift: fromIndex - toIndex)
    + to.strays(toIndex + count..<high, target)
}

func checkCopy(_ from: Region, _ to: Region, _ tap: inout TAP) {
  from.paint(0..<from.count, source)
  var errors = 0
  for count in 0...sizeMax {
    for toOffset in 0..<64 {
      // A stride coprime to 64 meets every offset pair over the sizes.
      for step in 0..<4 {
        let fromOffset = (toOffset &* 5 &+ count &+ step &* 17) & 63
        errors += copyErrors(from, 128 + fromOffset, to, 128 + toOffset, count)
      }
    }
  }
  tap.check(errors, equals: 0, "memcpy copies every small size at every alignment")
}

/// Moves `count` bytes by `distance` within one region and counts what is wrong afterwards.
func moveErrors(_ region: Region, _ start: Int, _ distance: Int, _ count: Int) -> Int {
  let to = start + distance
  let low = max(min(start, to) - margin, 0)
  let high = min(max(start, to) + count + margin, region.count)
  precondition(min(start, to) >= 0 && high >= max(start, to) + count)
  region.paint(low..<high, source)
  // SAFETY: both ranges lie in the region, as `low` and `high` do.
  let result = unsafe memmove(region.at(to), region.at(start), count)
  // SAFETY: compared, not read.
  return unsafe (result == region.at(to) ? 0 : 1) + region.strays(low..<to, source)
    + region.strays(to..<to + count, source, shift: -distance)
    + region.strays(to + count..<high, source)
}

func checkMove(_ region: Region, _ tap: inout TAP) {
  var errors = 0
  for count in 0...sizeMax {
    for distance in -80...80 where (distance + count) % 3 == 0 || distance.magnitude < 20 {
      errors += moveErrors(region, 512 + (count &* 7 & 63), distance, count)
    }
  }
  tap.check(errors, equals: 0, "memmove moves every small size over every short distance")
  errors = 0
  for count in [511, 512, 513, 777, 1024, 1791, 2048, 2049, 2303, 4096, 5003, 24576, 30001] {
    for distance in [1, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 128, 129, 255, 500, 1000] {
      errors += moveErrors(region, 1200 + count % 64, distance, count)
      errors += moveErrors(region, 1200 + count % 61, -distance, count)
    }
  }
  tap.check(errors, equals: 0, "memmove moves large sizes over short distances")
}

/// Fills `count` bytes and counts what is wrong afterwards.
func fillErrors(_ region: Region, _ start: Int, _ value: Int32, _ count: Int) -> Int {
  let low = max(start - margin, 0)
  let high = min(start + count + margin, region.count)
  precondition(high >= start + count)
  region.paint(low..<high, target)
  // SAFETY: the range lies in the region, as `low` and `high` do.
  let result = unsafe memset(region.at(start), value, count)
  // SAFETY: compared, not read.
  var errors = unsafe result == region.at(start) ? 0 : 1
  for index in start..<start + count where region[index] != UInt8(truncatingIfNeeded: value) {
    errors += 1
  }
  return errors + region.strays(low..<start, target) + region.strays(start + count..<high, target)
}

func checkFill(_ region: Region, _ tap: inout TAP) {
  var errors = 0
  for count in 0...sizeMax {
    for offset in 0..<64 {
      // Bits above the lowest eight must not matter.
      errors += fillErrors(region, 128 + offset, Int32(count &* 37 &- offset &* 1_000_003), count)
    }
  }
  tap.check(errors, equals: 0, "memset fills every small size at every alignment")
}

/// The sign that memcmp must give two ranges, byte by byte.
func order(_ left: Region, _ leftIndex: Int, _ right: Region, _ rightIndex: Int, _ count: Int)
  -> Int
{
  for index in 0..<count where left[leftIndex + index] != right[rightIndex + index] {
    return left[leftIndex + index] < right[rightIndex + index] ? -1 : 1
  }
  return 0
}

/// 0 when memcmp and bcmp say of two ranges what `order` says.
func compareErrors(
  _ left: Region, _ leftIndex: Int, _ right: Region, _ rightIndex: Int, _ count: Int
) -> Int {
  precondition(leftIndex + count <= left.count && rightIndex + count <= right.count)
  // SAFETY: both ranges lie in their regions, which was just checked.
  let found = unsafe memcmp(left.at(leftIndex), right.at(rightIndex), count)
  // SAFETY: as above.
  let differs = unsafe bcmp(left.at(leftIndex), right.at(rightIndex), count)
  let expected = order(left, leftIndex, right, rightIndex, count)
  return (found.signum() == Int32(expected) ? 0 : 1) + ((differs != 0) == (expected != 0) ? 0 : 1)
}

func checkCompare(_ left: Region, _ right: Region, _ tap: inout TAP) {
  var errors = 0
  left.paint(0..<1024, source)
  for count in 0...sizeMax {
    for step in 0..<8 {
      let leftIndex = 128 + (count &* 11 &+ step &* 9) & 63
      let rightIndex = 128 + (count &* 3 &+ step &* 23) & 63
      for index in 0..<count { right[rightIndex + index] = left[leftIndex + index] }
      // What follows differs and must not be looked at.
      right[rightIndex + count] = ~left[leftIndex + count]
      errors += compareErrors(left, leftIndex, right, rightIndex, count)
      // The first difference decides, against what a later one says; signedness shows at bit 7.
      for place in stride(from: step, to: count, by: 5) {
        right[rightIndex + place] ^= 0x80
        let last = right[rightIndex + count - 1]
        if place < count - 1 { right[rightIndex + count - 1] = last ^ 0xff }
        errors += compareErrors(left, leftIndex, right, rightIndex, count)
        if place < count - 1 { right[rightIndex + count - 1] = last }
        right[rightIndex + place] ^= 0x80
      }
    }
  }
  tap.check(errors, equals: 0, "memcmp and bcmp find the first difference at every place")
}
