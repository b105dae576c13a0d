// BuildSettings.swift — what `nova build` writes into a program's bootstrap record, validated.
// Hosted. Imports NovaABI (limits, policies). Layers of the record: crt/include/nova_abi.h.

import NovaABI

/// Why a setting was refused; nothing was built.
public enum BuildSettingsError: Error, Equatable {
  /// A size or count outside its limits; `option` is spelt as on the command line.
  case outOfRange(option: String, value: UInt64, minimum: UInt64, maximum: UInt64)
  /// The initial window is larger than the stack that it is a part of.
  case windowExceedsStack(window: UInt64, stack: UInt64)
}

/// How much of the stack is committed and zeroed before `main`; raw values are the record's.
public enum StackPolicy: String, CaseIterable, Sendable {
  case lazy, initial, full

  var word: UInt64 {
    switch self {
    case .lazy: UInt64(NOVA_STACK_lazy.rawValue)
    case .initial: UInt64(NOVA_STACK_initial.rawValue)
    case .full: UInt64(NOVA_STACK_full.rawValue)
    }
  }
}

/// Where hash seeds, random numbers and the stack guard come from.
public enum EntropyPolicy: String, CaseIterable, Sendable {
  case fixed, kernel

  var word: UInt64 {
    switch self {
    case .fixed: UInt64(NOVA_ENTROPY_fixed.rawValue)
    case .kernel: UInt64(NOVA_ENTROPY_kernel.rawValue)
    }
  }
}

/// Whether memory primitives may use what the CPU offers.
public enum CPUPolicy: String, CaseIterable, Sendable {
  case baseline, native

  var word: UInt64 {
    switch self {
    case .baseline: UInt64(NOVA_CPU_baseline.rawValue)
    case .native: UInt64(NOVA_CPU_native.rawValue)
    }
  }
}

/// What the drivers built into the runtime may reach.
public enum DriverGrant: String, CaseIterable, Sendable {
  case console
  case monotonicClock = "monotonic-clock"
  case wallClock = "wall-clock"
  case entropy, arguments, environment

  /// The grant's bit in the record.
  public var word: UInt64 {
    switch self {
    case .console: UInt64(NOVA_GRANT_console)
    case .monotonicClock: UInt64(NOVA_GRANT_monotonic_clock)
    case .wallClock: UInt64(NOVA_GRANT_wall_clock)
    case .entropy: UInt64(NOVA_GRANT_entropy)
    case .arguments: UInt64(NOVA_GRANT_arguments)
    case .environment: UInt64(NOVA_GRANT_environment)
    }
  }

  /// The names of the grants in a record's word, by comma; `none`, or `unknown` with the word when
  /// a bit is no grant.
  public static func names(in word: UInt64) -> String {
    guard word & ~UInt64(NOVA_GRANT_ALL) == 0 else { return "unknown (\(word))" }
    let names = allCases.filter { word & $0.word != 0 }.map(\.rawValue)
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }
}

/// Settings for the bootstrap record; null leaves what the program's source says, or the default.
public struct BuildSettings: Sendable, Equatable {
  /// Bytes reserved for the main stack.
  public var stackByteCount: UInt64?
  /// When the stack is committed and zeroed.
  public var stackPolicy: StackPolicy?
  /// Bytes of the stack committed and zeroed under the policy `initial`.
  public var initialWindowByteCount: UInt64?
  /// Bytes of the heap's arena.
  public var heapByteCount: UInt64?
  /// Extra workers of the executor.
  public var workerCount: UInt64?
  /// True: a fixed address that is taken stops the program.
  public var isStrict = false
  /// Where random bytes and hash seeds come from.
  public var entropyPolicy: EntropyPolicy?
  /// Whether code may choose its path by what the CPU offers.
  public var cpuPolicy: CPUPolicy?
  /// All that drivers may reach.
  public var driverGrants: Set<DriverGrant>?

  /// Settings that leave everything as the program says.
  public init() {}

  /// Checks every size and count against its limits.
  public func validate() throws(BuildSettingsError) {
    let stackMaximum = UInt64(NOVA_STACK_BYTE_COUNT_MAX)
    try Self.check(
      "--stack-size", stackByteCount, UInt64(NOVA_STACK_BYTE_COUNT_MIN), stackMaximum)
    try Self.check("--initial-window", initialWindowByteCount, 0, stackMaximum)
    try Self.check(
      "--heap-size", heapByteCount, UInt64(NOVA_HEAP_BYTE_COUNT_MIN),
      UInt64(NOVA_HEAP_BYTE_COUNT_MAX))
    try Self.check("--workers", workerCount, 0, UInt64(NOVA_WORKER_COUNT_MAX))
    if let stack = stackByteCount, let window = initialWindowByteCount, window > stack {
      throw .windowExceedsStack(window: window, stack: stack)
    }
  }

  private static func check(
    _ option: String, _ value: UInt64?, _ minimum: UInt64, _ maximum: UInt64
  ) throws(BuildSettingsError) {
    guard let value, !(minimum...maximum).contains(value) else { return }
    throw .outOfRange(option: option, value: value, minimum: minimum, maximum: maximum)
  }

  /// The linker symbols that carry the settings, `NAME=VALUE`; names as in linker/nova.ld.
  public var linkerSymbols: [String] { stated.map { "\($0.name)=\($0.value)" } }

  /// The settings as entries of the bootstrap record, in the order of their keys.
  var entries: [(key: UInt64, value: UInt64)] { stated.map { ($0.key, $0.value) } }

  private var stated: [(name: String, key: UInt64, value: UInt64)] {
    let words: [(String, nova_key, UInt64?)] = [
      ("nova_stack_size", NOVA_KEY_stack_byte_count, stackByteCount),
      ("nova_stack_policy", NOVA_KEY_stack_policy, stackPolicy?.word),
      ("nova_stack_initial", NOVA_KEY_stack_initial_byte_count, initialWindowByteCount),
      ("nova_heap_size", NOVA_KEY_heap_byte_count, heapByteCount),
      ("nova_worker_count", NOVA_KEY_worker_count, workerCount),
      (
        "nova_address_policy", NOVA_KEY_address_policy,
        isStrict ? UInt64(NOVA_ADDRESS_strict.rawValue) : nil
      ),
      ("nova_entropy_policy", NOVA_KEY_entropy_policy, entropyPolicy?.word),
      ("nova_cpu_policy", NOVA_KEY_cpu_policy, cpuPolicy?.word),
      (
        "nova_driver_grants", NOVA_KEY_driver_grants,
        driverGrants?.reduce(0) { $0 | $1.word }
      ),
    ]
    return words.compactMap { name, key, word in word.map { (name, UInt64(key.rawValue), $0) } }
  }
}

/// Reads a size: digits, then nothing, `K`, `M`, `G` or `T` (1024 each; `KiB` and the like too).
///
/// - Returns: bytes; null for anything else, or more than 64 bits hold.
public func byteCount(_ text: String) -> UInt64? {
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  guard let number = UInt64(digits) else { return nil }
  let shift: UInt64
  switch text.dropFirst(digits.count).lowercased() {
  case "", "b": shift = 0
  case "k", "kib": shift = 10
  case "m", "mib": shift = 20
  case "g", "gib": shift = 30
  case "t", "tib": shift = 40
  default: return nil
  }
  let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
  return overflow ? nil : product
}
