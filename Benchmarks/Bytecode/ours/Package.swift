// swift-tools-version: 6.2
// Package.swift — the interpreter and the translation, measured.

import PackageDescription

let package = Package(
  name: "bytecode",
  dependencies: [.package(name: "NovaCore", path: "../../..", traits: [])],
  targets: [
    .executableTarget(
      name: "bytecode",
      dependencies: [
        .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaModules", package: "NovaCore"),
      ],
      swiftSettings: [.strictMemorySafety()])
  ],
  swiftLanguageModes: [.v6]
)
