// Instruction.swift — the fields of an instruction that the outer loop does itself.
// Freestanding, no heap. Imports NovaBytecode. Design: NovaCore.docc/Operations.md.

import NovaBytecode

/// A verified instruction where it lies.
@unsafe struct Instruction {
  let pc: UInt
  let word0: UInt64

  /// - Safety: `pc` is at a verified instruction.
  init(_ pc: UInt) {
    unsafe self.pc = pc
    unsafe word0 = ContextLayout.load(pc, 0)
  }

  // SAFETY: the words of all of these are the verified instruction's.
  var operation: Operation { Operation(rawValue: UInt16(truncatingIfNeeded: unsafe word0)) }
  var a: UInt { unsafe UInt(word0 >> 16 & 0xffff) }
  var b: UInt { unsafe UInt(word0 >> 32 & 0xffff) }
  var c: UInt { unsafe UInt(word0 >> 48) }
  var imm32: UInt { unsafe UInt(word0 >> 32) }
  // Read only in instructions of two words.
  private var word1: UInt64 { unsafe ContextLayout.load(pc, 8) }
  var x0: UInt { unsafe UInt(word1 & 0xffff) }
  var x1: UInt { unsafe UInt(word1 >> 16 & 0xffff) }
  var xhi: UInt { unsafe UInt(word1 >> 32) }

  /// The instruction after it; it is one that handlers leave to others.
  var next: UInt { unsafe pc &+ Self.wordCount(of: operation) &* 8 }

  /// Whether its frame is left to what it calls.
  var isTail: Bool {
    switch unsafe operation.base {
    case .returnCallImport, .returnCallIndirect, .returnCallIndirectFar: true
    default: false
    }
  }

  /// How many words an operation that handlers leave to others has.
  ///
  /// Named here, because the records of all operations are larger than all that runs them slowly.
  static func wordCount(of operation: Operation) -> UInt {
    switch operation.base {
    case .callIndirectFar, .memoryCopy, .memoryFill, .memoryInit, .tableGrow, .tableCopy,
      .tableFill, .tableInit:
      2
    default: 1
    }
  }

  func read(_ register: UInt, _ fp: UInt) -> UInt64 {
    // SAFETY: verified: the register is one of the frame's.
    unsafe ContextLayout.load(fp, Int(register) &* 8)
  }

  func read32(_ register: UInt, _ fp: UInt) -> UInt64 { unsafe read(register, fp) & 0xffff_ffff }

  func write(_ register: UInt, _ fp: UInt, _ word: UInt64) {
    // SAFETY: as in `read`.
    unsafe ContextLayout.store(fp, Int(register) &* 8, word)
  }
}
