// JoinScenarios.swift — the shipped end of a task, and those who wait for it or gave it up.

@testable import ScheduleSearch

/// A task's flags and result, as in a record.
struct Job {
  let completion: Completion
  let result: PlainWord

  init(in stage: Stage) {
    unsafe completion = Completion(at: stage.allocate(byteCount: 4))
    result = PlainWord(in: stage)
  }

  /// Runs it: what the executor does at the end of a task.
  func run(_ value: UInt64, _ parking: Parking?) {
    result.value = value
    let before = completion.finish(0)
    if before & Completion.waiting != 0 { parking?.notifyAll() }
    if before & Completion.waitingOutside != 0 { completion.wakeOutside() }
  }
}

/// The jobs of a scenario.
final class Jobs {
  var all: [Job] = []
}

extension Yard {
  /// Runs other work until a job is over, as a joining worker does.
  func help(_ worker: Int, until job: Job, _ run: (UInt) -> Void) {
    while !job.completion.isFinished {
      let element = next(
        worker, isOver: { job.completion.isFinishedInOrder },
        willSleep: { _ = job.completion.announceWait(Completion.waiting) })
      if element != WorkDeque.none { run(element) }
    }
  }
}

extension Scenario {
  /// An owner offers a job and takes it back, or waits for the thief that runs it.
  ///
  /// The owner uses the job's memory again at once.
  static func joining() -> Scenario {
    let yard = Yard()
    let jobs = Jobs()
    return Scenario(
      "joining",
      prepare: { stage in
        yard.layOut(stage, dequeCount: 2)
        jobs.all = [Job(in: stage)]
      },
      threads: [
        { stage in
          guard let parking = yard.parking else { return }
          let job = jobs.all[0]
          _ = yard.deques[0].push(1, published: parking.notify)
          if yard.deques[0].pop(published: parking.notify) == 1 {
            job.result.value = 7
          } else {
            yard.help(0, until: job) { _ in }
          }
          if job.result.value == 7 { stage.take(1) }
          job.result.value = 0
          yard.stopping?.set()
          parking.notifyAll()
        },
        { _ in
          if yard.next(1) == 1 { jobs.all[0].run(7, yard.parking) }
        },
      ], check: { $0.wronglyTaken(last: 1) })
  }

  /// Two workers each wait for a job of their own; neither may use up the other's wake-up.
  static func joiningTwo() -> Scenario {
    let yard = Yard()
    let jobs = Jobs()
    func joiner(_ index: Int) -> (Stage) -> Void {
      { stage in
        yard.help(index, until: jobs.all[index]) { _ in }
        stage.take(UInt(jobs.all[index].result.value))
      }
    }
    return Scenario(
      "joiningTwo",
      prepare: { stage in
        yard.layOut(stage, dequeCount: 2)
        jobs.all = [Job(in: stage), Job(in: stage)]
      },
      threads: [
        joiner(0), joiner(1),
        { _ in
          jobs.all[0].run(1, yard.parking)
          jobs.all[1].run(2, yard.parking)
        },
      ], check: { $0.wronglyTaken(last: 2) })
  }

  /// A thread that is no worker waits for a job.
  static func waitingOutside() -> Scenario {
    let jobs = Jobs()
    return Scenario(
      "waitingOutside", prepare: { jobs.all = [Job(in: $0)] },
      threads: [
        { stage in
          jobs.all[0].completion.waitOutside()
          stage.take(UInt(jobs.all[0].result.value))
        },
        { _ in jobs.all[0].run(1, nil) },
      ], check: { $0.wronglyTaken(last: 1) })
  }

  /// The holder gives a job up while it ends: one of both frees it, and sees all that was done.
  static func detaching() -> Scenario {
    let jobs = Jobs()
    let held = Words()
    func free(_ stage: Stage) {
      stage.take(1)
      jobs.all[0].result.value = 0
      held.all[0].value = 0
    }
    return Scenario(
      "detaching",
      prepare: { stage in
        jobs.all = [Job(in: stage)]
        held.all = [PlainWord(in: stage)]
      },
      threads: [
        { stage in
          held.all[0].value = 1
          _ = jobs.all[0].completion.requestCancel()
          if jobs.all[0].completion.detach() { free(stage) }
        },
        { stage in
          jobs.all[0].result.value = 1
          if jobs.all[0].completion.finish(0) & Completion.detached != 0 { free(stage) }
        },
      ], check: { $0.wronglyTaken(last: 1) })
  }
}

/// The plain words of a scenario.
final class Words {
  var all: [PlainWord] = []
}
