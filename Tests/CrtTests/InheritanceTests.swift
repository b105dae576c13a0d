// InheritanceTests.swift — what the parent leaves: descriptors, arguments, another user's rights.

import Glibc
import NovaABI
import NovaToolchain
import TestSupport
import Testing

@Suite struct InheritanceTests {
  /// Whether a set-user-id file in /tmp takes effect when this user runs it.
  static let canSetUser: Bool = {
    var status = statvfs()
    // SAFETY: statvfs fills the structure that it is given.
    let known = unsafe statvfs("/tmp", &status) == 0
    let flags = status.f_flag
    return getuid() == 0 && known && flags & UInt(ST_NOSUID) == 0
  }()

  @Test(arguments: 0..<8)
  func `each closed standard descriptor is opened, and recorded`(closed: Int) throws {
    var request = try Machine.native.request("crt-start", ["status"])
    if closed & 1 != 0 { request.input = .closed }
    if closed & 2 != 0 { request.output = .closed }
    if closed & 4 != 0 { request.errorOutput = .closed }
    let outcome = try run(request)
    #expect(outcome.status == closed, "bits: what the record says was opened")
    #expect(outcome.output.isEmpty == (closed & 2 != 0))
  }

  @Test(arguments: Machine.allCases)
  func `arguments and environment are found`(machine: Machine) throws {
    var request = try machine.request("crt-start", ["a", "b c", ""])
    request.environment = ["A=1", "B="]
    let values = try run(request).values
    #expect(values["arguments"] == 4)
    #expect(values["variables"] == 2)
  }

  @Test(.enabled(if: canSetUser, "needs root and a /tmp that honours set-user-id files"))
  func `a set-user-id start ignores the environment`() throws {
    let guest = try PatchedGuest("crt-start", on: Machine.native.cpu)
    let nobody: uid_t = 65534
    // SAFETY: both calls read a path that lives for the call.
    #expect(unsafe chown(guest.path, nobody, nobody) == 0)
    #expect(unsafe chmod(guest.path, 0o4755) == 0)
    var request = try Machine.native.request(program: guest.path)
    request.environment = ["A=1", "B="]
    let values = try guest.run(request).values
    #expect(values["variables"] == 0)
    #expect((values["flags"] ?? 0) & UInt64(NOVA_STARTED_secure) != 0)
  }
}
