// swift-tools-version: 6.2
// Package.swift — the programs that run the module inside them, built by `make runners`.

import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(), .enableExperimentalFeature("Extern"),
  .enableExperimentalFeature("Lifetimes"),
  .unsafeFlags(["-Osize", "-Xllvm", "-enable-machine-outliner=always"]),
]

// For modules that were compiled: links likewise, and linked anew with each module's code. Only
// linker/build-runners --native asks for it, so that nobody else waits for it.
let nativeTargets: [Target] = [
  .target(name: "CNativeCode"),
  .executableTarget(
    name: "runner-native",
    dependencies: ["CNativeCode", .product(name: "NovaModules", package: "NovaCore")],
    swiftSettings: settings,
    linkerSettings: [.unsafeFlags(["-Xlinker", "--icf=all"])]),
]

let package = Package(
  name: "runner",
  dependencies: [.package(name: "NovaCore", path: "..", traits: ["Small"])],
  targets: [
    .executableTarget(
      name: "runner",
      dependencies: [
        .product(name: "NovaModules", package: "NovaCore"),
        .product(name: "NovaInterpreter", package: "NovaCore"),
        .product(name: "NovaWASI", package: "NovaCore"),
      ],
      swiftSettings: settings,
      linkerSettings: [.unsafeFlags(["-Xlinker", "--icf=all"])])
  ] + (Context.environment["NOVA_NATIVE_RUNNER"] == nil ? [] : nativeTargets),
  swiftLanguageModes: [.v6]
)
