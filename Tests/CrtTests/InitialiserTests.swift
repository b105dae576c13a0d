// InitialiserTests.swift — what runs before main and after it, and what it leaves behind.

import NovaToolchain
import TestSupport
import Testing

@Suite struct InitialiserTests {
  static let before = ["preinit", "init 101", "init 102", "init 103", "init"]
  static let after =
    ["hook 4", "hook that adds", "hook added by a hook", "hook that exits with 9", "hook 1"]
    + ["fini", "fini 101"]

  @Test(arguments: Machine.allCases)
  func `initialisers run before main, hooks and finalisers after it`(machine: Machine) throws {
    let outcome = try machine.run("crt-initialisers")
    let lines = outcome.outputText.split(separator: "\n").map(String.init)
    #expect(Array(lines.prefix(Self.before.count)) == Self.before)
    let main = try #require(lines.firstIndex(of: "main"))
    let many = lines[(main + 1)...].prefix { $0 == "hook of many" }
    #expect(many.count == 28, "the last registered first, all 32")
    #expect(Array(lines[(main + 1 + many.count)...]) == Self.after)
    #expect(outcome.status == 9, "a hook exited")
  }

  @Test(arguments: Machine.allCases)
  func `nothing of an initialiser is left on the stack`(machine: Machine) throws {
    #expect(try machine.run("crt-initialisers").values["dirty_words"] == 0)
  }
}
