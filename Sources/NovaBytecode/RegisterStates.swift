// RegisterStates.swift — which registers are defined, here and at branch targets.
// Freestanding, no heap. Imports nothing. Design: NovaCore.docc/Bytecode.md.

/// The current set of defined registers, and one saved for each branch target of a function.
protocol RegisterStates {
  /// Whether the set is `bits`; other sets leave `bits` alone.
  static var isOneWord: Bool { get }
  /// Registers 0…62; bit 63 is always set.
  var bits: UInt64 { get set }
  func contains(_ register: Int) -> Bool
  mutating func insert(_ register: Int)
  mutating func remove(from register: Int)
  mutating func insert(_ first: Int, count: Int)
  /// The lowest of a run of registers that isn't in the current set.
  func firstMissing(_ first: Int, count: Int) -> Int?
  /// Saves the current set for a target.
  mutating func save(_ target: Int)
  /// Leaves of a target's set what is in the current one.
  mutating func narrow(_ target: Int)
  /// Makes a target's set the current one.
  mutating func restore(_ target: Int)
  /// Leaves of the current set what is in a target's.
  mutating func intersect(_ target: Int)
  /// The lowest register of a target's set that isn't in the current one.
  func firstMissing(_ target: Int) -> Int?
}

/// Sets of functions with up to 63 registers.
@safe struct OneWordStates: RegisterStates {
  static var isOneWord: Bool { true }
  static var registerCountMax: Int { 63 }
  var bits: UInt64 = 1 << 63
  // As many as the function has words.
  let saved: UnsafeMutablePointer<UInt64>

  /// - Safety: `saved` is followed by a word for each word of the function.
  @unsafe init(saved: UnsafeMutablePointer<UInt64>) { unsafe self.saved = unsafe saved }

  static func wordCount(_ wordCount: Int) -> Int { wordCount }

  // SAFETY of all: targets were found to be words of the function.

  func contains(_ register: Int) -> Bool { bits &>> UInt64(register) & 1 != 0 }
  mutating func insert(_ register: Int) { bits |= 1 &<< UInt64(register) }
  // Registers and their count are at most 63.
  private func run(_ first: Int, _ count: Int) -> UInt64 {
    ((1 << UInt64(count)) &- 1) << UInt64(first)
  }
  mutating func insert(_ first: Int, count: Int) { bits |= run(first, count) }
  func firstMissing(_ first: Int, count: Int) -> Int? {
    let missing = run(first, count) & ~bits
    return missing == 0 ? nil : missing.trailingZeroBitCount
  }
  mutating func remove(from register: Int) {
    bits &= 1 << 63 | ((1 << UInt64(register)) &- 1)
  }
  // SAFETY: see above.
  mutating func save(_ target: Int) { unsafe saved[target] = bits }
  // SAFETY: see above.
  mutating func narrow(_ target: Int) { unsafe saved[target] &= bits }
  // SAFETY: see above.
  mutating func restore(_ target: Int) { bits = unsafe saved[target] }
  // SAFETY: see above.
  mutating func intersect(_ target: Int) { bits &= unsafe saved[target] }
  func firstMissing(_ target: Int) -> Int? {
    // SAFETY: see above.
    let missing = unsafe saved[target] & ~bits
    return missing == 0 ? nil : missing.trailingZeroBitCount
  }
}

/// Sets of functions with more registers, and a number for each target.
@safe struct ManyWordStates: RegisterStates {
  static var isOneWord: Bool { false }
  var bits: UInt64 = 0
  let setWordCount: Int
  // The current set, then those of targets by number.
  let sets: UnsafeMutablePointer<UInt64>
  // By word of the function: a target's number.
  let numbers: UnsafeMutablePointer<UInt32>

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
  mutating func insert(_ register: Int) {
    // SAFETY: see above.
    unsafe sets[register >> 6] |= 1 << UInt64(register & 63)
  }
  // What of word `word` belongs to the registers from `first` up to before `end`.
  private func run(_ word: Int, _ first: Int, _ end: Int) -> UInt64 {
    let from: UInt64 = word == first >> 6 ? ~0 << UInt64(first & 63) : ~0
    let below: UInt64 = word == end >> 6 ? (1 << UInt64(end & 63)) &- 1 : ~0
    return from & below
  }
  mutating func insert(_ first: Int, count: Int) {
    var word = first >> 6
    // SAFETY: see above; a set has room for one register more than the function has.
    while word <= (first + count) >> 6 {
      unsafe sets[word] |= run(word, first, first + count)
      word += 1
    }
  }
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
  mutating func remove(from register: Int) {
    // SAFETY: see above; a set has room for one register more than the function has.
    unsafe sets[register >> 6] &= (1 << UInt64(register & 63)) &- 1
    var word = register >> 6 + 1
    while word < setWordCount {
      unsafe sets[word] = 0
      word += 1
    }
  }
  mutating func save(_ target: Int) {
    // SAFETY: both sets have as many words.
    unsafe set(target).update(from: sets, count: setWordCount)
  }
  mutating func narrow(_ target: Int) {
    let other = unsafe set(target)
    // SAFETY: both sets have as many words.
    for word in 0..<setWordCount { unsafe other[word] &= sets[word] }
  }
  mutating func restore(_ target: Int) {
    // SAFETY: both sets have as many words.
    unsafe sets.update(from: set(target), count: setWordCount)
  }
  mutating func intersect(_ target: Int) {
    let other = unsafe set(target)
    // SAFETY: both sets have as many words.
    for word in 0..<setWordCount { unsafe sets[word] &= other[word] }
  }
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
