// RegisterStates.swift — which registers are defined, here and at branch targets.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// The current set of defined registers, and one saved for each branch target of a function, which
/// has a number.
@safe struct RegisterStates {
  private let setWordCount: Int
  // The current set, then those of targets by number.
  private let sets: UnsafeMutablePointer<UInt64>
  // By word of the function: a target's number.
  private let numbers: UnsafeMutablePointer<UInt32>

  /// - Safety: `sets` has room for one set more than there are targets, `numbers` holds for each of
  ///   them a number below their count.
  @unsafe init(
    registerCount: Int, sets: UnsafeMutablePointer<UInt64>, numbers: UnsafeMutablePointer<UInt32>
  ) {
    setWordCount = Self.setWordCount(registerCount)
    unsafe self.sets = unsafe sets
    unsafe self.numbers = unsafe numbers
    unsafe sets.update(repeating: 0, count: setWordCount)
  }

  static func setWordCount(_ registerCount: Int) -> Int { registerCount / 64 + 1 }

  static func wordCount(_ wordCount: Int, targetCount: Int, registerCount: Int) -> Int {
    numberWordCount(wordCount) + (targetCount + 1) * setWordCount(registerCount)
  }

  static func numberWordCount(_ wordCount: Int) -> Int { (wordCount + 1) / 2 }

  @unsafe private func set(_ target: Int) -> UnsafeMutablePointer<UInt64> {
    // SAFETY: the target has a number, and its set lies behind the current one.
    unsafe sets + (Int(numbers[target]) + 1) * setWordCount
  }

  // SAFETY of all: registers are below the function's count when they come here.

  func contains(_ register: Int) -> Bool {
    // SAFETY: see above.
    unsafe sets[register >> 6] >> UInt64(register & 63) & 1 != 0
  }
  func insert(_ register: Int) {
    // SAFETY: see above.
    unsafe sets[register >> 6] |= 1 << UInt64(register & 63)
  }
  // What of word `word` belongs to the registers from `first` up to before `end`.
  private func run(_ word: Int, _ first: Int, _ end: Int) -> UInt64 {
    let from: UInt64 = word == first >> 6 ? ~0 << UInt64(first & 63) : ~0
    let below: UInt64 = word == end >> 6 ? (1 << UInt64(end & 63)) &- 1 : ~0
    return from & below
  }
  func insert(_ first: Int, count: Int) {
    var word = first >> 6
    // SAFETY: see above; a set has room for one register more than the function has.
    while word <= (first + count) >> 6 {
      unsafe sets[word] |= run(word, first, first + count)
      word += 1
    }
  }
  /// The lowest of a run of registers that isn't in the current set.
  func firstMissing(_ first: Int, count: Int) -> Int? {
    var word = first >> 6
    while word <= (first + count) >> 6 {
      // SAFETY: as in `insert`.
      let missing = unsafe run(word, first, first + count) & ~sets[word]
      if missing != 0 { return word * 64 + missing.trailingZeroBitCount }
      word += 1
    }
    return nil
  }
  func remove(from register: Int) {
    // SAFETY: see above; a set has room for one register more than the function has.
    unsafe sets[register >> 6] &= (1 << UInt64(register & 63)) &- 1
    var word = register >> 6 + 1
    while word < setWordCount {
      unsafe sets[word] = 0
      word += 1
    }
  }
  /// Saves the current set for a target.
  func save(_ target: Int) {
    // SAFETY: both sets have as many words.
    unsafe set(target).update(from: sets, count: setWordCount)
  }
  /// Leaves of a target's set what is in the current one.
  func narrow(_ target: Int) {
    let other = unsafe set(target)
    // SAFETY: both sets have as many words.
    for word in 0..<setWordCount { unsafe other[word] &= sets[word] }
  }
  /// Makes a target's set the current one.
  func restore(_ target: Int) {
    // SAFETY: both sets have as many words.
    unsafe sets.update(from: set(target), count: setWordCount)
  }
  /// Leaves of the current set what is in a target's.
  func intersect(_ target: Int) {
    let other = unsafe set(target)
    // SAFETY: both sets have as many words.
    for word in 0..<setWordCount { unsafe sets[word] &= other[word] }
  }
  /// The lowest register of a target's set that isn't in the current one.
  func firstMissing(_ target: Int) -> Int? {
    let other = unsafe set(target)
    for word in 0..<setWordCount {
      // SAFETY: both sets have as many words.
      let missing = unsafe other[word] & ~sets[word]
      if missing != 0 { return word * 64 + missing.trailingZeroBitCount }
    }
    return nil
  }
}
