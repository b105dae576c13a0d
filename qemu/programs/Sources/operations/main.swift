// main.swift — prints the digest of every operation's results, in each way of running.

import NovaCore
import NovaInterpreter
import OperationChecks

func printDigests() {
  let machine = Machine()
  let modes: [(StaticString, ExecutionMode)] = [
    ("fast", ExecutionMode()), ("charged", ExecutionMode(isCharged: true)),
    ("observed", ExecutionMode(isObserved: true)),
  ]
  for (name, mode) in modes {
    print(name, terminator: " ")
    print(OperationCases.digest(machine, mode: mode, fuel: 1_000))
  }
}

printDigests()
