// main.swift — a run of random requests against the model, told by its digest.
// Usage: memory-model SEED STEPS BYTES THREADS; THREADS 1, or 2 for a second one that sleeps.
// Exit status: 0 the model agreed · 1 it did not, and the promise was printed · 2 usage.

import MemoryModel
import NovaCore

/// The decimal number of an argument; nil when it is none.
func number(_ index: Int) -> UInt64? {
  let arguments = ProgramArguments.current
  guard index < arguments.count, !arguments[index].isEmpty else { return nil }
  let digits = arguments[index]
  var value: UInt64 = 0
  for position in digits.indices {
    guard digits[position] >= 48, digits[position] < 58 else { return nil }
    let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
    let (sum, tooLargeToo) = product.addingReportingOverflow(UInt64(digits[position] - 48))
    guard !tooLarge, !tooLargeToo else { return nil }
    value = sum
  }
  return value
}

/// Starts a thread that sleeps until the program ends.
func startSleeper() throws(SystemError) {
  // SAFETY: the record and the word are never given back.
  let record = UnsafeMutablePointer<ThreadRecord>.allocate(capacity: 1)
  let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
  unsafe word.initialize(to: 0)
  try unsafe System.startThread(
    record, stackByteCount: System.threadStackByteCounts.lowerBound, context: word
  ) { context in
    guard let word = unsafe context?.assumingMemoryBound(to: UInt32.self) else { return }
    while true { _ = unsafe System.wait(on: word, while: 0) }
  }
}

func run() -> Int32 {
  guard let seed = number(1), let stepCount = number(2), let byteCount = number(3),
    let threadCount = number(4), threadCount == 1 || threadCount == 2
  else { return 2 }
  do throws(SystemError) {
    if threadCount == 2 { try startSleeper() }
  } catch {
    print("a second thread was refused")
    return 1
  }
  do throws(MemoryError) {
    let outcome = try ModelRun.run(
      ModelRun.Plan(
        seed: seed, stepCount: Int(stepCount), byteCount: Int(byteCount),
        isAlone: threadCount == 1))
    if let failure = outcome.failure {
      print("seed", terminator: " ")
      print(seed, terminator: ", step ")
      print(outcome.stepCount, terminator: ": ")
      print(failure)
      return 1
    }
    print("digest", terminator: " ")
    print(outcome.digest, terminator: " refusals ")
    print(outcome.refusalCount)
    return 0
  } catch {
    print("an arena was refused")
    return 1
  }
}

System.exit(run())
