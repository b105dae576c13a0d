// Repository.swift — the files that git tracks, as the checks read them.
// Hosted. Imports NovaToolchain and TestSupport.

import NovaToolchain
import TestSupport
import Testing

/// A tracked text file.
struct SourceFile: CustomTestStringConvertible, Sendable {
  /// From the repository's root.
  let path: String
  let lines: [String]

  var name: String { Files.name(of: path) }
  var testDescription: String { path }

  /// The part of the name after its last dot; empty when it has none.
  var ending: String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return String(name[name.index(after: dot)...])
  }
}

/// What git tracks, and what is new and not ignored.
enum Repository {
  static let files: [SourceFile] = {
    guard let git = findExecutable(named: "git") else { return [] }
    var request = ProcessRequest(git, ["ls-files", "--cached", "--others", "--exclude-standard"])
    request.workingDirectory = Guests.root
    guard let listed = try? run(request), listed.isSuccess else { return [] }
    return listed.outputText.split(separator: "\n").compactMap { path in
      guard let bytes = try? readFile("\(Guests.root)/\(path)"), !bytes.contains(0) else {
        return nil
      }
      let text = String(decoding: bytes, as: UTF8.self)
      return SourceFile(
        path: String(path),
        lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
  }()

  static func files(ending endings: String...) -> [SourceFile] {
    files.filter { endings.contains($0.ending) }
  }

  /// Code of people, in any language; not tables, data, expected results or what is generated.
  static var code: [SourceFile] {
    files.filter { file in
      !file.path.contains("/Generated/")
        && (["swift", "c", "h", "S", "ld"].contains(file.ending) || isScript(file)
          || file.name == "Makefile")
    }
  }

  static func isScript(_ file: SourceFile) -> Bool {
    file.lines.first?.hasPrefix("#!") == true
  }

  /// Rooms that run without libc.
  static let freestandingRooms = [
    "NovaClosure", "NovaSystem", "NovaMemory", "NovaConcurrency", "NovaBytecode",
    "NovaInterpreter", "NovaCore", "NovaModules", "NovaWASI",
  ]

  static func isFreestanding(_ file: SourceFile) -> Bool {
    file.ending == "swift"
      && freestandingRooms.contains { file.path.hasPrefix("Sources/\($0)/") }
  }
}
