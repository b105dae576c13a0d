// Runs.swift — modules run in every way, in this process and in the guest of each CPU.
// Hosted. Imports ModuleRunsHosted, NovaAssembler, NovaModules and TestSupport.

import ModuleRunsHosted
import NovaAssembler
import NovaModules
import TestSupport

enum Runs {
  /// Modules by the names that others import.
  typealias Providers = [(name: NovaModules.ModuleName, bytes: [UInt8])]

  /// What a random module imports.
  static let providers: Providers = [("provider", assembled(RandomProvider.text))]

  /// What programs of the corpus import.
  static let hosts: Providers = [
    (
      "host",
      assembled(
        String(
          decoding: Corpus.bytes(of: "\(Corpus.folder)/Providers/host.nvasm"), as: UTF8.self))
    )
  ]

  private static func assembled(_ text: String) -> [UInt8] {
    guard let bytes = try? Assembler.assemble(text) else {
      preconditionFailure("the provider is assembled")
    }
    return bytes
  }

  /// Every file of the corpus: what is made of its programs, and what versions keep.
  static func corpus() throws -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for program in CorpusProgram.all {
      guard case .run = program.expectation else { continue }
      for isOptimized in [false, true] {
        let options = Assembler.Options(isOptimized: isOptimized)
        files.append((program.name, try Assembler.assemble(program.text, options: options)))
      }
    }
    return files + CorpusFile.all.map { ("\($0)", $0.bytes) }
  }

  /// A runtime with room for modules and their copies.
  static func runtime() throws(BootstrapError) -> NovaRuntime {
    try NovaRuntime(from: RuntimeBootstrap.Builder().heap(byteCount: 64 << 20).build())
  }

  /// What every way of running comes to, with others that the module may import.
  static func verdict(
    of module: [UInt8], seed: UInt64 = 1, on runtime: borrowing NovaRuntime,
    with others: Providers
  ) -> RunVerdict {
    var runs = ModuleRuns()
    runs.seed = seed
    return runs.verdict(on: runtime) { loader throws(ModuleError) in
      for other in others { try loader.load(other.name, copying: other.bytes.span) }
      return try loader.load("main", copying: module.span)
    }
  }

  /// Runs the modules in the guest of a CPU, which prints a line for each.
  static func onGuest(
    _ modules: [[UInt8]], seed: UInt32, _ cpu: GuestCPU, with others: Providers
  ) throws -> Completion {
    let folder = try TemporaryFolder()
    var paths: [String] = []
    for other in others {
      paths.append("\(folder.path)/\(other.name).nvc")
      try folder.write(other.bytes, to: "\(other.name).nvc")
    }
    paths.append("--")
    for (index, module) in modules.enumerated() {
      try folder.write(module, to: "\(index).nvc")
      paths.append("\(folder.path)/\(index).nvc")
    }
    return try Guests.run("module-runs", on: cpu, arguments: ["\(seed)"] + paths)
  }
}
