// Program.swift — NovaCore's side of the rows: each call measures one row some times over.
// Usage: executor ROW THREADS REPEATS; prints one figure per line, as the peers' programs do.

import NovaCore

@section("nova_heap_size") @used let heapByteCount: UInt64 = 1_073_741_824

@main
enum Program {
  static func main() {
    let words = ProgramArguments.current
    guard words.count == 4, let threadCount = Int(words.string(at: 2)),
      let repeatCount = Int(words.string(at: 3))
    else { fail("usage: executor ROW THREADS REPEATS") }
    let row = words.string(at: 1)
    do throws(BootstrapError) {
      let runtime = try NovaRuntime(
        from: RuntimeBootstrap.current,
        tasks: TaskExecutor.Configuration(
          workerCount: threadCount - 1, taskCountMax: row.hasPrefix("spawn") ? taskCount : 16384),
        loop: RunLoopConfiguration(timerCountMax: row == "timers" ? timerCount : 256))
      for repeatIndex in 0...repeatCount {
        let figure = measure(row, runtime)
        if repeatIndex > 0 { print(thousandths(figure)) }  // the first warms up
      }
    } catch {
      fail("\(error)")
    }
  }

  private static func measure(_ row: String, _ runtime: borrowing NovaRuntime) -> Double {
    do throws(ExecutorError) {
      switch row {
      case "spawn": return try runtime.executor.spawnAndJoin(asClosures: false)
      case "spawn-closure": return try runtime.executor.spawnAndJoin(asClosures: true)
      case "fib": return runtime.executor.fibonacci()
      case "flat": return runtime.executor.flatJoins()
      case "for": return runtime.executor.speedUp()
      case "wake": return try runtime.executor.wake()
      case "timers": return runtime.timers()
      default: fail("there is no row \(row)")
      }
    } catch {
      fail("\(error)")
    }
  }

  static func fail(_ reason: String) -> Never {
    print("executor: \(reason)")
    System.exit(1)
  }

  /// A figure with three digits after the point, without the code that prints any number.
  private static func thousandths(_ figure: Double) -> String {
    let whole = Int(figure * 1000)
    let digits = String(whole % 1000)
    return "\(whole / 1000).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
  }
}
