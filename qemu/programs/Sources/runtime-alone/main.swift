// main.swift — a runtime without extra workers, then a deterministic one: always the same course.

import RuntimeUse

func run() throws(BootstrapError) {
  useTasks(of: try NovaRuntime.bootstrap())
  // Jobs are timed; virtual time is the same in every run.
  let runtime = try NovaRuntime(
    from: RuntimeBootstrap.current,
    tasks: TaskExecutor.Configuration(workerCount: 3, mode: .deterministic(seed: 1)))
  useTasks(of: runtime)
  useLoop(of: runtime)
}

do throws(BootstrapError) {
  try run()
} catch {
  fail("\(error)")
}
