// TypedFunctionTests.swift — functions of modules and of the program with types of Swift and C.

import CDrivers
import NovaModules
import Synchronization
import Testing

@Suite(.serialized) struct TypedFunctionTests {
  private static let module = """
    .import "env" "scale" func scale (i32, f64) -> f64
    .import "env" "log" func log (i32, i32)
    .import "env" "split" func split (i64) -> (i32, i32, i64)
    .memory bytes 1 2
    .export memory bytes
    .global number mut i32 = 0
    .export global number
    .export "imported" func scale
    .export func add
    .export func sum8
    .export func mixed
    .export func swap
    .export func nothing
    .export func speak
    .export func divide
    .export func parts
    .export func same
    .data at 16 "hello"
    .func add (a: i32, b: i32) -> i32
        i32.add     a, a, b
        ret         a
    .end
    .func sum8 (i64, i64, i64, i64, i64, i64, i64, i64) -> i64
        i64.add     r0, r0, r1
        i64.add     r0, r0, r2
        i64.add     r0, r0, r3
        i64.add     r0, r0, r4
        i64.add     r0, r0, r5
        i64.add     r0, r0, r6
        i64.add     r0, r0, r7
        ret         r0
    .end
    .func mixed (a: i32, b: f64) -> f64
        .window x, y
        mov         x, a
        mov.float   y, b
        call_import x, scale
        ret.float   x
    .end
    .func swap (a: i32, b: i64) -> (i64, i32)
        .reg t
        mov         t, a
        mov         r0, b
        mov         r1, t
        retn
    .end
    .func nothing ()
        ret0
    .end
    .func speak (pointer: i32, count: i32)
        .window x, y
        mov         x, pointer
        mov         y, count
        call_import x, log
        ret0
    .end
    .func divide (a: i32, b: i32) -> i32
        i32.div_s   a, a, b
        ret         a
    .end
    .func parts (a: i64) -> (i32, i32, i64)
        .window x, y, z
        mov         x, a
        call_import x, split
        mov         r0, x
        mov         r1, y
        mov         r2, z
        retn
    .end
    .func same (f32, handle, externref, i32) -> i32
        ret         r3
    .end
    """

  /// An instance of the module, whose `log` counts bytes of what it is given into `heard`.
  private func withInstance(
    _ body: (ModuleInstance, ModuleLoader, borrowing Atomic<Int>) throws -> Void
  ) throws {
    try withLoader { _, loader in
      let heard = Heard()
      try loader.addFunction("env", "scale") { (call, factor: Int32, value: Double) in
        Double(factor) * value
      }
      try loader.addFunction("env", "log") {
        (call, pointer: GuestPointer<UInt8>, count: Int32) throws(HostFailure) in
        let sum = try call.withBytes(of: pointer, count: count) { bytes in
          bytes.indices.reduce(0) { $0 + Int(bytes[$1]) }
        }
        heard.sum.add(sum, ordering: .relaxed)
      }
      try loader.addFunction("env", "split") { (call, value: UInt64) in
        ModulePair(UInt32(value >> 32), ModulePair(Int32(truncatingIfNeeded: value), -1 as Int64))
      }
      let module = try loader.load("typed", text: Self.module)
      try body(try loader.instantiate(module), loader, heard.sum)
    }
  }

  private final class Heard: Sendable {
    let sum = Atomic<Int>(0)
  }

