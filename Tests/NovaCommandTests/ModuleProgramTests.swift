// ModuleProgramTests.swift — `nova build MODULE`: what it makes runs the module, on three CPUs, and
// starts the same way every time.

import NovaToolchain
import TestSupport
import Testing

@Suite struct ModuleProgramTests {
  private static let module = """
    .export func main
    .export func sum
    .export func types
    .export func trap

    .func main () -> i32
        .reg     status
        const32  status, 7
        ret      status
    .end
    .func sum (a: i32, b: i32) -> i32
        i32.add  a, a, b
        ret      a
    .end
    .func types (a: i32, b: i64, c: f32, d: f64) -> (i32, i64, f32, f64)
        retn
    .end
    .func trap (a: i32) -> i32
        i32.div_s a, a, a
        ret       a
    .end

    """

  private func built(
    _ folder: TemporaryFolder, for cpu: GuestCPU, _ options: [String] = [], source: String = module
  ) throws -> String {
    try folder.write(source, to: "program.nvasm")
    let made = try Command.nova(
      ["build", "program.nvasm", "-o", "program", "--target", "\(cpu)"] + options, in: folder.path)
    #expect(made.output == "program\n", "\(made)")
    try #require(made.status == 0, "\(made.errorOutput)")
    return "\(folder.path)/program"
  }

  private func run(_ program: String, on cpu: GuestCPU, _ words: [String]) throws -> Completion {
    try Completion.run(cpu.emulator, arguments: [program] + words, environment: [])
  }

