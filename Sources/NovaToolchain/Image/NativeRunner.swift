// NativeRunner.swift — a runner linked with a module's compiled code.
// Hosted. Design: Decisions/0020-a-native-program.md.

/// Links the runner of native programs with a module's code.
struct NativeRunner {
  /// Path of the runner's object.
  let objectPath: String
  private let script: String
  private let linker: String

  private static let linkerName = "ld.lld"
  private static let timeLimitMilliseconds = 60_000

  init(for target: Target, _ installation: Installation) throws(NativeBuildError) {
    objectPath = installation.runnerPath(for: target, .native) + ".o"
    guard Files.exists(objectPath) else { throw .noObject(target: target, path: objectPath) }
    script = "\(installation.root)/linker/nova.ld"
    guard let linker = CompilerTool.find(Self.linkerName) else {
      throw .noLinker(name: Self.linkerName)
    }
    self.linker = linker
  }

  /// The runner with the module's code.
  ///
  /// - Parameter code: the object that `NativeTool` made.
  /// - Returns: the runner's file.
  /// - Throws: `NativeBuildError`.
  func linked(with code: [UInt8]) throws(NativeBuildError) -> [UInt8] {
    let folder: String
    do { folder = try Files.makeTemporaryFolder("nova-native") } catch { throw .copy(error) }
    let (input, output) = ("\(folder)/module.o", "\(folder)/runner")
    defer { for path in [input, output, folder] { Files.remove(path) } }
    do { try Files.write(code, to: input) } catch { throw .copy(error) }
    var request = ProcessRequest(
      linker,
      [
        "-static", "--gc-sections", "--icf=all", "--build-id=sha1", "-z", "noexecstack",
        "-z", "separate-code", "--defsym", "main=runner_native_main", "-T", script,
        objectPath, input, "-o", output,
      ])
    request.timeLimitMilliseconds = Self.timeLimitMilliseconds
    let outcome: ProcessOutcome
    do { outcome = try run(request) } catch { throw .process(error) }
    guard outcome.isSuccess else { throw .link(output: outcome.errorText) }
    do { return try readFile(output) } catch { throw .file(error) }
  }
}
