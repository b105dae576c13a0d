// main.swift — argc, argv, envp and auxv as Swift sees them.
// The test starts it with the arguments `one`, `` and `zwölf`, and NOVA_A=1 NOVA_AB= NOVA_C=x=y.

import NovaCore
import TAP

func equal(_ bytes: Span<UInt8>, _ expected: StaticString) -> Bool {
  guard bytes.count == expected.utf8CodeUnitCount else { return false }
  for index in bytes.indices {
    // SAFETY: index is below the string's count, which was just compared.
    guard unsafe bytes[index] == expected.utf8Start[index] else { return false }
  }
  return true
}

func run() {
  var tap = TAP()
  let arguments = ProgramArguments.current
  tap.check(arguments.count, equals: 4, "four arguments")
  tap.check(arguments[0].count > 0, "the name is there")
  tap.check(equal(arguments[1], "one"), "argument 1 by its bytes")
  tap.check(arguments[2].isEmpty, "argument 2 is empty")
  tap.check(equal(arguments[3], "zwölf"), "argument 3 by its bytes")
  tap.check(arguments.string(at: 3).utf8.count, equals: 6, "argument 3 as a string")

  let environment = ProgramEnvironment.current
  var length = -1
  if let value = environment.value(of: "NOVA_A") { length = value.count }
  tap.check(length, equals: 1, "a variable by its name")
  length = -1
  if let value = environment.value(of: "NOVA_AB") { length = value.count }
  tap.check(length, equals: 0, "an empty variable is set")
  length = -1
  if let value = environment.value(of: "NOVA_") { length = value.count }
  tap.check(length, equals: -1, "a prefix of a name is not set")
  var matches = false
  if let value = environment.value(of: "NOVA_C") { matches = equal(value, "x=y") }
  tap.check(matches, "a value may hold an equals sign")
  tap.check(environment.string(of: "NOVA_C")?.utf8.count ?? -1, equals: 3, "a value as a string")
  var found = 0
  for index in 0..<environment.count where equal(environment[index], "NOVA_C=x=y") { found += 1 }
  tap.check(found, equals: 1, "a variable by its index")

  let auxiliary = AuxiliaryVector.current
  let pageByteCount = Int(auxiliary[.pageByteCount] ?? 0)
  tap.check(pageByteCount, equals: System.pageByteCount, "the kernel's page size")
  tap.check(auxiliary[.random] != nil, "random bytes were passed")
  tap.check(auxiliary[AuxiliaryVector.Kind(rawValue: 9999)] == nil, "an unknown kind is nil")
  tap.finish()
}

run()
