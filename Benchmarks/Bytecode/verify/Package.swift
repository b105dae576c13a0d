// swift-tools-version: 6.2
// Package.swift — reading and verifying modules, measured.

import PackageDescription

let package = Package(
  name: "verify",
  dependencies: [.package(name: "NovaCore", path: "../../..", traits: [])],
  targets: [
    .executableTarget(
      name: "verify",
      dependencies: [.product(name: "NovaBytecodeTools", package: "NovaCore")],
      swiftSettings: [.strictMemorySafety()])
  ],
  swiftLanguageModes: [.v6]
)
