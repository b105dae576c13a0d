// Rows.swift — spawn and join, two-way joins, a parallel loop, and the wake of a sleeping worker.

import NovaCore
import Synchronization

/// A task of two numbers, without a closure.
struct Product: TaskWork {
  let number: UInt64
  let factor: UInt64

  consuming func run(on worker: borrowing Worker) -> UInt64 { number &* factor }
}

/// When a task began.
struct Moment: TaskWork {
  consuming func run(on worker: borrowing Worker) -> Int64 { System.monotonicNanoseconds }
}

let taskCount = 1_000_000
let flatJoinCount: UInt64 = 200_000
let itemCount = 100_000

extension TaskExecutor {
  /// Nanoseconds for a task, one million of which exist at once.
  func spawnAndJoin(asClosures: Bool) throws(ExecutorError) -> Double {
    let factor = opaque(3)
    let start = System.monotonicNanoseconds
    // SAFETY: each handle is initialised once, then moved out once, in order.
    let handles = UnsafeMutablePointer<TaskHandle<UInt64, Never>>.allocate(
      capacity: taskCount)
    for index in 0..<taskCount {
      let number = UInt64(index)
      let handle =
        asClosures
        ? try spawn { number &* factor } : try spawn(Product(number: number, factor: factor))
      unsafe (handles + index).initialize(to: handle)
    }
    var sum: UInt64 = 0
    for index in 0..<taskCount {
      do throws(JoinError<Never>) {
        sum &+= try unsafe (handles + index).move().join()
      } catch {
        Program.fail("nobody cancels")
      }
    }
    unsafe handles.deallocate()
    let spent = System.monotonicNanoseconds - start
    check(sum == 3 * UInt64(taskCount) * UInt64(taskCount - 1) / 2)
    return Double(spent) / Double(taskCount)
  }

  /// Nanoseconds for a join of the naive Fibonacci function, of which 27 takes 317,810.
  func fibonacci() -> Double {
    let start = System.monotonicNanoseconds
    let (number, _) = join({ worker in fib(27, worker) }, { _ in 0 })
    let spent = System.monotonicNanoseconds - start
    check(number == 196_418)
    return Double(spent) / 317_810
  }

  /// Nanoseconds for a join of two additions, one join after the other.
  func flatJoins() -> Double {
    let start = System.monotonicNanoseconds
    let (sum, _) = join(
      { worker in
        var sum: UInt64 = 0
        for number in 0..<flatJoinCount {
          let (first, second) = worker.join(
            { _ in opaque(number) &+ 1 }, { _ in opaque(number) &+ 2 })
          sum &+= first &+ second
        }
        return sum
      }, { _ in 0 })
    let spent = System.monotonicNanoseconds - start
    check(sum == flatJoinCount * (flatJoinCount - 1) + 3 * flatJoinCount)
    return Double(spent) / Double(flatJoinCount)
  }

  /// How many times as fast as a plain loop a parallel one is.
  func speedUp() -> Double {
    let start = System.monotonicNanoseconds
    let plain = sum(of: 0..<itemCount)
    let middle = System.monotonicNanoseconds
    let total = Atomic<UInt64>(0)
    parallelForRanges(0..<itemCount, grain: 32) { part in
      total.add(sum(of: part), ordering: .relaxed)
    }
    let end = System.monotonicNanoseconds
    check(total.load(ordering: .relaxed) == plain)
    return Double(middle - start) / Double(end - middle)
  }

  /// Nanoseconds from before the spawn to the first of the task, whose worker sleeps: the median.
  func wake() throws(ExecutorError) -> Double {
    var latencies: [Int64] = []
    for _ in 0..<200 {
      sleepThread(nanoseconds: 1_000_000)
      let submitted = System.monotonicNanoseconds
      let handle = try spawn(Moment())
      while !handle.isFinished {}
      do throws(JoinError<Never>) {
        latencies.append(try handle.join() - submitted)
      } catch {
        Program.fail("nobody cancels")
      }
    }
    latencies.sort()
    return Double(latencies[latencies.count / 2])
  }
}

func fib(_ n: UInt64, _ worker: borrowing Worker) -> UInt64 {
  if n < 2 { return n }
  let (a, b) = worker.join({ fib(n - 1, $0) }, { fib(n - 2, $0) })
  return a + b
}

/// The sum of what the items make: 200 steps of a xorshift generator each, no memory touched.
func sum(of range: Range<Int>) -> UInt64 {
  var sum: UInt64 = 0
  for number in range {
    var state = UInt64(number) + 1
    for _ in 0..<200 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
    }
    sum &+= state & 0xff
  }
  return sum
}

/// The number, of which the optimiser knows nothing.
@inline(never)
@_semantics("optimize.sil.specialize.generic.never")
func opaque(_ number: UInt64) -> UInt64 { number }

func check(_ isRight: Bool) {
  if !isRight { Program.fail("a wrong result") }
}

/// Sleeps on a word that nobody wakes.
func sleepThread(nanoseconds: Int64) {
  var word: UInt32 = 0
  // SAFETY: the word lives for the call.
  _ = unsafe System.wait(on: &word, while: 0, timeoutNanoseconds: nanoseconds)
}
