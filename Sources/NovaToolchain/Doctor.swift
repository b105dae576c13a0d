// Doctor.swift — what the command needs on this machine: what is there, what is missing.
// Hosted.

/// One thing that `nova` uses.
public struct Requirement: Sendable, Equatable {
  /// A command, or a part of NovaCore.
  public var name: String
  /// What it is for.
  public var purpose: String
  /// Where it is, and its version where it tells one; null when it is missing.
  public var found: String?
  /// What to do when it is missing.
  public var remedy: String
}

/// Looks for everything that `nova` uses.
public enum Doctor {
  /// A tool's first line may take this long; the compiler's takes longest.
  private static let timeLimitMilliseconds = 20_000

  /// - Returns: every requirement, found or not; starts each tool once to ask for its version.
  public static func examine() -> [Requirement] {
    let swift = findExecutable(named: "swift").flatMap(Files.resolve)
    let toolchain = swift.map { Files.parent(of: $0) }
    let install = "install the Swift toolchain from https://www.swift.org/install/linux"
    var requirements = ["swift", "clang", "ld.lld", "llvm-objcopy", "llvm-symbolizer"].map { name in
      Requirement(
        name: name, purpose: toolchainPurposes[name] ?? "",
        found: version(of: executable(name, beside: toolchain)), remedy: install)
    }
    requirements += [
      debian("git", package: "git", "fetches packages"),
      debian("make", package: "make", "runs the verbs of a checkout"),
    ]
    requirements += Target.allCases.map { target in
      let isNative = target == Target.host
      return debian(
        target.emulator, package: "qemu-user",
        isNative ? "checks \(target.rawValue) programs" : "runs and checks \(target.rawValue)")
    }
    return requirements + [sources(), plugIn(), runners()]
  }

  private static let toolchainPurposes = [
    "swift": "compiles packages",
    "clang": "compiles the start-up code",
    "ld.lld": "links programs",
    "llvm-objcopy": "strips programs",
    "llvm-symbolizer": "names functions and lines in reports",
  ]

  private static func debian(_ name: String, package: String, _ purpose: String) -> Requirement {
    Requirement(
      name: name, purpose: purpose, found: version(of: findExecutable(named: name)),
      remedy: "apt-get install \(package)")
  }

  private static func sources() -> Requirement {
    let found = try? Installation.locate()
    return Requirement(
      name: "NovaCore", purpose: "the sources and the linker script of programs",
      found: found?.root,
      remedy: "run nova from a checkout or from make install, or set NOVACORE_ROOT")
  }

  private static func plugIn() -> Requirement {
    Requirement(
      name: "nova-trace.so", purpose: "traces programs under qemu",
      found: (try? Installation.locate())?.preparePlugIn(),
      remedy: "run make plugin in NovaCore's folder")
  }

  private static func runners() -> Requirement {
    let installation = try? Installation.locate()
    let paths = Target.allCases.map { try? installation?.runner(for: $0) }
    let isComplete = paths.allSatisfy { $0 != nil }
    return Requirement(
      name: "runners", purpose: "become programs of modules",
      found: isComplete ? installation.map { "\($0.root)/build/runners" } : nil,
      remedy: "run make runners in NovaCore's folder")
  }

  private static func executable(_ name: String, beside folder: String?) -> String? {
    folder.flatMap { findExecutable(named: "\($0)/\(name)") } ?? findExecutable(named: name)
  }

  /// The first line with a digit that the tool prints, and its path; null when it does not start.
  private static func version(of path: String?) -> String? {
    guard let path else { return nil }
    var request = ProcessRequest(path, ["--version"])
    request.timeLimitMilliseconds = timeLimitMilliseconds
    guard let outcome = try? run(request), outcome.isSuccess else { return nil }
    let line = outcome.outputText.split(separator: "\n").first { $0.contains { $0.isNumber } }
    return "\(path): \(line.map(String.init) ?? "no version")"
  }
}
