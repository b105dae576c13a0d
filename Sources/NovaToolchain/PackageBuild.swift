// PackageBuild.swift — a Swift package becomes a static ELF program for one CPU.
// Hosted. Through `swift build`; design: Decisions/0003-sdk-bundle.md. Two builds of equal sources
// are equal files.

/// The two ways to build; raw values as SwiftPM spells them.
public enum BuildConfiguration: String, CaseIterable, Sendable {
  case debug, release
}

/// Why a package could not be built.
///
/// Nothing was written outside its scratch folder.
public enum PackageBuildError: Error, Equatable {
  /// The folder holds no Package.swift.
  case noPackage(folder: String)
  /// The scratch folder cannot be written.
  case notWritable(folder: String)
  /// `swift` is not on PATH.
  case noCompiler
  case settings(BuildSettingsError)
  case installation(InstallationError)
  case file(FileChangeError)
  case process(ProcessError)
  /// The toolchain's tool that strips is neither beside the compiler nor on PATH, or it failed.
  case notStripped(tool: String, output: String?)
  /// The compiler or linker refused the package; what it wrote, when that was captured.
  case failed(status: Ending, output: String)
  /// The package makes no program, or none of the name that was asked for.
  case noProgram(wanted: String?, made: [String])
  /// The package makes several programs and one is needed.
  case severalPrograms([String])
}

/// One build of the package in a folder.
public struct PackageBuild: Sendable {
  /// The CPU to build for.
  public var target: Target
  /// With or without optimisation.
  public var configuration = BuildConfiguration.release
  /// What the link states in the bootstrap record.
  public var settings = BuildSettings()
  /// Makes a second file, `NAME.stripped`, without symbols and what debuggers read.
  ///
  /// It has the build id of the first, which stays for `nova symbolize`.
  public var isStripped = false
  /// The one program to build; null for all.
  public var product: String?
  /// Where everything built lies; null for `.build/nova` in the package.
  public var scratchFolder: String?
  /// Whether the compiler's progress goes to this process's own output; otherwise it is captured.
  public var showsProgress = false

  /// A release build of everything in the package.
  public init(target: Target) { self.target = target }

  /// A program that was built.
  public struct Program: Sendable, Equatable {
    /// The executable product's name.
    public var name: String
    /// Path of its file.
    public var path: String
  }

  private static let timeLimitMilliseconds = 3_600_000

  /// Builds the package in `folder`.
  ///
  /// - Returns: the programs, in the order of their names; one or more.
  public func run(
    folder: String, installation: Installation
  ) throws(PackageBuildError) -> [Program] {
    do { try settings.validate() } catch { throw .settings(error) }
    guard let package = Files.resolve(folder), Files.exists("\(package)/Package.swift") else {
      throw .noPackage(folder: folder)
    }
    guard let compiler = findExecutable(named: "swift") else { throw .noCompiler }
    let base = scratchFolder ?? "\(package)/.build/nova"
    let scratch = "\(base)/\(target.rawValue)"
    do { try Files.makeFolder(scratch) } catch { throw .notWritable(folder: base) }
    guard Files.isWritable(scratch) else { throw .notWritable(folder: scratch) }
    let sdks: String
    do { sdks = try installation.prepareBundle(fallback: "\(base)/sdks") } catch {
      throw .installation(error)
    }
    let lists = "\(scratch)/\(configuration.rawValue).yaml"
    let products = "\(scratch)/\(target.triple)/\(configuration.rawValue)"
    removeOutdated(lists, products, sdks)
    var request = ProcessRequest(
      compiler,
      arguments(package: package, scratch: scratch, sdks: sdks, installation: installation))
    request.workingDirectory = package
    request.environment = environment(base)
    request.timeLimitMilliseconds = Self.timeLimitMilliseconds
    if showsProgress {
      request.output = .inherited
      request.errorOutput = .inherited
    }
    let outcome: ProcessOutcome
    do { outcome = try NovaToolchain.run(request) } catch { throw .process(error) }
    guard outcome.isSuccess else {
      throw .failed(status: outcome.ending, output: outcome.outputText + outcome.errorText)
    }
    let programs = try programs(lists, products)
    return isStripped ? try programs.map(stripped) : programs
  }

