// SpecificationTests.swift — the WebAssembly specification's tests, where NOVA_WASM_SPEC says.

import Glibc
import NovaModules
import NovaToolchain
import Specification
import SpecificationPlayerHosted
import TestSupport
import Testing

@Suite struct SpecificationTests {
  /// The folder of scripts, as wast2json writes them.
  static let folder: String? = unsafe getenv("NOVA_WASM_SPEC").map { unsafe String(cString: $0) }

  @Test(.enabled(if: folder != nil, "skipped: NOVA_WASM_SPEC names no folder of scripts"))
  func `every command of the specification's scripts does what it says`() throws {
    let suite = try SpecificationSuite(Self.folder ?? "")
    #expect(!suite.names.isEmpty)
    for name in suite.names {
      let outcome = try suite.run(name)
      #expect(outcome.failures.isEmpty)
      #expect(outcome.counts.values.contains { $0.passed + $0.skipped > 0 }, "\(name)")
    }
  }

  @Test(
    .enabled(if: folder != nil, "skipped: NOVA_WASM_SPEC names no folder of scripts"),
    arguments: GuestCPU.allCases)
  func `freestanding programs come to the same`(cpu: GuestCPU) throws {
    let suite = try SpecificationSuite(Self.folder ?? "")
    let (bytes, commandCount) = try suite.guestFile()
    let temporary = try TemporaryFolder()
    let path = "\(temporary.path)/scripts"
    try Files.write(bytes, to: path)
    let lines = try SpecificationSuite.runGuest(path, on: cpu)
    #expect(lines == [suite.guestResult(commandCount: commandCount)])
  }

  @Test func `a script is the same when it is read again`() {
    let action = SpecificationAction(
      module: nil, field: [1, 2], arguments: [.f32(.nan), .i64(-1)])
    let get = SpecificationAction(module: [], field: [], arguments: nil)
    let script = SpecificationScript(
      name: [0x61], isShared: true,
      commands: [
        (1, .module([1, 2, 3], name: [0x24])), (2, .register(module: nil, name: [0x4d])),
        (3, .perform(action, expected: [.value(.i32(7)), .canonicalNaN(isDouble: true)])),
        (4, .perform(get, expected: nil)), (5, .performTrapping(action, .stackExhausted)),
        (6, .refuse([9], .importMistyped)),
        (7, .perform(get, expected: [.arithmeticNaN(isDouble: false), .value(.external(3))])),
      ])
    var bytes = (script.bytes + script.bytes)[...]
    #expect(SpecificationScript(taking: &bytes) == script)
    #expect(SpecificationScript(taking: &bytes) == script)
    #expect(bytes.isEmpty)
    var cut = script.bytes.dropLast()
    #expect(SpecificationScript(taking: &cut) == nil)
  }
}
