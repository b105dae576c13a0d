// WebAssemblyTests.swift — the verbs take WebAssembly for modules, known by its first bytes.

import NovaToolchain
import TestSupport
import Testing

@Suite struct WebAssemblyTests {
  /// Exports `add` of (i32, i32) → i32, whose code is these bytes; the name section calls it `sum`.
  private func file(_ code: [UInt8], in folder: TemporaryFolder) throws -> String {
    let body: [UInt8] = [0] + code + [0x0b]
    let entry = [1, UInt8(body.count)] + body
    let file: [UInt8] =
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
      + [1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f] + [3, 2, 1, 0]
      + [7, 7, 1, 3, 0x61, 0x64, 0x64, 0, 0] + [10, UInt8(entry.count)] + entry
      + [0, 13, 4, 0x6e, 0x61, 0x6d, 0x65, 1, 6, 1, 0, 3, 0x73, 0x75, 0x6d]
    let path = "\(folder.path)/add.bin"
    try Files.write(file, to: path)
    return path
  }

  @Test func `a file of WebAssembly is run, verified, shown and inspected`() throws {
    let folder = try TemporaryFolder()
    let path = try file([0x20, 0, 0x20, 1, 0x6a], in: folder)
    let run = try Command.nova(["run", path, "--invoke", "add", "40", "2"])
    #expect(run.status == 0 && run.output == "42\n", "\(run.errorOutput)")
    let verified = try Command.nova(["verify", path])
    #expect(verified.status == 0 && verified.output.contains("functions: 1"))
    #expect(try Command.nova(["dis", path]).output.contains("i32.add"))
    let inspected = try Command.nova(["inspect", path])
    #expect(inspected.status == 0 && inspected.output.contains("\nverified\n"))
    #expect(try Command.nova(["diff", path, path]).status == 0)
  }

  @Test func `an i32 of another module counts with its low half alone`() throws {
    let folder = try TemporaryFolder()
    // The upper half of the first argument, widened.
    let path = try file([0x20, 0, 0xad, 0x42, 0x20, 0x88, 0xa7], in: folder)
    try folder.write(
      """
      .import "library" "add" func add (i32, i32) -> i32
      .export func go
      .func go () -> i32
          .window w, x
          const64 w, 0x500000001
          const32 x, 0
          call_import w, add
          ret w
      .end
      """, to: "go.nvasm")
    let run = try Command.nova(
      ["run", "\(folder.path)/go.nvasm", "--with", "library=\(path)", "--invoke", "go"])
    #expect(run.status == 0 && run.output == "0\n", "\(run.output)\(run.errorOutput)")
  }

  @Test func `WebAssembly that breaks the rules is refused with place and reason`() throws {
    let folder = try TemporaryFolder()
    let path = try file([0x20, 0, 0x42, 1, 0x6a], in: folder)
    for words in [["run", path, "--invoke", "add", "1", "2"], ["verify", path], ["dis", path]] {
      let refused = try Command.nova(words)
      #expect(refused.status == (words[0] == "verify" ? 1 : 2) && refused.output.isEmpty)
      #expect(
        refused.errorOutput.contains(
          "add.bin: function sum (0), byte 39: a value of type i32 is wanted, and there is one of "
            + "type i64"), "\(refused.errorOutput)")
    }
  }
}
