// PlainProgramTests.swift — WASI in programs without a loader: all ways to it, and what of it is
// left out.

import NovaToolchain
import TestSupport
import Testing

@Suite struct PlainProgramTests {
  /// A reactor that reaches WASI by its imports, a table and another module.
  private static let reactor = """
    .import "wasi_snapshot_preview1" "proc_exit" func exit (i32)
    .import "wasi_snapshot_preview1" "sched_yield" func yield () -> i32
    .import "wasi_snapshot_preview1" "fd_write" func write (i32, i32, i32, i32) -> i32
    .import "inner" "again" func again () -> i32
    .table functions funcref 2
    .elem at 0 yield, exit
    .memory bytes 1
    .export func _initialize
    .export func total
    .export func leave
    .export func fail
    .export func yield

    .func _initialize ()
        .reg        address, value
        zero        address, 1
        const32     value, 7
        i32.store   value, [address + 0]
        ret0
    .end

    .func total () -> i32
        .reg          index, sum, value
        .window       w0
        const32       index, 0
        call_indirect w0, index, () -> i32
        mov           sum, w0
        call_import   w0, again
        i32.add       sum, sum, w0
        zero          index, 1
        i32.load      value, [index + 0]
        i32.add       sum, sum, value
        ret           sum
    .end

    .func leave ()
        .reg          index
        .window       w0
        const32       index, 1
        const32       w0, 265
        call_indirect w0, index, (i32)
        ret0
    .end

    .func fail ()
        .window       a, b, c, d
        const32       a, 0
        const32       b, 65533
        const32       c, 1
        const32       d, 0
        call_import   a, write
        const32       b, 3
        i32.div_u     a, b, a
        const32       b, 0
        i32.div_u     a, a, b
        ret0
    .end

    """

  private static let inner = """
    .import "wasi_snapshot_preview1" "sched_yield" func again () -> i32
    .export func again

    """

  /// A command that prints by a driver and ends by WASI.
  private static let both = """
    .memory bytes 1
    .import "driver:console" "write" func write (i32, i32) -> i32
    .import "wasi_snapshot_preview1" "proc_exit" func exit (i32)
    .data at 8 i32 0x0a6f6e
    .export func _start
    .func _start ()
        .window     a, b
        const32     a, 8
        const32     b, 3
        call_import a, write
        const32     a, 5
        call_import a, exit
        ret0
    .end

    """

  private func build(
    _ words: [String], for cpu: GuestCPU = .x86_64, in folder: TemporaryFolder
  ) throws {
    let made = try Command.nova(
      ["build", "-o", "program", "--target", "\(cpu)"] + words, in: folder.path)
    try #require(made.status == 0, "\(made)")
  }

  private func run(
    on cpu: GuestCPU, _ words: [String] = [], in folder: TemporaryFolder
  ) throws -> Completion {
    let emulator = try #require(findExecutable(named: cpu.emulator))
    return try Command.run(emulator, ["program"] + words, in: folder.path)
  }

  @Test(arguments: GuestCPU.allCases)
  func `WASI is reached through tables and modules, and ends or refuses`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.reactor, to: "reactor.nvasm")
    try folder.write(Self.inner, to: "inner.nvasm")
    let module = ["reactor.nvasm", "--with", "inner=inner.nvasm"]
    for options in [[], ["--prune"], ["--prune", "--strip"]] {
      try build(module + options, for: cpu, in: folder)
      #expect(
        try run(on: cpu, ["--invoke", "total"], in: folder)
          == Completion(status: 0, output: "7\n", errorOutput: ""))
      #expect(
        try run(on: cpu, ["--fuel", "99", "--invoke", "leave"], in: folder)
          == Completion(status: 9, output: "", errorOutput: ""))
      let failed = try run(on: cpu, ["--invoke", "fail"], in: folder)
      #expect(failed.status == 1 && failed.output.isEmpty, "\(failed)")
      #expect(
        failed.errorOutput.hasPrefix(
          "the module asked for what it was not granted: standard input (--stdin)\n"
            + "the module was stopped: an integer was divided by zero\n  at "), "\(failed)")
      let foreign = try run(on: cpu, ["--invoke", "yield"], in: folder)
      #expect(foreign.status == 2 && foreign.errorOutput.contains("somebody else's"), "\(foreign)")
    }
    let wanted = try Command.nova(["run"] + module + ["--invoke", "total"], in: folder.path)
    #expect(wanted == Completion(status: 0, output: "7\n", errorOutput: ""))
  }

  @Test(arguments: GuestCPU.allCases)
  func `a module may import drivers as well`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.both, to: "both.nvasm")
    let wanted = Completion(status: 5, output: "no\n", errorOutput: "")
    #expect(try Command.nova(["run", "both.nvasm"], in: folder.path) == wanted)
    for options in [[], ["--prune"]] {
      try build(["both.nvasm"] + options, for: cpu, in: folder)
      #expect(try run(on: cpu, in: folder) == wanted)
    }
  }

  @Test func `a pruned program has of WASI what its modules import`() throws {
    let folder = try TemporaryFolder()
    try folder.write(CommandTests.command, to: "command.nvasm")
    func names(_ options: String...) throws -> [String] {
      try build(["command.nvasm"] + options, in: folder)
      return try ELFFile(readFile("\(folder.path)/program")).symbols.map(\.name)
    }
    func has(_ names: [String], _ part: String) -> Bool {
      names.contains { $0.hasPrefix("$e8NovaWASI") && $0.contains(part) }
    }
    let whole = try names()
    let pruned = try names("--prune")
    let reaching = try names("--prune", "--dir", ".::/")
    for kept in ["7fdWrite", "7argsGet", "8procExit"] {
      #expect(has(whole, kept) && has(pruned, kept), "\(kept)")
    }
    for left in ["8pathOpen", "11pathSymlink", "9fdReaddir", "10pollOneoff", "PathWalk"] {
      #expect(has(whole, left) && !has(pruned, left) && !has(reaching, left), "\(left)")
    }
    #expect(has(reaching, "18openProgramFolders") && !has(pruned, "18openProgramFolders"))
    // Neither a loader nor a run loop, nor handlers that charge for what has no options.
    for other in ["11NovaModules12ModuleLoader", "15NovaConcurrency7RunLoop", "nova_fuel_br"] {
      #expect(!pruned.contains { $0.contains(other) }, "\(other)")
    }
    #expect(!whole.contains { $0.contains("11NovaModules12ModuleLoader") })
  }
}
