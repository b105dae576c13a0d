// ContentHash.swift — 128 bits that tell whether a file arrived as it was written.
// Freestanding. Imports nothing. Design: NovaCore.docc/Bytecode.md.
// Source: Yann Collet, "xxHash fast digest algorithm", version 0.1.1, XXH64.

/// A hash of a file's words; not for security: whoever wants two files of one hash can make them.
///
/// `low` is XXH64 with seed 0 of the words in order, each as eight little-endian bytes. `high` ends
/// the same four lanes a second time, taken in the opposite order. Of a module, the words 6 and 7,
/// where the hash itself stands, are read as zero.
public struct ContentHash: Equatable, Sendable {
  /// Bits 0…63; in the header at byte 48.
  public var low: UInt64
  /// Bits 64…127; in the header at byte 56.
  public var high: UInt64

  /// A hash of these halves.
  @inlinable public init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }

  /// The hash of a module's bytes, wherever they stand.
  ///
  /// - Parameter bytes: a file, whose byte count is a multiple of 8 and at least the header's.
  /// - Returns: what its header must hold.
  /// - Complexity: O(n), at several bytes a cycle.
  public static func ofModule(_ bytes: UnsafeRawBufferPointer) -> ContentHash {
    precondition(
      bytes.count >= ModuleHeader.byteCount && bytes.count % 8 == 0,
      "a module has a header, and eight bytes a word")
    var lanes = HashLanes()
    // SAFETY: words 0…7 are the header's, which was just checked to be there.
    unsafe lanes.add(
      word(bytes, 0), word(bytes, 1), word(bytes, 2), word(bytes, 3))
    unsafe lanes.add(word(bytes, 4), word(bytes, 5), 0, 0)
    return unsafe lanes.end(bytes, from: 8)
  }

  /// The hash of words that are no module.
  ///
  /// - Parameter bytes: as many as are wanted; their count is a multiple of 8.
  /// - Returns: the hash of all of them.
  public static func ofWords(_ bytes: UnsafeRawBufferPointer) -> ContentHash {
    precondition(bytes.count % 8 == 0, "eight bytes a word")
    let lanes = HashLanes()
    // SAFETY: the count is whole words, as just checked; nothing else is read.
    return unsafe lanes.end(bytes, from: 0)
  }

  /// - Safety: word `index` lies within `bytes`.
  @unsafe @inline(__always) fileprivate static func word(
    _ bytes: UnsafeRawBufferPointer, _ index: Int
  ) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self))
  }
}

// The four accumulators of XXH64. All arithmetic is modulo 2⁶⁴, as the source defines it.
private struct HashLanes {
  static var prime1: UInt64 { 0x9e37_79b1_85eb_ca87 }
  static var prime2: UInt64 { 0xc2b2_ae3d_27d4_eb4f }
  static var prime3: UInt64 { 0x1656_67b1_9e37_79f9 }
  static var prime4: UInt64 { 0x85eb_ca77_c2b2_ae63 }
  static var prime5: UInt64 { 0x27d4_eb2f_1656_67c5 }

  var a = prime1 &+ prime2
  var b = prime2
  var c: UInt64 = 0
  var d = 0 &- prime1

  @inline(__always) static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value &<< count | value &>> (64 &- count)
  }

  @inline(__always) static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotate(lane &+ word &* prime2, 31) &* prime1
  }

  @inline(__always) mutating func add(_ p: UInt64, _ q: UInt64, _ r: UInt64, _ s: UInt64) {
    a = Self.round(a, p)
    b = Self.round(b, q)
    c = Self.round(c, r)
    d = Self.round(d, s)
  }

  /// Adds the words from `first` on, of which all before were added, and gives the hash.
  consuming func end(_ bytes: UnsafeRawBufferPointer, from first: Int) -> ContentHash {
    var lanes = self
    let wordCount = bytes.count / 8
    var index = first
    while index &+ 4 <= wordCount {
      // SAFETY: index + 3 < wordCount.
      unsafe lanes.add(
        ContentHash.word(bytes, index), ContentHash.word(bytes, index &+ 1),
        ContentHash.word(bytes, index &+ 2), ContentHash.word(bytes, index &+ 3))
      index = index &+ 4
    }
    let isShort = wordCount < 4
    var low = isShort ? Self.prime5 : Self.merged(lanes.a, lanes.b, lanes.c, lanes.d)
    var high = isShort ? Self.prime4 : Self.merged(lanes.d, lanes.c, lanes.b, lanes.a)
    low = low &+ UInt64(wordCount) &* 8
    high = high &+ UInt64(wordCount) &* 8
    while index < wordCount {
      // SAFETY: index < wordCount.
      let round = Self.round(0, unsafe ContentHash.word(bytes, index))
      low = Self.rotate(low ^ round, 27) &* Self.prime1 &+ Self.prime4
      high = Self.rotate(high ^ round, 27) &* Self.prime1 &+ Self.prime4
      index = index &+ 1
    }
    return ContentHash(low: Self.avalanche(low), high: Self.avalanche(high))
  }

  static func merged(_ p: UInt64, _ q: UInt64, _ r: UInt64, _ s: UInt64) -> UInt64 {
    var hash = rotate(p, 1) &+ rotate(q, 7) &+ rotate(r, 12) &+ rotate(s, 18)
    hash = (hash ^ round(0, p)) &* prime1 &+ prime4
    hash = (hash ^ round(0, q)) &* prime1 &+ prime4
    hash = (hash ^ round(0, r)) &* prime1 &+ prime4
    return (hash ^ round(0, s)) &* prime1 &+ prime4
  }

  static func avalanche(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }
}
