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
    // Symbolic links to what makes modules in the tests.
    .target(
      name: "GeneratedModules",
      dependencies: [.product(name: "NovaChecks", package: "NovaCore")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "fuzz-module",
      dependencies: [
        .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaChecks", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "fuzz-interpreter",
      dependencies: [
        .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaChecks", package: "NovaCore"),
        .product(name: "NovaModules", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "fuzz-wasm",
      dependencies: [
        "GeneratedModules", .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaChecks", package: "NovaCore"),
        .product(name: "NovaModules", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