  @Test(arguments: GuestCPU.allCases)
  func `a program calls the functions of its module`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    let program = try built(folder, for: cpu)
    #expect(try run(program, on: cpu, []).status == 7)
    let sum = try run(program, on: cpu, ["--invoke", "sum", "40", "-2"])
    #expect(sum == Completion(status: 0, output: "38\n", errorOutput: ""))
    let types = try run(
      program, on: cpu,
      ["--invoke", "types", "0xffffffff", "-9223372036854775808", "1.5", "-0x1p-3"])
    #expect(types.output == "-1\n-9223372036854775808\n1.5\n-0.125\n", "\(types)")
    // What isn't the runner's is the module's.
    #expect(try run(program, on: cpu, ["verbose", "--invoke", "sum"]).status == 7)
    #expect(try run(program, on: cpu, ["--fuel", "9", "--", "--verbose"]).status == 7)
  }

  @Test(arguments: GuestCPU.allCases)
  func `nova run makes a program of a module for the CPU that is named`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.module, to: "program.nvasm")
    func run(_ words: [String]) throws -> Completion {
      try Command.nova(["run", "program.nvasm", "--target", "\(cpu)"] + words, in: folder.path)
    }
    #expect(try run([]).status == 7)
    let sum = try run(["--fuel", "10", "--invoke", "sum", "40", "-2"])
    #expect(sum == Completion(status: 0, output: "38\n", errorOutput: ""))
    #expect(try run(["--invoke", "trap", "0"]).status == 1)
    #expect(try run(["--trace"]).status == 2)
    #expect(try run(["--grant", "console", "--invoke", "sum", "1", "2"]).status == 2)
    #expect(try folder.names() == ["program.nvasm"])
  }

  private static let options =
    "there are --invoke --fuel --memory --timeout --depth --table and -- before what is the "
    + "module's\n"

  @Test(arguments: [[], ["--prune"]])
  func `a program takes the limits that nova run takes`(build: [String]) throws {
    let folder = try TemporaryFolder()
    let source = """
      .table  funcref 4
      .export func deep
      .func deep (n: i32) -> i32
          .window   m
          br.i32.eqi n, 0, last
          i32.addi  m, n, -1
          call      m, deep
          ret       m
      last:
          ret       n
      .end

      """
    let program = try built(folder, for: .x86_64, build, source: source)
    let call = ["--invoke", "deep", "50000"]
    let stopped = try run(program, on: .x86_64, call)
    #expect(
      stopped.status == 1 && stopped.errorOutput.contains("calls are as deep as --depth allows\n"))
    let deep = ["--depth", "100000"] + call
    let done = Completion(status: 0, output: "0\n", errorOutput: "")
    #expect(try run(program, on: .x86_64, deep) == done)
    let refused = try run(program, on: .x86_64, ["--table", "3"] + call)
    #expect(
      refused.errorOutput
        == "the module was refused: it wants a larger table than --table allows\n")
    #expect(try run(program, on: .x86_64, ["--table", "4"] + deep) == done)
    let target = try Command.nova(
      ["run", "program.nvasm", "--target", "x86_64"] + deep, in: folder.path)
    #expect(target == done)
  }

  @Test(arguments: [
    ("driver:consol", "write", "that this program does not have: write of driver:consol"),
    ("driver:console", "writ", "that this program does not have: writ of driver:console"),
    ("driver:wall-clock", "now", "build with --grant: now of driver:wall-clock"),
  ])
  func `a driver that there is not is no driver that was not granted`(
    driver: String, operation: String, text: String
  ) throws {
    let folder = try TemporaryFolder()
    let source = """
      .import "\(driver)" "\(operation)" func f (i32, i32, i32, i32) -> i32
      .export func main
      .func main () -> i32
          .reg     status
          const32  status, 7
          ret      status
      .end

      """
    let program = try built(folder, for: .x86_64, source: source)
    let refused = try run(program, on: .x86_64, [])
    #expect(refused.status == 2)
    #expect(refused.errorOutput.contains(text), "\(refused.errorOutput)")
  }

  @Test func `a trap without lines says how to have them`() throws {
    let folder = try TemporaryFolder()
    for options in [["--strip"], ["--strip", "--prune"]] {
      let program = try built(folder, for: .x86_64, options)
      let trapped = try run(program, on: .x86_64, ["--invoke", "trap", "0"])
      #expect(
        trapped.errorOutput == """
          the module was stopped: an integer was divided by zero
            at trap, word 0
            no lines: it was built with --strip, or made without -g

          """)
    }
  }

  @Test func `what a program cannot do is told, and so is what stopped it`() throws {
    let folder = try TemporaryFolder()
    let program = try built(folder, for: .x86_64)
    let cases: [([String], Int32, String)] = [
      (["--invoke"], 2, "--invoke wants a value behind it\n"),
      (["--fule", "5"], 2, "--fule is no option; \(Self.options)"),
      (["--fuel=5"], 2, "--fuel=5 is no option; \(Self.options)"),
      (
        ["--fuel", "5", "--inv\u{1b}oke\u{9b}"], 2,
        "--inv?oke\u{fffd}? is no option; \(Self.options)"
      ),
      (
        ["--fuel", "x"], 2,
        "--fuel wants a number from 0 to 18446744073709551615, and this is none: x\n"
      ),
      (["--depth", "3"], 2, "--depth wants a number from 4 to 16777216, and this is none: 3\n"),
      (
        ["--invoke", "nothing"], 2,
        "the module exports no function nothing; --invoke may name: main, sum, trap, types\n"
      ),
      (["--invoke", "sum", "1"], 2, "sum wants 2 arguments, and was given 1\n"),
      (
        ["--invoke", "sum", "1", "4294967296"], 2,
        "sum wants a value of type i32, and this is none: 4294967296\n"
      ),
      (
        ["--invoke", "types", "1", "1", "1", "1.5x"], 2,
        "types wants a value of type f64, and this is none: 1.5x\n"
      ),
    ]
    for (words, status, text) in cases {
      let ended = try run(program, on: .x86_64, words)
      #expect(ended == Completion(status: status, output: "", errorOutput: text))
    }
    let trapped = try run(program, on: .x86_64, ["--invoke", "trap", "0"])
    #expect(trapped.status == 1)
    #expect(
      trapped.errorOutput.hasPrefix(
        "the module was stopped: an integer was divided by zero\n"
          + "  at trap (program.nvasm:19), word 0"),
      "\(trapped)")
  }

  @Test(arguments: GuestCPU.allCases)
  func `every run starts the same way`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    for (grants, status): ([String], Int32) in [([], 0), (["--grant", "console"], 7)] {
      let program = try built(folder, for: cpu, grants)
      #expect(try run(program, on: cpu, ["--invoke", "sum", "1", "2"]).status == status)
      let checked = try Command.nova(["check", program])
      #expect(checked.status == 0, "\(checked)")
      #expect(checked.output.contains("verdict                     the same in every run\n"))
    }
  }

  @Test func `a pruned program does the same with less`() throws {
    let folder = try TemporaryFolder()
    let program = try built(folder, for: .x86_64, ["--strip"])
    let whole = try readFile(program).count
    _ = try built(folder, for: .x86_64, ["--strip", "--prune"])
    #expect(try readFile(program).count < whole - 60_000)
    #expect(try run(program, on: .x86_64, ["--invoke", "sum", "1", "2"]).output == "3\n")
    let trapped = try run(program, on: .x86_64, ["--invoke", "trap", "0"])
    #expect(trapped.errorOutput.contains("divided by zero"))
    let limited = try run(program, on: .x86_64, ["--fuel", "10", "--invoke", "sum", "1", "2"])
    #expect(limited.output == "3\n", "\(limited)")
  }

  /// A program's module, and the modules beside it: `main` gives count(5) + step, 5 · 4 + 4.
  private static let several = [
    "main": """
    .import "counter" "count" func count (i32) -> i32
    .import "steps" "step" global step i32
    .export func main

    .func main () -> i32
        .reg       window, sum
        const32    window, 5
        call_import window, count
        global.get.far sum, step
        i32.add    sum, sum, window
        ret        sum
    .end

    """,
    "counter": """
    .import "steps" "step" global step i32
    .export func count

    .func count (a: i32) -> i32
        .reg       step
        global.get.far step, step
        i32.mul    a, a, step
        ret        a
    .end

    """,
    "steps": """
    .global step i32 = 4
    .export global step

    """,
  ]

  @Test(arguments: GuestCPU.allCases)
  func `a program has the modules that its module imports`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    for (name, text) in Self.several { try folder.write(text, to: "\(name).nvasm") }
    let others = ["--with", "counter=counter.nvasm", "--with", "steps=steps.nvasm"]
    let target = ["--target", "\(cpu)"]
    for options in [[], ["--prune"]] {
      let made = try Command.nova(
        ["build", "main.nvasm", "-o", "program"] + target + others + options, in: folder.path)
      try #require(made.status == 0, "\(made.errorOutput)")
      #expect(try run("\(folder.path)/program", on: cpu, []).status == 24)
    }
    #expect(try Command.nova(["run", "main.nvasm"] + others, in: folder.path).status == 24)
    #expect(
      try Command.nova(["run", "main.nvasm"] + others + target, in: folder.path).status == 24)
  }

  @Test func `a module that a program would not have is named`() throws {
    let folder = try TemporaryFolder()
    for (name, text) in Self.several { try folder.write(text, to: "\(name).nvasm") }
    func build(_ words: [String]) throws -> String {
      let refused = try Command.nova(
        ["build", "main.nvasm", "-o", "program"] + words, in: folder.path)
      #expect(refused.status == 2)
      return refused.errorOutput
    }
    let counter = ["--with", "counter=counter.nvasm"]
    let missing = "from steps, which the program would not have; give it: --with steps=FILE"
    #expect(try build(counter).contains(missing))
    #expect(try build(counter + counter).contains("two modules of the name counter"))
    #expect(try build(["--with", "program=steps.nvasm"]).contains("'program' is the first one's"))
    #expect(try build(["--with", "steps"]).contains("--with"))
    let long = String(repeating: "n", count: 49)
    let named = counter + ["--with", "steps=steps.nvasm", "--with", "\(long)=steps.nvasm"]
    #expect(try build(named).contains("give 1 to 48 bytes"))
    try folder.write(".import \"other\" \"f\" func f (i32) -> i64\n", to: "main.nvasm")
    try folder.write(".export func f\n.func f (a: i64)\nret0\n.end\n", to: "other.nvasm")
    let other = ["--with", "other=other.nvasm"]
    #expect(
      try build(other).hasSuffix(
        "imports f of other as a function (i32) -> (i64), which is a function (i64) -> ()\n"))
    try folder.write(".memory 1\n.export \"f\" memory 0\n", to: "other.nvasm")
    #expect(try build(other).hasSuffix("as a function (i32) -> (i64), which is a memory\n"))
    try folder.write("", to: "other.nvasm")
    #expect(try build(other).contains("imports f of other, which has no such export; it wants a f"))
    #expect(try !folder.names().contains("program"))
  }

  @Test func `a runner runs no module that was not verified when it was put in`() throws {
    let folder = try TemporaryFolder()
    let program = try built(folder, for: .x86_64)
    var bytes = try readFile(program)
    let place = try #require(try ELFFile(bytes).modulePlace())
    #expect(place.statement != 0)
    // Behind the note's header and name, the fourth of its words.
    let name = Array("NovaCore.module".utf8) + [0]
    let note = try #require(
      bytes.indices.first { bytes[$0...].starts(with: name) }.map { $0 + name.count })
    // Not verified; verified by minor version 255.
    let statements: [[UInt8]] = [[0, 0, 0, 0, 0, 0, 0, 0], [0xff, 0, 1, 0, 1, 0, 0, 0]]
    for statement in statements {
      bytes.replaceSubrange(note + 24..<note + 32, with: statement)
      try Files.write(bytes, to: program, mode: 0o755)
      let refused = try run(program, on: .x86_64, [])
      #expect(refused.status == 2)
      #expect(refused.errorOutput.contains("no module in this program that its nova verified"))
    }
  }

  @Test func `inspect shows the module and its place`() throws {
    let folder = try TemporaryFolder()
    let program = try built(folder, for: .x86_64, ["--heap-size", "4M"])
    let shown = try Command.nova(["inspect", program])
    #expect(shown.status == 0, "\(shown.errorOutput)")
    #expect(shown.output.contains("\nmodule, "), "\(shown.output)")
    #expect(shown.output.contains(".nova.module"))
    #expect(shown.output.contains("heap_size       4 MiB"))
    #expect(try run(program, on: .x86_64, []).status == 7)
  }

  @Test func `what is no module leaves no program`() throws {
    let folder = try TemporaryFolder()
    try folder.write("hello", to: "text.nvc")
    try folder.write(".func broken\n", to: "broken.nvasm")
    for (name, words) in [("text.nvc", "text.nvc"), ("broken.nvasm", "broken.nvasm:1:")] {
      let refused = try Command.nova(["build", name, "-o", "program"], in: folder.path)
      #expect(refused.status == 2)
      #expect(refused.errorOutput.contains(words), "\(refused)")
    }
    let missing = try Command.nova(["build", "none.nvc"], in: folder.path)
    #expect(missing.status == 2)
    let unused = try Command.nova(["build", "text.nvc", "--product", "hello"], in: folder.path)
    #expect(unused.errorOutput.contains("--product is for packages"))
    #expect(try Command.nova(["build", "--prune"], in: folder.path).status == 2)
    #expect(try folder.names() == ["broken.nvasm", "text.nvc"])
  }

  @Test func `without a runner, or a linker to prune with, it is said what to do`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.module, to: "program.nvasm")
    // A checkout without anything built.
    for part in ["Package.swift", "linker", "crt"] {
      _ = try Command.run("cp", ["-R", "\(Guests.root)/\(part)", "\(folder.path)/"])
    }
    let none = try Command.nova(
      ["build", "program.nvasm"], in: folder.path, environment: ["NOVACORE_ROOT=\(folder.path)"])
    #expect(none.status == 2)
    #expect(none.errorOutput.contains("run make runners"), "\(none)")
    let unlinked = try Command.nova(
      ["build", "program.nvasm", "--prune", "--target", "x86_64"], in: folder.path,
      environment: ["PATH=\(folder.path)"])
    #expect(unlinked.status == 2)
    #expect(unlinked.errorOutput.contains("--prune needs ld.lld"), "\(unlinked)")
    #expect(!Files.exists("\(folder.path)/program"))
  }
}
