// Corpus.swift — the modules in text that every engine runs, each with what to expect of it.
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
  public static let folder = "\(Guests.root)/Tests/Corpus/Assembly"

  /// Every program, by name.
  public static let all: [CorpusProgram] = fileNames.map { name in
    guard let bytes = try? readFile("\(folder)/\(name)") else {
      preconditionFailure("\(folder)/\(name) can be read")
    }
    return CorpusProgram(name: name, text: String(decoding: bytes, as: UTF8.self))
  }

  private static var fileNames: [String] {
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
      if name.hasSuffix(".nvasm") { names.append(name) }
    }
    return names.sorted()
  }
}
