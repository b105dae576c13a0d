// main.swift — prints for each file of a module a digest of what every way of running it came to.
// Arguments: the seed in decimal, modules that others may import by their files' names, `--`, the
// others.

import ModuleRuns
import NovaModules

func number(_ text: Span<UInt8>) -> UInt64 {
  var value: UInt64 = 0
  for index in text.indices { value = value &* 10 &+ UInt64(text[index] &- 48) }
  return value
}

func run(_ runtime: borrowing NovaRuntime) {
  let arguments = ProgramArguments.current
  var runs = ModuleRuns()
  runs.seed = number(arguments[1])
  var end = 2
  while arguments[end].count != 2 { end += 1 }  // paths are longer than `--`
  for index in end + 1..<arguments.count {
    let path = arguments.string(at: index)
    let verdict = runs.verdict(on: runtime) { loader throws(ModuleError) in
      for provider in 2..<end { try loader.loadModuleFile(arguments.string(at: provider)) }
      return try loader.loadModuleFile(path, name: "main").module
    }
    switch verdict {
    case .same(let steps): print("\(steps.count) \(ModuleRuns.digest(of: steps))")
    case .different(let way, let step): print("\(way.name) differs at \(step)")
    }
  }
}

do throws(BootstrapError) {
  let runtime = try NovaRuntime.bootstrap()
  let before = runtime.memoryContract.stats
  run(runtime)
  let after = runtime.memoryContract.stats
  let (handles, others) = (after.liveCount, after.addressedCount)
  print("handles left: \(handles - others - before.liveCount + before.addressedCount)")
} catch {
  print("\(error)")
}
