// FuzzTests.swift — a short run of each program that libFuzzer feeds; `make fuzz` runs longer.

import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct FuzzTests {
  private static let folder = "\(Guests.root)/build/fuzzers"

  /// Inputs that are tried; each of the interpreter's is a module, run in four ways, and most of
  /// WebAssembly's are refused.
  private static let counts = [
    "assembler": 4000, "module": 20_000, "interpreter": 1000, "wasm": 2000,
  ]

  @Test(
    .enabled(if: !Files.exists("\(folder)/unavailable"), "the toolchain has no libFuzzer"),
    arguments: ["assembler", "module", "interpreter", "wasm"])
  func `inputs of a fixed seed find nothing`(name: String) throws {
    let program = "\(Self.folder)/fuzz-\(name)"
    try #require(Files.exists(program), "there is no \(program): run make fuzzers")
    let count = try #require(Self.counts[name])
    let folder = try TemporaryFolder()
    try folder.write("", to: "found/empty")
    let seeds =
      ["\(CorpusProgram.folder)", "\(Corpus.folder)/WebAssembly"]
      + CorpusFile.versions.map { "\(CorpusFile.folder)/\($0)" }
    let run = try Completion.run(
      program,
      arguments: [
        "-runs=\(count)", "-seed=1", "-timeout=60", "-artifact_prefix=\(folder.path)/",
        "\(folder.path)/found",
      ] + seeds, environment: [])
    #expect(run.status == 0, "\(run.errorOutput.suffix(4000))")
    #expect(run.errorOutput.contains("Done "), "it ended before its count")
  }
}
