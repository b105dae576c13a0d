// swift-tools-version: 6.2
// Package.swift — NovaCore's side of the rows; built hosted and freestanding by `../run`.

import PackageDescription

let package = Package(
  name: "executor",
  dependencies: [.package(name: "NovaCore", path: "../../..", traits: [])],
  targets: [
    .executableTarget(
      name: "executor", dependencies: [.product(name: "NovaCore", package: "NovaCore")],
      swiftSettings: [.strictMemorySafety()])
  ],
  swiftLanguageModes: [.v6]
)
