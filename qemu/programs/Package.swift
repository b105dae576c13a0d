// swift-tools-version: 6.2
// Package.swift — the programs that tests run on each CPU, built by `make guests`.

import PackageDescription

let programs = [
  "arena",
  "classes",
  "embedded",
  "executor",
  "exhaust",
  "hello",
  "observed",
  "runtime",
  "threads",
  "views",
]

let package = Package(
  name: "programs",
  dependencies: [.package(name: "NovaCore", path: "../..", traits: [])],
  targets: [.target(name: "TAP", swiftSettings: [.strictMemorySafety()])]
    + programs.map { name in
      .executableTarget(
        name: name,
        dependencies: ["TAP", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()])
    } + [
      .target(name: "CCrash"),
      .executableTarget(
        name: "crash",
        dependencies: [.product(name: "NovaCore", package: "NovaCore"), "CCrash"]),
      .target(
        name: "MemoryChecks",
        dependencies: ["TAP", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety(), .enableExperimentalFeature("Extern")]),
      .target(
        name: "CGuestDriver", dependencies: [.product(name: "NovaCore", package: "NovaCore")]),
      .target(
        name: "DriverChecks",
        dependencies: ["CGuestDriver", "TAP", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(name: "drivers", dependencies: ["DriverChecks"]),
      .executableTarget(name: "drivers-default", dependencies: ["DriverChecks"]),
      .target(
        name: "DequeStress",
        dependencies: [.product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "deque",
        dependencies: [
          "DequeStress", "TAP", .product(name: "NovaCore", package: "NovaCore"),
        ],
        swiftSettings: [.strictMemorySafety()]),
      .target(name: "CMath"),
      .target(name: "MathInputs", swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "math",
        dependencies: ["CMath", "MathInputs", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .target(
        name: "LoopScenario", dependencies: [.product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "scenario",
        dependencies: ["LoopScenario", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "loop", dependencies: ["TAP", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(name: "memory", dependencies: ["MemoryChecks"]),
      .target(
        name: "MemoryModel", dependencies: [.product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "handles",
        dependencies: ["MemoryModel", "TAP", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "memory-model",
        dependencies: ["MemoryModel", .product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .target(
        name: "OperationChecks",
        dependencies: [.product(name: "NovaInterpreter", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "operations",
        dependencies: [
          "OperationChecks", .product(name: "NovaCore", package: "NovaCore"),
          .product(name: "NovaInterpreter", package: "NovaCore"),
        ],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "crash-handler",
        dependencies: [
          "CCrash", "OperationChecks", .product(name: "NovaCore", package: "NovaCore"),
          .product(name: "NovaInterpreter", package: "NovaCore"),
        ],
        swiftSettings: [.strictMemorySafety()]),
      .target(
        name: "CGuestModule", dependencies: [.product(name: "NovaCore", package: "NovaCore")]),
      .executableTarget(
        name: "modules",
        dependencies: ["CGuestModule", .product(name: "NovaModules", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .target(
        name: "SpecificationPlayer",
        dependencies: [.product(name: "NovaModules", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "specification",
        dependencies: [
          "SpecificationPlayer", .product(name: "NovaModules", package: "NovaCore"),
        ],
        swiftSettings: [.strictMemorySafety()],
        linkerSettings: [
          .unsafeFlags(["-Xlinker", "--defsym", "-Xlinker", "nova_heap_size=0x40000000"])
        ]),
      .executableTarget(
        name: "differential",
        dependencies: [.product(name: "NovaModules", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()],
        linkerSettings: [
          .unsafeFlags(["-Xlinker", "--defsym", "-Xlinker", "nova_heap_size=0x10000000"])
        ]),
      .executableTarget(name: "memory-native", dependencies: ["MemoryChecks"]),
      .target(
        name: "ModuleRuns", dependencies: [.product(name: "NovaModules", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(
        name: "module-runs",
        dependencies: ["ModuleRuns", .product(name: "NovaModules", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .target(
        name: "RuntimeUse", dependencies: [.product(name: "NovaCore", package: "NovaCore")],
        swiftSettings: [.strictMemorySafety()]),
      .executableTarget(name: "runtime-alone", dependencies: ["RuntimeUse"]),
      .executableTarget(name: "runtime-workers", dependencies: ["RuntimeUse"]),
    ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)

// Guests that test crt/ itself. What the link states: `--defsym NAME=VALUE`.
let crtPrograms: [String: [String]] = [
  "crt-builtins": [],
  "crt-far": [],
  "crt-initialisers": [],
  "crt-platform": [],
  "crt-print": [],
  "crt-random": [],
  "crt-registers": [],
  "crt-smash": [],
  "crt-start": [],
  "crt-start-link": [
    "nova_stack_size=0x300000", "nova_stack_policy=2", "nova_stack_initial=0x2000",
    "nova_heap_size=0x200000", "nova_worker_count=3", "nova_address_policy=1",
    "nova_entropy_policy=1", "nova_cpu_policy=1", "nova_driver_grants=0x3e",
  ],
  "crt-start-source": ["nova_worker_count=2"],
  "crt-threads": [],
  "crt-workers": [],
]

package.targets.append(
  .target(name: "CrtChecks", dependencies: [.product(name: "NovaCore", package: "NovaCore")]))
package.targets += crtPrograms.sorted { $0.key < $1.key }.map { name, symbols in
  .executableTarget(
    name: name,
    dependencies: ["CrtChecks", .product(name: "NovaCore", package: "NovaCore")],
    linkerSettings: [.unsafeFlags(symbols.flatMap { ["-Xlinker", "--defsym", "-Xlinker", $0] })])
}
