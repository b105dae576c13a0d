// DispatchTests.swift — the gate: handlers compute, keep no frame, call nothing, and jump.
// Disassembles what was built: this very build, and the guest `operations` on each CPU.

import NovaToolchain
import TestSupport
import Testing

@Suite struct DispatchTests {
  /// Handlers of every operation in every form, with those that charge; and no fewer.
  private static let handlerCountMin = 1000

  private static func objdump() throws -> String {
    try #require(
      findExecutable(named: "llvm-objdump"), "install llvm, whose objdump knows every CPU")
  }

  @Test(arguments: GuestCPU.allCases) func `handlers of a guest are jumps`(cpu: GuestCPU) throws {
    let program = try Guests.path(of: "operations", on: cpu)
    let handlers = try HandlerCode.handlers(in: program, Self.objdump())
    #expect(handlers.count >= Self.handlerCountMin)
    #expect(handlers.compactMap { $0.fault(on: cpu) } == [])
  }

  @Test func `the handler that the book shows is the one that is built`() throws {
    let block = try #require(try Book.blocks(of: "Interpreter").first { $0.language == "asm" })
    let listed = block.text.split(separator: "\n").map { line in
      line.prefix { $0 != "#" }.split(separator: " ").joined(separator: " ")
    }
    let program = try Guests.path(of: "operations", on: .x86_64)
    let handlers = try HandlerCode.handlers(in: program, Self.objdump())
    let handler = try #require(handlers.first { $0.symbol == "nova_do_i32_add" })
    #expect(handler.lines == listed)
  }

  @Test func `handlers of this build are jumps, though it is a debug build`() throws {
    let folder = "\(Files.parent(of: try OperationTests.testProgram()))/NovaInterpreter.build"
    let objects = try Completion.run("ls", arguments: [folder], environment: []).output.split(
      separator: "\n"
    )
    .filter { $0.hasPrefix("Handlers") && $0.hasSuffix(".o") }
    var count = 0
    for object in objects {
      let handlers = try HandlerCode.handlers(in: "\(folder)/\(object)", Self.objdump())
      count += handlers.count
      #expect(handlers.compactMap { $0.fault(on: Self.host) } == [], "\(object)")
    }
    #expect(count >= Self.handlerCountMin)
  }

  #if arch(arm64)
    private static let host = GuestCPU.aarch64
  #elseif arch(riscv64)
    private static let host = GuestCPU.riscv64
  #else
    private static let host = GuestCPU.x86_64
  #endif

  @Test(arguments: [
    ("callq 0x10 <memset>", "nova_do_x: callq 0x10 <memset>"),
    ("pushq %rbx", "nova_do_x: pushq %rbx"),
    ("movq %rax, 8(%rsp)", "nova_do_x keeps a frame: movq %rax, 8(%rsp)"),
    ("jmp 0x40 <nova_trap>", "nova_do_x jumps elsewhere: jmp 0x40 <nova_trap>"),
    ("je 0x40 <nova_do_x_y>", "nova_do_x jumps elsewhere: je 0x40 <nova_do_x_y>"),
    ("R_X86_64_PLT32 sqrt-0x4", "nova_do_x refers to a function: R_X86_64_PLT32 sqrt-0x4"),
    ("retq", "nova_do_x: retq"),
  ]) func `the gate finds what it looks for`(line: String, fault: String) {
    let code = HandlerCode(symbol: "nova_do_x", lines: [line, "jmpq *%rax"])
    #expect(code.fault(on: .x86_64) == fault)
    let unfinished = HandlerCode(symbol: "nova_do_x", lines: ["jmpq *%rax", "addq $8, %rdi"])
    #expect(unfinished.fault(on: .x86_64) == "nova_do_x ends in: addq $8, %rdi")
  }
}
