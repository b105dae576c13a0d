// swift-tools-version: 6.2
// Package.swift — the programs that tests run on each CPU, built by `make guests`.

import PackageDescription

let programs = [
  "classes",
  "hello",
  "observed",
  "views",
]

let package = Package(
  name: "programs",
  dependencies: [.package(name: "NovaCore", path: "../..", traits: [])],
  targets: [.target(name: "TAP", swiftSettings: [.strictMemorySafety()])]
    + programs.map { name in
      .executableTarget(
        name: name,
        dependencies: ["TAP", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()])
    } + [
      .target(name: "CCrash"),
      .executableTarget(
        name: "crash",
        dependencies: [.product(name: "NovaCore", package: "NovaCore"), "CCrash"]),
    ],
  swiftLanguageModes: [.v6]
)
