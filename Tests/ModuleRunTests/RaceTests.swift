// RaceTests.swift — a file that changes while it is loaded and while it runs: the right answer or a
// refusal, never a fault.

import Glibc
import NovaAssembler
import NovaModules
import NovaToolchain
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct RaceTests {
  private static let loadCount = 200
  private static let runCount = 20

  /// Ways of taking a file away under somebody's eyes.
  enum Change: CaseIterable, Sendable {
    /// Cut to nothing or to a part, and written again.
    case truncated
    /// Written over with the bytes of another module, in place.
    case rewritten
    /// Made longer, and cut to its length.
    case extended
    /// Replaced by another file of its name.
    case replaced
  }

  /// Two modules of one length and of different answers.
  private static let first = module(answer: 11)
  private static let second = module(answer: 22)

  /// Large enough that reading it takes a while: 256 KiB of data, of which `answer` reads some.
  private static func module(answer: Int) -> [UInt8] {
    let text = """
      .memory 5
      .data at 0 zero 262144
      .data at 262144 i32 \(answer)
      .export func answer
      .func answer () -> i32
          .reg value, count
          const32         count, 100000
      again:
          i32.load.absolute value, [262144]
          i32.addi        count, count, -1
          br.i32.nei      count, 0, again
          ret             value
      .end
      """
    guard let bytes = try? Assembler.assemble(text) else {
      preconditionFailure("the module is assembled")
    }
    return bytes
  }

  /// Changes the file over and over until `body` is done.
  private func whileChanging(
    _ path: String, _ change: Change, _ body: () throws -> Void
  ) throws {
    let end = Counter()
    let writer = try RunningThread {
      var round = 0
      while end.value.load(ordering: .relaxed) == 0 {
        Self.apply(change, to: path, round: round)
        round += 1
      }
    }
    defer {
      end.value.store(1, ordering: .relaxed)
      while !writer.join() {}
    }
    try body()
  }

  private static func apply(_ change: Change, to path: String, round: Int) {
    let bytes = round % 2 == 0 ? second : first
    switch change {
    case .truncated:
      // SAFETY: the path is a C string during the calls.
      unsafe truncate(path, off_t(round % 3 * bytes.count / 3))
      write(first, over: path)
    case .rewritten: write(bytes, over: path)
    case .extended:
      unsafe truncate(path, off_t(bytes.count + 4096 * (1 + round % 5)))
      unsafe truncate(path, off_t(bytes.count))
    case .replaced: try? Files.write(bytes, to: path)
    }
  }

  /// Writes into the file that is there.
  private static func write(_ bytes: [UInt8], over path: String) {
    // SAFETY: the path is a C string, and the bytes live, during the calls.
    let descriptor = unsafe open(path, O_WRONLY)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var count = 0
    while count < bytes.count {
      let rest = bytes.count - count
      let written = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress.unsafelyUnwrapped + count, rest)
      }
      guard written > 0 else { return }
      count += written
    }
  }

  @Test(arguments: Change.allCases)
  func `a file that changes while it is loaded is refused or gives a right answer`(
    change: Change
  ) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/module.nvc"
    try Files.write(Self.first, to: path)
    let runtime = try Runs.runtime()
    let before = runtime.memoryContract.stats
    var (answerCount, refusalCount) = (0, 0)
    try whileChanging(path, change) {
      for _ in 0..<Self.loadCount {
        let loader = try ModuleLoader(runtime, linked: false)
        do throws(ModuleError) {
          let module = try loader.loadModuleFile(path).module
          let results = try? runtime.executeModule(module, "answer")
          #expect(results == [.i32(11)] || results == [.i32(22)])
          answerCount += 1
        } catch {
          switch error {
          // Shorter than it was, torn, or longer.
          case .fileChanged, .format: refusalCount += 1
          default: Issue.record("\(error)")
          }
        }
      }
    }
    print("\(change): \(answerCount) answers, \(refusalCount) refusals")
    #expect(answerCount + refusalCount == Self.loadCount)
    #expect(change != .replaced || refusalCount == 0, "a replaced file is whole")
    #expect(change != .truncated || refusalCount > 0, "nothing was ever seen to change")
    #expect(runtime.memoryContract.stats.liveCount == before.liveCount)
  }

  @Test(arguments: Change.allCases)
  func `nova run of a file that changes ends with an answer or a refusal`(change: Change) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/module.nvc"
    try Files.write(Self.first, to: path)
    try whileChanging(path, change) {
      for _ in 0..<Self.runCount {
        let run = try Command.nova(["run", path, "--invoke", "answer"])
        if run.status == 0 {
          #expect(run.output == "11\n" || run.output == "22\n")
        } else {
          // A signal would be 128 and more.
          #expect(run.status == 2, "\(run)")
          #expect(run.output.isEmpty)
          #expect(run.errorOutput.hasPrefix("nova: \(path)"), "\(run.errorOutput)")
        }
      }
    }
  }

  @Test func `a file that ends while it runs changes nothing of the run`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/module.nvc"
    try Files.write(Self.first, to: path)
    let runtime = try Runs.runtime()
    let loader = try ModuleLoader(runtime, linked: false)
    let module = try loader.loadModuleFile(path).module
    try whileChanging(path, .truncated) {
      for _ in 0..<20 {
        // Each instance copies its data from the module's bytes.
        let results = try runtime.executeModule(module, "answer")
        #expect(results == [.i32(11)])
      }
    }
  }
}
