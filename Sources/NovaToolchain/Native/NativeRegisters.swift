// NativeRegisters.swift — the kernel's register sets as named values, for every CPU.
// Hosted. Imports nothing. The tables: NativeRegisters+x86.swift, +AArch64.swift, +RISCV.swift.

/// A register set by its ELF note type, as PTRACE_GETREGSET takes it.
enum RegisterSet {
  static let general: UInt32 = 1
  static let floatingPoint: UInt32 = 2
  static let x86Extended: UInt32 = 0x202
  static let armThreadPointer: UInt32 = 0x401
  static let armScalableVectors: UInt32 = 0x405
  static let riscvVectors: UInt32 = 0x901

  /// Larger than every set: SVE at its architectural limit of 2048 bits takes 17 KiB.
  static let byteCountMax = 64 << 10
}

/// What ptrace must know of a CPU.
struct NativeCPU {
  /// A breakpoint instruction.
  var breakpoint: [UInt8]
  /// How far the program counter stands behind the breakpoint's address once it was hit.
  var breakpointAdvance: UInt64
  /// Where the program counter stands in the general registers.
  var programCounterOffset: Int
  /// Where the stack pointer stands in the general registers.
  var stackPointerOffset: Int

  init(_ target: Target) {
    switch target {
    case .x86_64:  // int3
      self.init([0xcc], advance: 1, programCounter: 16 * 8, stackPointer: 19 * 8)
    case .aarch64:  // brk #0
      self.init([0x00, 0x00, 0x20, 0xd4], advance: 0, programCounter: 32 * 8, stackPointer: 31 * 8)
    case .riscv64:  // c.ebreak
      self.init([0x02, 0x90], advance: 0, programCounter: 0, stackPointer: 2 * 8)
    }
  }

  private init(_ bytes: [UInt8], advance: UInt64, programCounter: Int, stackPointer: Int) {
    breakpoint = bytes
    breakpointAdvance = advance
    programCounterOffset = programCounter
    stackPointerOffset = stackPointer
  }
}

/// Cuts a register set's bytes into registers, in order.
struct RegisterCutter {
  private let bytes: [UInt8]
  private(set) var values: [RegisterValue] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Adds a register; nothing when the set is too short to hold it.
  mutating func add(_ name: String, at offset: Int, _ byteCount: Int) {
    add(name, pieces: [(offset, byteCount)])
  }

  /// Adds a register that lies in several places, its low end first.
  mutating func add(_ name: String, pieces: [(offset: Int, byteCount: Int)]) {
    var value: [UInt8] = []
    for piece in pieces {
      guard piece.offset >= 0, piece.byteCount >= 0,
        piece.offset + piece.byteCount <= bytes.count
      else { return }
      value += bytes[piece.offset..<piece.offset + piece.byteCount]
    }
    values.append(RegisterValue(name: name, bytes: value, source: "ptrace"))
  }

  /// Adds registers that follow one another; a null name skips one.
  mutating func add(_ names: [String?], at offset: Int, each byteCount: Int) {
    for (index, name) in names.enumerated() {
      if let name { add(name, at: offset + index * byteCount, byteCount) }
    }
  }

  /// A little-endian field; 0 when the set is too short.
  func field(at offset: Int, _ byteCount: Int) -> Int {
    guard offset + byteCount <= bytes.count else { return 0 }
    return bytes[offset..<offset + byteCount].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

/// Every register that ptrace shows.
struct NativeRegisters {
  let target: Target
  /// The bytes of a set; null when the kernel or the CPU has none.
  let set: (_ noteType: UInt32) -> [UInt8]?

  /// In the order: general, floating-point and vector, others.
  func values() -> [RegisterValue] {
    switch target {
    case .x86_64: x86()
    case .aarch64: aarch64()
    case .riscv64: riscv()
    }
  }
}
