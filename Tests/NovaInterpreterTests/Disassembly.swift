// Disassembly.swift — handlers as llvm-objdump shows them, and what a handler must not do.
// Hosted. Imports NovaToolchain and TestSupport.

import NovaToolchain
import TestSupport

/// The machine code of one handler.
struct HandlerCode {
  let symbol: String
  /// Without padding; relocations stand on lines of their own.
  var lines: [String] = []

  /// Every handler in a file.
  static func handlers(in file: String, _ objdump: String) throws -> [HandlerCode] {
    let completion = try Completion.run(
      objdump, arguments: ["--disassemble", "--reloc", "--no-show-raw-insn", file],
      environment: [])
    guard completion.status == 0 else { return [] }
    var found: [HandlerCode] = []
    for line in completion.output.split(separator: "\n") {
      if line.hasSuffix(">:"), let name = line.split(separator: "<").last?.dropLast(2) {
        found.append(HandlerCode(symbol: String(name)))
      } else if line.first == " " || line.first == "\t", !found.isEmpty {
        let words = line.split(separator: ":", maxSplits: 1)
        guard words.count == 2 else { continue }
        let text = words[1].split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        if !["nop", "int3", "udf"].contains(where: { text.hasPrefix($0) }) {
          found[found.count - 1].lines.append(text)
        }
      }
    }
    return found.filter { $0.symbol.hasPrefix("nova_do_") || $0.symbol.hasPrefix("nova_fuel_") }
  }

  /// What is wrong with the handler; nil when it only computes and jumps.
  func fault(on cpu: GuestCPU) -> String? {
    let rules = Rules(cpu)
    for line in lines {
      let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
      guard let mnemonic = words.first.map(String.init) else { continue }
      if rules.forbidden.contains(mnemonic) { return "\(symbol): \(line)" }
      if words.dropFirst().contains(where: { rules.registers.contains(String($0)) }) {
        return "\(symbol) keeps a frame: \(line)"
      }
      // Constants have relocations as well, which are no jumps.
      if ["PLT", "CALL", "JUMP"].contains(where: { line.contains($0) && line.contains("R_") }) {
        return "\(symbol) refers to a function: \(line)"
      }
      if rules.branches.contains(where: { mnemonic.hasPrefix($0) }), line.contains("<"),
        !isInside(line)
      {
        return "\(symbol) jumps elsewhere: \(line)"
      }
    }
    guard let last = lines.last else { return "\(symbol) is empty" }
    let isIndirect = last.hasPrefix(rules.dispatch)
    let isInternal = rules.jumps.contains { last.hasPrefix("\($0) ") } && isInside(last)
    let dispatches = lines.contains { $0.hasPrefix(rules.dispatch) }
    return dispatches && (isIndirect || isInternal) ? nil : "\(symbol) ends in: \(last)"
  }

  /// Another handler's name may begin like this one's.
  private func isInside(_ line: String) -> Bool {
    line.contains("<\(symbol)>") || line.contains("<\(symbol)+")
  }

  private struct Rules {
    let forbidden: Set<String>
    let registers: Set<String>
    /// What mnemonics of jumps and branches begin with.
    let branches: [String]
    let jumps: Set<String>
    let dispatch: String

    init(_ cpu: GuestCPU) {
      switch cpu {
      case .x86_64:
        forbidden = [
          "callq", "call", "pushq", "push", "popq", "pop", "retq", "ret", "ud2", "leave",
        ]
        registers = ["rsp", "esp", "rbp", "ebp"]
        branches = ["j"]
        jumps = ["jmp", "jmpq"]
        dispatch = "jmpq *"
      case .aarch64:
        forbidden = ["bl", "blr", "ret", "brk"]
        registers = ["sp", "x29", "x30"]
        branches = ["b", "cb", "tb"]
        jumps = ["b"]
        dispatch = "br x"
      case .riscv64:
        forbidden = ["jal", "jalr", "call", "ret", "unimp", "ebreak"]
        registers = ["sp", "ra", "s0"]
        branches = ["j", "b"]
        jumps = ["j"]
        dispatch = "jr "
      }
    }
  }
}
