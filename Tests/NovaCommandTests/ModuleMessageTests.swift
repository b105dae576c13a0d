// ModuleMessageTests.swift — what `nova run` and its neighbours say of modules: what was wrong,
// where it is found, which limit it was, and the option that raises it.

import NovaToolchain
import TestSupport
import Testing

@Suite struct ModuleMessageTests {
  private static let module = """
    .memory 1
    .table funcref 4
    .export func spin
    .export func deep
    .export func fail
    .func spin ()
    again:
        jmp       again
    .end
    .func deep (n: i32) -> i32
        .window   m
        br.i32.eqi n, 0, last
        i32.addi  m, n, -1
        call      m, deep
        ret       m
    last:
        ret       n
    .end
    .func fail (n: i32) -> i32
        i32.addi  n, n, 1
        i32.div_s n, n, n
        ret       n
    .end

    """

  /// A folder with the module as text and without lines.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(Self.module, to: "m.nvasm")
    try #require(try Command.nova(["asm", "m.nvasm"], in: folder.path).status == 0)
    return folder
  }

  @Test func `a limit that stopped a module is told with the option that raises it`() throws {
    let folder = try folder()
    let cases: [([String], Int32, String)] = [
      (
        ["--fuel", "100", "--invoke", "spin"], 1,
        "nova: --fuel was 100; a larger one lets the call go on\n"
      ),
      (
        ["--timeout", "20", "--invoke", "spin"], 1,
        "nova: m.nvc: the call took longer than 20 milliseconds\n"
      ),
      (
        ["--timeout", "20", "--invoke", "spin"], 1,
        "nova: --timeout was 20; a larger one lets the call go on\n"
      ),
      (
        ["--invoke", "deep", "5000"], 1,
        "nova: the limits were 4096 calls inside of each other and 32768 registers of all of them; "
          + "--depth raises both\n"
      ),
      (["--memory", "1K", "--invoke", "deep", "1"], 2, "nova: --memory allows more\n"),
      (["--table", "3", "--invoke", "deep", "1"], 2, "nova: --table allows more\n"),
    ]
    for (words, status, text) in cases {
      let ended = try Command.nova(["run", "m.nvc"] + words, in: folder.path)
      #expect(ended.status == status && ended.errorOutput.contains(text), "\(words): \(ended)")
    }
    let deep = try Command.nova(
      ["run", "m.nvc", "--depth", "100000", "--invoke", "deep", "50000"], in: folder.path)
    #expect(deep == Completion(status: 0, output: "0\n", errorOutput: ""))
  }

  @Test func `the word of a trap is found in the text with words`() throws {
    let folder = try folder()
    let trapped = try Command.nova(["run", "m.nvc", "--invoke", "fail", "-1"], in: folder.path)
    #expect(
      trapped.errorOutput == """
        nova: m.nvc: an integer was divided by zero
          at fail in m.nvc, word 1
        nova: nova dis --words m.nvc shows words; modules made by nova asm -g tell lines

        """)
    let text = try Command.nova(["dis", "--words", "m.nvc"], in: folder.path).output
    #expect(text.contains("    i32.div_s n, n, n                           ; word 1\n"))
    try folder.write(text, to: "again.nvasm")
    try #require(try Command.nova(["asm", "again.nvasm"], in: folder.path).status == 0)
    #expect(try readFile("\(folder.path)/again.nvc") == readFile("\(folder.path)/m.nvc"))
    // Text has lines.
    let told = try Command.nova(["run", "m.nvasm", "--invoke", "fail", "-1"], in: folder.path)
    #expect(told.errorOutput.contains("(m.nvasm:21)"), "\(told)")
    #expect(!told.errorOutput.contains("--words"))
  }

  @Test func `how a module would tell lines is said by what it was made of`() throws {
    let folder = try folder()
    let fail = ["--invoke", "fail", "-1"]
    try #require(try Command.nova(["strip", "m.nvc", "-o", "s.nvc"], in: folder.path).status == 0)
    let stripped = try Command.nova(["run", "s.nvc"] + fail, in: folder.path)
    #expect(
      stripped.errorOutput.hasSuffix(
        "shows words; it has neither names nor lines, as nova strip leaves it: the file before "
          + "that, made with -g, tells both\n"), "\(stripped)")
    // (module (func (export "fail") unreachable))
    let bytes: [UInt8] =
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0]
      + [7, 8, 1, 4, 0x66, 0x61, 0x69, 0x6c, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b]
    try Files.write(bytes, to: "\(folder.path)/f.wasm")
    let compiled = try Command.nova(["run", "f.wasm", "--invoke", "fail"], in: folder.path)
    #expect(
      compiled.errorOutput.hasSuffix(
        "; WebAssembly made by a compiler with -g, such as clang -g, tells lines\n"),
      "\(compiled)")
  }

  @Test(arguments: [
    (["--fuel", "-1"], "'--fuel <fuel>': give a number from 0 to 18446744073709551615"),
    (["--timeout", "soon"], "give a number from 0 to"),
    (["--depth", "3"], "give a number from 4 to 16777216"),
    (["--table=-5"], "give a number from 0 to 4294967295"),
    (["--invoke", "deep"], "deep is a function (i32) -> (i32); give it 1 value, not 0"),
    (["--depth", "9", "--trace", "--target", "riscv64"], "leave out --target"),
  ])
  func `a wrong value is told by what the option takes`(words: [String], text: String) throws {
    let folder = try folder()
    let refused = try Command.nova(["run", "m.nvc"] + words, in: folder.path)
    #expect(refused.status == 2 && refused.errorOutput.contains(text), "\(refused)")
  }

  @Test func `what verify refuses run refuses in the same words`() throws {
    let folder = try folder()
    var bytes = try readFile("\(folder.path)/m.nvc")
    bytes[bytes.count - 1] ^= 1
    try Files.write(bytes, to: "\(folder.path)/m.nvc")
    let verified = try Command.nova(["verify", "m.nvc"], in: folder.path)
    let run = try Command.nova(["run", "m.nvc", "--invoke", "spin"], in: folder.path)
    #expect(run.status == 2 && verified.status == 1)
    #expect(run.errorOutput.contains("it was changed"), "\(run)")
    #expect(run.errorOutput == verified.errorOutput)
  }

  @Test func `a module's name is said once, and what it lacks with the option`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      .import "other" "f" func f ()
      .import "driver:console" "write" func write (i32, i32) -> i32
      .export func f
      """, to: "m.nvasm")
    let missing = try Command.nova(["run", "m.nvasm", "--invoke", "f"], in: folder.path)
    #expect(
      missing.errorOutput == """
        nova: m.nvasm imports f of other, which is not loaded; it wants a function () -> ()
        nova: --with other=FILE loads it

        """)
    try folder.write(".func f ()\nret0\n.end\n.export func f\n", to: "other.nvasm")
    let denied = try Command.nova(
      ["run", "m.nvasm", "--grant", "none", "--with", "other=other.nvasm", "--invoke", "f"],
      in: folder.path)
    #expect(
      denied.errorOutput == """
        nova: m.nvasm imports write of driver:console as a function (i32, i32) -> (i32): the \
        driver console was not granted console; --grant does

        """)
  }

  @Test func `control bytes of a name don't reach the terminal`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      #".import "a\x1b]2;b\x07\xc2\x9b" "c\x7f" func c ()"#, to: "m.nvasm")
    let refused = try Command.nova(["run", "m.nvasm", "--invoke", "c"], in: folder.path)
    #expect(refused.status == 2)
    #expect(
      refused.errorOutput.contains("imports c\u{fffd} of a\u{fffd}]2;b\u{fffd}\u{fffd}"),
      "\(refused)")
    #expect(
      !refused.errorOutput.unicodeScalars.contains {
        $0.value != 10 && ($0.value < 32 || (127..<160).contains($0.value))
      },
      "\(refused)")
  }

  @Test func `WebAssembly becomes a module's file by asm, and by strip`() throws {
    let folder = try TemporaryFolder()
    // (module (func $f (export "f")))
    let bytes: [UInt8] =
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0]
      + [7, 5, 1, 1, 0x66, 0, 0, 10, 4, 1, 2, 0, 0x0b]
      + [0, 11, 4, 0x6e, 0x61, 0x6d, 0x65, 1, 4, 1, 0, 1, 0x66]
    try Files.write(bytes, to: "\(folder.path)/f.wasm")
    #expect(try Command.nova(["asm", "f.wasm"], in: folder.path).status == 0)
    let verified = try Command.nova(["verify", "f.nvc"], in: folder.path)
    #expect(verified.output.contains("functions: 1"), "\(verified)")
    let refused = try Command.nova(["strip", "f.wasm"], in: folder.path)
    #expect(refused.status == 2 && refused.errorOutput.contains("--output FILE"))
    #expect(try readFile("\(folder.path)/f.wasm") == bytes)
    #expect(try Command.nova(["strip", "f.wasm", "-o", "s.nvc"], in: folder.path).status == 0)
    let (whole, stripped) = (
      try readFile("\(folder.path)/f.nvc"), try readFile("\(folder.path)/s.nvc")
    )
    #expect(stripped.count < whole.count)
    for words in [["-O"], ["-g"]] {
      let refused = try Command.nova(["asm", "f.wasm"] + words, in: folder.path)
      #expect(refused.status == 2 && refused.errorOutput.contains("are for text"))
    }
  }

  @Test func `results that cannot be written are told as lost`() throws {
    let folder = try folder()
    let lost = try Command.run(
      "sh",
      ["-c", "\"$0\" run \"$1\" --invoke deep 1 >/dev/full", Command.path, "\(folder.path)/m.nvc"])
    #expect(lost.status == 2)
    #expect(lost.errorOutput.contains("No space left on device; what was printed is lost"))
  }
}