  @Test func `a function is called with Swift's types`() throws {
    try withInstance { instance, _, heard in
      let add = try instance.function("add", as: ((Int32, Int32) -> Int32).self)
      #expect(try add(40, 2) == 42)
      // A module's integers have no signs.
      let unsigned = try instance.function("add", as: ((UInt32, UInt32) -> UInt32).self)
      #expect(try unsigned(.max, 3) == 2)
      let sum = try instance.function(
        "sum8",
        as: ((Int64, Int64, Int64, Int64, UInt64, Int64, Int64, Int64) -> Int64).self)
      #expect(try sum(1, 2, 3, 4, 5, 6, 7, -9) == 19)
      let mixed = try instance.function("mixed", as: ((Int32, Double) -> Double).self)
      #expect(try mixed(3, 0.5) == 1.5)
      let swap = try instance.function(
        "swap", as: ((Int32, Int64) -> ModulePair<Int64, Int32>).self)
      #expect(try swap(7, -8) == ModulePair(-8, 7))
      let nothing = try instance.function("nothing", as: (() -> Void).self)
      try nothing()
      let speak = try instance.function("speak", as: ((GuestPointer<UInt8>, Int32) -> Void).self)
      try speak(GuestPointer(address: 16), 5)
      #expect(heard.load(ordering: .relaxed) == "hello".utf8.reduce(0) { $0 + Int($1) })
      let parts = try instance.function(
        "parts", as: ((Int64) -> ModulePair<UInt32, ModulePair<Int32, Int64>>).self)
      #expect(try parts(0x5_ffff_fffe) == ModulePair(5, ModulePair(-2, -1)))
      let same = try instance.function(
        "same", as: ((Float, MemoryHandle, ExternalReference, Bool) -> Bool).self)
      let handle = MemoryHandle(rawValue: 0)
      #expect(try same(1, handle, ExternalReference(rawValue: 9), true))
      #expect(try !same(1, handle, ExternalReference(rawValue: 9), false))
    }
  }

