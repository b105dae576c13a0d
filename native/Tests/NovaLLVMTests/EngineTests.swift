// EngineTests.swift — compiled code comes to the same as the interpreter, in every way of running.

import ModuleRunsHosted
import NovaLLVM
import NovaModules
import TestSupport
import Testing

@testable import NovaAssembler

@Suite(.serialized) struct EngineTests {
  @Test(arguments: CorpusProgram.all, NativeEffort.allCases)
  func `a program gives what it says in every way`(
    program: CorpusProgram, effort: NativeEffort
  ) throws {
    guard case .run(let line) = program.expectation else { return }
    let options = Assembler.Options(isOptimized: effort != .fast)
    let module = try Assembler.assemble(program.text, options: options)
    let expectation = try Expectation(line)
    let runtime = try Runs.runtime()
    for way in Engine.ways {
      let ending = expectation.ending(of: module, way, on: runtime, with: Runs.hosts) {
        Engine.attach($0, effort)
      }
      #expect(ending == expectation.ending, "\(way.name)")
    }
    let verdict = verdict(of: module, effort, on: runtime, with: Runs.hosts)
    guard case .same = verdict else {
      Issue.record("\(verdict)")
      return
    }
  }

  @Test(arguments: CorpusFile.all)
  func `a file of any version comes to the same`(file: CorpusFile) throws {
    let folder = "\(CorpusFile.folder)/\(file.version)"
    let host = Corpus.bytes(of: "\(folder)/provider-host.nvc")
    let runtime = try Runs.runtime()
    let verdict = verdict(of: file.bytes, .standard, on: runtime, with: [("host", host)])
    guard case .same = verdict else {
      Issue.record("\(verdict)")
      return
    }
  }

  /// Each effort has modules of its own.
  @Test(arguments: NativeEffort.allCases)
  func `random modules come to the same as interpreted`(effort: NativeEffort) throws {
    print("NOVA_SEED=\(TestSeed.value)")
    let first = UInt64(NativeEffort.allCases.firstIndex(of: effort) ?? 0) * 1000
    let runtime = try Runs.runtime()
    var (returned, trapped, exhausted, steps) = (0, 0, 0, 0)
    for index in first..<first + 60 {
      let generator = SeededGenerator(seed: UInt64(TestSeed.value) << 32 | index)
      var random = RandomModule(generator, isForRunning: true)
      let module = try random.contents(isOptimized: index % 2 == 1).fileBytes()
      let verdict = verdict(of: module, effort, on: runtime, with: Runs.providers)
      guard case .same(let taken) = verdict else {
        Issue.record("NOVA_SEED=\(TestSeed.value), module \(index): \(verdict)")
        continue
      }
      steps += taken.count
      returned += taken.count { if case .returned = $0 { true } else { false } }
      trapped += taken.count { if case .trapped = $0 { true } else { false } }
      exhausted += taken.count { if case .exhausted = $0 { true } else { false } }
    }
    print("\(steps) steps: returned \(returned), trapped \(trapped), out of fuel \(exhausted)")
    // A batch in which most calls are refused would show nothing.
    #expect(returned > 60 && trapped > 60 && exhausted > 0)
  }

  /// What every way comes to, compiled ones among them; the providers are compiled as well.
  private func verdict(
    of module: [UInt8], _ effort: NativeEffort, on runtime: borrowing NovaRuntime,
    with others: Runs.Providers
  ) -> RunVerdict {
    var runs = ModuleRuns()
    runs.seed = UInt64(TestSeed.value)
    runs.ways = Engine.ways
    return runs.verdict(on: runtime) { loader throws(ModuleError) in
      for other in others {
        Engine.attach(try loader.load(other.name, copying: other.bytes.span), effort)
      }
      let loaded = try loader.load("main", copying: module.span)
      Engine.attach(loaded, effort)
      return loaded
    }
  }
}
