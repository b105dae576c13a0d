// Tally.swift — how often each word occurs: counted in a text, added up, ranked.

/// Words in lower case, and how often each occurred.
typealias Tally = [String: Int]

extension Tally {
  /// Counts the words of a text: runs of ASCII letters, whose case does not matter, and of whatever
  /// is not ASCII.
  init(of text: Span<UInt8>) {
    self.init()
    var word: [UInt8] = []
    for index in text.indices {
      if Tally.isLetter(text[index]) {
        word.append(text[index] < 0x80 ? text[index] | 0x20 : text[index])
      } else if !word.isEmpty {
        add(word)
        word.removeAll(keepingCapacity: true)
      }
    }
    if !word.isEmpty { add(word) }
  }

  /// Whether a byte belongs to a word.
  static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }

  private mutating func add(_ word: [UInt8]) {
    self[String(decoding: word, as: UTF8.self), default: 0] += 1
  }

  /// Adds what others have counted.
  mutating func add(_ other: Tally) {
    for (word, count) in other { self[word, default: 0] += count }
  }

  /// The most frequent words; equally frequent ones in the order of their bytes, so that the result
  /// is the same in each run.
  func ranked(_ countMax: Int) -> ArraySlice<(word: String, count: Int)> {
    map { (word: $0.key, count: $0.value) }.sorted { left, right in
      left.count != right.count
        ? left.count > right.count
        : left.word.utf8.lexicographicallyPrecedes(right.word.utf8)
    }.prefix(countMax)
  }
}
