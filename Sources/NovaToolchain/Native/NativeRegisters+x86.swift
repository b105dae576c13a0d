// NativeRegisters+x86.swift — x86_64's register sets.
// Hosted. Imports CNovaProbe (cpuid). Source: Linux arch/x86/include/asm/user_64.h; Intel SDM
// volume 1, 13.4 (standard form of the XSAVE area, in which the kernel always shows it).

import CNovaProbe

/// Where the parts of the XSAVE area lie, and how large they are; null where the CPU has none.
struct ExtendedLayout {
  typealias Component = (offset: Int, byteCount: Int)

  /// Upper halves of ymm0–15.
  var avx: Component?
  /// k0–k7.
  var masks: Component?
  /// Upper halves of zmm0–15.
  var zmmUpper: Component?
  /// zmm16–31.
  var zmmHigh: Component?
  var protectionKeys: Component?

  /// As this CPU lays them out.
  static var host: ExtendedLayout {
    func component(_ number: UInt32) -> Component? {
      var offset: UInt32 = 0
      var byteCount: UInt32 = 0
      // SAFETY: both words outlive the call.
      guard unsafe nova_trace_xsave_component(number, &offset, &byteCount) else { return nil }
      return (Int(offset), Int(byteCount))
    }
    return ExtendedLayout(
      avx: component(2), masks: component(5), zmmUpper: component(6), zmmHigh: component(7),
      protectionKeys: component(9))
  }
}

extension NativeRegisters {
  // In the order of `struct user_regs_struct`; orig_rax is the kernel's note, no register.
  private static let x86General: [String?] = [
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi",
    "rdi", nil, "rip", "cs", "eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
  ]

  func x86() -> [RegisterValue] {
    var general = RegisterCutter(set(RegisterSet.general) ?? [])
    general.add(Self.x86General, at: 0, each: 8)
    // A CPU without XSAVE shows the legacy area alone.
    let extended = set(RegisterSet.x86Extended)
    let area = extended ?? set(RegisterSet.floatingPoint) ?? []
    return general.values
      + Self.x86Extended(area, extended == nil ? ExtendedLayout() : ExtendedLayout.host)
  }

  /// Decodes an XSAVE area in standard form.
  static func x86Extended(_ area: [UInt8], _ layout: ExtendedLayout) -> [RegisterValue] {
    var cutter = RegisterCutter(area)
    cutter.add("fcw", at: 0, 2)
    cutter.add("fsw", at: 2, 2)
    cutter.add("ftw", at: 4, 1)
    cutter.add("fop", at: 6, 2)
    cutter.add("fip", at: 8, 8)
    cutter.add("fdp", at: 16, 8)
    cutter.add("mxcsr", at: 24, 4)
    for number in 0..<8 { cutter.add("st\(number)", at: 32 + 16 * number, 10) }
    for number in 0..<16 { cutter.add("xmm\(number)", at: low(number), 16) }
    guard let avx = layout.avx else { return cutter.values }
    for number in 0..<16 {
      cutter.add("ymm\(number)", pieces: [(low(number), 16), (avx.offset + 16 * number, 16)])
    }
    if let upper = layout.zmmUpper, let high = layout.zmmHigh, let masks = layout.masks {
      for number in 0..<16 {
        cutter.add(
          "zmm\(number)",
          pieces: [
            (low(number), 16), (avx.offset + 16 * number, 16), (upper.offset + 32 * number, 32),
          ])
      }
      for number in 16..<32 { cutter.add("zmm\(number)", at: high.offset + 64 * (number - 16), 64) }
      for number in 0..<8 { cutter.add("k\(number)", at: masks.offset + 8 * number, 8) }
    }
    if let keys = layout.protectionKeys { cutter.add("pkru", at: keys.offset, 4) }
    return cutter.values
  }

  /// Where the low 16 bytes of a vector register lie.
  private static func low(_ number: Int) -> Int { 160 + 16 * number }
}
