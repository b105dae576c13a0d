// ModulePartTests.swift — modules that are added to an instance share what they import.

import NovaModules
import Testing

@Suite struct ModulePartTests {
  private static let counter = """
    .memory bytes 1
    .export memory bytes
    .global count mut i32 = 0
    .export global count
    .export func next
    .func next () -> i32
        .reg value
        global.get value, count
        i32.addi   value, value, 1
        global.set value, count
        ret        value
    .end
    """

  private static let user = """
    .import "counter" "next" func next () -> i32
    .export func twice
    .func twice () -> i32
        .window first
        call_import first, next
        call_import first, next
        ret         first
    .end
    """

  @Test func `an added module shares what it imports`() throws {
    try withLoader { _, loader in
      let counter = try loader.load("counter", text: Self.counter)
      let user = try loader.load("user", text: Self.user)
      let instance = try loader.instantiate(counter, limits: ModuleLimits(addedModuleCount: 2))
      let part = try instance.add(user)
      #expect(try part.call("twice") == [.i32(2)])
      #expect(try instance.call("next") == [.i32(3)])
      #expect(try instance.part.global("count") == .i32(3))
      // Another instance has a counter of its own.
      #expect(try loader.instantiate(user).call("twice") == [.i32(2)])
    }
  }

  @Test func `the latest part of a name is what importers get`() throws {
    try withLoader { _, loader in
      let counter = try loader.load("first", text: Self.counter)
      let user = try loader.load("user", text: Self.user)
      let instance = try loader.instantiate(counter, limits: ModuleLimits(addedModuleCount: 4))
      let missing = #expect(throws: ModuleFailure.self) { try instance.add(user) }
      guard case .refused(.importModuleMissing)? = missing else {
        Issue.record("\(String(describing: missing))")
        return
      }
      try instance.name(instance.part, "counter")
      #expect(try instance.add(user).call("twice") == [.i32(2)])
      try instance.name(try instance.add(counter), "counter")
      #expect(try instance.add(user).call("twice") == [.i32(2)])
      #expect(try instance.call("next") == [.i32(3)])
    }
  }

  @Test func `no more modules are added than there is room for`() throws {
    try withLoader { _, loader in
      let counter = try loader.load("counter", text: Self.counter)
      let instance = try loader.instantiate(counter, limits: ModuleLimits(addedModuleCount: 1))
      _ = try instance.add(counter)
      #expect(throws: ModuleFailure.refused(.linkedModulesExhausted(maximum: 2))) {
        try instance.add(counter)
      }
      let count = ModuleLimits.linkedModuleCountMax + 1
      #expect(
        throws: ModuleFailure.refused(
          .limitOutOfRange(
            value: count, minimum: 0, maximum: ModuleLimits.linkedModuleCountMax))
      ) {
        try loader.instantiate(counter, limits: ModuleLimits(addedModuleCount: count))
      }
    }
  }

  @Test func `what a refused module wrote stays, and its memory is counted no more`() throws {
    try withLoader { _, loader in
      let counter = try loader.load("counter", text: Self.counter)
      let bad = try loader.load(
        "bad",
        text: """
          .import "counter" "bytes" memory shared 1
          .data at 0 "x"
          .data at 65536 "y"
          """)
      let large = try loader.load(
        "large",
        text: """
          .memory large 3
          .import "nowhere" "f" func f ()
          """)
      let limits = ModuleLimits(memoryByteCount: 4 * 65536, addedModuleCount: 8)
      let instance = try loader.instantiate(counter, limits: limits)
      #expect(throws: ModuleFailure.refused(.dataOutOfRange("bad", segment: 1))) {
        try instance.add(bad)
      }
      let written = try unsafe instance.withMemory("bytes") { bytes in unsafe bytes[0] }
      #expect(written == 0x78)
      for _ in 0..<4 { #expect(throws: ModuleFailure.self) { try instance.add(large) } }
    }
  }
}
