// RunnerOptions.swift — what the command line asks of the runner; the rest is the module's.
// Freestanding. Imports NovaModules.

import NovaModules

/// `PROGRAM [--fuel N] [--memory N] [--timeout N] [--invoke FUNCTION ARGUMENT…] [WORD…]`.
///
/// The runner's options come first. The first word that is none of them, or that follows `--`, and
/// all after it are left to the module, whose driver `arguments` sees the whole command line.
struct RunnerOptions {
  /// Which argument names the function to call; nil for `main`.
  private(set) var function: Int?
  /// Which arguments are the function's.
  private(set) var words = 0..<0
  /// What the call may use.
  private(set) var limits = ModuleLimits()

  private let arguments = ProgramArguments.current

  private enum Name { case invoke, fuel, memory, timeout }

  /// - Parameter isGranted: whether the program may look at its arguments; else none of them is an
  ///   option, and runs with other arguments take the same course.
  /// - Throws: `OptionError`.
  init(isGranted: Bool) throws(OptionError) {
    guard isGranted else { return }
    var index = 1
    while index < arguments.count, let name = Self.name(arguments[index]) {
      index = try read(name, at: index)
    }
  }

  private static func name(_ word: Span<UInt8>) -> Name? {
    if word.isEqual("--invoke") { return .invoke }
    if word.isEqual("--fuel") { return .fuel }
    if word.isEqual("--memory") { return .memory }
    return word.isEqual("--timeout") ? .timeout : nil
  }

  /// - Returns: the index of what follows.
  private mutating func read(_ name: Name, at index: Int) throws(OptionError) -> Int {
    let value = index + 1
    guard value < arguments.count else { throw .missingValue(option: index) }
    guard name != .invoke else {
      function = value
      var end = value + 1
      while end < arguments.count, !arguments[end].isEqual("--") { end += 1 }
      words = value + 1..<end
      return end
    }
    guard let number = WrittenNumber.size(arguments[value]) else {
      throw .badNumber(option: index)
    }
    switch name {
    case .fuel: limits.fuel = number
    case .memory: limits.memoryByteCount = Int(clamping: number)
    default:
      let (nanoseconds, overflows) = number.multipliedReportingOverflow(
        by: Self.nanosecondsPerMillisecond)
      limits.timeoutNanoseconds = overflows ? .max : nanoseconds
    }
    return value + 1
  }

  private static let nanosecondsPerMillisecond: UInt64 = 1_000_000
}

/// Why the command line asks for nothing; numbers are of the program's arguments.
enum OptionError: Error {
  /// An option at the end of the line.
  case missingValue(option: Int)
  /// What follows an option is no number, or none of 64 bits.
  case badNumber(option: Int)

  /// Says what is wrong, and where.
  func tell(_ line: inout Line) {
    switch self {
    case .missingValue(let option):
      line.append(argument: option)
      line.append(" wants a value behind it")
    case .badNumber(let option):
      line.append(argument: option)
      line.append(" wants a number, and this is none: ")
      line.append(argument: option + 1)
    }
  }
}

extension Span<UInt8> {
  /// Whether the bytes are the literal's.
  func isEqual(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in 0..<count {
      // SAFETY: both have `count` bytes.
      guard unsafe text.utf8Start[index] == self[index] else { return false }
    }
    return true
  }
}
