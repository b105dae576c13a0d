// BookTests.swift — what the book shows at a prompt is done, and what it shows in Swift and C runs.

import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct BookTests {
  /// A command at a prompt, and what the page shows below it.
  private struct Step {
    var command: Substring
    var output = ""
  }

  private func steps(of block: BookBlock) throws -> [Step] {
    var steps: [Step] = []
    for line in block.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("$ ") {
        steps.append(Step(command: line.dropFirst(2)))
      } else {
        try #require(!steps.isEmpty, "\(block) begins with a command: $ …")
        steps[steps.count - 1].output += line + "\n"
      }
    }
    return steps
  }

  /// Runs a block's commands in one shell, and compares what each prints.
  private func expectOutputs(of block: BookBlock, in folder: String) throws {
    let steps = try steps(of: block)
    let path = "PATH=\(Files.parent(of: Command.path)):\(environmentVariable("PATH") ?? "")"
    let separator = "\u{1e}"
    let script = steps.map { "\($0.command)\nprintf '\(separator)'" }.joined(separator: "\n")
    let ran = try Command.run(
      "sh", ["-c", "exec 2>&1\n\(script)"], in: folder, environment: [path])
    let outputs = ran.output.split(separator: separator, omittingEmptySubsequences: false)
    try #require(outputs.count == steps.count + 1, "\(block): \(ran.output)")
    for (step, output) in zip(steps, outputs) {
      #expect(output == step.output, "\(block): \(step.command)")
    }
  }

  private static let pages = (try? Book.pages()) ?? []

  @Test(arguments: pages)
  func `each block of code is of a kind that is tested`(page: String) throws {
    let kinds = ["swift", "c", "nvasm", "console", "sh", "text", "asm"]
    for block in try Book.blocks(of: page) {
      #expect(kinds.contains(block.language), "\(block) says what it is behind ```: \(kinds)")
    }
  }

  @Test(arguments: pages)
  func `commands print what the page shows`(page: String) throws {
    let blocks = try Book.blocks(of: page)
    let temporary = try TemporaryFolder()
    let folder = try package(of: blocks) ?? temporary.path
    for block in blocks {
      guard let name = block.fileName else { continue }
      try Files.write(Array(block.text.utf8), to: "\(folder)/\(name)")
    }
    for block in blocks where block.language == "console" {
      if block.text.contains("wasm32-wasi"), !Self.hasCLibrary {
        print("skipped: \(block) needs the packages wasi-libc and libclang-rt-14-dev-wasm32")
      } else {
        try expectOutputs(of: block, in: folder)
      }
    }
  }

  private static let hasCLibrary =
    Files.exists("/usr/lib/wasm32-wasi/libc.a")
    && Files.exists(
      "/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a")

  @Test func `the README's table has each verb of the command`() throws {
    let help = try Command.nova(["--help"]).output
    let list = try #require(help.split(separator: "SUBCOMMANDS:\n").last)
    let verbs = list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first }.filter { $0 != "See" }
    #expect(verbs.count >= 14)
    let rows = try Book.lines(of: "README").filter { $0.hasPrefix("| `nova ") }.joined()
    for verb in verbs {
      #expect(rows.contains("`nova \(verb)") || rows.contains("`\(verb)`"), "\(verb)")
    }
  }

  /// Options of other commands, one that no help tells, and one that is misspelt.
  private static let otherOptions: Set<Substring> = [
    "--filter", "--fule", "--generate-completion-script", "--no-entry", "--quiet",
    "--realtime", "--rounds", "--strip-debug", "--swift-sdk", "--sysroot", "--target",
  ]

  @Test func `each option that the book names is one of the command's`() throws {
    func options(in text: String) -> Set<Substring> {
      let words = text.split { !($0.isLetter || $0 == "-") }
      return Set(words.filter { $0.hasPrefix("--") && $0.dropFirst(2).first?.isLetter == true })
    }
    let help = try Command.nova(["--help"]).output
    var known = Self.otherOptions
    for line in help.split(separator: "\n") {
      guard let verb = line.split(separator: " ").first, line.hasPrefix("  \(verb) ")
      else { continue }
      known.formUnion(options(in: try Command.nova([String(verb), "--help"]).output))
    }
    for page in Self.pages {
      let unknown = options(in: try Book.lines(of: page).joined(separator: "\n")).subtracting(known)
      #expect(unknown.isEmpty, "\(page)")
    }
  }

  /// The package that a page prints, if it does.
  ///
  /// It stays from run to run, so that NovaCore is compiled once.
  private func package(of blocks: [BookBlock]) throws -> String? {
    guard let manifest = blocks.first(where: { $0.text.contains("import PackageDescription") })
    else { return nil }
    let program = try #require(blocks.first { $0.text.contains("@main") })
    let folder = "\(Guests.root)/build/book/powers"
    let files = [("Package.swift", manifest), ("Sources/powers/Program.swift", program)]
    for (name, block) in files {
      let path = "\(folder)/\(name)"
      try Files.makeFolder(Files.parent(of: path))
      try Files.write(Array(block.text.utf8), to: path)
    }
    let link = "\(Guests.root)/build/book/novacore"
    if !Files.exists(link) {
      _ = try NovaToolchain.run(ProcessRequest("/bin/ln", ["-s", Guests.root, link]))
    }
    return folder
  }
}

