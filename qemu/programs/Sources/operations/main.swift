// main.swift — prints the digest of every operation's results, in each way of running.

import NovaCore
import NovaInterpreter
import OperationChecks

let machine = Machine()
for (name, mode) in [
  ("fast", ExecutionMode()), ("charged", ExecutionMode(isCharged: true)),
  ("observed", ExecutionMode(isObserved: true)),
] as [(StaticString, ExecutionMode)] {
  print(name, terminator: " ")
  print(OperationCases.digest(machine, mode: mode, fuel: 1_000))
}
