// Executor.swift — calls what the blocks of the page Executor declare.

import NovaCore

@main
enum Program {
  static func main() {
    do throws(BootstrapError) {
      let runtime = try NovaRuntime.bootstrap()
      let (low, high) = runtime.executor.join(
        { total($0, 0..<50_000) }, { total($0, 50_000..<100_000) })
      print("\(low + high)")
    } catch {
      print("\(error)")
    }
  }
}
