// Corpus.swift — the modules that every engine runs, each with what to expect of it.
// Hosted. Imports Glibc and NovaToolchain. The form of an expectation: Tests/Corpus/README.md.

import Glibc
import NovaToolchain

/// A program of Tests/Corpus with its expectation.
public struct CorpusProgram: Sendable, CustomStringConvertible {
  /// What must come of a program.
  public enum Expectation: Sendable, Equatable {
    /// `NAME(ARGUMENTS) = RESULTS`, or `NAME(ARGUMENTS) traps KIND`.
    case run(String)
    /// The assembler refuses it with these faults, `LINE:COLUMN: message` each.
    case refused([String])
  }

  /// The file's name.
  public let name: String
  /// Its text.
  public let text: String
  /// What its `; expect:` lines say.
  public let expectation: Expectation

  /// The file's name, as test reports have it.
  public var description: String { name }

  private init(name: String, text: String) {
    self.name = name
    self.text = text
    var (runs, faults): ([String], [String]) = ([], [])
    for line in text.split(separator: "\n") {
      if line.hasPrefix("; expect: ") { runs.append(String(line.dropFirst(10))) }
      if line.hasPrefix("; error: ") { faults.append(String(line.dropFirst(9))) }
    }
    precondition(
      runs.count + (faults.isEmpty ? 0 : 1) == 1,
      "\(name) says once what to expect: '; expect: …', or '; error: …' for each fault")
    expectation = faults.isEmpty ? .run(runs[0]) : .refused(faults)
  }

  /// The folder of programs in text.
  public static let folder = "\(Corpus.folder)/Assembly"

  /// Every program, by name.
  public static let all: [CorpusProgram] = Corpus.names(in: folder, ".nvasm").map { name in
    CorpusProgram(
      name: name, text: String(decoding: Corpus.bytes(of: "\(folder)/\(name)"), as: UTF8.self))
  }
}

/// A module as a version of the format has it, kept as it was written, with its expectation.
public struct CorpusFile: Sendable, CustomStringConvertible {
  /// The version, a folder of Tests/Corpus/Versions.
  public let version: String
  /// The file's name.
  public let name: String
  /// The file.
  public let bytes: [UInt8]
  /// As a program's `; expect:`.
  public let expectation: String

  /// Version and name, as test reports have it.
  public var description: String { "\(version)/\(name)" }

  /// Where the versions lie.
  public static let folder = "\(Corpus.folder)/Versions"

  /// The versions that are kept.
  public static let versions: [String] = Corpus.names(in: folder, "")

  /// Every file that a version's list of expectations names.
  public static let all: [CorpusFile] = versions.flatMap { version in
    String(decoding: Corpus.bytes(of: "\(folder)/\(version)/expectations"), as: UTF8.self)
      .split(separator: "\n").map { line in
        guard let colon = line.firstIndex(of: ":") else {
          preconditionFailure("\(version)/expectations has 'FILE: EXPECTATION' on each line")
        }
        let name = String(line[..<colon])
        return CorpusFile(
          version: version, name: name, bytes: Corpus.bytes(of: "\(folder)/\(version)/\(name)"),
          expectation: String(line[line.index(colon, offsetBy: 2)...]))
      }
  }
}

/// Folders and files of the corpus.
public enum Corpus {
  /// The corpus.
  public static let folder = "\(Guests.root)/Tests/Corpus"

  /// The bytes of a file that is there.
  public static func bytes(of path: String) -> [UInt8] {
    guard let bytes = try? readFile(path) else { preconditionFailure("\(path) can be read") }
    return bytes
  }

  /// The visible names in a folder that end so, sorted.
  public static func names(in folder: String, _ ending: String) -> [String] {
    // SAFETY: the folder is open between the two calls, and each name is copied at once.
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      // SAFETY: the name ends with a zero within the entry's array.
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name.hasSuffix(ending), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
