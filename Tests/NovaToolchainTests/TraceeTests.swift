// TraceeTests.swift — a traced program that somebody else ends.

import CNovaProbe
import Glibc
import TestSupport
import Testing

@testable import NovaToolchain

@Suite struct TraceeTests {
  /// As an untraced thread does that ends the process, while the traced one stands at a call.
  @Test(.enabled(if: Target.host == .x86_64, "needs an x86_64 machine"))
  func `a program that is ended while it stands has ended`() throws {
    let program = try Guests.path(of: "hello", on: .x86_64)
    var request = ProcessRequest(program, [])
    request.timeLimitMilliseconds = 60_000
    var tracee = try Tracee.begin(request, NativeCPU(.x86_64))
    #expect(try tracee.resume(NOVA_TRACE_call) == .call)
    kill(tracee.process, SIGKILL)
    let status = "/proc/\(tracee.process)/stat"
    while !String(decoding: try readFile(status), as: UTF8.self).contains(") Z ") { usleep(1000) }
    #expect(try tracee.call() == nil)
    #expect(try tracee.resume(NOVA_TRACE_call) == .ended(.killed(signal: SIGKILL)))
  }
}
