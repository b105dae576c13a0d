// main.swift — prints random numbers, and a hash.

import NovaCore

func run() {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<4 { print(generator.next()) }
  print(1.hashValue)
}

run()
