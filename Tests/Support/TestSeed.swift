// TestSeed.swift — the seed of this run's random tests.
// Hosted. Imports Glibc.

import Glibc

/// The seed that random tests draw from and print.
public enum TestSeed {
  /// `NOVA_SEED`, or one drawn for this run.
  public static let value: UInt32 = {
    // SAFETY: getenv's string is copied at once.
    if let text = unsafe getenv("NOVA_SEED"), let seed = UInt32(unsafe String(cString: text)) {
      return seed
    }
    return UInt32.random(in: 0 ... .max)
  }()
}
