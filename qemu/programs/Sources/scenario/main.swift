// main.swift — LoopScenario in a deterministic runtime with the seed of NOVA_SEED, for its trace.

import LoopScenario
import NovaCore

/// The decimal number in NOVA_SEED, or 1.
func chosenSeed() -> UInt64 {
  guard let text = ProgramEnvironment.current.value(of: "NOVA_SEED") else { return 1 }
  var seed: UInt64 = 0
  for index in text.indices { seed = seed &* 10 &+ UInt64(text[index] &- 48) }
  return seed
}

func run() throws(BootstrapError) {
  let runtime = try NovaRuntime(
    from: RuntimeBootstrap.current,
    tasks: TaskExecutor.Configuration(
      workerCount: 2, mode: .deterministic(seed: chosenSeed())))
  do throws(LoopError) {
    print(try runScenario(runtime.executor, runtime.loop))
  } catch {
    print("\(error)")
    System.exit(1)
  }
  // The program's end, too, must write the trace.
  if ProgramArguments.current.count > 1 { System.exit(3) }
}

do throws(BootstrapError) {
  try run()
} catch {
  print("\(error)")
  System.exit(1)
}
