// ThreadedProgramTests.swift — programs with several threads are observed to their end and checked.

import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct ThreadedProgramTests {
  private func expectThreads(_ observation: Observation, _ status: Int32, _ output: String) {
    #expect(observation.ending == .exited(status))
    #expect(String(decoding: observation.output, as: UTF8.self) == output)
    #expect(observation.errorOutput.isEmpty)
    #expect(observation.callsFromMain.contains { $0.startsThread })
    let course = observation.untilSecondThread
    #expect(!course.callsFromMain.contains { $0.startsThread })
    #expect(course.atEnd == nil && course.trace == nil)
    #expect(course.atMain == observation.atMain)
  }

  /// The guest's ways to end: a thread that exits while others do, and `main` while they sleep.
  private static let ways: [(way: String, status: Int32)] = [("exit", 7), ("return", 5)]

  @Test(arguments: GuestCPU.allCases, ways)
  func `under qemu a program with threads ends as it does alone`(
    cpu: GuestCPU, end: (way: String, status: Int32)
  ) throws {
    let observation = try probe("crt-threads", on: cpu).observe(perturbation("way", end.way))
    expectThreads(observation, end.status, "before\nhook\n")
  }

  @Test(.enabled(if: Target.host == .x86_64, "needs an x86_64 machine"), arguments: ways)
  func `traced natively a program with threads ends as it does alone`(
    end: (way: String, status: Int32)
  ) throws {
    let probe = try NativeProbe(program: Guests.path(of: "crt-threads", on: .x86_64))
    let observation = try probe.observe(perturbation("way", end.way))
    expectThreads(observation, end.status, "before\nhook\n")
    #expect(observation.atEnd == nil, "another thread would die of the breakpoint there")
  }

  @Test func `a call that starts a thread is told from one that starts a process`() {
    func call(_ name: String, _ arguments: String) -> Bool {
      SystemCall(name: name, arguments: arguments, result: "").startsThread
    }
    #expect(call("clone", "CLONE_VM|CLONE_THREAD|CLONE_SYSVSEM,child_stack=0x1100040000"))
    #expect(call("clone", "0x3d0f00, 0x110003fff0, 0x4191c0, 0x4191c0, 0x110005ffa0"))
    #expect(!call("clone", "CLONE_VM|CLONE_VFORK|SIGCHLD,child_stack=0"))
    #expect(!call("clone", "0x11, 0, 0, 0, 0"))
    #expect(!call("write", "0x10000, 0, 0"))
  }

  @Test(arguments: GuestCPU.allCases)
  func `a check of a program with threads compares what does not depend on their order`(
    cpu: GuestCPU
  ) throws {
    let result = try Checked.guest("crt-workers", on: cpu)
    let failures = result.differences.filter { $0.weight == .failure }.map { $0.description }
    #expect(failures == [])
    #expect(result.manifest.isMultithreaded)
    #expect(result.manifest.trace == nil)
    #expect(result.manifest.text.contains("\nthreads                     several: "))
    #expect(try !Checked.guest("hello", on: cpu).manifest.isMultithreaded)
  }
}
