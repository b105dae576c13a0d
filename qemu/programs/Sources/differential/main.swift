// main.swift — runs generated modules, and prints a line of what each came to.
// Usage: differential FILE FIRST STRIDE WAYSTRIDE
//   FILE   modules, each behind its byte count of 4 bytes; none where the count is 0
//   FIRST  the first one's number; those whose number STRIDE divides are run
//   those whose number WAYSTRIDE divides are run in every way, and a line tells what differs
// Freestanding; also built hosted, as a program of its own. Imports NovaModules.

import NovaModules

func number(_ text: Span<UInt8>) -> Int {
  var value = 0
  for index in text.indices { value = value * 10 + Int(text[index] - 48) }
  return value
}

/// Prints what the module came to, and where other ways differ.
func play(_ bytes: [UInt8], _ number: Int, _ runtime: borrowing NovaRuntime, inAllWays: Bool) {
  do throws(ModuleError) {
    let loader = try ModuleLoader(runtime, linked: false)
    let module = try loader.load("generated", copying: bytes.span)
    let line = GeneratedRun.line(module, in: loader, .fast)
    print("\(number): \(line)")
    guard inAllWays else { return }
    for way in GeneratedRun.Way.others {
      let other = GeneratedRun.line(module, in: loader, way)
      if other != line { print("\(number): \(way.name) differs: \(other)") }
    }
  } catch {
    print("\(number): refused: \(error)")
  }
}

func run(_ runtime: borrowing NovaRuntime) throws(SystemError) {
  let arguments = ProgramArguments.current
  let bytes = try file(arguments[1])
  var moduleNumber = number(arguments[2])
  let (stride, wayStride) = (number(arguments[3]), number(arguments[4]))
  var place = 0
  while place + 4 <= bytes.count {
    var byteCount = 0
    for index in 0..<4 { byteCount |= Int(bytes[place + index]) << (8 * index) }
    place += 4
    if byteCount > 0, moduleNumber % stride == 0 {
      play(
        Array(bytes[place..<place + byteCount]), moduleNumber, runtime,
        inAllWays: moduleNumber % wayStride == 0)
    }
    place += byteCount
    moduleNumber += 1
  }
}

do throws(BootstrapError) {
  let runtime = try NovaRuntime.bootstrap()
  do throws(SystemError) { try run(runtime) } catch { print("\(error)") }
} catch {
  print("\(error)")
}
