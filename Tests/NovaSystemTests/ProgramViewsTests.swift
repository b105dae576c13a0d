// ProgramViewsTests.swift — arguments, environment and auxiliary vector, freestanding and hosted.

import Glibc
import NovaCore
import TestSupport
import Testing

@Suite struct ProgramViewsTests {
  @Test(arguments: GuestCPU.allCases)
  func `a guest sees what it was started with`(cpu: GuestCPU) throws {
    let completion = try Guests.run(
      "views", on: cpu, arguments: ["one", "", "zwölf"],
      environment: ["NOVA_A=1", "NOVA_AB=", "NOVA_C=x=y"])
    #expect(completion.status == 0)
    let report = TAPReport(parsing: completion.output)
    #expect(report.isComplete, "\(report.failed)")
  }

  @Test func `hosted arguments are the process's own`() {
    let arguments = ProgramArguments.current
    let strings = arguments.indices.map { arguments.string(at: $0) }
    #expect(strings == CommandLine.arguments)
  }

  @Test func `a hosted variable is found by name and by index`() throws {
    let environment = ProgramEnvironment.current
    let path = try #require(environment.string(of: "PATH"))
    // SAFETY: getenv's string is copied at once.
    let expected = unsafe getenv("PATH").map { unsafe String(cString: $0) }
    #expect(path == expected)
    let all = (0..<environment.count).map { index in
      // SAFETY: the buffer is read before the closure returns.
      unsafe environment[index].withUnsafeBufferPointer {
        unsafe String(decoding: $0, as: UTF8.self)
      }
    }
    #expect(all.contains("PATH=\(path)"))
    #expect(environment.string(of: "NOVA_NOBODY_SETS_THIS") == nil)
  }

  @Test func `the auxiliary vector tells libc's values`() {
    let auxiliary = AuxiliaryVector.current
    #expect(auxiliary[.pageByteCount] == UInt64(sysconf(Int32(_SC_PAGESIZE))))
    #expect(auxiliary[.user] == UInt64(getuid()))
    #expect(auxiliary[AuxiliaryVector.Kind(rawValue: 9999)] == nil)
  }
}
