// RunnerOptions.swift — what the command line asks of the runner; the rest is the module's.
// Freestanding. Imports NovaModules.

import NovaModules

/// `PROGRAM [LIMIT N]… [--invoke FUNCTION ARGUMENT…] [WORD…]`, a limit being `--fuel`, `--memory`,
/// `--timeout`, `--depth` or `--table`.
///
/// The runner's options come first. The first word that does not begin with `--`, or that follows
/// `--`, and all after it are left to the module, whose driver `arguments` sees the whole command
/// line.
struct RunnerOptions {
  /// Which argument names the function to call; nil for `main`.
  private(set) var function: Int?
  /// Which arguments are the function's.
  private(set) var words = 0..<0
  /// What the call may use.
  private(set) var limits = ModuleLimits()

  private let arguments = ProgramArguments.current

  /// Nothing, as of a program whose words are all its module's.
  init() {}

  private enum Name: Int { case invoke, fuel, memory, timeout, depth, table }

  /// The options in the order of `Name`, a blank behind each.
  private static var names: StaticString { "--invoke --fuel --memory --timeout --depth --table " }

  /// Reads the command line; ends the process with 2 where it asks for nothing that there is.
  ///
  /// - Parameter isGranted: whether the program may look at its arguments; else none of them is an
  ///   option, and runs with other arguments take the same course.
  init(isGranted: Bool) {
    guard isGranted else { return }
    var index = 1
    while index < arguments.count, Self.isOption(arguments[index]) {
      index = read(Self.name(arguments[index]), at: index)
    }
  }

  private static func isOption(_ word: Span<UInt8>) -> Bool {
    let mark = UInt8(ascii: "-")
    return word.count > 2 && word[0] == mark && word[1] == mark
  }

  private static func name(_ word: Span<UInt8>) -> Name? {
    var number = 0
    var place = 0
    for index in 0..<names.utf8CodeUnitCount {
      // SAFETY: the text has so many bytes.
      let byte = unsafe names.utf8Start[index]
      guard byte == UInt8(ascii: " ") else {
        place = place >= 0 && place < word.count && word[place] == byte ? place + 1 : -1
        continue
      }
      if place == word.count { return Name(rawValue: number) }
      number += 1
      place = 0
    }
    return nil
  }

  /// - Returns: the index of what follows.
  private mutating func read(_ name: Name?, at index: Int) -> Int {
    guard let name else {
      Self.refuse(index) {
        $0.append(" is no option; there are ")
        $0.append(Self.names)
        $0.append("and -- before what is the module's")
      }
    }
    let value = index + 1
    guard value < arguments.count else {
      Self.refuse(index) { $0.append(" wants a value behind it") }
    }
    guard name != .invoke else {
      function = value
      var end = value + 1
      while end < arguments.count, !arguments[end].isEqual("--") { end += 1 }
      words = value + 1..<end
      return end
    }
    let least = name == .depth ? UInt64(ModuleLimits.callDepthMin) : 0
    let most =
      name == .depth
      ? UInt64(ModuleLimits.callDepthMax) : name == .table ? UInt64(UInt32.max) : .max
    guard let number = WrittenNumber.size(arguments[value]), number >= least, number <= most else {
      Self.refuse(index) {
        $0.append(" wants a number from ")
        $0.append(least)
        $0.append(" to ")
        $0.append(most)
        $0.append(", and this is none: ")
        $0.append(argument: value)
      }
    }
    switch name {
    case .fuel: limits.fuel = number
    case .memory: limits.memoryByteCount = Int(clamping: number)
    case .depth: limits.allowDepth(Int(number))
    case .table: limits.tableElementCount = Int(number)
    default:
      let (nanoseconds, overflows) = number.multipliedReportingOverflow(
        by: Self.nanosecondsPerMillisecond)
      limits.timeoutNanoseconds = overflows ? .max : nanoseconds
    }
    return value + 1
  }

  private static let nanosecondsPerMillisecond: UInt64 = 1_000_000

  /// Ends the process: the option at an index is wrong, which `tell` says behind its name.
  @inline(never) private static func refuse(
    _ option: Int, _ tell: (inout Line) -> Void
  ) -> Never {
    misuse { line in
      line.append(argument: option)
      tell(&line)
    }
  }
}

/// Ends the program: its command line asks for what is not there.
@inline(never) func misuse(_ tell: (inout Line) -> Void) -> Never {
  var line = Line(to: 2)
  tell(&line)
  line.write()
  System.exit(2)
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
