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
    // Symbolic links to what makes and runs modules in the tests.
    .target(name: "TestSupport", swiftSettings: swiftSettings),
    .target(
      name: "GeneratedModules", dependencies: ["TestSupport"], swiftSettings: swiftSettings),
    .target(
      name: "ModuleRuns", dependencies: [.product(name: "NovaModules", package: "NovaCore")],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "fuzz-module",
      dependencies: [
        "TestSupport", .product(name: "NovaBytecodeTools", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "fuzz-interpreter",
      dependencies: [
        "ModuleRuns", "TestSupport", .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaModules", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "fuzz-wasm",
      dependencies: [
        "GeneratedModules", "ModuleRuns",
        .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaModules", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
