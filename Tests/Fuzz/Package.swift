// swift-tools-version: 6.2
// Package.swift — programs that libFuzzer feeds; built and run by `make fuzz`.

import PackageDescription

// libFuzzer has the main function, so the program has none.
let swiftSettings: [SwiftSetting] = [
  .strictMemorySafety(), .treatAllWarnings(as: .error), .unsafeFlags(["-parse-as-library"]),
]

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "NovaCore", path: "../..", traits: [])],
  targets: [
    .executableTarget(
      name: "fuzz-assembler",
      dependencies: [.product(name: "NovaBytecodeTools", package: "NovaCore")],
      swiftSettings: swiftSettings),
    // Symbolic links to what makes modules in NovaBytecodeTests.
    .executableTarget(
      name: "fuzz-module",
      dependencies: [.product(name: "NovaBytecodeTools", package: "NovaCore")],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
