// BadInputTests.swift — what cannot be done ends with status 2 and a remedy, and leaves nothing.

import Glibc
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct BadInputTests {
  private func expectRefusal(
    _ completion: Completion, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(completion.status == 2, sourceLocation: sourceLocation)
    for part in parts {
      #expect(
        completion.errorOutput.contains(part), "no '\(part)' in: \(completion.errorOutput)",
        sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: ["run", "check", "inspect", "symbolize"])
  func `a file that is no ELF program is named for what it is`(verb: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("#!/bin/sh\n", to: "script")
    try folder.write("", to: "nothing")
    try folder.write("\u{0}asm\u{1}\u{0}\u{0}\u{0}", to: "module.wasm")
    expectRefusal(
      try Command.nova([verb, "script"], in: folder.path), "script is a script", "nova build")
    expectRefusal(try Command.nova([verb, "nothing"], in: folder.path), "empty", "nova build")
    // The other verbs take modules.
    if ["check", "symbolize"].contains(verb) {
      expectRefusal(
        try Command.nova([verb, "module.wasm"], in: folder.path), "a WebAssembly module")
    }
    expectRefusal(
      try Command.nova([verb, "absent"], in: folder.path), "absent cannot be read: No such file")
  }

  @Test(arguments: ["run", "check"])
  func `a program of the host's own system is refused`(verb: String) throws {
    expectRefusal(try Command.nova([verb, Command.path]), "not a static program", "nova build")
  }

  @Test(arguments: [1, 16, 63, 100, 2000])
  func `a truncated program is refused with the place where it ends`(byteCount: Int) throws {
    let folder = try TemporaryFolder()
    let guest = try readFile(Guests.path(of: "hello", on: .x86_64))
    try Files.write(Array(guest.prefix(byteCount)), to: "\(folder.path)/short")
    for verb in ["run", "check", "inspect"] {
      let refused = try Command.nova([verb, "short"], in: folder.path)
      expectRefusal(refused, "short ", "nova build")
      if byteCount >= 16 { expectRefusal(refused, "ends at \(byteCount)") }
    }
  }

  @Test(arguments: [["compile"], ["build", "--native"]])
  func `native code without its compiler names how to get it`(words: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write(".export func f\n.func f ()\nret0\n.end\n", to: "f.nvasm")
    // An installation where nobody has built the compiler.
    for part in ["Package.swift", "linker/nova.ld", "linker/make-sdk", "crt/include/nova_abi.h"] {
      try folder.write("", to: "root/\(part)")
    }
    let refused = try Command.nova(
      words + ["f.nvasm", "-o", "out"], in: folder.path,
      environment: ["NOVACORE_ROOT=\(folder.path)/root", "PATH=\(folder.path)"])
    expectRefusal(refused, "native code needs nova-native", "make native-deps native")
    #expect(!Files.exists("\(folder.path)/out"))
    expectRefusal(
      try Command.nova(words + ["absent.nvc", "-o", "out"], in: folder.path), "absent.nvc")
  }

  @Test func `a target that contradicts the file is refused`() throws {
    let guest = try Guests.path(of: "hello", on: .riscv64)
    expectRefusal(
      try Command.nova(["run", guest, "--target", "aarch64"]), "for riscv64, not for aarch64")
  }

  @Test func `an unknown target is refused with those there are`() throws {
    expectRefusal(
      try Command.nova(["build", "--target", "sparc"]), "sparc", "x86_64", "aarch64", "riscv64")
  }

  @Test func `a missing emulator is named with its package`() throws {
    let guest = try Guests.path(of: "hello", on: .riscv64)
    let folder = try TemporaryFolder()
    for verb in ["run", "check"] {
      expectRefusal(
        try Command.nova([verb, guest], environment: ["PATH=\(folder.path)"]), "qemu-riscv64",
        "install qemu-user")
    }
  }

  @Test func `the doctor names each missing package and ends with status 1`() throws {
    let folder = try TemporaryFolder()
    let report = try Command.nova(["doctor"], environment: ["PATH=\(folder.path)"])
    #expect(report.status == 1)
    for words in ["MISSING  swift", "apt-get install qemu-user", "apt-get install git"] {
      #expect(report.output.contains(words), "\(words)")
    }
    #expect(report.output.contains("ok       NovaCore"))
  }

  @Test func `the doctor looks for the runners that modules' programs are made of`() throws {
    let folder = try TemporaryFolder()
    for part in ["Package.swift", "linker/nova.ld", "linker/make-sdk", "crt/include/nova_abi.h"] {
      try Files.makeFolder("\(folder.path)/\(Files.parent(of: part))")
      try folder.write("", to: part)
    }
    func report() throws -> String {
      try Command.nova(["doctor"], environment: ["NOVACORE_ROOT=\(folder.path)"]).output
    }
    #expect(try report().contains("run make runners"))
    for target in Target.allCases {
      try Files.makeFolder("\(folder.path)/build/runners/\(target)")
      try folder.write("", to: "build/runners/\(target)/runner")
    }
    #expect(try report().contains("ok       runners"))
  }

  @Test(arguments: [
    (["--stack-size", "1"], "give 64K to 1G"), (["--stack-size", "900T"], "give 64K to 1G"),
    (["--heap-size", "0"], "give 64K to 64G"), (["--heap-size", "65G"], "give 64K to 64G"),
    (["--initial-window", "2G"], "give 0 to 1G"), (["--workers", "257"], "give 0 to 256"),
    (["--stack-size", "1M", "--initial-window", "2M"], "larger than --stack-size 1M"),
    (["--stack-size", "many"], "64K, 1M or 1G"), (["--heap-size", "64Q"], "64K, 1M or 1G"),
    (["--stack-size", "99999999999999999999"], "--stack-size"),
    (["--stack-policy", "greedy"], "lazy"), (["--entropy", "dice"], "fixed"),
    (["--cpu-policy", "fast"], "baseline"), (["--grant", "everything"], "wall-clock"),
    (["--grant", "none", "--grant", "console"], "--grant none stands alone"),
  ])
  func `absurd settings are refused before anything is built`(
    options: [String], words: String
  ) throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage()
    expectRefusal(try Command.nova(["build"] + options, in: package), words)
    #expect(try !folder.names(in: "hello").contains(".build"))
  }

  @Test func `a text without a fault report is refused`() throws {
    let guest = try Guests.path(of: "hello", on: .x86_64)
    let folder = try TemporaryFolder()
    try folder.write("all is well\n", to: "report")
    expectRefusal(
      try Command.nova(["symbolize", guest, "--report", "\(folder.path)/report"]),
      "no fault report")
  }

  @Test func `a folder without a package is refused`() throws {
    let folder = try TemporaryFolder()
    expectRefusal(try Command.nova(["build"], in: folder.path), "Package.swift", "nova new")
    #expect(try folder.names().isEmpty)
  }

  @Test func `an output that cannot be written leaves nothing`() throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage()
    let target = "\(folder.path)/absent/program"
    expectRefusal(
      try Command.nova(["build", "--output", target], in: package), "\(target) cannot be written")
    // A folder cannot be replaced by a file; the file beside it goes.
    try folder.write("", to: "taken/inside")
    expectRefusal(
      try Command.nova(["build", "--output", "\(folder.path)/taken"], in: package),
      "cannot be written")
    #expect(try folder.names() == ["hello", "taken"])
  }

  @Test(arguments: ["", "1st", "a/b", "..", "naïve", "x y"])
  func `a bad name is refused`(name: String) throws {
    let folder = try TemporaryFolder()
    expectRefusal(try Command.nova(["new", name], in: folder.path), "not a package's name")
    #expect(try folder.names().isEmpty)
  }

  @Test func `a package does not replace what is there`() throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", to: "hello")
    expectRefusal(try Command.nova(["new", "hello"], in: folder.path), "hello is there already")
    for name in NewPackage.reservedNames {
      expectRefusal(try Command.nova(["new", name], in: folder.path), "another name")
    }
    expectRefusal(try Command.nova(["new", "other", "--url", ""], in: folder.path), "--url")
    #expect(try readFile("\(folder.path)/hello") == Array("mine".utf8))
  }

  @Test func `a wrong root is refused`() throws {
    let folder = try TemporaryFolder()
    expectRefusal(
      try Command.nova(["new", "hello"], environment: ["NOVACORE_ROOT=\(folder.path)"]),
      "NOVACORE_ROOT", folder.path)
  }

  @Test func `a failed compilation ends with status 1 and the compiler's words`() throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage(program: "let number: Int = \"text\"\n")
    let failed = try Command.nova(["run"], in: package)
    #expect(failed.status == 1)
    #expect(failed.errorOutput.contains("cannot convert value of type 'String'"))
  }
}