@Suite(.serialized) struct BookProgramTests {
  /// What each program prints, hosted and freestanding.
  private static let outputs = [
    "Drivers": "txet a\nLOUD\nC\n",
    "Embedded": "268432432 1045552\n",
    "Embedded1": "PROGRAM\na word\n/home/ada\n4096\n",
    "Executor": "4999950000\n",
    "Executor1": "7\n-1 is negative\n",
    "Executor2": "0 1 2 3 6 7 4 5 \nseed=7,workers=3\n0 1 2 3 6 7 4 5 \n",
    "Memory": "1 2\n1 rewound\n1 handle, 16 bytes\n",
    "Memory1": "N bytes are lent\n",
    "Modules": "0\n1.5\n9\n13 bytes\n2\n7\n81 1024\n",
    "Modules1": """
    81
    1024
    the call's 1000 units of fuel are used up
      at power (power.nvasm:11) in power, word 4

    """,
    "RunLoop": "hello\n",
    "RunLoop1": "3\n2\n1\na timer\n",
    "WASI1": "hello\n",
  ]

  private static let programs = (try? BookProgram.all()) ?? []

  @Test func `each program is known`() {
    #expect(Set(Self.programs.map(\.name)) == Set(Self.outputs.keys))
  }

  @Test(arguments: programs) func `a program runs hosted`(program: BookProgram) throws {
    try expectOutput(of: program, with: .hosted())
  }

  @Test(arguments: programs) func `a program runs freestanding`(program: BookProgram) throws {
    try expectOutput(of: program, with: try .freestanding())
  }

  private func expectOutput(of program: BookProgram, with rooms: BuiltRooms) throws {
    let folder = try TemporaryFolder()
    let path = try program.build(in: folder, for: rooms)
    // The modules that the programs of the pages Modules and WASI load.
    for page in ["Modules", "WASI"] {
      for block in try Book.blocks(of: page) where block.language == "nvasm" {
        let name = try #require(block.fileName, "\(block) begins with ; FILE.nvasm — …")
        try folder.write(block.text, to: name)
      }
    }
    let imports = "\(BookProgram.harnesses)/Modules.nvasm"
    for source in ["power.nvasm", "hello.nvasm", imports] {
      let module = "\(Files.name(of: source).dropLast(6)).nvc"
      let made = try Command.nova(["asm", "-g", source, "-o", module], in: folder.path)
      try #require(made.status == 0, "\(made.errorOutput)")
    }
    let ran = try Command.run(path, ["a word"], in: folder.path, environment: ["HOME=/home/ada"])
    // How much a runtime takes is no promise.
    let output = ran.output.replacing(path, with: "PROGRAM")
      .replacing(#/^[0-9]+ bytes are lent/#, with: "N bytes are lent")
    #expect(output == Self.outputs[program.name], "\(ran.errorOutput)")
  }
}