  @Test func `another type is refused when the function is looked up, with both types`() throws {
    try withInstance { instance, _, _ in
      let error = #expect(throws: ModuleError.self) {
        try instance.function("add", as: ((Int32, Int64) -> Void).self)
      }
      let found = ModuleFunctionType(parameters: [.i32, .i32], results: [.i32])
      let wanted = ModuleFunctionType(parameters: [.i32, .i64])
      #expect(error == .functionMistyped("typed", "add", wanted: wanted, found: found))
      #expect(
        error.map { "\($0)" }
          == "add of typed is a function (i32, i32) -> (i32), and (i32, i64) -> () is wanted")
      expectRefusal(.exportMissing("typed", "none")) {
        try instance.function("none", as: (() -> Void).self)
      }
      let global = ModuleExternalType.global(.i32, isMutable: true)
      expectRefusal(.exportMistyped("typed", "number", found: global)) {
        try instance.function("number", as: (() -> Void).self)
      }
      // A function of the program's that the module exports again has no code to run.
      let imported = ModuleFunctionType(parameters: [.i32, .f64], results: [.f64])
      expectRefusal(.exportMistyped("typed", "imported", found: .function(imported))) {
        try instance.function("imported", as: ((Int32, Double) -> Double).self)
      }
    }
  }

  @Test func `a typed call traps as the other, also for a pointer out of the memory`() throws {
    try withInstance { instance, _, heard in
      let divide = try instance.function("divide", as: ((Int32, Int32) -> Int32).self)
      #expect(try trap { try divide(1, 0) }.kind == .machine(.integerDivisionByZero))
      #expect(try divide(6, 3) == 2)
      let speak = try instance.function("speak", as: ((GuestPointer<UInt8>, Int32) -> Void).self)
      for (address, count) in [(65_536, 1), (65_000, 1000), (.max, 1), (0, -1)] as [(UInt32, Int32)]
      {
        let trap = try trap { try speak(GuestPointer(address: address), count) }
        #expect(trap.kind == .host(.badAddress))
      }
      try speak(GuestPointer(address: 65_536), 0)
      #expect(heard.load(ordering: .relaxed) == 0)
    }
  }

  @Test func `a host function reads and writes elements and bytes of its caller's memory`() throws {
    try withLoader { _, loader in
      try loader.addFunction("env", "work") {
        (call, place: GuestPointer<UInt16>) throws(HostFailure) -> UInt32 in
        let first = try call.load(place)
        try call.store(first &+ 1, to: place.advanced(by: 1))
        let bytes = GuestPointer<UInt8>(address: place.address)
        try call.withMutableBytes(of: bytes, count: 4) { span in span[3] = 0xab }
        return try call.load(GuestPointer<UInt32>(address: place.address))
      }
      let module = try loader.load(
        "user",
        text: """
          .import "env" "work" func work (i32) -> i32
          .memory 1
          .data at 3 "\\x34\\x12"
          .export func run
          .func run (a: i32) -> i32
              .window x
              mov         x, a
              call_import x, work
              ret         x
          .end
          """)
      let run = try loader.instantiate(module).function("run", as: ((UInt32) -> UInt32).self)
      // Unaligned, and little-endian.
      #expect(try run(3) == 0xab35_1234)
      #expect(try run(65_532) == 0xab01_0000)
      for address in [65_533, 65_534, 65_535, .max] as [UInt32] {
        #expect(try trap { try run(address) }.kind == .host(.badAddress))
      }
    }
  }

  @Test func `a module that imports a typed function with another type is refused`() throws {
    try withLoader { _, loader in
      try loader.addFunction("env", "f") { (call, a: Int32, b: Float) in 1 as Int64 }
      let module = try loader.load("user", text: ".import \"env\" \"f\" func f (i32, f32) -> i32")
      let name = ModuleImportName(importer: "user", module: "env", name: "f")
      let found = ModuleFunctionType(parameters: [.i32, .f32], results: [.i64])
      let wanted = ModuleFunctionType(parameters: [.i32, .f32], results: [.i32])
      expectRefusal(.importMistyped(name, wanted: .function(wanted), found: .function(found))) {
        try loader.instantiate(module)
      }
      expectRefusal(.duplicateFunction("env", "f")) {
        try loader.addFunction("env", "f") { call in }
      }
    }
  }

  @Test func `C calls a module, and a module calls C, with C's types`() throws {
    try withLoader { _, loader in
      #expect(unsafe c_functions_add(loader.cPointer) == 0)
      let module = try loader.load(
        "user",
        text: """
          .import "c" "c_scale" func scale (i32, f32, i64) -> f64
          .import "c" "c_count" func count (i32, i32)
          .memory 1
          .data at 8 "abc"
          .export func add
          .export func halve
          .export func speak
          .export func fail
          .func add (a: i32, b: i64, c: f32, d: f64) -> f64
              .window x, y, z
              mov         x, a
              mov.float   y, c
              mov         z, b
              call_import x, scale
              f64.add     x, x, d
              ret.float   x
          .end
          .func halve (a: i64) -> i64
              i64.shr_si  a, a, 1
              ret         a
          .end
          .func speak ()
              .window x, y
              const32     x, 8
              const32     y, 3
              call_import x, count
              ret0
          .end
          .func fail (a: i32)
              .window x, y
              mov         x, a
              const32     y, 1
              call_import x, count
              ret0
          .end
          """)
      let instance = try loader.instantiate(module)
      // 2 * 1.5 + -7 of scale, and 0.25 of add.
      #expect(unsafe c_functions_sum(instance.cPointer) == -3.75)
      #expect(unsafe c_functions_halve(instance.cPointer, -9) == -5)
      #expect(unsafe c_functions_heard(instance.cPointer) == Int32(0x61 + 0x62 + 0x63))
      // Each fault by its status.
      let message = UnsafeMutablePointer<CChar>.allocate(capacity: 40)
      defer { unsafe message.deallocate() }
      let cases: [(Int32, Int32, String)] = [
        (0, 2, "halve of user is a function (i64) -> (i"), (1, 2, "user exports no absent"),
        (2, 1, "the type is none; such as \"il:d\", with"),
        (3, 1, "a pointer is null, or the record is of a"),
        (4, 3, "a host function failed: status 14"),
        (5, 1, "the function is another instance's"),
        (6, 2, "there is a function c_scale of c already"),
      ]
      for (number, status, words) in cases {
        let found = unsafe c_functions_fault(
          number, loader.cPointer, instance.cPointer, message, 40)
        #expect(found == status, "\(number)")
        let text = unsafe String(cString: message)
        #expect(text.hasPrefix(words.prefix(39)), "\(number): \(text)")
      }
    }
  }
}
