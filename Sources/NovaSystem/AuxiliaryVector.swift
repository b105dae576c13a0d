// AuxiliaryVector.swift — what the kernel tells a program of machine and process at its start.
// Freestanding. Imports NovaABI. Source: Linux include/uapi/linux/auxvec.h.

import NovaABI

/// The kernel's auxiliary vector.
public struct AuxiliaryVector: Sendable {
  /// What an entry tells; Linux's `AT_` numbers.
  public struct Kind: RawRepresentable, Equatable, Sendable {
    /// The `AT_` number.
    public let rawValue: UInt64

    /// The kind of this `AT_` number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `AT_PHDR`: the address of the program headers.
    public static var programHeaders: Kind { Kind(rawValue: 3) }
    /// `AT_PHNUM`: how many program headers there are.
    public static var programHeaderCount: Kind { Kind(rawValue: 5) }
    /// `AT_PAGESZ`: bytes per page.
    public static var pageByteCount: Kind { Kind(rawValue: 6) }
    /// `AT_ENTRY`: the address of the first instruction.
    public static var entry: Kind { Kind(rawValue: 9) }
    /// `AT_UID`: the real user.
    public static var user: Kind { Kind(rawValue: 11) }
    /// `AT_HWCAP`: what the CPU offers, bits by CPU.
    public static var hardwareCapabilities: Kind { Kind(rawValue: 16) }
    /// `AT_CLKTCK`: ticks per second of `times`.
    public static var clockTicksPerSecond: Kind { Kind(rawValue: 17) }
    /// `AT_SECURE`: not 0 in a set-user-id start.
    public static var secure: Kind { Kind(rawValue: 23) }
    /// `AT_RANDOM`: the address of 16 random bytes.
    public static var random: Kind { Kind(rawValue: 25) }
    /// `AT_HWCAP2`: what more the CPU offers, bits by CPU.
    public static var hardwareCapabilities2: Kind { Kind(rawValue: 26) }
    /// `AT_SYSINFO_EHDR`: the address of the vDSO.
    public static var vdso: Kind { Kind(rawValue: 33) }
  }

  /// The process's auxiliary vector.
  public static var current: AuxiliaryVector { AuxiliaryVector() }

  /// The value of an entry; nil when the kernel did not pass it.
  public subscript(kind: Kind) -> UInt64? {
    var value: UInt64 = 0
    // SAFETY: the call writes one word, and only when it returns true.
    return unsafe nova_auxiliary(kind.rawValue, &value) ? value : nil
  }
}
