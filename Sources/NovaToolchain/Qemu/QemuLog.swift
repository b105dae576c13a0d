// QemuLog.swift — reads qemu's log: system calls, executed instructions, registers at `main`.
// Hosted. Source: the forms of qemu 7.2's -strace, -d exec and -d cpu,fpu, which share one log.

/// What a log says.
struct QemuLog {
  /// Written by the plug-in when `main` begins.
  static let markOfMain = "nova-trace: main"

  private(set) var callsBeforeMain: [SystemCall] = []
  private(set) var callsFromMain: [SystemCall] = []
  /// Program counters from `main` on, where the log has them.
  private(set) var programCounters: [UInt64] = []
  /// Wide registers of the first register dump.
  private(set) var wideRegisters: [RegisterValue] = []
  private(set) var hasReachedMain = false

  /// Reads a log.
  ///
  /// - Parameters:
  ///   - bytes: the log.
  ///   - main: the address that marks `main` in a log of executed instructions.
  init(_ bytes: [UInt8], main: UInt64) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let first = line.first else { continue }
      switch first {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: " "):
        addCall(line)
      case UInt8(ascii: "T"): addInstruction(line, main)
      case UInt8(ascii: "Y"): addWideRegister(line)
      case UInt8(ascii: "n") where line.elementsEqual(Self.markOfMain.utf8): hasReachedMain = true
      default: break
      }
    }
  }

  // `PID name(arguments) = result`, `PID exit_group(0)`, `--- SIGSEGV {…} ---`. A call whose
  // line the log breaks (its result comes alone, ` = 2`) gets the result added.
  private mutating func addCall(_ line: ArraySlice<UInt8>) {
    let text = Substring(decoding: line, as: UTF8.self)
    if text.hasPrefix("--- ") {
      let parts = text.dropFirst(4).split(separator: " ", maxSplits: 1)
      append(
        SystemCall(
          name: "signal " + (parts.first ?? ""),
          arguments: String(parts.last ?? "").removingSuffix(" ---"), result: ""))
    } else if text.hasPrefix(" = ") {
      setResult(String(text.dropFirst(3)))
    } else {
      let call = text.drop { $0.isNumber }.drop { $0 == " " }
      guard let open = call.firstIndex(of: "("), let name = call.first, name.isLetter || name == "_"
      else { return }
      let rest = call[call.index(after: open)...]
      let (arguments, result) = Self.splitResult(rest)
      append(SystemCall(name: String(call[..<open]), arguments: arguments, result: result))
    }
  }

  private static func splitResult(_ text: Substring) -> (arguments: String, result: String) {
    var place = text.endIndex
    while place > text.startIndex {
      place = text.index(before: place)
      if text[place] == ")", text[place...].hasPrefix(") = ") {
        return (String(text[..<place]), String(text[place...].dropFirst(4)))
      }
    }
    return (String(text).removingSuffix(")"), "")
  }

  private mutating func append(_ call: SystemCall) {
    if hasReachedMain { callsFromMain.append(call) } else { callsBeforeMain.append(call) }
  }

  private mutating func setResult(_ result: String) {
    if hasReachedMain, !callsFromMain.isEmpty {
      callsFromMain[callsFromMain.count - 1].result = result
    } else if !callsBeforeMain.isEmpty {
      callsBeforeMain[callsBeforeMain.count - 1].result = result
    }
  }

  // `Trace 0: 0x7f… [cs_base/pc/flags/cflags] symbol`; only the main thread's (CPU 0).
  private mutating func addInstruction(_ line: ArraySlice<UInt8>, _ main: UInt64) {
    guard line.starts(with: "Trace 0:".utf8),
      let slash = line.firstIndex(of: UInt8(ascii: "/")),
      let end = line[(slash + 1)...].firstIndex(of: UInt8(ascii: "/")),
      let pc = UInt64(Substring(decoding: line[(slash + 1)..<end], as: UTF8.self), radix: 16)
    else { return }
    if pc == main { hasReachedMain = true }
    if hasReachedMain { programCounters.append(pc) }
  }

  // `YMM00=` and four words, most significant first.
  private mutating func addWideRegister(_ line: ArraySlice<UInt8>) {
    guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return }
    let digits = line[(equals + 1)...].filter { $0 != UInt8(ascii: " ") }
    guard let bytes = Hexadecimal.bytes(of: digits),
      let number = Int(
        Substring(decoding: line[line.startIndex + 3..<equals], as: UTF8.self))
    else { return }
    let name = "ymm\(number)"
    if wideRegisters.contains(where: { $0.name == name }) { return }
    wideRegisters.append(
      RegisterValue(name: name, bytes: bytes.reversed(), source: "trace"))
  }
}

extension String {
  fileprivate func removingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
