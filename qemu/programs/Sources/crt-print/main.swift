// main.swift — prints in the way that its first argument names.

import NovaCore

let line: StaticString = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

@inline(never) func trap(_ index: Int) -> Int { [1, 2, 3][index] }

let way = ProgramArguments.current.string(at: 1)
switch way {
case "megabyte":  // 16,384 lines of 64 bytes
  for _ in 0..<16_384 { print(line) }
case "lines":
  print("one")
  print("two", terminator: "")
  print(" three")
  print("no newline", terminator: "")
case "trap":
  print("printed before the trap", terminator: "")
  print(trap(ProgramArguments.current.count + 5))
default:
  print("ways: megabyte lines trap")
}
