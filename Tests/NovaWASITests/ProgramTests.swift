// ProgramTests.swift — `nova build` with modules that import WASI: programs for three CPUs, which
// do the same as `nova run`.

import NovaToolchain
import TestSupport
import Testing

@Suite struct ProgramTests {
  private func build(
    _ module: String, for cpu: GuestCPU, _ options: [String] = [], in folder: TemporaryFolder
  ) throws {
    let made = try Command.nova(
      ["build", module, "-o", "program", "--target", "\(cpu)"] + options, in: folder.path)
    try #require(
      made == Completion(status: 0, output: "program\n", errorOutput: ""), "\(made)")
  }

  /// Runs the program under its emulator.
  private func run(
    on cpu: GuestCPU, _ words: [String] = [], in folder: TemporaryFolder,
    input: String = "/dev/null"
  ) throws -> Completion {
    let emulator = try #require(findExecutable(named: cpu.emulator))
    return try Command.run(emulator, ["program"] + words, in: folder.path, input: input)
  }

  /// What a C program does as a program for a CPU, emulated and, if it can be, natively, must be
  /// what it does in `nova run`, which is the result.
  private func same(
    _ name: String, on cpu: GuestCPU, _ grants: [String] = [], _ words: [String] = [],
    in folder: TemporaryFolder, input: String = "/dev/null"
  ) throws -> Completion {
    _ = try WASIPrograms.build(name, in: folder)
    let wanted = try Command.nova(
      ["run", "\(name).wasm"] + grants + ["--"] + words, in: folder.path, input: input)
    try build("\(name).wasm", for: cpu, grants.isEmpty ? [] : grants, in: folder)
    #expect(try run(on: cpu, words, in: folder, input: input) == wanted)
    if Target.host?.rawValue == cpu.rawValue {
      let path = "\(folder.path)/program"
      #expect(try Command.run(path, words, in: folder.path, input: input) == wanted)
    }
    return wanted
  }

  private static let consoleNote =
    "nova: --grant takes the console's place, and so the module has none; add --grant console for "
    + "it to print\n"

  // MARK: Without a C library

  @Test func `grants in the console's place are told, and so is what WASI lacks`() throws {
    let folder = try TemporaryFolder()
    try folder.write(CommandTests.command, to: "command.nvasm")
    func nova(_ words: String...) throws -> Completion {
      try Command.nova(words + ["--", "A"], in: folder.path)
    }
    let clock = try nova("run", "command.nvasm", "--grant", "wall-clock")
    #expect(clock == Completion(status: 65, output: "", errorOutput: Self.consoleNote))
    let none = try nova("run", "command.nvasm", "--grant", "none")
    #expect(none == Completion(status: 65, output: "", errorOutput: ""))
    let both = try nova("run", "command.nvasm", "--grant", "wall-clock", "--grant", "console")
    #expect(both == Completion(status: 65, output: "A", errorOutput: ""))
    try folder.write(CommandTests.socket, to: "socket.nvasm")
    let run = try nova("run", "socket.nvasm")
    let built = try Command.nova(["build", "socket.nvasm", "-o", "program"], in: folder.path)
    #expect(run.status == 2 && run == built, "\(run) \(built)")
    #expect(run.errorOutput.contains("which NovaCore does not have"))
  }

  @Test(arguments: GuestCPU.allCases)
  func `a program's words are its module's, and its status the module's`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    try folder.write(CommandTests.command, to: "command.nvasm")
    for options in [[], ["--prune", "--strip"]] {
      try build("command.nvasm", for: cpu, options, in: folder)
      // Not even the runner's own options are taken from a command.
      #expect(
        try run(on: cpu, ["--fuel", "1"], in: folder) == Completion(status: 45, output: "-"))
      #expect(try run(on: cpu, ["A"], in: folder) == Completion(status: 65, output: "A"))
    }
    let silent = try Command.nova(
      ["build", "command.nvasm", "-o", "program", "--target", "\(cpu)", "--grant", "arguments"],
      in: folder.path)
    #expect(silent == Completion(status: 0, output: "program\n", errorOutput: Self.consoleNote))
    #expect(try run(on: cpu, ["A"], in: folder) == Completion(status: 65, output: ""))
    let ran = try Command.nova(
      ["run", "command.nvasm", "--target", "\(cpu)", "--", "B"], in: folder.path)
    #expect(ran == Completion(status: 66, output: "B"))
  }

  @Test(arguments: GuestCPU.allCases)
  func `every run starts the same way, by what the manifest says is granted`(
    cpu: GuestCPU
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write(CommandTests.command, to: "command.nvasm")
    try folder.write("kept", to: "place/kept")
    let grants = ["--dir", "place::/data", "--env", "NAME=a value", "--stdin"]
    try build("command.nvasm", for: cpu, grants, in: folder)
    let checked = try Command.nova(["check", "program"], in: folder.path)
    #expect(checked.status == 0, "\(checked)")
    let shown = try Command.nova(["inspect", "program"], in: folder.path).output
    for text in [#""place" as "/data""#, #""NAME=a value""#, "granted"] {
      #expect(checked.output.contains(text), "\(checked)")
      #expect(shown.contains(text), "\(shown)")
    }
    #expect(checked.output.contains("verdict                     the same in every run\n"))
    #expect(
      try Command.nova(["inspect", "--json", "program"], in: folder.path).output
        .contains(#""WASI input""#))
  }

  @Test func `what a program is granted is a part of it`() throws {
    let folder = try TemporaryFolder()
    try folder.write(CommandTests.command, to: "command.nvasm")
    let grants = ["--dir", "place::/data", "--env", "NAME=x"]
    try build("command.nvasm", for: .x86_64, grants, in: folder)
    let first = try ELFFile(readFile("\(folder.path)/program"))
    var wanted = WASIGrants()
    wanted.folders = [.init(host: Array("place".utf8), guest: Array("/data".utf8))]
    wanted.variables = [Array("NAME=x".utf8)]
    #expect(try first.wasiGrants() == wanted)
    let missing = try run(on: .x86_64, ["A"], in: folder)
    #expect(
      missing
        == Completion(
          status: 2, output: "",
          errorOutput:
            "the program was built to reach a folder that can't be opened, since there is no such "
            + "file or folder (errno 2): place\n"))
    try build("command.nvasm", for: .x86_64, in: folder)
    let second = try ELFFile(readFile("\(folder.path)/program"))
    #expect(try second.wasiGrants() == WASIGrants())
    #expect(first.buildIdentifier != second.buildIdentifier)
  }

  @Test func `what can't be granted leaves no program`() throws {
    let folder = try TemporaryFolder()
    try folder.write(CommandTests.command, to: "command.nvasm")
    try folder.write(".export func main\n.func main ()\nret0\n.end\n", to: "plain.nvasm")
    try folder.write(CommandTests.socket, to: "socket.nvasm")
    let cases: [([String], String)] = [
      (["plain.nvasm", "--stdin"], "imports nothing of WASI; leave out --dir"),
      (["command.nvasm", "--env", "NAME"], "--env"),
      (["socket.nvasm"], "imports sock_shutdown of wasi_snapshot_preview1"),
      (["--stdin"], "--stdin are for modules"),
    ]
    for (words, text) in cases {
      let refused = try Command.nova(["build", "-o", "program"] + words, in: folder.path)
      #expect(refused.status == 2 && refused.errorOutput.contains(text), "\(refused)")
    }
    #expect(!Files.exists("\(folder.path)/program"))
  }

  @Test func `a program without WASI has none of it`() throws {
    let folder = try TemporaryFolder()
    try folder.write(".export func main\n.func main ()\nret0\n.end\n", to: "plain.nvasm")
    try build("plain.nvasm", for: .x86_64, in: folder)
    let plain = try ELFFile(readFile("\(folder.path)/program"))
    #expect(try plain.wasiGrants() == nil)
    #expect(!plain.symbols.contains { $0.name.contains("8NovaWASI") })
    try folder.write(CommandTests.command, to: "command.nvasm")
    try build("command.nvasm", for: .x86_64, in: folder)
    let command = try ELFFile(readFile("\(folder.path)/program"))
    #expect(command.symbols.contains { $0.name.contains("8NovaWASI") })
  }

  // MARK: C programs

  @Test(
    .enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy), arguments: GuestCPU.allCases)
  func `a C program has its arguments, variables and status`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    let ended = try same(
      "words", on: cpu, ["--env", "A=1", "--env", "B=two words"], ["--fuel", "", "-x"], in: folder)
    #expect(
      ended
        == Completion(
          status: 6, output: "0 program\n1 --fuel\n2 \n3 -x\n= A=1\n= B=two words\n"))
    #expect(try same("denied", on: cpu, [], ["300"], in: folder).status == 44)
  }

  @Test(
    .enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy), arguments: GuestCPU.allCases)
  func `a C program uses its folder and does not leave it`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    try folder.write("kept", to: "place/kept")
    try folder.write("secret", to: "secret")
    let used = try same(
      "files", on: cpu, ["--dir", "place::data", "--env", "NAME=value"], ["data", "x"], in: folder)
    #expect(used == Completion(status: 0, output: WASIPrograms.filesOutput, errorOutput: "done\n"))
    #expect(try folder.names(in: "place") == ["kept"])
    try folder.write("kept", to: "place/inner/file")
    for (target, link) in [("../secret", "link"), ("/etc/passwd", "absolute"), ("..", "door")] {
      _ = try Command.run("/bin/ln", ["-s", target, "place/\(link)"], in: folder.path)
    }
    let before = try folder.names()
    let escaped = try same("escape", on: cpu, ["--dir", "place::/data"], ["/data"], in: folder)
    #expect(escaped.status == 0 && !escaped.output.contains("DONE"), "\(escaped)")
    #expect(escaped.output.contains("inside opened\n"), "\(escaped)")
    #expect(
      try Set(folder.names()) == Set(before + ["escape.wasm"]))
    #expect(try readFile("\(folder.path)/secret") == Array("secret".utf8))
  }

  @Test(
    .enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy), arguments: GuestCPU.allCases)
  func `a C program reads the standard input where it may`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    try folder.write("some words\n", to: "input")
    #expect(
      try same("echo", on: cpu, ["--stdin"], in: folder, input: "input")
        == Completion(status: 0, output: "SOME WORDS\n"))
    #expect(try same("echo", on: cpu, in: folder, input: "input").status == 1)
  }

  @Test(
    .enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy), arguments: GuestCPU.allCases)
  func `clocks and random bytes are the same in every run unless they are granted`(
    cpu: GuestCPU
  ) throws {
    let folder = try TemporaryFolder()
    #expect(
      try same("inputs", on: cpu, in: folder)
        == Completion(status: 0, output: "946684800.000001000\n0.000002000\nafcd1d7b\n"))
    let grants = ["console", "wall-clock", "monotonic-clock", "entropy"].flatMap {
      ["--grant", $0]
    }
    try build("inputs.wasm", for: cpu, grants, in: folder)
    let runs = try (0..<2).map { _ in
      try run(on: cpu, in: folder).output.split(separator: "\n").map(String.init)
    }
    // The year 2017 is over.
    #expect(Double(runs[0][0]).map { $0 > 1.5e9 } == true, "\(runs)")
    #expect(Set(runs.map { $0[1] }).count == 2 && Set(runs.map { $0[2] }).count == 2, "\(runs)")
  }
}
