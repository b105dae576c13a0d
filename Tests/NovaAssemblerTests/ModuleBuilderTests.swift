// ModuleBuilderTests.swift — modules made without text: fields, branches, frames, and refusals.

import NovaBytecode
import Testing

@testable import NovaAssembler

@Suite struct ModuleBuilderTests {
  private let signature = FunctionSignature([.i32, .i32], [.i32])

  @Test func `a function's words are those of the encoding`() throws {
    var function = FunctionBuilder(signature: signature, name: "sum")
    let (left, right) = (function.parameter(0), function.parameter(1))
    function.emit(.i32Add, .register(left), .register(left), .register(right))
    function.emit(.const64, .register(2), .bits(0x0123_4567_89ab_cdef))
    function.emit(.ret, .register(left))
    var builder = ModuleBuilder()
    builder.export("sum", .function, builder.add(function))
    try ModuleFile(try builder.finish()).withView { view in
      #expect(view.functions.count == 1)
      #expect(view.functions[0].registerCount == 3)
      #expect(view.functions[0].windowBase == 3)
      #expect(view.codeWord(0) == UInt64(Operation.i32Add.rawValue) | 1 << 48)
      #expect(view.codeWord(2) == 0x0123_4567_89ab_cdef)
      #expect(view.exports[0].index == 0)
      #expect(view.name(.function, 0) == PoolBytes("sum"))
    }
  }

  @Test(arguments: [100, 32_766, 32_767, 40_000])
  func `a branch reaches its label however far`(nopCount: Int) throws {
    var function = FunctionBuilder(signature: signature)
    let end = function.makeLabel()
    function.emit(.brI32Eq, .register(0), .register(1), .label(end))
    for _ in 0..<nopCount { function.emit(.nop) }
    function.place(end)
    function.emit(.ret, .register(0))
    var builder = ModuleBuilder()
    builder.add(function)
    try ModuleFile(try builder.finish()).withView { view in
      // Follow the words from the branch on, as taken.
      var word = 0
      var hops = 0
      while view.codeWord(word) & 0xffff != UInt64(Operation.ret.rawValue) {
        let isJump = view.codeWord(word) & 0xffff == UInt64(Operation.jmp.rawValue)
        let offset =
          isJump
          ? Int(Int32(truncatingIfNeeded: view.codeWord(word) >> 32))
          : Int(Int16(truncatingIfNeeded: view.codeWord(word) >> 48))
        word += 1 + offset
        hops += 1
      }
      #expect(hops == (nopCount <= 32_767 ? 1 : 2))
      #expect(word == view.codeWordCount - 1)
    }
  }
}
