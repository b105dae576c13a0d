// main.swift — runs the module that `nova build` put into this program.
// Freestanding. Imports NovaModules. Design: NovaCore.docc/Images.md.

import NovaModules

do throws(RunnerError) {
  System.exit(try Runner.run())
} catch {
  var line = Line()
  error.tell(&line)
  line.write(to: 2)
  System.exit(error.status)
}
