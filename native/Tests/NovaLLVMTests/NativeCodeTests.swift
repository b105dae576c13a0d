// NativeCodeTests.swift — code is bound to its module; an object is the same each time, on any CPU.

import ModuleRunsHosted
import NovaABI
import NovaAssembler
import NovaBytecode
import NovaLLVM
import NovaModules
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct NativeCodeTests {
  private static let text = """
    .memory bytes 1
    .export func sum
    .func sum (n: i32) -> i32
        .reg total, address
        zero total, 2
    next:
        i32.store address, [address + 0]
        i32.load address, [address + 0]
        i32.add total, total, n
        br.i32.addi_nei n, -1, 0, next
        ret total
    .end
    """

  /// A module of a loader that stays as long as the closure runs.
  private func withModule(
    _ text: String = text, _ body: (Module) throws -> Void
  ) throws {
    let bytes = try Assembler.assemble(text)
    let runtime = try Runs.runtime()
    let loader = try ModuleLoader(runtime, linked: false)
    try body(try loader.load("main", copying: bytes.span))
  }

  @Test(arguments: NativeTarget.allCases, NativeEffort.allCases)
  func `an object is the same each time, and needs nothing`(
    target: NativeTarget, effort: NativeEffort
  ) throws {
    try withModule { module in
      var compiler = NativeCompiler()
      compiler.effort = effort
      let object = try compiler.object(module.verified, for: target)
      #expect(try compiler.object(module.verified, for: target) == object)
      compiler.isCharged = true
      #expect(try compiler.object(module.verified, for: target) != object)
      #expect(object.prefix(4) == [0x7f, 0x45, 0x4c, 0x46])
      let machine: [NativeTarget: UInt8] = [.x86_64: 62, .aarch64: 183, .riscv64: 243]
      #expect(object[18] == machine[target])
      // RISC-V's flags: compressed instructions, floats passed in integer registers.
      if target == .riscv64 { #expect(object[48] & 0b111 == 1) }
    }
  }

  /// Functions of other types than each other, with more arguments than there are registers for.
  private static let tailCalls = """
    .export func descend
    .func descend (left: i64, sum: f64) -> f64
        .reg          b, c, d, e, f, g
        br.i64.eqi    left, 0, done
        mov           b, left
        mov           c, left
        mov           d, left
        mov           e, left
        mov           f, left
        i64.addi      g, left, -1
        return_call   many
    done:
        ret.float     sum
    .end
    .func many (a: i64, sum: f64, b: i64, c: i64, d: i64, e: i64, f: i64, g: i64) -> f64
        .reg          one
        f64.const     one, 1.0
        f64.add       sum, sum, one
        mov           a, g
        return_call   descend
    .end
    """

  @Test(arguments: NativeEffort.allCases, [false, true])
  func `tail calls take no stack`(effort: NativeEffort, isCharged: Bool) throws {
    let bytes = try Assembler.assemble(Self.tailCalls)
    let runtime = try Runs.runtime()
    let loader = try ModuleLoader(runtime, linked: false)
    let module = try loader.load("main", copying: bytes.span)
    Engine.attach(module, effort)
    var limits = ModuleLimits()
    limits.callDepth = 8
    if isCharged { limits.fuel = 100_000_000 }
    let results = try runtime.executeModule(
      module, "descend", [.i64(2_000_000), .f64(0)], limits: limits, on: NativeBackend.self)
    #expect(results == [.f64(2_000_000)])
  }

  @Test func `code of another module, version or length is refused`() throws {
    try withModule { module in
      let hash = module.view.contentHash
      var record = nova_native_code()
      func attach() throws(NativeCodeError) {
        do {
          try withUnsafeBytes(of: &record) { bytes in
            guard let start = bytes.baseAddress else { return }
            try module.attach(try NativeCode(start))
          }
        } catch let error as NativeCodeError {
          throw error
        } catch {
          Issue.record("\(error)")
        }
      }
      #expect(throws: NativeCodeError.notNative) { try attach() }
      record.magic = UInt64(NOVA_NATIVE_MAGIC)
      record.version = 99
      #expect(throws: NativeCodeError.version(found: 99, supported: UInt64(NOVA_NATIVE_VERSION))) {
        try attach()
      }
      record.version = UInt64(NOVA_NATIVE_VERSION)
      (record.hash_low, record.hash_high) = (hash.low ^ 1, hash.high)
      #expect(
        throws: NativeCodeError.otherModule(
          found: ContentHash(low: hash.low ^ 1, high: hash.high), wanted: hash)
      ) { try attach() }
      record.hash_low = hash.low
      record.function_count = 7
      #expect(throws: NativeCodeError.functionCount(found: 7, wanted: 1)) { try attach() }
    }
  }
}
