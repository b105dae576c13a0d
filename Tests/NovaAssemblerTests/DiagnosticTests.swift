// DiagnosticTests.swift — every fault of a text: its place, its words, and what was meant.

import NovaBytecode
import Testing

@testable import NovaAssembler

@Suite struct DiagnosticTests {
  /// What the first fault of a text says, after `LINE:COLUMN: `.
  private func faults(_ text: String, _ options: Assembler.Options = .init()) -> [String] {
    do {
      _ = try Assembler.assemble(text, options: options)
      return []
    } catch {
      return error.text(of: SourceText(Array(text.utf8)), path: "t").split(separator: "\n")
        .filter { $0.hasPrefix("t:") && $0.contains(": error: ") }.map(String.init)
    }
  }

  @Test(arguments: [
    (".memory", "t:1:8: error: expected a number"),
    (".memory 70000", "t:1:9: error: the number is out of range; give 0 to 65536"),
    (".memory 5 4", "t:1:11: error: the number is out of range; give 5 to 65536"),
    (".memory 1.5", "t:1:9: error: this is no number of the kind that stands here"),
    (".memory a 1\n.memory a 1", "t:2:9: error: the memory 'a' is there already, since line 1"),
    (".table i32 1", "t:1:8: error: expected funcref or externref"),
    (".start f", "t:1:8: error: there is no function 'f'"),
    (".start 3", "t:1:8: error: there is no function 3; the module has none"),
    (".export func 0", "t:1:14: error: there is no function 0; the module has none"),
    (
      ".export fun f",
      "t:1:9: error: expected func, table, memory or global, not 'fun'; did you mean 'func'?"
    ),
    (".module \"a\"\n.module \"b\"", "t:2:1: error: .module is there already, since line 1"),
    (".data declared \"x\"", "t:1:7: error: expected 'at' or 'passive'"),
    (".data at 0 i16 70000", "t:1:16: error: the number is out of range; give -32768 to 65535"),
    (".section 5 1 \"x\"", "t:1:10: error: section 5 cannot stand here: kinds from 21 on"),
    (".section 50 2 \"x\"", "t:1:10: error: section 50 has 1 bytes, which are not one or more"),
    (
      ".name lable 0 0 \"x\"",
      "t:1:7: error: expected what is named, not 'lable'; did you mean 'label'?"
    ),
    (".global g i32 = nan", "t:1:17: error: this is no number of the kind that stands here"),
    (".global g f32 = 1e99", "t:1:17: error: this is no number of the kind that stands here"),
    (
      ".func f ()\n.end",
      "t:1:1: error: the function has no instructions; end it at least with ret0"
    ),
    (".custom \"a\\xz\"", "t:1:11: error: no such escape"),
    (
      ".func f (at: i32)\nglobal.set at, 0\nret0\n.end\n.global mut i32 = 0",
      "t:1:10: error: 'at' has a meaning of its own; give another name, or put it in quotes"
    ),
    (
      ".type (" + Array(repeating: "i32", count: 1001).joined(separator: ",") + ")",
      "t:1:4008: error: a function takes and gives at most 1000 values each"
    ),
    (
      ".data at 0 zero 4294967289",
      "t:1:17: error: the number is out of range; give 0 to 4294967288"
    ),
    ("nop", "t:1:1: error: nop stands only between .func and .end"),
    (".reg x", "t:1:1: error: .reg stands only between .func and .end"),
    (
      ".export \"e\" func f\n.func f ()\nret0\n.end\n.export \"e\" func f",
      "t:5:9: error: the export \"e\" is there already, since line 1; it may be said once"
    ),
    ("\u{00e9}", "t:1:1: error: no statement has this character; a comment begins with ';'"),
  ])
  func `a fault of a module is told`(text: String, words: String) {
    #expect(faults(text).first?.hasPrefix(words) == true, "\(faults(text))")
  }

