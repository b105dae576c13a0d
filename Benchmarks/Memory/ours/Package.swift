// swift-tools-version: 6.2
// Package.swift — our side of handles-results.md, built hosted and freestanding.

import PackageDescription

let package = Package(
  name: "rows",
  dependencies: [.package(name: "NovaCore", path: "../../..", traits: [])],
  targets: [
    .executableTarget(
      name: "nova-rows", dependencies: [.product(name: "NovaCore", package: "NovaCore")],
      swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)])
  ],
  swiftLanguageModes: [.v6]
)
