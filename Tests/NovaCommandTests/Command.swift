// Command.swift — runs the built `nova`, and makes folders that go away with their test.
// Hosted. Imports Glibc, NovaToolchain, Testing and TestSupport.

import Glibc
import NovaToolchain
import TestSupport
import Testing

/// The built command.
enum Command {
  /// Beside the test bundle, wherever SwiftPM's scratch folder is.
  static let path: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    let folder = bundle.map { Files.parent(of: $0) } ?? "\(Guests.root)/.build/debug"
    return "\(folder)/nova"
  }()

  private static let timeLimitMilliseconds = 1_200_000

  /// Runs `nova` in `folder` and waits for its end.
  ///
  /// - Parameters:
  ///   - arguments: after the command's name.
  ///   - folder: where it runs; null for the current one.
  ///   - environment: replaces variables of this process, `NAME=value` each.
  /// - Returns: how it ended and what it wrote.
  /// - Throws: when it cannot be started.
  static func nova(
    _ arguments: [String], in folder: String? = nil, environment: [String] = []
  ) throws -> Completion {
    try run(path, arguments, in: folder, environment: environment)
  }

  /// Runs a program, found on PATH, in `folder` and waits for its end.
  static func run(
    _ program: String, _ arguments: [String], in folder: String? = nil,
    environment: [String] = []
  ) throws -> Completion {
    let executable = try #require(findExecutable(named: program))
    var request = ProcessRequest(executable, arguments)
    request.workingDirectory = folder
    request.timeLimitMilliseconds = timeLimitMilliseconds
    var variables: [Substring: String] = [:]
    for variable in inheritedEnvironment + ["NOVACORE_ROOT=\(Guests.root)"] + environment {
      variables[variable.prefix { $0 != "=" }] = variable
    }
    request.environment = Array(variables.values)
    return Completion(try NovaToolchain.run(request))
  }

  private static var inheritedEnvironment: [String] {
    ["PATH", "HOME", "TMPDIR", "LANG"].compactMap { name in
      environmentVariable(name).map { "\(name)=\($0)" }
    }
  }
}

extension TemporaryFolder {
  /// Makes the package `hello` as a user would.
  ///
  /// - Parameter program: the file with its entry, in place of the one that `new` writes.
  /// - Returns: the package's folder.
  /// - Throws: when `nova new` fails.
  func makePackage(program: String? = nil) throws -> String {
    let made = try Command.nova(["new", "hello"], in: path)
    try #require(made.status == 0, "\(made.errorOutput)")
    if let program { try write(program, to: "hello/Sources/hello/Program.swift") }
    return "\(path)/hello"
  }
}
