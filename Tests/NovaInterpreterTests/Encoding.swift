// Encoding.swift — instructions by hand, for tests that need no assembler.
// Hosted. Imports NovaBytecode.

import NovaBytecode

/// One word with three fields of 16 bits.
func word(_ operation: Operation, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) -> UInt64 {
  UInt64(operation.rawValue) | field(a) << 16 | field(b) << 32 | field(c) << 48
}

/// One word with a field of 16 and one of 32 bits.
func word(_ operation: Operation, _ a: Int = 0, wide: Int) -> UInt64 {
  UInt64(operation.rawValue) | field(a) << 16
    | UInt64(UInt32(truncatingIfNeeded: wide)) << 32
}

/// A second word with four fields of 16 bits.
func extra(_ x0: Int = 0, _ x1: Int = 0, _ x2: Int = 0, _ x3: Int = 0) -> UInt64 {
  field(x0) | field(x1) << 16 | field(x2) << 32 | field(x3) << 48
}

private func field(_ value: Int) -> UInt64 { UInt64(UInt16(truncatingIfNeeded: value)) }
