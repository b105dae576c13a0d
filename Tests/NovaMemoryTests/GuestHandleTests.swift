// GuestHandleTests.swift — handles in freestanding programs: threads, limits, the model's digest.

import TestSupport
import Testing

@Suite struct GuestHandleTests {
  /// The same program for the host, beside the test bundle: a test's own process has many threads.
  private static let hosted: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let folder = bundle?.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    return "\(folder ?? "\(Guests.root)/.build/debug")/memory-model-hosted"
  }()

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

  @Test(arguments: [1, 2]) func `millions of requests agree with the model`(threads: Int) throws {
    print("NOVA_SEED=\(TestSeed.value)")
    // Natively where that can be, because an emulator would take minutes.
    guard let program = try native("memory-model") else { return }
    for exponent in [16, 20, 24] {
      let run = try Completion.run(
        program,
        arguments: ["\(TestSeed.value)", "1000000", "\(1 << exponent)", "\(threads)"],
        environment: [])
      #expect(run.status == 0, "\(run.output)")
    }
  }

  @Test(arguments: GuestCPU.allCases)
  func `handles keep their promises among threads`(cpu: GuestCPU) throws {
    let run = try Guests.run("handles", on: cpu, arguments: ["0"])
    #expect(TAPReport(parsing: run.output).isComplete, "\(run.output)\(run.errorOutput)")
  }

  @Test func `handles keep their promises among threads that run at once`() throws {
    guard let program = try native("handles") else { return }
    let run = try Completion.run(program, arguments: ["7"], environment: [])
    #expect(TAPReport(parsing: run.output).isComplete, "\(run.output)\(run.errorOutput)")
  }

  /// A guest that this machine runs without an emulator; nil where its CPU is another.
  private func native(_ name: String) throws -> String? {
    #if arch(x86_64)
      return try Guests.path(of: name, on: .x86_64)
    #else
      return nil
    #endif
  }
}
