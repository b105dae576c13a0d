// main.swift — plays scripts of WebAssembly's specification tests from the file that it is given.
// The file: the module `spectest`, its byte count in front, then scripts as SpecificationBytes
// writes them. A line for each command that comes to something else than it says; the last line
// counts.
// Freestanding. Imports NovaModules and SpecificationPlayer.

import NovaModules
import SpecificationPlayer

func play(
  _ script: SpecificationScript, _ host: [UInt8], _ runtime: borrowing NovaRuntime
) throws(ModuleError) -> (passed: Int, failed: Int) {
  let loader = try ModuleLoader(runtime, linked: false)
  let player = try SpecificationPlayer(loader, host: host.span, isShared: script.isShared)
  var (passed, failed) = (0, 0)
  for (line, command) in script.commands {
    do throws(SpecificationFault) {
      try player.play(command)
      passed += 1
    } catch {
      failed += 1
      print("FAILED \(ModuleName(script.name)):\(line)")
    }
  }
  return (passed, failed)
}

func run(_ runtime: borrowing NovaRuntime) throws(SystemError) {
  var rest = try file(ProgramArguments.current[1])[...]
  var hostByteCount = 0
  for shift in 0..<4 { hostByteCount |= Int(rest.removeFirst()) << (8 * shift) }
  let host = Array(rest.prefix(hostByteCount))
  rest = rest.dropFirst(hostByteCount)
  var (scripts, passed, failed) = (0, 0, 0)
  while let script = SpecificationScript(taking: &rest) {
    do throws(ModuleError) {
      let counts = try play(script, host, runtime)
      scripts += 1
      passed += counts.passed
      failed += counts.failed
    } catch {
      print("\(error)")
    }
  }
  print("scripts \(scripts), passed \(passed), failed \(failed), bytes left \(rest.count)")
}

do throws(BootstrapError) {
  let runtime = try NovaRuntime.bootstrap()
  do throws(SystemError) { try run(runtime) } catch { print("\(error)") }
} catch {
  print("\(error)")
}
