// NativeRegisters+AArch64.swift — aarch64's register sets.
// Hosted. Imports nothing. Source: Linux arch/arm64/include/uapi/asm/ptrace.h.

extension NativeRegisters {
  func aarch64() -> [RegisterValue] {
    var general = RegisterCutter(set(RegisterSet.general) ?? [])
    general.add((0..<31).map { "x\($0)" } + ["sp", "pc", "cpsr"], at: 0, each: 8)
    var simd = RegisterCutter(set(RegisterSet.floatingPoint) ?? [])
    for number in 0..<32 { simd.add("v\(number)", at: 16 * number, 16) }
    simd.add("fpsr", at: 512, 4)
    simd.add("fpcr", at: 516, 4)
    var thread = RegisterCutter(set(RegisterSet.armThreadPointer) ?? [])
    thread.add("tpidr_el0", at: 0, 8)
    let scalable = Self.scalableVectors(set(RegisterSet.armScalableVectors) ?? [])
    return general.values + simd.values + thread.values + scalable
  }

  /// SVE's registers; none while the program has not used them, when the kernel keeps no state and
  /// their upper parts read as zero.
  static func scalableVectors(_ bytes: [UInt8]) -> [RegisterValue] {
    var cutter = RegisterCutter(bytes)
    // `struct user_sve_header`: size, maximum size, vector length, maximum length, flags.
    let vectorByteCount = cutter.field(at: 8, 2)
    let hasState = cutter.field(at: 12, 2) & 1 != 0
    guard hasState, vectorByteCount >= 16 else { return [] }
    let header = 16
    let predicateByteCount = vectorByteCount / 8
    let predicates = header + 32 * vectorByteCount
    for number in 0..<32 {
      cutter.add("z\(number)", at: header + number * vectorByteCount, vectorByteCount)
    }
    for number in 0..<16 {
      cutter.add("p\(number)", at: predicates + number * predicateByteCount, predicateByteCount)
    }
    cutter.add("ffr", at: predicates + 16 * predicateByteCount, predicateByteCount)
    return cutter.values
  }
}
