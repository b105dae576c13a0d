// main.swift — runs the module that `nova build` put into this program, with loader and drivers.
// Freestanding. Imports NovaModules. Design: NovaCore.docc/Images.md.

import NovaModules

runToEnd(ProgramSystem.self)

/// Runs the module with a system of this kind, and ends the process.
@inline(__always) func runToEnd<ModuleSystem: RunnerSystem>(_ kind: ModuleSystem.Type) -> Never {
  do throws(RunnerError) {
    System.exit(try Runner<ModuleSystem>.run())
  } catch {
    var line = Line(to: 2)
    error.tell(&line)
    line.write()
    System.exit(error.status)
  }
}

/// What `nova build --prune` names in place of a part that a module cannot reach.
@c public func nova_left_out() {
  var line = Line(to: 2)
  line.append("a part of the program that its module does not need was left out, and was reached")
  line.write()
  fatalError()
}
