// ParkingScenarios.swift — workers that sleep at the shipped parking, and who wakes them.

import ScheduleSearch

/// Deques, the parking and a flag of one scenario.
final class Yard {
  var deques: [WorkDeque] = []
  var parking: Parking?
  var stopping: SharedFlag?
  var word: PlainWord?

  func layOut(_ stage: Stage, dequeCount: Int) {
    deques = (0..<dequeCount).map { _ in stage.layOutDeque(capacity: 8, publicMin: 2) }
    unsafe parking = Parking(at: stage.allocate(byteCount: Parking.byteCount))
    stopping = SharedFlag(in: stage)
  }

  /// A worker's turn: one element, found here or there, or sleep; `none` when all is over.
  func next(_ worker: Int, isOver: () -> Bool, willSleep: () -> Void = {}) -> UInt {
    guard let parking else { return WorkDeque.none }
    let own = deques[worker].pop(published: parking.notify)
    if own != WorkDeque.none { return own }
    return parking.search(
      searcherMax: 1, look: { look(worker, parking) }, isOver: isOver,
      seesWork: { !deques.allSatisfy(\.isPublicEmpty) }, willSleep: willSleep)
  }

  /// A worker's turn until the flag is set.
  func next(_ worker: Int) -> UInt {
    next(worker, isOver: { stopping?.isSet ?? true })
  }

  private func look(_ worker: Int, _ parking: Parking) -> UInt {
    for victim in deques.indices where victim != worker {
      let element = deques[worker].steal(from: deques[victim], published: parking.notify)
      if element != WorkDeque.none { return element }
    }
    return WorkDeque.none
  }
}

extension Scenario {
  /// A submitter that does nothing but submit, and a worker that must get it all.
  static func parking() -> Scenario {
    let yard = Yard()
    return Scenario(
      "parking", prepare: { yard.layOut($0, dequeCount: 2) },
      threads: [
        { _ in
          guard let parking = yard.parking else { return }
          for element: UInt in 1...2 {
            _ = yard.deques[0].push(element, published: parking.notify)
          }
        },
        { stage in
          for _ in 0..<2 { stage.take(yard.next(1)) }
        },
      ], check: { $0.wronglyTaken(last: 2) })
  }

  /// A submitter that wakes before it publishes: wrong, and to be found.
  static func notifyingTooEarly() -> Scenario {
    let yard = Yard()
    return Scenario(
      "notifyingTooEarly", prepare: { yard.layOut($0, dequeCount: 2) },
      threads: [
        { _ in
          yard.parking?.notify()
          _ = yard.deques[0].push(1)
        },
        { stage in stage.take(yard.next(1)) },
      ], check: { $0.wronglyTaken(last: 1) })
  }

  /// Two workers, of which neither may sleep while there is work for both: each runs one element
  /// that ends only when the other's has begun.
  static func meeting() -> Scenario {
    let yard = Yard()
    let flags = Flags()
    func worker(_ index: Int) -> (Stage) -> Void {
      { stage in
        let element = yard.next(index)
        stage.take(element)
        flags.all[Int(element) - 1].set()
        flags.all[2 - Int(element)].wait()
      }
    }
    return Scenario(
      "meeting",
      prepare: { stage in
        yard.layOut(stage, dequeCount: 3)
        flags.all = [SharedFlag(in: stage), SharedFlag(in: stage)]
      },
      threads: [
        { _ in
          guard let parking = yard.parking else { return }
          for element: UInt in 1...2 {
            _ = yard.deques[0].push(element, published: parking.notify)
          }
        }, worker(1), worker(2),
      ], check: { $0.wronglyTaken(last: 2) })
  }

  /// Workers run what there is until they are told to stop; none sleeps on.
  static func shutdown() -> Scenario {
    let yard = Yard()
    func worker(_ index: Int) -> (Stage) -> Void {
      { stage in
        while true {
          let element = yard.next(index)
          if element == WorkDeque.none { return }
          stage.take(element)
        }
      }
    }
    return Scenario(
      "shutdown", prepare: { yard.layOut($0, dequeCount: 3) },
      threads: [
        { stage in
          guard let parking = yard.parking else { return }
          for element: UInt in 1...3 {
            _ = yard.deques[0].push(element, published: parking.notify)
          }
          drain(yard.deques[0], stage)
          yard.stopping?.set()
          parking.notifyAll()
        }, worker(1), worker(2),
      ], check: { $0.wronglyTaken(last: 3) })
  }
}

extension Scenario {
  /// Who was called sees what the caller did before, without looking at anything else.
  static func calling(_ call: @escaping (Parking) -> Void) -> Scenario {
    let yard = Yard()
    return Scenario(
      "calling",
      prepare: { stage in
        yard.layOut(stage, dequeCount: 0)
        yard.word = PlainWord(in: stage)
      },
      threads: [
        { stage in
          yard.word?.value = 1
          guard let parking = yard.parking else { return }
          while parking.sleeperCount == 0 { stage.pause() }
          call(parking)
        },
        { stage in
          guard let parking = yard.parking else { return }
          parking.sleep(since: parking.announce(searching: false), timeoutNanoseconds: -1)
          if yard.word?.value == 1 { stage.take(1) }
        },
      ], check: { $0.wronglyTaken(last: 1) })
  }
}

/// The flags of a scenario.
final class Flags {
  var all: [SharedFlag] = []
}
