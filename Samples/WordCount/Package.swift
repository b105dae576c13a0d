// swift-tools-version: 6.2
// Package.swift — a program that counts words in parallel; hosted and for three CPUs.

import PackageDescription

let package = Package(
  name: "WordCount",
  // A package outside of this repository says where NovaCore is: `nova new` writes it.
  dependencies: [.package(name: "NovaCore", path: "../..", traits: [])],
  targets: [
    .executableTarget(
      name: "WordCount", dependencies: [.product(name: "NovaCore", package: "NovaCore")],
      swiftSettings: [.strictMemorySafety()])
  ]
)
