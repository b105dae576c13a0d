// GeneratedCorpus.swift — modules that engines once differed in, and what they come to.
// Hosted. Imports TestSupport. The files' form: Tests/Corpus/README.md.

import TestSupport

/// The modules of Tests/Corpus/WebAssembly.
public enum GeneratedCorpus {
  /// Each with its file's name and the line that engines print of it.
  public static let all: [(name: String, module: GeneratedModule, line: String)] = {
    let folder = "\(Corpus.folder)/WebAssembly"
    let text = String(decoding: Corpus.bytes(of: "\(folder)/expectations"), as: UTF8.self)
    return text.split(separator: "\n").map { line in
      guard let colon = line.firstIndex(of: ":") else {
        preconditionFailure("WebAssembly/expectations has 'FILE: LINE' on each line")
      }
      let name = String(line[..<colon])
      return (
        name, GeneratedModule(Corpus.bytes(of: "\(folder)/\(name)")),
        String(line[line.index(colon, offsetBy: 2)...])
      )
    }
  }()
}
