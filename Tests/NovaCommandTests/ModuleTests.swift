// ModuleTests.swift — the verbs for modules: text, bytes, checks, and what happens to bad input.

import NovaToolchain
import TestSupport
import Testing

@Suite struct ModuleTests {
  private func corpus(_ name: String) -> String { "\(CorpusProgram.folder)/\(name)" }

  /// Assembles a program of the corpus into `folder`.
  private func assembled(_ name: String, in folder: TemporaryFolder, _ options: [String] = [])
    throws
    -> String
  {
    let module = "\(folder.path)/\(name).nvc"
    let made = try Command.nova(["asm", corpus("\(name).nvasm"), "-o", module] + options)
    try #require(made.status == 0, "\(made.errorOutput)")
    return module
  }

  @Test func `text to module to text to module`() throws {
    let folder = try TemporaryFolder()
    let module = try assembled("tables", in: folder)
    let text = try Command.nova(["dis", module])
    #expect(text.output.contains("call_indirect w, i, unary"))
    try folder.write(text.output, to: "again.nvasm")
    // Without --output, beside the text.
    #expect(try Command.nova(["asm", "again.nvasm"], in: folder.path).status == 0)
    #expect(try readFile("\(folder.path)/again.nvc") == readFile(module))
    #expect(try Command.nova(["diff", module, "\(folder.path)/again.nvc"]).status == 0)
    #expect(
      try Command.nova(["dis", module, "--output", "text"], in: folder.path).output.isEmpty)
    #expect(try readFile("\(folder.path)/text") == Array(text.output.utf8))
  }

  @Test func `faults are told with their places, and nothing is written`() throws {
    let folder = try TemporaryFolder()
    let refused = try Command.nova(
      ["asm", corpus("wrong-names.nvasm"), "-o", "m"], in: folder.path)
    #expect(refused.status == 1)
    #expect(refused.output.isEmpty)
    #expect(refused.errorOutput.contains("wrong-names.nvasm:11:5: error: there is no operation"))
    #expect(refused.errorOutput.contains("\n      ^~~~~~\n"))
    #expect(refused.errorOutput.contains("has 5 faults; nothing was written"))
    #expect(try folder.names().isEmpty)
  }

  @Test func `what a module is made of isn't replaced by it`() throws {
    let folder = try TemporaryFolder()
    let text = Array(".func f ()\n    ret0\n.end\n".utf8)
    try Files.write(text, to: "\(folder.path)/f.nvasm")
    try #require(try Command.nova(["asm", "f.nvasm"], in: folder.path).status == 0)
    let module = try readFile("\(folder.path)/f.nvc")
    for words in [
      ["asm", "f.nvasm", "-o", "./f.nvasm"], ["dis", "f.nvc", "-o", "f.nvc"],
      ["build", "f.nvc", "-o", "f.nvc"], ["asm", "f.nvc"],
    ] {
      let refused = try Command.nova(words, in: folder.path)
      #expect(refused.status == 2 && !refused.errorOutput.isEmpty, "\(words)")
    }
    #expect(try readFile("\(folder.path)/f.nvasm") == text)
    #expect(try readFile("\(folder.path)/f.nvc") == module)
    for verb in ["verify", "stats", "inspect"] {
      #expect(try Command.nova([verb, "f.nvasm"], in: folder.path).status == 0, "\(verb)")
    }
  }

  @Test func `inspect tells a module from a program`() throws {
    let folder = try TemporaryFolder()
    let module = try assembled("imports", in: folder)
    let text = try Command.nova(["inspect", module, "--symbols", "1"])
    #expect(text.status == 0)
    for words in [
      "\nverified\n", "host.log", "(i32, i32)", "funcref 1 to 10 elements", "mut f64",
      "never", "unknown 4000", "functions of its own: 1",
    ] {
      #expect(text.output.contains(words), "\(words)")
    }
    let json = try Command.nova(["inspect", module, "--json"])
    #expect(json.output.hasPrefix("{\n  \"kind\": \"module\""))
    #expect(json.output.contains("\"verified\": true"))
  }

  @Test func `stats counts operations, forwarded ones too`() throws {
    let folder = try TemporaryFolder()
    let plain = try Command.nova(["stats", try assembled("memory", in: folder)])
    #expect(plain.output.contains("39 instructions, 0 forwarded, 0 fused"))
    #expect(plain.output.contains("\n  11  i32.add\n"))
    let optimized = try assembled("memory", in: folder, ["-O"])
    let json = try Command.nova(["stats", optimized, "--json"])
    #expect(!json.output.contains("\"forwardedCount\": 0,"))
  }

  @Test func `strip keeps what a module does`() throws {
    let folder = try TemporaryFolder()
    let module = try assembled("imports", in: folder, ["-g"])
    let before = try readFile(module)
    #expect(try Command.nova(["strip", module, "-o", "\(folder.path)/s"]).status == 0)
    #expect(try readFile(module) == before)
    #expect(try Command.nova(["strip", module]).status == 0)
    let stripped = try readFile(module)
    #expect(try readFile("\(folder.path)/s") == stripped)
    #expect(stripped.count < before.count)
    let text = try Command.nova(["dis", module]).output
    for words in [".module", ".name", ".file", ".line", ".custom", "value"] {
      #expect(!text.contains(words), "\(words)")
    }
    #expect(text.contains(".export \"never\" func 1"))
    #expect(try Command.nova(["verify", module]).output.contains("verified; functions: 1, "))
  }

  @Test func `diff shows lines that differ, with status 1`() throws {
    let folder = try TemporaryFolder()
    let source = String(decoding: try readFile(corpus("select.nvasm")), as: UTF8.self)
    try folder.write(source, to: "a.nvasm")
    try folder.write(source.replacing("i32.lt_s", with: "i32.gt_s"), to: "b.nvasm")
    for name in ["a.nvasm", "b.nvasm"] {
      #expect(try Command.nova(["asm", name], in: folder.path).status == 0)
    }
    let different = try Command.nova(["diff", "a.nvc", "b.nvc"], in: folder.path)
    #expect(different.status == 1)
    #expect(different.output.contains("\n-    i32.lt_s isLess, left, right\n+    i32.gt_s"))
  }

  @Test(arguments: ["dis", "verify", "inspect", "stats", "strip"])
  func `damaged modules are refused, and stay`(verb: String) throws {
    let folder = try TemporaryFolder()
    let module = try assembled("tables", in: folder)
    let whole = try readFile(module)
    let damaged: [([UInt8], String)] = [
      (Array(whole.dropLast(8)), "its header says"), (Array(whole.prefix(20)), "cut short"),
      (whole.indices.map { $0 == 800 ? whole[$0] ^ 1 : whole[$0] }, "it was changed"),
      (whole.indices.map { $0 == 16 ? 1 : whole[$0] }, "the feature 'simd'"),
      (whole.indices.map { $0 == 8 ? 9 : whole[$0] }, "version 9"),
    ]
    for (bytes, words) in damaged {
      try Files.write(bytes, to: module)
      let refused = try Command.nova([verb, module])
      #expect(refused.status != 0)
      #expect(refused.errorOutput.contains("nova: \(module): "), "\(refused.errorOutput)")
      #expect(refused.errorOutput.contains(words), "\(refused.errorOutput)")
      #expect(try readFile(module) == bytes)
    }
  }

  @Test(arguments: [
    ["asm", "absent"], ["dis", "absent"], ["verify", "absent"], ["stats", "absent"],
    ["strip", "absent"], ["diff", "absent", "absent"],
  ])
  func `a file that is not there is named`(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let refused = try Command.nova(arguments, in: folder.path)
    #expect(refused.status == 2)
    #expect(refused.errorOutput.hasPrefix("nova: absent cannot be read: "))
  }

  @Test func `an output that cannot be written is named`() throws {
    let folder = try TemporaryFolder()
    let output = "\(folder.path)/absent/module"
    let refused = try Command.nova(["asm", corpus("select.nvasm"), "-o", output])
    #expect(refused.status == 2)
    #expect(refused.errorOutput.contains("\(output) cannot be written"))
    #expect(try folder.names().isEmpty)
  }
}
