// GeneratedModuleTests.swift — generated modules give the same in every engine; finds are kept.

import Differential
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct GeneratedModuleTests {
  private static let hosted: DifferentialEngine = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let folder = bundle.map { Files.parent(of: $0) } ?? "\(Guests.root)/.build/debug"
    return .hosted("\(folder)/differential-hosted", wayStride: 10)
  }()

  /// Compares the modules of these numbers, of this run's seed.
  ///
  /// - Returns: how many WasmKit alone tells otherwise, where it takes part.
  @discardableResult
  private func expectSame(_ numbers: Range<Int>, _ engines: [DifferentialEngine]) throws -> Int {
    print("NOVA_SEED=\(TestSeed.value)")
    let folder = try TemporaryFolder()
    var aloneCount = 0
    for first in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 100) {
      let batch = DifferentialBatch(
        seed: UInt64(TestSeed.value), first..<min(first + 100, numbers.upperBound),
        folder: folder.path)
      let outcome = try batch.run(
        [Self.hosted] + engines, translate: DifferentialBatch.translate)
      aloneCount += outcome.findings.count(where: \.isWasmKitAlone)
      for finding in outcome.findings where !finding.isWasmKitAlone {
        Issue.record(
          "make differential SEED=\(TestSeed.value) MODULE=\(finding.number): \(finding.text)")
      }
      for engine in [Self.hosted] + engines { #expect(outcome.counts[engine.name, default: 0] > 0) }
    }
    return aloneCount
  }

  /// Version 0.1.6 tells some of a hundred modules otherwise than wasmtime and ours, which agree:
  /// it can't judge a single one.
  @Test(
    .enabled(if: DifferentialEngine.wasmKit(stride: 1) != nil, "the toolchain has no WasmKit"))
  func `most of a hundred modules give what they give in WasmKit`() throws {
    let aloneCount = try expectSame(0..<100, [try #require(.wasmKit(stride: 1))])
    #expect(aloneCount <= 20)
  }

  @Test(.enabled(if: DifferentialEngine.wasmtime != nil, "make differential brings wasmtime"))
  func `a thousand modules give what they give in wasmtime`() throws {
    try expectSame(1000..<2000, [try #require(.wasmtime)])
  }

  @Test func `modules give the same without an operating system's library`() throws {
    try expectSame(2000..<2100, try GuestCPU.allCases.map { try .guest($0, stride: 1) })
  }

  /// Each was found by this suite, made small, and told wrong by an engine: ours, if not said
  /// otherwise in Tests/Corpus/README.md.
  @Test func `modules that were told wrong once are told right`() throws {
    let folder = try TemporaryFolder()
    let expectations = GeneratedCorpus.all
    #expect(!expectations.isEmpty)
    let batch = DifferentialBatch(expectations.map(\.module), folder: folder.path)
    let lines = try batch.lines(
      Self.hosted.inAllWays, translate: DifferentialBatch.translate)
    for (number, expectation) in expectations.enumerated() {
      #expect(lines[number] == [expectation.line], "\(expectation.name)")
    }
  }
}
