// swift-tools-version: 6.2
// Package.swift — native code through LLVM, built by `make native` where LLVM is installed.

import PackageDescription

// Without strictMemorySafety where every line hands LLVM's pointers on.
let swiftSettings: [SwiftSetting] = [
  .enableExperimentalFeature("Extern"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "native",
  products: [.executable(name: "nova-native", targets: ["nova-native"])],
  dependencies: [.package(name: "NovaCore", path: "..", traits: [])],
  targets: [
    // `native/find-llvm` writes the file that says where LLVM is.
    .systemLibrary(name: "CLLVM", pkgConfig: "nova-llvm", providers: [.apt(["llvm-dev"])]),
    .target(name: "CLLVMShim", dependencies: ["CLLVM"]),
    // A symbolic link to the root package's OperationTable, which shows itself to its package only.
    .target(name: "OperationTrees", swiftSettings: swiftSettings),
    .target(
      name: "NovaLLVM",
      dependencies: [
        "CLLVM", "CLLVMShim", "OperationTrees",
        .product(name: "NovaModules", package: "NovaCore"),
        .product(name: "NovaInterpreter", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "nova-native",
      dependencies: [
        "NovaLLVM", .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaModules", package: "NovaCore"),
        .product(name: "NovaToolchain", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaLLVMTests",
      dependencies: [
        "NovaLLVM", "OperationTrees", "nova-native",
        .product(name: "NovaToolchain", package: "NovaCore"),
        .product(name: "NovaBytecodeTools", package: "NovaCore"),
        .product(name: "NovaChecks", package: "NovaCore"),
        .product(name: "NovaModules", package: "NovaCore"),
      ],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
