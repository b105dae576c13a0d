// HandleModelTests.swift — random requests against a plain model, hosted and on three CPUs.

import MemoryModel
import TestSupport
import Testing

@testable import NovaMemory

@Suite struct HandleModelTests {
  /// The same program for the host, beside the test bundle: a test's own process has many threads.
  private static let hosted: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let folder = bundle?.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    return "\(folder ?? "\(Guests.root)/.build/debug")/memory-model-hosted"
  }()

  /// Small enough to be exhausted; from 1 MiB on, threads have lists of their own.
  @Test(arguments: [16384, 65536, 1 << 20, 1 << 22])
  func `random requests agree with the model`(byteCount: Int) throws {
    print("NOVA_SEED=\(TestSeed.value)")
    let outcome = try ModelRun.run(
      ModelRun.Plan(
        seed: UInt64(TestSeed.value), stepCount: 40_000, byteCount: byteCount, isAlone: false))
    if let failure = outcome.failure {
      Issue.record("step \(outcome.stepCount) of \(byteCount) bytes: \(failure)")
    }
    #expect(outcome.refusalCount > 1000)
  }

  /// With two threads, what is lent comes from a thread's own lists.
  @Test(arguments: [1, 2])
  func `the same requests get the same answers wherever they are made`(threads: Int) throws {
    let arguments = ["\(TestSeed.value)", "60000", "\(1 << 22)", "\(threads)"]
    let hosted = try Completion.run(Self.hosted, arguments: arguments, environment: [])
    #expect(hosted.status == 0, "\(hosted.output)")
    #expect(hosted.output.hasPrefix("digest "))
    for cpu in GuestCPU.allCases {
      let guest = try Guests.run("memory-model", on: cpu, arguments: arguments)
      #expect(guest.status == 0 && guest.output == hosted.output, "\(cpu): \(guest.output)")
    }
  }
}
