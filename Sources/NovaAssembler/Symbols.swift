// Symbols.swift — what names of a text stand for.
// Hosted. Imports nothing.

/// The names of a module's text, each kind by itself.
struct Symbols {
  /// Where a name was given, and to what.
  struct Entry {
    var index: UInt32
    var line: Int
  }

  private var entries: [SymbolKind: [[UInt8]: Entry]] = [:]
  /// How many there are of a kind, named or not.
  var counts: [SymbolKind: Int] = [:]
  /// How many of a kind are imported; they come first.
  var importedCounts: [SymbolKind: Int] = [:]

  /// Gives a name to `index`; the line at which it was given before, if it was.
  mutating func define(_ kind: SymbolKind, _ name: [UInt8], index: UInt32, line: Int) -> Int? {
    if let first = entries[kind, default: [:]][name] { return first.line }
    entries[kind, default: [:]][name] = Entry(index: index, line: line)
    return nil
  }

  /// What a name stands for.
  func index(_ kind: SymbolKind, _ name: [UInt8]) -> UInt32? { entries[kind]?[name]?.index }

  /// The known name that looks like one that is not.
  func nearest(_ kind: SymbolKind, to name: [UInt8]) -> String? {
    let names = (entries[kind] ?? [:]).keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
    return Suggestion.nearest(to: String(decoding: name, as: UTF8.self), in: names)
  }

  /// A kind that has this name though another was asked for.
  func kind(of name: [UInt8]) -> SymbolKind? {
    SymbolKind.allCases.first { entries[$0]?[name] != nil }
  }
}
