// CommandTests.swift — `nova run` with modules that import WASI.

import NovaToolchain
import TestSupport
import Testing

@Suite struct CommandTests {
  /// A command without a C library: writes its first argument's first byte, and ends with its
  /// number.
  static let command = """
    .memory bytes 1
    .export memory bytes
    .import "wasi_snapshot_preview1" "args_get" func args_get (i32, i32) -> i32
    .import "wasi_snapshot_preview1" "fd_write" func fd_write (i32, i32, i32, i32) -> i32
    .import "wasi_snapshot_preview1" "proc_exit" func proc_exit (i32)
    .export func _start
    .func _start ()
        .reg value, address
        .window a, b, c, d
        const32     a, 16
        const32     b, 64
        call_import a, args_get
        zero        address, 1
        i32.load    value, [address + 20]
        i32.store   value, [address + 0]
        const32     value, 1
        i32.store   value, [address + 4]
        const32     a, 1
        const32     b, 0
        const32     c, 1
        const32     d, 8
        call_import a, fd_write
        i32.load    value, [address + 20]
        i32.load8_u value, [value + 0]
        mov         a, value
        call_import a, proc_exit
        ret0
    .end

    """

  /// A command that imports what there is not.
  static let socket = """
    .import "wasi_snapshot_preview1" "sched_yield" func sched_yield () -> i32
    .import "wasi_snapshot_preview1" "sock_shutdown" func sock_shutdown (i32, i32) -> i32
    .export func _start
    .func _start ()
    ret0
    .end

    """

  @Test func `a command starts at its beginning and ends with its status`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.command, to: "command.nvasm")
    let ended = try Command.nova(["run", "command.nvasm", "--", "A", "-x"], in: folder.path)
    #expect(ended == Completion(status: 65, output: "A"))
    let silent = try Command.nova(
      ["run", "command.nvasm", "--grant", "none", "--", "B"], in: folder.path)
    #expect(silent == Completion(status: 66, output: ""))
  }

  @Test func `a reactor is initialised before it is called`() throws {
    let folder = try TemporaryFolder()
    let text = """
      .memory bytes 1
      .import "wasi_snapshot_preview1" "sched_yield" func sched_yield () -> i32
      .export func _initialize
      .export func value
      .func _initialize ()
          .reg address, value
          zero      address, 1
          const32   value, 41
          i32.store value, [address + 0]
          ret0
      .end
      .func value () -> i32
          .reg address
          .window w
          call_import w, sched_yield
          zero      address, 1
          i32.load  address, [address + 0]
          ret       address
      .end

      """
    try folder.write(text, to: "reactor.nvasm")
    let ended = try Command.nova(["run", "reactor.nvasm", "--invoke", "value"], in: folder.path)
    #expect(ended == Completion(status: 0, output: "41\n"))
  }

  @Test func `what can't be granted is told`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.command, to: "command.nvasm")
    try folder.write(".export func main\n.func main ()\nret0\n.end\n", to: "plain.nvasm")
    try folder.write(Self.socket, to: "socket.nvasm")
    let cases: [([String], String)] = [
      (["command.nvasm", "--dir", "none::/"], "--dir none"),
      (["command.nvasm", "--dir", "command.nvasm::/"], "--dir command.nvasm"),
      (["command.nvasm", "--dir", "::/"], "--dir"),
      (["command.nvasm", "--env", "NAME"], "--env"),
      (["plain.nvasm", "--stdin"], "imports nothing of WASI"),
      (["command.nvasm", "--fuel", "1", "--target", "x86_64"], "leave out --fuel"),
      (["socket.nvasm"], "sock_shutdown of wasi_snapshot_preview1"),
    ]
    for (words, text) in cases {
      let ended = try Command.nova(["run"] + words, in: folder.path)
      #expect(ended.status == 2 && ended.output.isEmpty, "\(ended)")
      #expect(ended.errorOutput.contains(text), "\(ended)")
    }
  }

  // MARK: C programs

  @Test(.enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy))
  func `a C program uses the folder that it was granted`() throws {
    let folder = try TemporaryFolder()
    _ = try WASIPrograms.build("files", in: folder)
    try folder.write("kept", to: "place/kept")
    let words = ["--dir", "place::data", "--env", "NAME=value", "--", "data", "x"]
    let ended = try Command.nova(["run", "files.wasm"] + words, in: folder.path)
    #expect(
      ended == Completion(status: 0, output: WASIPrograms.filesOutput, errorOutput: "done\n"))
    #expect(try folder.names(in: "place") == ["kept"])
  }

  @Test(.enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy))
  func `a C program goes on where nothing was granted`() throws {
    let folder = try TemporaryFolder()
    _ = try WASIPrograms.build("denied", in: folder)
    try folder.write("secret", to: "file")
    let ended = try Command.nova(["run", "denied.wasm"], in: folder.path, input: "file")
    #expect(
      ended
        == Completion(
          status: 9, output: WASIPrograms.deniedOutput, errorOutput: WASIPrograms.deniedReport))
    let ignored = try Command.nova(["run", "denied.wasm", "--", "0"], in: folder.path)
    #expect(ignored == Completion(status: 0, output: WASIPrograms.deniedOutput))
    #expect(try Command.nova(["run", "denied.wasm", "--", "300"], in: folder.path).status == 44)
    #expect(try readFile("\(folder.path)/file") == Array("secret".utf8))
  }

  @Test(.enabled(if: WASIPrograms.areInstalled, WASIPrograms.remedy))
  func `a C program reads the standard input where it may`() throws {
    let folder = try TemporaryFolder()
    _ = try WASIPrograms.build("echo", in: folder)
    try folder.write("some words\n", to: "input")
    let ended = try Command.nova(["run", "echo.wasm", "--stdin"], in: folder.path, input: "input")
    #expect(ended == Completion(status: 0, output: "SOME WORDS\n"))
    let denied = try Command.nova(["run", "echo.wasm"], in: folder.path, input: "input")
    #expect(
      denied
        == Completion(
          status: 1, output: "",
          errorOutput:
            "the module asked for what it was not granted: standard input (--stdin)\n"))
  }
}
