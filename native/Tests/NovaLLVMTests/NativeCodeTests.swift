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

  @Test func `a module with tail calls is left to the interpreter`() throws {
    let text = ".export func f\n.func f (n: i32) -> i32\nreturn_call f\n.end\n"
    try withModule(text) { module in
      #expect(throws: NativeError.unsupportedFeature(.tailCalls)) {
        try NativeCompiler().object(module.verified, for: .x86_64)
      }
    }
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
