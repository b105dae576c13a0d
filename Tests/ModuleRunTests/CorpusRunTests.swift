// CorpusRunTests.swift — programs and kept files of the corpus do what they say in every way.

import ModuleRunsHosted
import NovaAssembler
import NovaModules
import TestSupport
import Testing

@Suite(.serialized) struct CorpusRunTests {
  @Test(arguments: CorpusProgram.all, [false, true])
  func `a program gives what it says in every way`(
    program: CorpusProgram, isOptimized: Bool
  ) throws {
    guard case .run(let line) = program.expectation else { return }
    let module = try Assembler.assemble(
      program.text, options: Assembler.Options(isOptimized: isOptimized))
    try expect(line, of: module, with: Runs.hosts)
  }

  @Test(arguments: CorpusFile.all)
  func `a file of any version gives what it said for ever`(file: CorpusFile) throws {
    let folder = "\(CorpusFile.folder)/\(file.version)"
    let host = Corpus.bytes(of: "\(folder)/provider-host.nvc")
    try expect(file.expectation, of: file.bytes, with: [("host", host)])
    // Its text makes the file again, as long as the version is the one that is written.
    let text = try Disassembler.text(of: file.bytes)
    let again = try Assembler.assemble(text)
    #expect(again == file.bytes || file.version != Self.writtenVersion)
  }

  private static let writtenVersion = "\(ModuleHeader.majorVersion).\(ModuleHeader.minorVersion)"

  private func expect(
    _ line: String, of module: [UInt8],
    with others: [(name: NovaModules.ModuleName, bytes: [UInt8])]
  ) throws {
    let expectation = try Expectation(line)
    let runtime = try Runs.runtime()
    for way in RunWay.interpreted {
      let ending = expectation.ending(of: module, way, on: runtime, with: others)
      #expect(ending == expectation.ending, "\(way.name)")
    }
    let verdict = Runs.verdict(of: module, on: runtime, with: others)
    guard case .same = verdict else {
      Issue.record("\(verdict)")
      return
    }
  }

  @Test func `the version that is written is kept, with every section`() throws {
    #expect(CorpusFile.versions.contains(Self.writtenVersion), "make corpus keeps it")
    for version in CorpusFile.versions {
      let files = CorpusFile.all.filter { $0.version == version }
      let names = Corpus.names(in: "\(CorpusFile.folder)/\(version)", ".nvc")
      #expect(names == (files.map(\.name) + ["provider-host.nvc"]).sorted())
      // The programs of a feature are fewer.
      if version.contains("-") { continue }
      var kinds = Set<UInt16>()
      for file in files {
        try ModuleFile(file.bytes).withView { view in
          for index in 0..<view.sections.count { kinds.insert(view.sections[index].kind) }
        }
      }
      // Every kind of the first version, and one that a reader passes over.
      #expect(kinds.isSuperset(of: 1...20), "\(version)")
      #expect(kinds.contains { SectionKind(rawValue: $0) == nil }, "\(version)")
    }
  }

  @Test func `what NaNs look like is the host's to allow`() throws {
    let text = ".flags native_nan\n.export func f\n.func f () -> f64\nzero r0, 1\nret r0\n.end\n"
    let module = try Assembler.assemble(text)
    let runtime = try Runs.runtime()
    let loader = try ModuleLoader(runtime, linked: false)
    let loaded = try loader.load("main", copying: module.span)
    #expect(throws: ModuleFailure.refused(.nativeNaN("main"))) {
      try runtime.executeModule(loaded, "f")
    }
    let allowed = ModuleLimits(allowsNativeNaN: true)
    #expect(try runtime.executeModule(loaded, "f", limits: allowed) == [.f64(0)])
  }
}
