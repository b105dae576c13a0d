// NativeTool.swift — calls `nova-native`, which compiles modules: nova itself needs no LLVM.
// Hosted. Design: Decisions/0020-a-native-program.md.

/// Why a module's code was not compiled or linked; nothing was written.
public enum NativeBuildError: Error, Equatable {
  /// `nova-native` is neither beside this command, nor built in a checkout, nor on PATH.
  case noCompiler(name: String)
  /// What it wrote when it refused.
  case compiler(output: String)
  /// The runner's object was not built or installed.
  case noObject(target: Target, path: String)
  /// `ld.lld` is neither beside the compiler nor on PATH.
  case noLinker(name: String)
  /// The linker refused; what it wrote.
  case link(output: String)
  /// A module that imports WASI; native programs have none yet.
  case importsWASI
  case file(FileError)
  case copy(FileChangeError)
  case process(ProcessError)
}

/// How much is done to make native code fast; `nova-native`'s options.
public enum NativeBuildEffort: String, Sendable {
  case fast = "--fast"
  case optimized = "-O"
}

/// The compiler of modules, a program of its own.
public struct NativeTool: Sendable {
  /// Nil for the usual one.
  public var effort: NativeBuildEffort?
  /// Whether the code counts fuel.
  public var countsFuel = false
  private let path: String

  private static let name = "nova-native"
  private static let versions = 14...30
  private static let timeLimitMilliseconds = 600_000

  /// The tool at `path`; nil for the one that is found: beside this command, the newest that
  /// `make native` built, or on PATH.
  ///
  /// - Throws: `NativeBuildError.noCompiler`.
  public init(at path: String? = nil, _ installation: Installation) throws(NativeBuildError) {
    guard let path = path ?? Self.found(installation) else {
      throw .noCompiler(name: Self.name)
    }
    self.path = path
  }

  private static func found(_ installation: Installation) -> String? {
    let own = Files.parent(of: Files.resolve("/proc/self/exe") ?? "/")
    let built = versions.reversed().map { "\(installation.root)/build/native/\($0)/release" }
    for folder in [own] + built {
      if let found = findExecutable(named: "\(folder)/\(name)") { return found }
    }
    return findExecutable(named: name)
  }

  /// Compiles a module.
  ///
  /// - Parameters:
  ///   - module: the bytes of a verified module.
  ///   - target: the CPU.
  /// - Returns: an ELF object.
  /// - Throws: `NativeBuildError`.
  public func object(of module: [UInt8], for target: Target) throws(NativeBuildError) -> [UInt8] {
    let folder: String
    do { folder = try Files.makeTemporaryFolder("nova-native") } catch { throw .copy(error) }
    let (input, output) = ("\(folder)/module.nvc", "\(folder)/module.o")
    defer { for path in [input, output, folder] { Files.remove(path) } }
    do { try Files.write(module, to: input) } catch { throw .copy(error) }
    var words = ["compile", input, "-o", output, "--target", target.rawValue]
    if let effort { words.append(effort.rawValue) }
    if countsFuel { words.append("--fuel") }
    var request = ProcessRequest(path, words)
    request.timeLimitMilliseconds = Self.timeLimitMilliseconds
    let outcome: ProcessOutcome
    do { outcome = try run(request) } catch { throw .process(error) }
    guard outcome.isSuccess else {
      // The reader knows neither the tool's name nor the file that it was given.
      var text = outcome.errorText
      for prefix in ["\(Self.name): ", "\(input): "] where text.hasPrefix(prefix) {
        text.removeFirst(prefix.count)
      }
      throw .compiler(output: text)
    }
    do { return try readFile(output) } catch { throw .file(error) }
  }
}
