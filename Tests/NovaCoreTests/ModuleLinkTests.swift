// ModuleLinkTests.swift — imports by name and type: modules, host functions, drivers, cycles.

import NovaAssembler
import NovaModules
import Synchronization
import Testing

@Suite(.serialized) struct ModuleLinkTests {
  private static let library = """
    .memory shared 1 4
    .global total mut i32 = 5
    .export memory shared
    .export global total
    .export func add
    .func add (a: i32, b: i32) -> i32
        .reg t
        global.get  t, total
        i32.add     a, a, b
        i32.add     a, a, t
        i32.store   a, [t + 0]
        ret         a
    .end
    """

  private static let user = """
    .import "library" "add" func add (i32, i32) -> i32
    .import "library" "shared" memory shared 1
    .import "library" "total" global total mut i32
    .export func use
    .func use (a: i32) -> i32
        .reg t
        .window x, y
        const32         t, 100
        global.set.far  t, total
        mov             x, a
        mov             y, a
        call_import     x, add
        i32.load        t, [t + 0]
        i32.add         x, x, t
        ret             x
    .end
    """

  @Test func `functions, memories and globals are shared with who imports them`() throws {
    try withLoader { runtime, loader in
      // The importer may be loaded first.
      let user = try loader.load("user", text: Self.user)
      let wanted = ModuleExternalType.function(
        ModuleFunctionType(parameters: [.i32, .i32], results: [.i32]))
      let name = ModuleImportName(importer: "user", module: "library", name: "add")
      expectRefusal(.importModuleMissing(name, wanted: wanted)) { try loader.instantiate(user) }
      let library = try loader.load("library", text: Self.library)
      let instance = try loader.instantiate(user)
      // 1 + 1 + 100, and the same from the memory, at 100.
      #expect(try instance.call("use", [.i32(1)]) == [.i32(204)])
      // Another instance has a library of its own.
      let other = try loader.instantiate(library)
      #expect(try other.call("add", [.i32(1), .i32(1)]) == [.i32(7)])
      #expect(try other.global("total") == .i32(5))
      try loader.unload(library)
      #expect(try instance.call("use", [.i32(2)]) == [.i32(208)])
      expectRefusal(.importModuleMissing(name, wanted: wanted)) { try loader.instantiate(user) }
    }
  }

  @Test func `a missing or mistyped import says which, wanted and found`() throws {
    try withLoader { _, loader in
      try loader.load("library", text: Self.library)
      let cases: [(String, ModuleError)] = [
        (
          ".import \"library\" \"sub\" func sub (i32)",
          .importMissing(
            ModuleImportName(importer: "user", module: "library", name: "sub"),
            wanted: .function(ModuleFunctionType(parameters: [.i32])))
        ),
        (
          ".import \"library\" \"add\" func add (i32) -> i32",
          .importMistyped(
            ModuleImportName(importer: "user", module: "library", name: "add"),
            wanted: .function(ModuleFunctionType(parameters: [.i32], results: [.i32])),
            found: .function(ModuleFunctionType(parameters: [.i32, .i32], results: [.i32])))
        ),
        (
          ".import \"library\" \"shared\" memory shared 2",
          .importMistyped(
            ModuleImportName(importer: "user", module: "library", name: "shared"),
            wanted: .memory(minimum: 2, maximum: nil), found: .memory(minimum: 1, maximum: 4))
        ),
        (
          ".import \"library\" \"shared\" memory shared 1 3",
          .importMistyped(
            ModuleImportName(importer: "user", module: "library", name: "shared"),
            wanted: .memory(minimum: 1, maximum: 3), found: .memory(minimum: 1, maximum: 4))
        ),
        (
          ".import \"library\" \"total\" global total i32",
          .importMistyped(
            ModuleImportName(importer: "user", module: "library", name: "total"),
            wanted: .global(.i32, isMutable: false), found: .global(.i32, isMutable: true))
        ),
      ]
      for (text, expected) in cases {
        let module = try loader.load("user", text: text)
        expectRefusal(expected) { try loader.instantiate(module) }
        try loader.unload(module)
      }
    }
  }

