// main.swift — prints the digest of every operation's results, in each way of running; asked for
// `vectors`, how many of the vectors written by hand there are and how many are not met.

import NovaABI
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

func printVectors() {
  let machine = Machine()
  var count = 0
  var wrongCount = 0
  OperationVectors.forEach(unknown: { _ in wrongCount += 1 }) { vector in
    count += 1
    if vector.failure(on: machine, mode: ExecutionMode()) != nil { wrongCount += 1 }
  }
  print("vectors", terminator: " ")
  print(count, terminator: " ")
  print("wrong", terminator: " ")
  print(wrongCount)
}

// SAFETY: a freestanding program's start record is there and never changes.
if unsafe nova_started().pointee.argument_count > 1 { printVectors() } else { printDigests() }