  @Test(arguments: [
    ("ret", "t:2:1: error: ret takes 1 operand, not 0"),
    ("nop 5", "t:2:1: error: nop takes 0 operands, not 1"),
    ("jmp 5", "t:2:5: error: expected a label"),
    (
      "mov r0, 5",
      "t:2:9: error: expected a register, such as r0, not '5'; const32 takes a number there"
    ),
    (
      "i32.mul r0, r0, 3",
      "t:2:17: error: expected a register, such as r0, not '3'; i32.muli takes a number there"
    ),
    (
      "x:\nbr.i32.lt_s r0, -3, x",
      "t:3:17: error: expected a register, such as r0, not '-'; br.i32.lt_si takes a number there"
    ),
    (
      "i32.load r0, [r0 - 4]",
      "t:2:18: error: the number is out of range; give 0 to 65535; i32.load.wrapping takes -32768"
    ),
    (
      "i32.store r0, [r0 + 70000]",
      "t:2:21: error: the number is out of range; give 0 to 65535; i32.store.wide takes up to"
    ),
    (
      "i32.load r0, [r0 + r0]",
      "t:2:20: error: expected a number, not 'r0'; i32.load.indexed adds two registers"
    ),
    (
      "br.i32.eqi r0, 0, last\nret0\nlast:",
      "t:2:1: error: the branch leads behind the function's last instruction; write one behind"
    ),
    ("i32.load r0, r1", "t:2:14: error: expected '[', not 'r1'"),
    ("i32.load r0, [r0", "t:2:17: error: expected '+', not the line's end"),
    (
      "i32.addi r0, r0, r1",
      "t:2:18: error: expected a number, not 'r1'; i32.add takes a register there"
    ),
    (
      "x:\nbr.i32.eqi r0, r1, x",
      "t:3:16: error: expected a number, not 'r1'; br.i32.eq takes a register there"
    ),
    ("const32 r0, r1", "t:2:13: error: expected a number, not 'r1'; mov takes a register there"),
    ("i32.add r0 r0, r1", "t:2:12: error: expected ',' before the next operand, not 'r0'"),
    ("call r1 f", "t:2:9: error: expected ',' before the next operand, not 'f'"),
    ("call r1, r1", "t:2:10: error: expected a function, not 'r1'; 'r1' is a register"),
    ("call 5, f", "t:2:6: error: expected a register, such as r0, not '5'"),
    ("call r1, 5, f", "t:2:1: error: call takes 2 operands, not 3; write call window, function"),
    ("i32.load r0, [r0 + 70000]", "t:2:20: error: the number is out of range; give 0 to 65535"),
    ("const32 r0, 0x1ffffffff", "t:2:13: error: the number is out of range"),
    ("i32.addi r0, r0, 1.5", "t:2:18: error: this is no number of the kind that stands here"),
    ("x:\nx:", "t:3:1: error: the label 'x' is there already, since line 2; give another name"),
    (".reg x, x", "t:2:9: error: the register 'x' is there already, since line 2"),
    (".reg nan", "t:2:6: error: 'nan' has a meaning of its own"),
    (".window r99999", "t:2:9: error: r99999 is out of range; this operand takes r0 to r32767"),
    (".reg r5", "t:2:6: error: expected a name other than a register's own"),
    ("nop\n.registers 5", "t:3:1: error: .registers stands only before the function's first"),
    (".registers 5\n.registers 6", "t:3:1: error: .registers is there already, since line 2"),
    (".line 5", "t:2:1: error: there is no .file \"NAME\" of which the lines could be"),
    ("call r1, missing", "t:2:10: error: there is no function 'missing'"),
    ("call r1, log", "t:2:10: error: this function is imported; use call_import or ref.import"),
    ("call_import r1, f", "t:2:17: error: this function is the module's own; use call or ref.func"),
    (
      "global.get r0, far",
      "t:2:16: error: this global is imported; use global.get.far or global.set.far"
    ),
    (
      ".registers 2\ncall r1, three\nret0",
      "t:3:1: error: the function needs 4 registers, and its frame has 2; say .registers 4"
    ),
    (
      ".window r3\ncall r1, three\nret0",
      "t:3:1: error: the call's window begins at r1, and windows begin at r3"
    ),
    // The verifier's.
    ("i32.add r0, r0, r1\nret0", "t:2:1: error: r1 may not have a value here"),
    (".reg sum\ni32.add r0, r0, sum\nret0", "t:3:1: error: 'sum' (r1) may not have a value here"),
    ("nop", "t:2:1: error: control would go on behind the function's end"),
    ("ret r0", "t:2:1: error: the function gives 0 results; return with ret0"),
    ("ret0\nnop\nret0", "t:3:1: error: no control reaches this; remove it, or branch to it"),
    ("i32.load r0, [r0]\nret0", "t:2:1: error: the module has no memory; declare one"),
    (
      "const32 r2, 1\nconst32 r1, 1\ni32.eqi.x r1, r2, 5\nret0",
      "t:4:1: error: r2 is not the last result here"
    ),
    ("global.set r0, fixed\nret0", "t:2:1: error: the global is a constant; declare it mut"),
  ])
  func `a fault of a function is told`(body: String, words: String) {
    let text = """
      .func f (i32)
      \(body)
      .end
      .func three (i32, i32, i32)
      ret0
      .end
      .import "host" "log" func log ()
      .import "host" "far" global far i32
      .global fixed i32 = 1
      """
    #expect(faults(text).first?.hasPrefix(words) == true, "\(faults(text))")
  }

  @Test func `a register that a call took is told with the call`() {
    let text = """
      .func g (a: i32) -> i32
      ret a
      .end
      .func f () -> i32
      .window w, x
      const32 x, 5
      const32 w, 5
      call w, g
      i32.add w, w, x
      ret w
      .end
      """
    #expect(
      faults(text).first?.hasPrefix(
        "t:9:1: error: 'x' (r1) has no value behind the call at word 2, which took the registers "
          + "from r0 on") == true, "\(faults(text))")
    let unwritten = text.replacing("const32 x, 5\n", with: "")
    #expect(faults(unwritten).first?.contains("write it on every way") == true)
  }

  @Test func `a mark stands below what is wrong`() throws {
    let text = "\t.memory \"é\" x"
    let error = try #require(throws: AssemblyError.self) { try Assembler.assemble(text) }
    #expect(
      error.text(of: SourceText(Array(text.utf8)), path: "t")
        == "t:1:14: error: expected a number, not 'x'\n  \t.memory \"é\" x\n  \t            ^")
  }

  @Test func `what follows a fault is read`() {
    let text = (0..<30).map { ".bogus\($0)" }.joined(separator: "\n")
    #expect(faults(text).count == AssemblyError.shownCountMax)
    let error = #expect(throws: AssemblyError.self) { try Assembler.assemble(text) }
    #expect(
      error?.text(of: SourceText(Array(text.utf8)), path: "t")
        .hasSuffix("t: 10 more faults are not shown") == true)
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    let error = #expect(throws: AssemblyError.self) {
      try Assembler.assemble(Array("nop\n".utf8) + [0xff])
    }
    #expect(error?.diagnostics.first?.cause == .notUTF8)
    #expect(error?.diagnostics.first?.span.line == 2)
  }
}
