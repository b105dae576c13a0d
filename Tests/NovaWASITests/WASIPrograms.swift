// WASIPrograms.swift — the C programs of Tests/WASIPrograms, built by the toolchain's clang and
// Debian's packages wasi-libc and libclang-rt-14-dev-wasm32.

import TestSupport
import Testing

@testable import NovaToolchain

/// What C programs for WASI are built with.
enum WASIPrograms {
  static let remedy: Comment = """
    there is no C library for WASI: \
    qemu/install-packages /usr/lib/wasm32-wasi/libc.a=wasi-libc \
    /usr/lib/llvm-14/lib/clang=libclang-rt-14-dev-wasm32
    """

  private static let builtins =
    "/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a"

  static let areInstalled =
    Files.exists("/usr/lib/wasm32-wasi/libc.a") && Files.exists(builtins)
    && CompilerTool.find("clang") != nil && CompilerTool.find("wasm-ld") != nil

  /// Where the programs' sources are.
  static let folder = "\(Guests.root)/Tests/WASIPrograms"

  /// Builds a program into a folder; of options that exclude each other the last counts.
  ///
  /// - Returns: the path of the `.wasm` file.
  static func build(
    _ name: String, in folder: TemporaryFolder, options: [String] = []
  ) throws -> String {
    let clang = try #require(CompilerTool.find("clang"))
    let output = "\(folder.path)/\(name).wasm"
    let outcome = try NovaToolchain.run(
      ProcessRequest(
        clang,
        [
          "--target=wasm32-wasi", "--sysroot=/usr", "-O2", "-nodefaultlibs",
        ] + options + ["\(Self.folder)/\(name).c", "-lc", builtins, "-o", output]))
    try #require(outcome.isSuccess, "\(outcome.errorText)")
    return output
  }

  /// What `files` prints of its arguments `data` and `x`, in a folder of its own, in every run.
  static let filesOutput = """
    2 arguments, NAME=value
    1000 lines, 19010 bytes
    . 1
    .. 1
    inner 1
    lines 0
    link 0
    sorted 0
    slept 2 s
    2000-01-01
    afcd1d7b

    """

  /// What is told of `denied`.
  static let deniedReport =
    "the module asked for what it was not granted: a folder (--dir HOST::GUEST), and "
    + "standard input (--stdin)\n"

  /// What `denied` prints where nothing was granted.
  static let deniedOutput = """
    open 1
    relative 1
    stat 1
    mkdir 1
    read 1
    environment empty

    """
}

/// The built command.
enum Command {
  private static let path: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let folder = bundle.map { Files.parent(of: $0) } ?? "\(Guests.root)/.build/debug"
    return "\(folder)/nova"
  }()

  private static let timeLimitMilliseconds = 300_000

  /// Runs `nova` in a folder.
  static func nova(
    _ arguments: [String], in folder: String, input: String = "/dev/null"
  ) throws -> Completion {
    try run(path, arguments, in: folder, input: input)
  }

  /// Runs a program in a folder.
  static func run(
    _ program: String, _ arguments: [String], in folder: String, input: String = "/dev/null"
  ) throws -> Completion {
    // The shell alone gives a program another standard input; compilers keep files in HOME.
    let command = #"input=$1; shift; exec "$@" <"$input""#
    var request = ProcessRequest(
      "/bin/sh", ["-c", command, "sh", input, program] + arguments)
    request.workingDirectory = folder
    request.timeLimitMilliseconds = timeLimitMilliseconds
    request.environment = ["NOVACORE_ROOT=\(Guests.root)", "HOME=\(folder)"]
    if let search = environmentVariable("PATH") { request.environment?.append("PATH=\(search)") }
    return Completion(try NovaToolchain.run(request))
  }
}
