// main.swift — the deque and the parking under real threads: each node of a tree exactly once.

import DequeStress
import NovaCore
import NovaSystem
import TAP

func walk(threadCount: Int, nodeCount: Int, capacity: UInt32, roundCount: Int) -> Int {
  do throws(SystemError) {
    let stress = try DequeStress(
      threadCount: threadCount, nodeCount: nodeCount, capacity: capacity)
    return try stress.run(roundCount: roundCount)
  } catch {
    return -1
  }
}

func check() {
  var tap = TAP()
  tap.check(
    walk(threadCount: 0, nodeCount: 1000, capacity: 16, roundCount: 3), equals: 0,
    "one worker visits each node once")
  tap.check(
    walk(threadCount: 1, nodeCount: 3000, capacity: 16, roundCount: 20), equals: 0,
    "two workers visit each node once, through a small ring")
  tap.check(
    walk(threadCount: 3, nodeCount: 3000, capacity: 8, roundCount: 20), equals: 0,
    "four workers do, through a smaller ring")
  tap.check(
    walk(threadCount: 3, nodeCount: 7, capacity: 256, roundCount: 300), equals: 0,
    "four workers fall asleep and wake between many short rounds")
  tap.finish()
}

check()
