// CheckTests.swift — `nova check` prints a stable manifest, compares it, and says what differs.

import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct CheckTests {
  @Test func `a manifest is stable, written and compared`() throws {
    let guest = try Guests.path(of: "hello", on: .x86_64)
    let folder = try TemporaryFolder()
    let expected = "\(folder.path)/hello.manifest"
    let written = try Command.nova(["check", guest, "--expect", expected, "--update"])
    try #require(written.status == 0, "\(written.errorOutput)")
    #expect(try readFile(expected) == Array(written.output.utf8))
    #expect(written.errorOutput.isEmpty, "progress is for terminals")
    let same = try Command.nova(["check", guest, "--expect", expected])
    #expect(same.status == 0, "\(same.errorOutput)")
    #expect(same.output == written.output)
    #expect(same.errorOutput == "the manifest is the same as \(expected)\n")

    try folder.write(written.output + "another line\n", to: "hello.manifest")
    let different = try Command.nova(["check", guest, "--expect", expected])
    #expect(different.status == 1)
    #expect(different.errorOutput.contains("another line"))
    #expect(different.errorOutput.contains("--update"))
  }

  @Test func `a program that reads its environment is found and ends with status 1`() throws {
    let leak = "\(Guests.root)/build/leaks/x86_64/environment"
    let isBuilt = Files.exists(leak)
    try #require(isBuilt, "there is no \(leak): run make leaks")
    let found = try Command.nova(["check", leak])
    #expect(found.status == 1)
    #expect(found.output.contains("verdict"))
    #expect(found.errorOutput.contains("environment"), "\(found.errorOutput)")
  }

  @Test func `an expected manifest that is missing or cannot be written is an error`() throws {
    let guest = try Guests.path(of: "hello", on: .aarch64)
    let folder = try TemporaryFolder()
    for update in [[], ["--update"]] {
      let refused = try Command.nova(
        ["check", guest, "--expect", "\(folder.path)/absent/file"] + update)
      #expect(refused.status == 2)
      #expect(refused.errorOutput.contains("absent/file"), "\(refused.errorOutput)")
    }
    #expect(try folder.names().isEmpty)
  }

  @Test func `a stack limit that cannot be raised changes nothing`() throws {
    let guest = try Guests.path(of: "hello", on: .riscv64)
    let script = "ulimit -s 512 && exec \"$0\" check \"$1\""
    let limited = try Command.run(
      "sh", ["-c", script, Command.path, guest], environment: ["NOVACORE_ROOT=\(Guests.root)"])
    #expect(limited.status == 0, "\(limited.errorOutput)")
    #expect(limited.output == (try Command.nova(["check", guest])).output)
  }

  @Test func `the time limit of a run is 1 to 3600 seconds`() throws {
    let guest = try Guests.path(of: "hello", on: .riscv64)
    for seconds in ["0", "3601", "-1", "x"] {
      let refused = try Command.nova(["check", guest, "--time-limit=\(seconds)"])
      #expect(refused.status == 2)
      #expect(refused.errorOutput.contains("--time-limit"))
    }
    #expect(try Command.nova(["check", guest, "--time-limit", "60"]).status == 0)
  }

  @Test func `an output that is refused is an error`() throws {
    let guest = try Guests.path(of: "hello", on: .riscv64)
    let lost = try Command.run(
      "sh", ["-c", "\"$0\" inspect \"$1\" >/dev/full", Command.path, guest])
    #expect(lost.status == 2)
    #expect(lost.errorOutput.contains("No space left on device"))
  }

  @Test func `a link stays a link, and a device a device`() throws {
    let guest = try Guests.path(of: "hello", on: .riscv64)
    let folder = try TemporaryFolder()
    try folder.write("old", to: "target")
    let link = "\(folder.path)/link"
    #expect(try Command.run("ln", ["-s", "target", link]).status == 0)
    #expect(try Command.run("mkfifo", ["\(folder.path)/pipe"]).status == 0)
    try Files.write([1, 2], to: link)
    #expect(try readFile("\(folder.path)/target") == [1, 2])
    #expect(try Command.run("readlink", [link]).output == "target\n")
    let script = "cat pipe & \"$0\" check \"$1\" --picture pipe >/dev/null && wait && test -p pipe"
    let piped = try Command.run("sh", ["-c", script, Command.path, guest], in: folder.path)
    #expect(piped.status == 0, "\(piped.errorOutput)")
    #expect(piped.output.contains("<svg"))
    #expect(try folder.names() == ["link", "pipe", "target"])
  }

  @Test func `JSON carries the verdict, and the picture is SVG`() throws {
    let guest = try Guests.path(of: "hello", on: .riscv64)
    let folder = try TemporaryFolder()
    let picture = "\(folder.path)/start.svg"
    let checked = try Command.nova(["check", guest, "--json", "--picture", picture])
    #expect(String(decoding: try readFile(picture), as: UTF8.self).contains("<svg"))
    #expect(checked.status == 0)
    #expect(checked.output.hasPrefix("{"))
    #expect(checked.output.contains("\"verdict\""))
  }

  @Test func `inspect shows segments, the record and the largest symbols`() throws {
    let guest = try Guests.path(of: "hello", on: .aarch64)
    let shown = try Command.nova(["inspect", guest, "--symbols", "3"])
    #expect(shown.status == 0)
    for words in ["aarch64 executable", "segments", "stack_size", "no undefined symbol"] {
      #expect(shown.output.contains(words), "\(words)")
    }
    let json = try Command.nova(["inspect", guest, "--json"])
    #expect(json.status == 0)
    #expect(json.output.hasPrefix("{"))
  }
}