  @Test func `a cycle of imports is refused, a diamond is not`() throws {
    func importing(_ names: String...) -> String {
      names.map { ".import \"\($0)\" \"f\" func \($0) ()\n" }.joined()
        + ".export func f\n.func f ()\n ret0\n.end\n"
    }
    try withLoader { _, loader in
      let first = try loader.load("a", text: importing("b"))
      try loader.load("b", text: importing("c"))
      let third = try loader.load("c", text: importing("a"))
      expectRefusal(.importCycle("a")) { try loader.instantiate(first) }
      let own = try loader.load("self", text: importing("self"))
      expectRefusal(.importCycle("self")) { try loader.instantiate(own) }
      try loader.unload(third)
      try loader.load("c", text: importing())
      let top = try loader.load("top", text: importing("a", "b", "c"))
      #expect(try loader.instantiate(top).call("f") == [])
    }
  }

  @Test func `host functions are called with typed arguments, and trap with a status`() throws {
    try withLoader { runtime, loader in
      let type = ModuleFunctionType(parameters: [.i64, .f64], results: [.f64, .i64])
      try loader.addFunction("host", "swap", type) { call in
        let (first, second) = (call.argument(0), call.argument(1))
        call.setResult(0, second)
        call.setResult(1, first)
      }
      try loader.addFunction("host", "fail", ModuleFunctionType()) { _ throws(HostFailure) in
        throw HostFailure(status: 7)
      }
      let module = try loader.load(
        "user",
        text: """
          .import "host" "swap" func swap (i64, f64) -> (f64, i64)
          .import "host" "fail" func fail ()
          .export func run
          .export func stop
          .func run (a: i64, b: f64) -> (f64, i64)
              .window x, y
              mov         x, a
              mov         y, b
              call_import x, swap
              mov         r0, x
              mov         r1, y
              retn
          .end
          .func stop ()
              .window x
              call_import x, fail
              ret0
          .end
          """)
      #expect(
        try runtime.executeModule(module, "run", [.i64(-3), .f64(0.5)]) == [.f64(0.5), .i64(-3)])
      let trap = try trap { try runtime.executeModule(module, "stop") }
      #expect(trap.kind == .host(HostFailure(status: 7)))
      #expect(trap.frames.map(\.function) == ["stop"])
      expectRefusal(.duplicate("host")) { try loader.load("host", text: ModuleText.loops) }
    }
  }

  @Test func `a host function can be a module's start`() throws {
    try withLoader { _, loader in
      let begun = Atomic<Int>(0)
      try loader.addFunction("host", "begin", ModuleFunctionType()) { call in
        let byteCount = unsafe call.withMemory { $0.count }
        begun.store(byteCount, ordering: .relaxed)
      }
      let module = try loader.load(
        "user", text: ".import \"host\" \"begin\" func begin ()\n.memory 1\n.start begin\n")
      _ = try loader.instantiate(module)
      #expect(begun.load(ordering: .relaxed) == 65_536)
    }
  }

  private static let echoing = """
    .import "driver:echo" "echo" func echo (i32, i32, i32, i32) -> i32
    .memory 1
    .data at 0 "abcdef"
    .export func run
    .export func byteAt
    .func run (input: i32, count: i32, output: i32, room: i32) -> i32
        .window a, b, c, d
        mov         a, input
        mov         b, count
        mov         c, output
        mov         d, room
        call_import a, echo
        ret         a
    .end
    .func byteAt (address: i32) -> i32
        i32.load8_u address, [address + 0]
        ret         address
    .end
    """

  @Test func `a module calls a driver with bytes of its memory`() throws {
    try withLoader { runtime, loader in
      try runtime.driverRegistry.registerEcho("echo")
      let module = try loader.load("user", text: Self.echoing)
      let instance = try loader.instantiate(module)
      func run(_ values: Int32...) throws -> [ModuleValue] {
        try instance.call("run", values.map { .i32($0) })
      }
      #expect(try run(1, 3, 100, 10) == [.i32(3)])
      #expect(try instance.call("byteAt", [.i32(102)]) == [.i32(Int32(UInt8(ascii: "d")))])
      // The driver's own failure, for want of room; overlap; beyond the memory.
      #expect(try run(0, 6, 100, 2) == [.i32(-28)])
      #expect(try run(0, 6, 5, 2) == [.i32(-22)])
      #expect(try trap { try run(65530, 7, 0, 0) }.kind == .machine(.memoryOutOfBounds))
      #expect(try trap { try run(0, 1, -1, 2) }.kind == .machine(.memoryOutOfBounds))
      let driver = try runtime.driverRegistry.lookup("echo", version: version1)
      try runtime.driverRegistry.unregister(driver)
      #expect(
        try trap { try run(0, 1, 9, 1) }.kind == .driver(.staleHandle(driver, current: 2)))
    }
  }

  @Test func `a driver is called in place of the function that a module's caller asked for`() throws
  {
    try withLoader { runtime, loader in
      try runtime.driverRegistry.registerEcho("echo")
      let text = Self.echoing.replacing(
        "call_import a, echo",
        with: "return_call_import echo\n.end\n.func left () -> i32\nzero r0, 1"
      ).replacing("ret         a\n", with: "ret r0\n")
      let instance = try loader.instantiate(try loader.load("user", text: text))
      let arguments = [1, 3, 100, 10].map { ModuleValue.i32($0) }
      #expect(try instance.call("run", arguments) == [.i32(3)])
      #expect(try instance.call("byteAt", [.i32(102)]) == [.i32(Int32(UInt8(ascii: "d")))])
      let wrong = [0, 1, -1, 2].map { ModuleValue.i32($0) }
      #expect(try trap { try instance.call("run", wrong) }.kind == .machine(.memoryOutOfBounds))
    }
  }

  @Test func `what a driver can't be called with is refused`() throws {
    try withLoader { runtime, loader in
      try runtime.driverRegistry.registerEcho("echo")
      func load(_ text: String) throws -> Module { try loader.load("user", text: text) }
      func name(
        _ module: NovaModules.ModuleName, _ name: NovaModules.ModuleName
      ) -> ModuleImportName {
        ModuleImportName(importer: "user", module: module, name: name)
      }
      let one = ModuleExternalType.function(
        ModuleFunctionType(parameters: [.i64], results: [.i32]))
      let wrong = try load(".import \"driver:echo\" \"echo\" func f (i64) -> i32")
      expectRefusal(.importNotCallable(name("driver:echo", "echo"), wanted: one)) {
        try loader.instantiate(wrong)
      }
      try loader.unload(wrong)
      let none = ModuleExternalType.function(ModuleFunctionType(results: [.i32]))
      let absent = try load(".import \"driver:radio\" \"tune\" func f () -> i32")
      expectRefusal(
        .importDriver(
          name("driver:radio", "tune"), wanted: none, .unknown(try DriverName("radio")))
      ) { try loader.instantiate(absent) }
      try loader.unload(absent)
      let later = try load(".import \"driver:echo@1.5\" \"echo\" func f () -> i32")
      expectRefusal(
        .importDriver(
          name("driver:echo@1.5", "echo"), wanted: none,
          .wrongVersion(
            try DriverName("echo"), required: DriverVersion(major: 1, minor: 5),
            registered: version1))
      ) { try loader.instantiate(later) }
    }
  }

  @Test func `a second function of one name is refused as that`() throws {
    try withLoader { _, loader in
      try loader.addFunction("host", "f", ModuleFunctionType()) { _ in }
      let failure = #expect(throws: ModuleError.self) {
        try loader.addFunction("host", "f", ModuleFunctionType(results: [.i32])) { _ in }
      }
      #expect(failure == .duplicateFunction("host", "f"))
      #expect(failure.map { "\($0)" } == "there is a function f of host already")
    }
  }

  @Test(arguments: [
    ("console", "write", "() -> i32", 2),
    ("console", "write-error", "(i32, i32, i32, i32) -> i32", 2),
    ("console", "write", "(handle, i32, i32) -> i32", 2),
    ("console", "read", "(i32, i32) -> i32", 4), ("wall-clock", "now", "() -> i32", 4),
    ("entropy", "fill", "(i32, i32) -> i32", 4), ("arguments", "item", "(handle) -> i32", 4),
    ("environment", "value", "(i32, i32) -> i32", 4),
  ])
  func `a built-in driver's operation is of one type`(
    driver: String, operation: String, type: String, wordCount: Int
  ) throws {
    let found = ModuleFunctionType(
      parameters: Array(repeating: .i32, count: wordCount), results: [.i32])
    let bootstrap = try RuntimeBootstrap.Builder().drivers(granted: .all).build()
    let runtime = try NovaRuntime(from: bootstrap)
    let loader = ModuleLoader(empty: runtime)
    let wrong = try loader.load(
      "user", text: ".import \"driver:\(driver)\" \"\(operation)\" func f \(type)")
    let failure = #expect(throws: ModuleFailure.self) { try loader.instantiate(wrong) }
    guard case .refused(.importMistyped(let name, let wanted, .function(found)))? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect("\(name)" == "user imports \(operation) of driver:\(driver)")
    #expect(wanted != .function(found))
    let right = Array(repeating: "i32", count: wordCount).joined(separator: ", ")
    let module = try loader.load(
      "right", text: ".import \"driver:\(driver)\" \"\(operation)\" func f (\(right)) -> i32")
    _ = try loader.instantiate(module)
  }

  @Test func `a driver calls back into the module, whose memory may move meanwhile`() throws {
    try withLoader { runtime, loader in
      let slot = InstanceSlot()
      try runtime.driverRegistry.register(
        "back", version: version1,
        operations: [
          DriverOperation("grow") { _, input, output throws(DriverFailure) in
            for index in input.indices { output.append(input[index]) }
            do throws(ModuleFailure) {
              guard try slot.instance?.call("grow", [.i32(1)]) == [.i32(1)] else {
                throw ModuleFailure.cancelled
              }
            } catch {
              throw DriverFailure(status: 99)
            }
          }
        ])
      let module = try loader.load(
        "user",
        text: """
          .import "driver:back" "grow" func back (i32, i32, i32, i32) -> i32
          \(ModuleText.memory)
          .data at 0 "xyz"
          .export func run
          .func run () -> i32
              .window a, b, c, d
              const32     a, 0
              const32     b, 3
              const32     c, 8
              const32     d, 3
              call_import a, back
              i32.load8_u b, [a + 7]
              ret         b
          .end
          """)
      let instance = try loader.instantiate(module)
      slot.instance = instance
      #expect(try instance.call("run") == [.i32(Int32(UInt8(ascii: "z")))])
      slot.instance = nil
    }
  }

  @Test func `calls back and forth end at a limit`() throws {
    try withLoader(heapByteCount: 64 << 20) { runtime, loader in
      let slot = InstanceSlot()
      let refusal = Mutex<ModuleError?>(nil)
      try loader.addFunction("host", "again", ModuleFunctionType()) { call throws(HostFailure) in
        do throws(ModuleFailure) {
          slot.depth += 1
          _ = try call.instance.call("run")
        } catch {
          if case .refused(let error) = error { refusal.withLock { $0 = error } }
          throw HostFailure(status: 1)
        }
      }
      let module = try loader.load(
        "user",
        text: """
          .import "host" "again" func again ()
          .export func run
          .func run ()
              .window w
              call_import w, again
              ret0
          .end
          """)
      let trap = try trap { try runtime.executeModule(module, "run") }
      #expect(trap.kind == .host(HostFailure(status: 1)))
      let maximum = ModuleLimits.nestedCallCountMax
      #expect(refusal.withLock { $0 } == .nestedTooDeep(maximum: maximum))
      #expect(slot.depth == maximum)
    }
  }
}

/// Where a driver's operation finds the instance that it calls.
private final class InstanceSlot: @unchecked Sendable {
  var instance: ModuleInstance?
  var depth = 0
}
