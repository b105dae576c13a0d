// DequeScenarios.swift — an owner and thieves at the shipped deque.

import ScheduleSearch

extension Stage {
  /// The next deque; in `prepare` or, at the same address, in a thread.
  func layOutDeque(capacity: UInt32, publicMin: UInt32) -> WorkDeque {
    unsafe WorkDeque(
      layingOut: allocate(byteCount: WorkDeque.byteCount(capacity: capacity)), capacity: capacity,
      publicMin: publicMin)
  }
}

/// The deques of a scenario, the same ones in each run.
final class Deques {
  var all: [WorkDeque] = []

  func layOut(_ stage: Stage, count: Int, capacity: UInt32, publicMin: UInt32) {
    all = []
    for _ in 0..<count {
      all.append(stage.layOutDeque(capacity: capacity, publicMin: publicMin))
    }
  }
}

/// Takes all that the owner can get of its deque.
func drain(_ deque: WorkDeque, _ stage: Stage) {
  while true {
    let element = deque.pop()
    if element == WorkDeque.none { return }
    stage.take(element)
  }
}

/// Steals once, and takes all that came along.
func stealAndDrain(_ thief: WorkDeque, from victim: WorkDeque, _ stage: Stage) {
  let element = thief.steal(from: victim)
  if element == WorkDeque.none { return }
  stage.take(element)
  drain(thief, stage)
}

extension Scenario {
  /// The owner pushes and pops while two thieves steal: each element is taken exactly once.
  static func stealing(elementCount: UInt, capacity: UInt32, publicMin: UInt32) -> Scenario {
    let deques = Deques()
    return Scenario(
      "stealing",
      prepare: { deques.layOut($0, count: 3, capacity: capacity, publicMin: publicMin) },
      threads: [
        { stage in
          let deque = deques.all[0]
          for element in 1...elementCount {
            while !deque.push(element) { stage.take(deque.pop()) }
          }
          drain(deque, stage)
        },
        { stage in
          stealAndDrain(deques.all[1], from: deques.all[0], stage)
          stealAndDrain(deques.all[1], from: deques.all[0], stage)
        },
        { stage in
          stealAndDrain(deques.all[2], from: deques.all[0], stage)
          stealAndDrain(deques.all[2], from: deques.all[1], stage)
        },
      ], check: { $0.wronglyTaken(last: elementCount) })
  }

  /// The owner fills a small ring several times over while a thief reads from it.
  static func wrapping() -> Scenario {
    let deques = Deques()
    let elementCount: UInt = 14
    return Scenario(
      "wrapping", prepare: { deques.layOut($0, count: 2, capacity: 4, publicMin: 2) },
      threads: [
        { stage in
          let deque = deques.all[0]
          for element in 1...elementCount where !deque.push(element) {
            // A full ring: the executor runs the element at once.
            stage.take(element)
          }
          drain(deque, stage)
        },
        { stage in
          for _ in 0..<6 { stealAndDrain(deques.all[1], from: deques.all[0], stage) }
        },
      ], check: { $0.wronglyTaken(last: elementCount) })
  }

  /// The owner publishes and takes back, again and again, at the element that a thief claims.
  static func publishing() -> Scenario {
    let deques = Deques()
    return Scenario(
      "publishing", prepare: { deques.layOut($0, count: 2, capacity: 8, publicMin: 0) },
      threads: [
        { stage in
          let deque = deques.all[0]
          for element: UInt in 1...6 {
            _ = deque.push(element)
            _ = deque.publish()
            if element % 2 == 0 { stage.take(deque.pop(published: {})) }
          }
          drain(deque, stage)
        },
        { stage in
          for _ in 0..<3 { stealAndDrain(deques.all[1], from: deques.all[0], stage) }
        },
      ],
      check: { stage in
        // A pop may have found nothing, because the thief was there first.
        stage.wronglyTaken(last: 6)
      })
  }

  /// Two owners steal from each other.
  static func mutual() -> Scenario {
    let deques = Deques()
    func owner(_ own: Int, _ other: Int, _ elements: ClosedRange<UInt>) -> (Stage) -> Void {
      { stage in
        for element in elements { _ = deques.all[own].push(element) }
        stealAndDrain(deques.all[own], from: deques.all[other], stage)
        drain(deques.all[own], stage)
        stealAndDrain(deques.all[own], from: deques.all[other], stage)
      }
    }
    return Scenario(
      "mutual", prepare: { deques.layOut($0, count: 2, capacity: 8, publicMin: 2) },
      threads: [owner(0, 1, 1...5), owner(1, 0, 6...10)],
      check: { $0.wronglyTaken(last: 10) })
  }
}
