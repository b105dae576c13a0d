// PackageTests.swift — a package of `nova new` builds, runs and tests, hosted and for three CPUs.

import Glibc
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct PackageTests {
  /// What `make install` copies of the sources.
  private func installedParts() throws -> [String] {
    let script = String(decoding: try readFile("\(Guests.root)/qemu/install"), as: UTF8.self)
    let line = try #require(
      script.split(separator: "\n").first { $0.hasPrefix("cp -R Package.swift ") })
    return line.split(separator: " ").dropFirst(2).dropLast().map(String.init)
  }

  /// What a program that nothing but the kernel loads must be.
  private func expectFreestanding(_ path: String, _ target: Target) throws {
    let file = try ELFFile(readFile(path))
    #expect(file.target == target)
    #expect(file.kind == .executable, "position-independent")
    #expect(!file.segments.contains { $0.kind == .interpreter || $0.kind == .dynamic })
    #expect(!file.sections.contains { $0.name == ".dynamic" || $0.name == ".interp" })
    #expect(file.symbols.filter(\.isUndefined).map(\.name) == [])
    for segment in file.segments where segment.kind == .load || segment.kind == .stack {
      #expect(!segment.permissions.isSuperset(of: [.write, .execute]), "\(segment)")
    }
    #expect(file.segments.contains { $0.kind == .stack })
    _ = try file.bootstrapRecord()
  }

  @Test(arguments: Target.allCases)
  func `run builds the package and prints its output`(target: Target) throws {
    let folder = try TemporaryFolder()
    let greeted = try Command.nova(
      ["run", "--target", target.rawValue], in: try folder.makePackage())
    #expect(greeted == Completion(status: 0, output: "Hello, world!\n"))
  }

  @Test func `the package builds and tests hosted`() throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage()
    let greeted = try Command.run("swift", ["run", "--quiet", "hello"], in: package)
    #expect(greeted.status == 0, "\(greeted.errorOutput)")
    #expect(greeted.output == "Hello, world!\n")
    let tested = try Command.run("swift", ["test", "--disable-xctest"], in: package)
    #expect(tested.status == 0, "\(tested.output) \(tested.errorOutput)")
    #expect(tested.output.contains("1 test"))
  }

  @Test func `plain swift build makes static programs with the installed bundle`() throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage()
    let bundle = "\(folder.path)/novacore.artifactbundle"
    #expect(try Command.run("\(Guests.root)/linker/make-sdk", ["--output", bundle]).status == 0)
    let sdks = ["--swift-sdks-path", "\(folder.path)/sdks"]
    let installed = try Command.run("swift", ["sdk", "install"] + sdks + [bundle])
    try #require(installed.status == 0, "\(installed.errorOutput)")
    let builds = Target.allCases.map { ($0, "release") } + [(.x86_64, "debug")]
    for (target, configuration) in builds {
      let scratch = "\(folder.path)/\(target.rawValue)"
      let built = try Command.run(
        "swift",
        ["build"] + sdks
          + ["--swift-sdk", target.sdkName, "-c", configuration, "--scratch-path", scratch],
        in: package)
      try #require(built.status == 0, "\(built.output) \(built.errorOutput)")
      let program = "\(scratch)/\(target.triple)/\(configuration)/hello"
      try expectFreestanding(program, target)
      #expect(try Command.nova(["run", program]).output == "Hello, world!\n")
    }
  }

  @Test func `settings reach the program, and a build without them takes them back`() throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage()
    let settings = [
      "--stack-size", "2M", "--stack-policy", "full", "--initial-window", "128K", "--heap-size",
      "1G", "--workers", "3", "--strict", "--entropy", "kernel", "--cpu-policy", "native",
      "--grant", "entropy", "--grant", "wall-clock",
    ]
    let program = "\(package)/chosen"
    let words: [(key: UInt64, value: UInt64)] = [
      (0x100, 2 << 20), (0x101, 2), (0x102, 128 << 10), (0x103, 1 << 30), (0x104, 3), (0x105, 1),
      (0x106, 1), (0x107, 1), (0x108, 12),
    ]
    func record() throws -> [UInt64: UInt64] {
      let entries = try ELFFile(readFile(program)).bootstrapRecord().entries
      return entries.reduce(into: [:]) { $0[$1.key] = $1.value }
    }
    let built = try Command.nova(["build", "--output", program] + settings, in: package)
    try #require(built.status == 0, "\(built.errorOutput)")
    #expect(built.output.hasSuffix("\(program)\n"))
    for word in words { #expect(try record()[word.key] == word.value, "key \(word.key)") }
    #expect(try Command.nova(["run", program]).output == "Hello, world!\n")
    try #require(try Command.nova(["build", "--output", program], in: package).status == 0)
    for word in words { #expect(try record()[word.key] != word.value, "key \(word.key)") }
  }

  @Test func `strip leaves out symbols and nothing else`() throws {
    let folder = try TemporaryFolder()
    let package = try folder.makePackage()
    let program = "\(package)/stripped"
    try #require(
      try Command.nova(["build", "--strip", "--output", program], in: package).status == 0)
    #expect(try ELFFile(readFile(program)).symbols.isEmpty)
    try expectFreestanding(program, .x86_64)
    #expect(try Command.nova(["run", program]).output == "Hello, world!\n")
    let whole = "\(package)/whole"
    try #require(try Command.nova(["build", "--output", whole], in: package).status == 0)
    let files = (try ELFFile(readFile(program)), try ELFFile(readFile(whole)))
    #expect(!files.1.symbols.isEmpty)
    #expect(files.0.buildIdentifier == files.1.buildIdentifier)
  }

  @Test func `a package depends on a version at a URL`() throws {
    let folder = try TemporaryFolder()
    let repository = "\(folder.path)/novacore"
    try Files.makeFolder(repository)
    for part in try installedParts() {
      try #require(try Command.run("cp", ["-R", "\(Guests.root)/\(part)", repository]).status == 0)
    }
    let identity = ["-c", "user.name=nova", "-c", "user.email=nova@localhost"]
    for words in [
      ["init", "--quiet"], ["add", "--all"], identity + ["commit", "--quiet", "-m", "all"],
      ["tag", "0.1.0"],
    ] {
      try #require(try Command.run("git", ["-C", repository] + words).status == 0)
    }
    let url = "file://\(repository)"
    let made = try Command.nova(
      ["new", "hello", "--url", url, "--version", "0.1.0"], in: folder.path)
    try #require(made.status == 0, "\(made.errorOutput)")
    let ran = try Command.nova(["run", "--target", "riscv64"], in: "\(folder.path)/hello")
    #expect(ran.status == 0, "\(ran.errorOutput)")
    #expect(ran.output.hasSuffix("Hello, world!\n"))
  }

  @Test func `a new linker script is linked`() throws {
    let folder = try TemporaryFolder()
    let root = "\(folder.path)/novacore"
    try Files.makeFolder(root)
    for part in try installedParts() {
      #expect(try Command.run("cp", ["-R", "\(Guests.root)/\(part)", root]).status == 0)
    }
    let environment = ["NOVACORE_ROOT=\(root)"]
    try #require(
      try Command.nova(["new", "hello"], in: folder.path, environment: environment)
        .status == 0)
    let package = "\(folder.path)/hello"
    func build() throws -> [UInt8] {
      let built = try Command.nova(["build"], in: package, environment: environment)
      try #require(built.status == 0, "\(built.errorOutput)")
      let path = try #require(built.output.split(separator: "\n").last)
      return try readFile(String(path))
    }
    let before = try build()
    #expect(try build() == before)
    let script = String(decoding: try readFile("\(root)/linker/nova.ld"), as: UTF8.self)
    let moved = script.split(separator: "0x400000").joined(separator: "0x500000")
    try #require(moved != script)
    try Files.write(Array(moved.utf8), to: "\(root)/linker/nova.ld")
    let after = try ELFFile(try build())
    #expect(after.segments.filter { $0.kind == .load }.map(\.address).min() == 0x500000)
  }
}
