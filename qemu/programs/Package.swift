// swift-tools-version: 6.2
// Package.swift — the programs that tests run on each CPU, built by `make guests`.

import PackageDescription

let programs = [
  "hello",
]

let package = Package(
  name: "programs",
  dependencies: [.package(name: "NovaCore", path: "../..", traits: [])],
  targets: programs.map { name in
    .executableTarget(
      name: name,
      dependencies: [.product(name: "NovaCore", package: "NovaCore")],
      swiftSettings: [.strictMemorySafety()])
  },
  swiftLanguageModes: [.v6]
)
