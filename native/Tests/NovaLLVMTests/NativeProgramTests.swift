// NativeProgramTests.swift — programs with compiled code print what interpreted ones do, on each
// CPU; debuggers see their lines.

import Glibc
import NovaAssembler
import NovaToolchain
import TestSupport
import Testing

@Suite(.serialized) struct NativeProgramTests {
  /// Beside the executable that runs, where SwiftPM puts the others.
  private static func compiler() throws -> String {
    let tests = try #require(CommandLine.arguments.first.flatMap { Files.resolve($0) })
    return "\(Files.parent(of: tests))/nova-native"
  }

  /// What the command line of a program says for an expectation.
  private static func words(_ expectation: Expectation) -> [String] {
    ["--invoke", expectation.function]
      + expectation.arguments.map { value in
        switch value {
        case .i32(let value): "\(value)"
        case .i64(let value): "\(value)"
        case .f32(let value): "\(value)"
        case .f64(let value): "\(value)"
        case .function(let bits), .external(let bits): "\(bits)"
        case .handle(let handle): "\(handle.rawValue)"
        }
      }
  }

  @Test(arguments: GuestCPU.allCases)
  func `a native program prints what the interpreted one prints`(cpu: GuestCPU) throws {
    let folder = try TemporaryFolder()
    let installation = try Installation.locate()
    let target = try #require(Target(rawValue: cpu.rawValue))
    let host = "\(Corpus.folder)/Providers/host.nvasm"
    var endings: Set<Int32> = []
    for program in CorpusProgram.all {
      guard case .run(let line) = program.expectation else { continue }
      let module = "\(Corpus.folder)/Assembly/\(program.name)"
      let words = Self.words(try Expectation(line))
      var outputs: [Completion] = []
      for isNative in [false, true] {
        var build = ModuleBuild(target: target)
        build.isNative = isNative
        build.nativeCompiler = try Self.compiler()
        build.linked = [("host", host)]
        let path = "\(folder.path)/\(program.name).\(isNative)"
        try build.run(module: module, output: path, installation: installation)
        outputs.append(
          try Completion.run(cpu.emulator, arguments: [path] + words, environment: []))
      }
      #expect(outputs[0] == outputs[1], "\(program.name)")
      #expect(outputs[1].output + outputs[1].errorOutput != "", "\(program.name)")
      endings.insert(outputs[1].status)
    }
    // Some return, some trap.
    #expect(endings == [0, 1])
  }

  /// Builds a native program in the folder.
  private static func build(
    _ module: String, in folder: TemporaryFolder, compiler: String? = nil
  ) throws -> String {
    var build = ModuleBuild(target: .x86_64)
    build.isNative = true
    build.nativeCompiler = try compiler ?? Self.compiler()
    let output = "\(folder.path)/program"
    try build.run(module: module, output: output, installation: Installation.locate())
    return output
  }

  @Test func `a compiler that cannot be started leaves nothing`() throws {
    let folder = try TemporaryFolder()
    #expect {
      _ = try Self.build(
        "\(Corpus.folder)/Assembly/fibonacci.nvasm", in: folder,
        compiler: "\(folder.path)/nonesuch")
    } throws: { error in
      guard case ModuleBuildError.native(.process)? = error as? ModuleBuildError else {
        return false
      }
      return true
    }
    #expect(!Files.exists("\(folder.path)/program"))
  }

  @Test func `a program with another module's code ends with 2 and says so`() throws {
    let folder = try TemporaryFolder()
    let other = "\(Corpus.folder)/Assembly/floats.nvasm"
    // Its words: compile MODULE -o OBJECT --target CPU
    try folder.write(
      "#!/bin/sh\nexec \(try Self.compiler()) compile \(other) -o \"$4\" --target \"$6\"\n",
      to: "wrong")
    let script = "\(folder.path)/wrong"
    #expect(chmod(script, 0o755) == 0)
    let program = try Self.build(
      "\(Corpus.folder)/Assembly/fibonacci.nvasm", in: folder, compiler: script)
    let run = try Completion.run(program, arguments: [], environment: [])
    #expect(run.status == 2)
    #expect(run.errorOutput.contains("made from another module"))
  }

  @Test(.enabled(if: findExecutable(named: "gdb") != nil))
  func `gdb knows lines and functions of the module`() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      .export func main
      .func square (n: i32) -> i32
          .reg    total
          i32.mul total, n, n
          ret     total
      .end
      .func main () -> i32
          .window w0
          const32 w0, 7
          call    w0, square
          ret     w0
      .end
      """, to: "lines.nvasm")
    let program = try Self.build("\(folder.path)/lines.nvasm", in: folder)
    let gdb = try #require(findExecutable(named: "gdb"))
    let run = try Completion.run(
      gdb,
      arguments: [
        "-nx", "-batch", "-ex", "break lines.nvasm:10", "-ex", "info line square", program,
      ], environment: [])
    #expect(run.output.contains("file lines.nvasm, line 10."))
    #expect(run.output.contains("Line 4 of \"lines.nvasm\" starts at address"))
  }
}
