// main.swift — runs the module that `nova build` put into this program.
// Freestanding. Imports NovaModules. Design: NovaCore.docc/Images.md.

import NovaModules

do throws(RunnerError) {
  System.exit(try Runner.run())
} catch {
  var line = Line(to: 2)
  error.tell(&line)
  line.write()
  System.exit(error.status)
}

/// What `nova build --prune` names in place of a part that a module cannot reach.
@c public func nova_left_out() {
  var line = Line(to: 2)
  line.append("a part of the program that its module does not need was left out, and was reached")
  line.write()
  fatalError()
}
