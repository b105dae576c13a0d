// NewPackage.swift — a package that builds at once, hosted and for three CPUs.
// Hosted.

/// Why a package was not made; nothing was written.
public enum NewPackageError: Error, Equatable {
  /// A name is a letter, then letters, digits, `-` and `_`, at most `NewPackage.nameCountMax`.
  case badName(String)
  /// The name of a module that every program has already.
  case reservedName(String)
  /// Something is at the path already.
  case occupied(path: String)
  /// The parts of a version are three numbers with dots between.
  case badVersion(String)
  case file(FileChangeError)
}

/// The files of a new package.
public struct NewPackage: Sendable {
  /// Where the package finds NovaCore.
  public enum Source: Sendable, Equatable {
    case path(String)
    /// `version` is exact, so that two builds are equal.
    case url(String, version: String)
  }

  /// Of the package and its program.
  public let name: String
  /// Where the package finds NovaCore.
  public let source: Source

  /// Most characters of a name.
  public static let nameCountMax = 64

  /// Modules that the program of a package cannot be called after: Swift's own and NovaCore's.
  public static let reservedNames = [
    "Swift", "main", "NovaABI", "NovaClosure", "NovaSystem", "NovaMemory", "NovaConcurrency",
    "NovaBytecode", "NovaInterpreter", "NovaCore", "CNovaHost",
  ]

  /// - Throws: `badName`, `reservedName`, `badVersion`.
  public init(name: String, source: Source) throws(NewPackageError) {
    let isName = name.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")
    }
    guard isName, name.first?.isLetter == true, name.count <= Self.nameCountMax else {
      throw .badName(name)
    }
    guard !Self.reservedNames.contains(name) else { throw .reservedName(name) }
    if case .url(_, let version) = source {
      let parts = version.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 3, parts.allSatisfy({ UInt32($0) != nil }) else {
        throw .badVersion(version)
      }
    }
    self.name = name
    self.source = source
  }

  /// Writes the package to the folder `name` in `folder`, all of it or nothing.
  public func write(in folder: String) throws(NewPackageError) {
    let path = "\(folder)/\(name)"
    guard !Files.exists(path) else { throw .occupied(path: path) }
    var made: [String] = []
    do {
      for (file, text) in files {
        var place = path
        for part in file.split(separator: "/") {
          if !Files.exists(place) {
            try Files.makeFolder(place)
            made.append(place)
          }
          place += "/\(part)"
        }
        try Files.write(Array(text.utf8), to: place)
        made.append(place)
      }
    } catch {
      for place in made.reversed() { Files.remove(place) }
      throw .file(error)
    }
  }

  /// The name as Swift spells it in `import`.
  var moduleName: String { String(name.map { $0 == "-" ? "_" : $0 }) }

  private var dependency: String {
    switch source {
    case .path(let path):
      ".package(name: \"NovaCore\", path: \"\(Self.escaped(path))\", traits: [])"
    case .url(let url, let version):
      ".package(url: \"\(Self.escaped(url))\", exact: \"\(version)\", traits: [])"
    }
  }

  /// The identity by which SwiftPM knows the dependency: the path's or URL's last part.
  private var identity: String {
    guard case .url(let url, _) = source else { return "NovaCore" }
    let last = Files.name(of: url.hasSuffix("/") ? String(url.dropLast()) : url)
    return Self.escaped(last.hasSuffix(".git") ? String(last.dropLast(4)) : last)
  }

  private static func escaped(_ text: String) -> String {
    text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined()
  }

  private var files: [(path: String, text: String)] {
    [
      ("Package.swift", manifest), (".gitignore", ".build/\n"),
      ("Sources/\(name)/Program.swift", program), ("Sources/\(name)/Greeting.swift", greeting),
      ("Tests/\(name)Tests/GreetingTests.swift", tests),
    ]
  }

  private var manifest: String {
    """
    // swift-tools-version: 6.2
    import PackageDescription

    let package = Package(
      name: "\(name)",
      dependencies: [
        \(dependency)
      ],
      targets: [
        .executableTarget(
          name: "\(name)", dependencies: [.product(name: "NovaCore", package: "\(identity)")]),
        .testTarget(name: "\(name)Tests", dependencies: ["\(name)"]),
      ]
    )

    """
  }

  // A type rather than top-level code, whose variables would be globals that Swift 6 guards. The
  // program reads none of its inputs, so that `nova check` passes until its author decides
  // otherwise.
  private var program: String {
    """
    import NovaCore

    @main
    enum Program {
      static func main() {
        print(greeting(for: "world"))
      }
    }

    """
  }

  private var greeting: String {
    """
    /// What the program says.
    func greeting(for name: String) -> String {
      "Hello, \\(name)!"
    }

    """
  }

  private var tests: String {
    """
    import Testing

    @testable import \(moduleName)

    @Test func `a greeting names whom it greets`() {
      #expect(greeting(for: "Swift") == "Hello, Swift!")
    }

    """
  }
}
