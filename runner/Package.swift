// swift-tools-version: 6.2
// Package.swift — the program that runs the module inside it, built by `make runners`.

import PackageDescription

let package = Package(
  name: "runner",
  dependencies: [.package(name: "NovaCore", path: "..", traits: ["Small"])],
  targets: [
    .executableTarget(
      name: "runner", dependencies: [.product(name: "NovaModules", package: "NovaCore")],
      swiftSettings: [
        .strictMemorySafety(), .enableExperimentalFeature("Extern"),
        .enableExperimentalFeature("Lifetimes"),
        .unsafeFlags(["-Osize", "-Xllvm", "-enable-machine-outliner=always"]),
      ],
      linkerSettings: [.unsafeFlags(["-Xlinker", "--icf=all"])])
  ],
  swiftLanguageModes: [.v6]
)
