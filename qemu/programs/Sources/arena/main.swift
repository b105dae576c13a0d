// main.swift — Swift's objects draw on the process's arena, and give back what they took.

import NovaCore
import TAP

final class Node {
  var next: Node?
  let value: Int
  init(value: Int, next: Node?) {
    self.value = value
    self.next = next
  }
}

func list(count: Int) -> Node? {
  var head: Node?
  for value in 0..<count { head = Node(value: value, next: head) }
  return head
}

func sum(_ head: Node?) -> Int {
  var (total, each) = (0, head)
  while let node = each {
    total += node.value
    each = node.next
  }
  return total
}

func checkObjects(_ tap: inout TAP, _ arena: borrowing Arena) {
  let before = arena.stats
  do {
    let head = list(count: 1000)
    tap.check(sum(head), equals: 499_500, "a list of a thousand objects")
    tap.check(arena.stats.liveCount - before.liveCount, equals: 1000, "each object is a block")
    var numbers: [Int] = []
    for number in 0..<100_000 { numbers.append(number * number) }
    tap.check(numbers[99_999], equals: 9_999_800_001, "an array that grows")
    var names: [Int: Node] = [:]
    for number in 0..<500 { names[number * 7] = Node(value: number, next: nil) }
    var found = 0
    for (key, node) in names where node.value * 7 == key { found += 1 }
    tap.check(found, equals: 500, "a dictionary of objects")
    let adders: [(Int) -> Int] = (0..<100).map { amount in { $0 + amount } }
    tap.check(adders.reduce(0) { total, add in add(total) }, equals: 4950, "closures with contexts")
    tap.check(arena.stats.liveByteCount > before.liveByteCount + 800_000, "live bytes count them")
  }
  let after = arena.stats
  tap.check(after.liveCount, equals: before.liveCount, "every block came back")
  tap.check(after.liveByteCount, equals: before.liveByteCount, "every byte came back")
  tap.check(after.peakByteCount > before.liveByteCount + 800_000, "the peak remembers")
}

func checkBlocks(_ tap: inout TAP, _ arena: borrowing Arena) throws(MemoryError) {
  var alignment = 1
  var (isAligned, isZero) = (true, true)
  while alignment <= Arena.alignmentMax {
    let address = try unsafe arena.allocate(byteCount: 100, alignment: alignment)
    isAligned = isAligned && UInt(bitPattern: address) % UInt(alignment) == 0
    // SAFETY: 100 bytes were lent, and are used before they are released.
    let bytes = unsafe UnsafeMutableBufferPointer(
      start: address.assumingMemoryBound(to: UInt8.self), count: 100)
    for index in 0..<100 {
      isZero = unsafe isZero && bytes[index] == 0
      unsafe bytes[index] = 0xff
    }
    unsafe arena.release(address)
    alignment *= 2
  }
  tap.check(isAligned, "alignments up to the largest page")
  tap.check(isZero, "what is lent is zero, even after others wrote there")

  let capacity = arena.stats.capacity
  do throws(MemoryError) {
    _ = try unsafe arena.allocate(byteCount: Int.max)
    tap.check(false, "the largest size is refused")
  } catch {
    var isExact = false
    if case .capacityExceeded(let requested, let available, let whole) = error {
      isExact = requested == Int.max && available < whole && whole == capacity
    }
    tap.check(isExact, "the largest size is refused, with the figures")
  }
}

func run() {
  var tap = TAP()
  let arena = Arena.process
  checkObjects(&tap, arena)
  do throws(MemoryError) {
    try checkBlocks(&tap, arena)
  } catch {
    tap.check(false, "a small block is lent")
  }
  tap.finish()
}

run()
