// Program.swift — counts the words of the standard input on all workers, within a memory quota.
// Usage: WordCount [QUOTA-BYTES] <TEXT

import NovaCore

@section("nova_worker_count") @used let workerCount: UInt64 = 3

@main
enum Program {
  static func main() {
    do throws(BootstrapError) {
      let runtime = try NovaRuntime.bootstrap()
      do throws(LoopError) {
        let progress = Progress()
        let timer = try runtime.loop.every(nanoseconds: 100_000_000) { _ in progress.report() }
        try runtime.loop.add(
          Reader(
            executor: runtime.executor, quota: quota(of: runtime.memoryContract),
            progress: progress, timer: timer))
        try runtime.runLoop()
      } catch {
        fail("\(error)")
      }
    } catch {
      fail("\(error)")
    }
  }

  /// A part of the memory, as large as the argument says, or 4 MiB.
  private static func quota(of memory: borrowing Arena) -> Arena {
    let arguments = ProgramArguments.current
    let argument = arguments.count > 1 ? arguments.string(at: 1) : "4194304"
    guard let byteCount = Int(argument), arguments.count <= 2 else {
      fail("usage: WordCount [QUOTA-BYTES] <TEXT")
    }
    do throws(MemoryError) {
      return try memory.makeChild(byteCount: byteCount)
    } catch {
      fail("no quota of \(byteCount) bytes: \(error)")
    }
  }

  /// Says why there is no result, and ends.
  static func fail(_ reason: String) -> Never {
    write("WordCount: \(reason)\n")
    System.exit(1)
  }

  /// Writes to the standard error.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    // Where the standard error refuses it, nobody is left to tell.
    _ = try? System.write(bytes.span, to: 2)
  }
}
