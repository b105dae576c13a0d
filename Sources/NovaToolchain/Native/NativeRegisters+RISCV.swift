// NativeRegisters+RISCV.swift — riscv64's register sets.
// Hosted. Imports nothing. Source: Linux arch/riscv/include/uapi/asm/ptrace.h.

extension NativeRegisters {
  private static let riscvGeneral = [
    "pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5",
    "t6",
  ]

  func riscv() -> [RegisterValue] {
    var general = RegisterCutter(set(RegisterSet.general) ?? [])
    general.add(Self.riscvGeneral, at: 0, each: 8)
    var floats = RegisterCutter(set(RegisterSet.floatingPoint) ?? [])
    for number in 0..<32 { floats.add("f\(number)", at: 8 * number, 8) }
    floats.add("fcsr", at: 256, 4)
    return general.values + floats.values + Self.vectors(set(RegisterSet.riscvVectors) ?? [])
  }

  /// The vector registers; none while the program has not used them, when the kernel keeps no
  /// state.
  static func vectors(_ bytes: [UInt8]) -> [RegisterValue] {
    var cutter = RegisterCutter(bytes)
    let names = ["vstart", "vl", "vtype", "vcsr", "vlenb"]
    let vectorByteCount = cutter.field(at: 32, 8)
    guard vectorByteCount > 0, vectorByteCount <= RegisterSet.byteCountMax / 32 else { return [] }
    cutter.add(names, at: 0, each: 8)
    for number in 0..<32 {
      cutter.add("v\(number)", at: 40 + number * vectorByteCount, vectorByteCount)
    }
    return cutter.values
  }
}
