// SHA256.swift — the digest of a manifest.
// Hosted. Imports nothing, so that `nova` starts no cryptographic library for one hash.
// Source: FIPS 180-4, sections 4.1.2, 5 and 6.2.

/// A SHA-256 digest under construction.
struct SHA256 {
  private static let blockByteCount = 64
  private static let lengthByteCount = 8

  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// Appends bytes to the message.
  mutating func update(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      pending.append(byte)
      byteCount += 1
      if pending.count == Self.blockByteCount {
        absorb()
        pending.removeAll(keepingCapacity: true)
      }
    }
  }

  /// Appends a number as 8 little-endian bytes.
  mutating func update(_ number: UInt64) {
    update((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
  }

  /// Appends a string's bytes and their count, so that neighbours cannot trade bytes.
  mutating func update(_ text: String) {
    update(UInt64(text.utf8.count))
    update(text.utf8)
  }

  /// The digest as 64 lower-case hexadecimal digits.
  consuming func hexadecimal() -> String {
    let bitCount = byteCount * 8
    update([0x80])
    while pending.count != Self.blockByteCount - Self.lengthByteCount { update([0]) }
    update((0..<8).reversed().map { UInt8(truncatingIfNeeded: bitCount >> (8 * $0)) })
    return state.map { hexadecimalDigits(UInt64($0), digitCount: 8) }.joined()
  }

  private mutating func absorb() {
    var words = [UInt32](repeating: 0, count: 64)
    for index in 0..<16 {
      words[index] = pending[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    for index in 16..<64 {
      let first = words[index - 15]
      let second = words[index - 2]
      let s0 = rotated(first, 7) ^ rotated(first, 18) ^ (first >> 3)
      let s1 = rotated(second, 17) ^ rotated(second, 19) ^ (second >> 10)
      words[index] = words[index - 16] &+ s0 &+ words[index - 7] &+ s1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      let first = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ Self.constants[index] &+ words[index]
      let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      let second = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ second)
    }
    let changes = [a, b, c, d, e, f, g, h]
    for index in 0..<8 { state[index] = state[index] &+ changes[index] }
  }

  private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
  ]
}

/// A number in hexadecimal, padded with zeros to `digitCount`.
func hexadecimalDigits(_ number: UInt64, digitCount: Int = 1) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
}

/// An address or a value as text: `0x1000`.
func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
