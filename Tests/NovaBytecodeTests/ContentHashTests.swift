// ContentHashTests.swift — the hash against its source's definition, and what it covers.

import NovaBytecode
import Testing

@Suite struct ContentHashTests {
  private func hash(_ words: [UInt64]) -> ContentHash {
    // SAFETY: the buffer lives as long as the closure.
    unsafe words.map(\.littleEndian).withUnsafeBytes { unsafe ContentHash.ofWords($0) }
  }

  /// The low halves are what the reference implementation gives for the same bytes.
  @Test(
    arguments: [
      (0, 0xef46_db37_51d8_e999, 0x8a3c_f447_0d20_f1a9),
      (3, 0x8799_e152_e5c0_cdfa, 0x48fd_db3b_c502_3d4c),
      (13, 0xa06a_012e_e043_4665, 0x05c0_c523_a5dc_ffad),
    ] as [(UInt64, UInt64, UInt64)])
  func `the low half is XXH64, the high one the lanes once more`(
    count: UInt64, low: UInt64, high: UInt64
  ) {
    let words = (0..<count).map { $0 + 1 }
    #expect(hash(words) == ContentHash(low: low, high: high))
  }

  @Test func `a module's hash reads the words where it stands as zero`() {
    var words = (0..<24).map { UInt64($0) &* 0x9e37_79b9_7f4a_7c15 }
    words[6] = 0
    words[7] = 0
    let expected = hash(words)
    words[6] = expected.low
    words[7] = expected.high
    // SAFETY: the buffer lives as long as the closure.
    let actual = unsafe words.withUnsafeBytes { unsafe ContentHash.ofModule($0) }
    #expect(actual == expected)
  }
}