  private func stripped(_ program: Program) throws(PackageBuildError) -> Program {
    let name = "llvm-objcopy"
    guard let tool = CompilerTool.find(name) else {
      throw .notStripped(tool: name, output: nil)
    }
    let path = "\(program.path).stripped"
    let outcome: ProcessOutcome
    do {
      outcome = try NovaToolchain.run(ProcessRequest(tool, ["--strip-all", program.path, path]))
    } catch { throw .process(error) }
    guard outcome.isSuccess else {
      throw .notStripped(tool: name, output: outcome.errorText)
    }
    return Program(name: program.name, path: path)
  }

  private func arguments(
    package: String, scratch: String, sdks: String, installation: Installation
  ) -> [String] {
    var words = [
      "build", "--configuration", configuration.rawValue, "--scratch-path", scratch,
      "--swift-sdks-path", sdks, "--swift-sdk", target.sdkName,
    ]
    if let product { words += ["--product", product] }
    // Absolute paths stay out of the file, so that it does not depend on where it was built. The
    // package comes before NovaCore for Swift, where the first match wins, and after it for C.
    for (prefix, name) in [(package, "."), (installation.root, "NovaCore")] {
      words += ["-Xswiftc", "-file-prefix-map", "-Xswiftc", "\(prefix)=\(name)"]
    }
    for (prefix, name) in [(installation.root, "NovaCore"), (package, ".")] {
      words += ["-Xcc", "-ffile-prefix-map=\(prefix)=\(name)"]
    }
    words += ["-Xswiftc", "-file-compilation-dir", "-Xswiftc", "."]
    // References to cached modules would carry the cache's path, which hashes the flags above.
    words += ["-Xswiftc", "-Xfrontend", "-Xswiftc", "-no-clang-module-breadcrumbs"]
    for symbol in settings.linkerSymbols { words += ["-Xlinker", "--defsym=\(symbol)"] }
    return words
  }

  /// This process's environment, with a home in the scratch folder when the user's is read-only.
  private func environment(_ base: String) -> [String]? {
    let home = environmentVariable("HOME")
    let needed = [".swiftpm", ".cache", ".cache/org.swift.swiftpm", ".cache/clang"]
    let isUsable =
      home.map { home in
        let there = needed.map { "\(home)/\($0)" }.filter(Files.exists)
        return there.allSatisfy(Files.isWritable)
          && (there.count == needed.count || Files.isWritable(home))
      } ?? false
    guard !isUsable else { return nil }
    return environmentVariables().filter { !$0.hasPrefix("HOME=") } + ["HOME=\(base)/home"]
  }

  /// SwiftPM does not see a new linker script: products older than it are removed.
  private func removeOutdated(_ lists: String, _ products: String, _ sdks: String) {
    let script = "\(sdks)/novacore.artifactbundle/\(target.sdkName)/lib/nova.ld"
    guard let changed = Files.modificationTime(script) else { return }
    for name in listed(lists) {
      let path = "\(products)/\(name)"
      if let made = Files.modificationTime(path), made < changed { Files.remove(path) }
    }
  }

  private func programs(
    _ lists: String, _ products: String
  ) throws(PackageBuildError) -> [Program] {
    let made = listed(lists).filter { Files.exists("\(products)/\($0)") }.sorted()
    let wanted = product.map { product in made.filter { $0 == product } } ?? made
    guard !wanted.isEmpty else { throw .noProgram(wanted: product, made: made) }
    return wanted.map { Program(name: $0, path: "\(products)/\($0)") }
  }

  /// The names of programs in SwiftPM's list of steps: lines `"C.NAME-TRIPLE-release.exe":`.
  private func listed(_ path: String) -> [String] {
    guard let bytes = try? readFile(path) else { return [] }
    let end = "-\(target.triple)-\(configuration.rawValue).exe\":"
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let text = line.drop { $0 == " " }
      guard text.hasPrefix("\"C."), text.hasSuffix(end) else { return nil }
      return String(text.dropFirst(3).dropLast(end.count))
    }
  }
}
