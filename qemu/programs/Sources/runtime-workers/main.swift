// main.swift — a runtime with two extra workers: start, output and end are checked.

import RuntimeUse

@section("nova_worker_count") @used let workerCount: UInt64 = 2

func run() throws(BootstrapError) {
  let runtime = try NovaRuntime.bootstrap()
  useTasks(of: runtime)
  useLoop(of: runtime)
}

do throws(BootstrapError) {
  try run()
} catch {
  fail("\(error)")
}
