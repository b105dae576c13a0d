// ForeignFileTests.swift — what is no module is told for what it is, and what could never begin is
// refused when it is made.

import NovaToolchain
import TestSupport
import Testing

@Suite struct ForeignFileTests {
  private static let assembly = "; a comment\n\n  .export func f\n.func f ()\nret0\n.end\n"

  @Test(arguments: ["run", "verify", "dis", "build", "stats", "strip"])
  func `a file that is no module is told for what it is`(verb: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.assembly, to: "text.nvc")
    try folder.write(" ;; a comment\n(module)\n", to: "text.wasm")
    try folder.write("hello\n", to: "words.nvc")
    try folder.write("", to: "empty.nvc")
    try Files.write(readFile(Command.path), to: "\(folder.path)/program.nvc")
    try Files.makeFolder("\(folder.path)/folder.nvc")
    let module = "a .nvc, .nvasm or .wasm file"
    let cases = [
      ("text.nvc", "is assembly text, not a module; nova asm text.nvc makes a module of it"),
      ("text.wasm", "is WebAssembly's text, not a "),
      ("words.nvc", "is text, not a module; give a file that nova asm, nova build or a compiler"),
      ("empty.nvc", "is empty, not a module; give \(module)"),
      ("program.nvc", "is an ELF file, not a module; give \(module)"),
      ("folder.nvc", "is a folder; give a file"),
    ]
    let names = try folder.names()
    for (name, text) in cases {
      let refused = try Command.nova([verb, name], in: folder.path)
      let isRead = name != "folder.nvc"
      #expect(refused.status == (verb == "verify" && isRead ? 1 : 2) && refused.output.isEmpty)
      #expect(refused.errorOutput.hasPrefix("nova: \(name) \(text)"), "\(refused)")
      if name == "text.wasm" { #expect(refused.errorOutput.contains("wat2wasm text.wasm makes")) }
    }
    #expect(try folder.names() == names)
  }

  @Test func `what is no text is not assembled`() throws {
    let folder = try TemporaryFolder()
    try folder.write("(module)\n", to: "text.wat")
    try Files.write([1, 0, 3, 4, 5], to: "\(folder.path)/bytes")
    try Files.write(readFile(Command.path), to: "\(folder.path)/program.nvasm")
    let cases = [
      ("text.wat", "is WebAssembly's text, not NovaCore's assembly; wat2wasm text.wat makes"),
      ("bytes", "is no text; give assembly text, .nvasm, or WebAssembly, .wasm\n"),
      ("program.nvasm", "is an ELF file, not text; give a .nvc, .nvasm or .wasm file\n"),
    ]
    for (name, text) in cases {
      let refused = try Command.nova(["asm", name], in: folder.path)
      #expect(refused.status == 2 && refused.errorOutput.hasPrefix("nova: \(name) \(text)"))
    }
  }

  @Test func `control characters of a text don't reach the terminal`() throws {
    let folder = try TemporaryFolder()
    try folder.write(".bogus\u{1b}]2;x\u{7}\n", to: "a.nvasm")
    let refused = try Command.nova(["asm", "a.nvasm"], in: folder.path)
    #expect(refused.errorOutput.contains("  .bogus\u{fffd}]2;x\u{fffd}\n"), "\(refused)")
    try folder.write(
      #".export "a\x1b[1m\nb" func f"# + "\n.func f ()\nret0\n.end\n", to: "b.nvasm")
    let shown = try Command.nova(["inspect", "b.nvasm"], in: folder.path)
    #expect(shown.output.contains("  a\u{fffd}[1m\u{fffd}b  "), "\(shown)")
  }

  @Test func `a segment that fits nowhere is refused when the module is made`() throws {
    let folder = try TemporaryFolder()
    let cases = [
      (
        ".memory 1 2\n.data at 65530 \"hello world\"\n",
        "data segment 0 needs 65541 bytes, and memory 0 begins with 65536 bytes"
      ),
      (
        ".import \"m\" \"m\" memory 1 2\n.data at 131072 \"a\"\n",
        "data segment 0 needs 131073 bytes, and memory 0 has at most 131072 bytes"
      ),
      (
        ".table funcref 2 9\n.elem at 0 f\n.elem at 1 f, f\n.func f ()\nret0\n.end\n",
        "element segment 1 needs 3 elements, and table 0 begins with 2 elements"
      ),
    ]
    for (text, words) in cases {
      try folder.write(text, to: "m.nvasm")
      try folder.write(".memory 1 2\n.export \"m\" memory 0\n", to: "other.nvasm")
      let refused = try Command.nova(["asm", "m.nvasm"], in: folder.path)
      #expect(refused.status == 1 && refused.errorOutput.hasPrefix("nova: m.nvasm: \(words); move"))
      let built = try Command.nova(
        ["build", "m.nvasm", "--with", "m=other.nvasm"], in: folder.path)
      #expect(built.status == 2 && built.errorOutput == refused.errorOutput, "\(built)")
    }
    #expect(try folder.names() == ["m.nvasm", "other.nvasm"])
    // What an imported memory may have grown to fits.
    try folder.write(".import \"m\" \"m\" memory 1 2\n.data at 131071 \"a\"\n", to: "m.nvasm")
    #expect(try Command.nova(["asm", "m.nvasm"], in: folder.path).status == 0)
  }

  @Test func `the difference of two modules is one that git applies`() throws {
    let folder = try TemporaryFolder()
    let lines = (0..<40).map { "const32 r0, \($0)\n" }
    func module(_ lines: [String]) -> String {
      ".export func f\n.func f ()\n\(lines.joined())ret0\n.end\n"
    }
    var changed = lines
    changed[3] = "nop\n"
    changed.remove(at: 30)
    changed.insert("nop\n", at: 20)
    try folder.write(module(lines), to: "a.nvasm")
    try folder.write(module(changed), to: "b.nvasm")
    let difference = try Command.nova(["diff", "a.nvasm", "b.nvasm"], in: folder.path)
    #expect(difference.status == 1)
    let hunks = difference.output.split(separator: "\n").filter { $0.hasPrefix("@@") }
    #expect(hunks.count == 3 && hunks.first?.hasSuffix(",7 @@") == true, "\(hunks)")
    for name in ["a", "b"] {
      let text = try Command.nova(["dis", "\(name).nvasm"], in: folder.path).output
      try folder.write(text, to: "\(name).text")
    }
    let head = "--- a.nvasm\n+++ b.nvasm\n"
    try #require(difference.output.hasPrefix(head))
    try folder.write(
      "--- a.text\n+++ a.text\n" + difference.output.dropFirst(head.count), to: "difference")
    let applied = try Command.run("git", ["apply", "-p0", "difference"], in: folder.path)
    #expect(applied.status == 0, "\(applied)")
    #expect(try readFile("\(folder.path)/a.text") == readFile("\(folder.path)/b.text"))
  }
}
