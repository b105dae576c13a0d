// swift-tools-version: 6.2
// Package.swift — the rooms and every arrow between them; the build keeps them.

import Glibc
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .strictMemorySafety(),
  .enableExperimentalFeature("Extern"),
  .enableExperimentalFeature("Lifetimes"),
  .enableExperimentalFeature("SuppressedAssociatedTypes"),
  .treatAllWarnings(as: .error),
]
/// Settings of the rooms that end up in programs.
///
/// `traits: ["Small"]` trades their speed for size. NovaInterpreter's handlers must stay jumps;
/// they are only packed closer.
let roomSettings =
  swiftSettings + [
    .unsafeFlags(
      ["-Osize", "-Xllvm", "-enable-machine-outliner=always"], .when(traits: ["Small"]))
  ]

let package = Package(
  name: "NovaCore",
  products: [
    .library(name: "NovaCore", targets: ["NovaCore"]),
    // For programs that load and run modules: as NovaCore, with the interpreter.
    .library(name: "NovaModules", targets: ["NovaModules"]),
    // For programs that run modules which import WASI.
    .library(name: "NovaWASI", targets: ["NovaWASI"]),
    // For programs that run modules without the runtime's loader.
    .library(name: "NovaInterpreter", targets: ["NovaInterpreter", "NovaBytecode"]),
    .executable(name: "nova", targets: ["nova"]),
    // For programs that make modules: builder, assembler, translation.
    .library(
      name: "NovaBytecodeTools",
      targets: [
        "NovaAssembler", "NovaBytecode", "NovaInterpreter", "NovaWasm",
      ]),
    // For the package in native/: what the command is made of, and what engines are compared by.
    .library(name: "NovaToolchain", targets: ["NovaToolchain"]),
    .library(
      name: "NovaChecks", targets: ["ModuleRunsHosted", "OperationChecksHosted", "TestSupport"]),
  ],
  // The command and what only it needs; a package that depends on NovaCore says `traits: []` and
  // is spared them.
  traits: [.default(enabledTraits: ["Command"]), "Command", "Small"],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    // Freestanding: Embedded Swift and C without libc; the same Swift also builds hosted.
    .target(
      name: "NovaABI", path: "crt", publicHeadersPath: "include"),
    .target(name: "NovaClosure", swiftSettings: roomSettings),
    .target(
      name: "NovaSystem", dependencies: ["NovaABI", "CNovaHost"],
      swiftSettings: roomSettings),
    .target(
      name: "NovaMemory", dependencies: ["NovaABI", "NovaSystem"],
      swiftSettings: roomSettings),
    .target(
      name: "NovaConcurrency",
      dependencies: ["NovaABI", "NovaClosure", "NovaSystem", "NovaMemory"],
      swiftSettings: roomSettings),
    .target(name: "NovaBytecode", swiftSettings: roomSettings),
    // Dispatch is a jump only where it is optimised and no frame is kept: in debug builds as well.
    // What calls keeps a frame, so that a backtrace finds its way out of a handler.
    .target(
      name: "NovaInterpreter", dependencies: ["NovaBytecode"],
      swiftSettings: swiftSettings + [
        .unsafeFlags([
          "-O", "-Xfrontend", "-disable-stack-protector",
          "-Xllvm", "-swiftmergefunc-threshold=0", "-Xfrontend",
          "-disable-llvm-merge-functions-pass", "-Xcc", "-fno-math-errno",
          "-Xcc", "-Xclang", "-Xcc", "-mframe-pointer=non-leaf",
        ]), .unsafeFlags(["-Xllvm", "-align-all-functions=2"], .when(traits: ["Small"])),
      ]),
    .target(
      name: "NovaCore",
      dependencies: [
        "NovaABI", "NovaSystem", "NovaMemory", "NovaConcurrency",
      ],
      swiftSettings: roomSettings),
    .target(
      name: "NovaModules",
      dependencies: [
        "NovaABI", "NovaSystem", "NovaMemory", "NovaConcurrency", "NovaBytecode", "NovaInterpreter",
        "NovaCore",
      ],
      swiftSettings: roomSettings),
    .target(
      name: "NovaWASI",
      dependencies: ["NovaABI", "NovaSystem", "NovaConcurrency", "NovaCore", "NovaModules"],
      swiftSettings: roomSettings),

    // Hosted.
    .target(name: "CNovaHost", dependencies: ["NovaABI"]),
    .target(name: "CNovaProbe"),
    .target(
      name: "NovaAssembler", dependencies: ["NovaBytecode", "OperationTable"],
      swiftSettings: swiftSettings),
    .target(
      name: "NovaWasm", dependencies: ["NovaAssembler", "NovaBytecode"],
      swiftSettings: swiftSettings),
    .target(
      name: "NovaToolchain",
      dependencies: ["NovaABI", "NovaAssembler", "NovaBytecode", "NovaWasm", "CNovaProbe"],
      swiftSettings: swiftSettings),
    .target(name: "OperationTable", swiftSettings: swiftSettings),
    .executableTarget(
      name: "nova-operations", dependencies: ["NovaToolchain", "OperationTable"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "nova",
      dependencies: [
        "NovaAssembler", "NovaModules", "NovaToolchain", "NovaWASI", "NovaWasm",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser",
          condition: .when(traits: ["Command"])),
      ],
      swiftSettings: swiftSettings),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["NovaToolchain"], path: "Tests/Support",
      swiftSettings: swiftSettings),
    .target(name: "ScheduleModel", path: "Tests/ScheduleModel"),
    // Symbolic links to NovaConcurrency's sources that touch shared memory, over other cells.
    .target(
      name: "ScheduleSearch", dependencies: ["ScheduleModel"], path: "Tests/ScheduleSearch",
      swiftSettings: swiftSettings),
    .target(
      name: "MathInputsHosted", path: "qemu/programs/Sources/MathInputs",
      swiftSettings: swiftSettings),
    .target(
      name: "MemoryModel", dependencies: ["NovaCore"], path: "qemu/programs/Sources/MemoryModel",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "memory-model-hosted", dependencies: ["MemoryModel", "NovaCore"],
      path: "qemu/programs/Sources/memory-model", swiftSettings: swiftSettings),
    .target(
      name: "DequeStressHosted", dependencies: ["NovaConcurrency", "NovaSystem"],
      path: "qemu/programs/Sources/DequeStress", swiftSettings: swiftSettings),
    .target(
      name: "LoopScenarioHosted", dependencies: ["NovaCore"],
      path: "qemu/programs/Sources/LoopScenario", swiftSettings: swiftSettings),
    .testTarget(
      name: "CrtTests",
      dependencies: ["MathInputsHosted", "NovaABI", "NovaToolchain", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "LeakTests", dependencies: ["NovaToolchain", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaAssemblerTests",
      dependencies: ["NovaAssembler", "NovaBytecode", "NovaToolchain", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaSystemTests", dependencies: ["NovaCore", "NovaSystem", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaMemoryTests",
      dependencies: [
        "MemoryModel", "NovaMemory", "NovaSystem", "TestSupport", "memory-model-hosted",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaConcurrencyTests",
      dependencies: [
        "DequeStressHosted", "NovaConcurrency", "NovaMemory", "NovaSystem", "TestSupport",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaBytecodeTests", dependencies: ["NovaBytecode", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ScheduleSearchTests", dependencies: ["ScheduleSearch", "TestSupport"],
      swiftSettings: swiftSettings),
    .target(
      name: "OperationChecksHosted", dependencies: ["NovaBytecode", "NovaInterpreter"],
      path: "qemu/programs/Sources/OperationChecks", swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaInterpreterTests",
      dependencies: [
        "NovaBytecode", "NovaInterpreter", "NovaToolchain", "OperationChecksHosted",
        "OperationTable", "TestSupport", "nova-operations",
      ],
      // Every line is about storage that its harness makes by hand: without strictMemorySafety.
      swiftSettings: Array(swiftSettings.dropFirst())),
    .target(
      name: "ModuleRunsHosted", dependencies: ["NovaModules"],
      path: "qemu/programs/Sources/ModuleRuns", swiftSettings: swiftSettings),
    // Symbolic links to what makes modules, threads and calls of the command in other tests.
    .testTarget(
      name: "ModuleRunTests",
      dependencies: [
        "ModuleRunsHosted", "NovaAssembler", "NovaModules", "NovaSystem", "NovaToolchain",
        "TestSupport", "nova",
      ],
      swiftSettings: swiftSettings),
    .target(name: "CDrivers", dependencies: ["NovaABI"], path: "Tests/CDrivers"),
    .testTarget(
      name: "NovaCoreTests",
      dependencies: [
        "CDrivers", "NovaABI", "NovaAssembler", "NovaCore", "NovaModules", "NovaToolchain",
        "TestSupport",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaToolchainTests",
      dependencies: ["NovaConcurrency", "NovaSystem", "NovaToolchain", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaCommandTests",
      dependencies: [
        "LoopScenarioHosted", "NovaConcurrency", "NovaCore", "nova", "NovaToolchain", "TestSupport",
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "SpecificationPlayerHosted", dependencies: ["NovaModules"],
      path: "qemu/programs/Sources/SpecificationPlayer", swiftSettings: swiftSettings),
    .target(
      name: "Specification",
      dependencies: [
        "NovaAssembler", "NovaBytecode", "NovaModules", "NovaWasm", "SpecificationPlayerHosted",
        "TestSupport",
      ],
      path: "Tests/Specification", swiftSettings: swiftSettings),
    .executableTarget(
      name: "differential-hosted", dependencies: ["NovaModules"],
      path: "qemu/programs/Sources/differential", swiftSettings: swiftSettings),
    .target(
      name: "Differential", dependencies: ["NovaToolchain", "NovaWasm", "TestSupport"],
      path: "Tests/Differential", swiftSettings: swiftSettings),
    .executableTarget(
      name: "wasm-differential",
      dependencies: ["Differential", "NovaToolchain", "TestSupport", "differential-hosted"],
      path: "Tests/DifferentialTool", exclude: ["wasmtime.c", "build-wasmtime"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "wasm-specification", dependencies: ["Specification", "TestSupport"],
      path: "Tests/SpecificationTool", swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaWasmTests",
      dependencies: [
        "Differential", "NovaAssembler", "NovaBytecode", "NovaInterpreter", "NovaModules",
        "NovaToolchain", "NovaWasm", "Specification", "SpecificationPlayerHosted", "TestSupport",
        "differential-hosted",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "NovaWASITests",
      dependencies: [
        "NovaAssembler", "NovaModules", "NovaToolchain", "NovaWASI", "TestSupport", "nova",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "RepositoryTests", dependencies: ["NovaToolchain", "TestSupport"],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)

// An installed copy holds what programs are built from, and neither the tests nor what they run.
if access("\(Context.packageDirectory)/Tests", F_OK) != 0 {
  package.products.removeAll { $0.name == "NovaChecks" }
  package.targets.removeAll { target in
    target.path.map { $0.hasPrefix("Tests/") || $0.hasPrefix("qemu/") } ?? target.isTest
  }
}
