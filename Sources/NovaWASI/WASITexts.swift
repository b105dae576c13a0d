// WASITexts.swift — a module's arguments and variables, and what `nova build` stated of them.
// Freestanding. Imports NovaCore, NovaModules, NovaSystem. The form: crt/include/nova_module.h.

import NovaCore
import NovaModules
import NovaSystem

/// Where a module's arguments and variables come from.
enum WASITexts {
  case given(arguments: [[UInt8]], environment: [[UInt8]])
  /// The process's, as far as they were granted, and what `nova build` stated.
  case program

  static var programName: StaticString { "program" }
}

extension WASISystem {
  /// The system of a program that `nova build` made, as far as it states in its own file; folders
  /// come with `openProgramFolders`.
  public static var ofProgram: WASISystem {
    WASISystem(.program, .process, hasInput: states(UInt8(ascii: "i")))
  }

  /// Whether the program's own file states folders.
  public static var statesFolders: Bool { states(UInt8(ascii: "g")) }

  @inline(never) private static func states(_ wanted: UInt8) -> Bool {
    var isStated = false
    eachGrant { kind, _ in if kind == wanted { isStated = true } }
    return isStated
  }

  /// Opens the folders that the program's own file states.
  ///
  /// - Throws: `WASIError`.
  public func openProgramFolders() throws(WASIError) {
    var host: [UInt8] = []
    try Self.eachGrant { kind, text throws(WASIError) in
      if kind == UInt8(ascii: "d") { host = [UInt8](copying: text) }
      guard kind == UInt8(ascii: "g") else { return }
      try grant(WASIDirectory(host: host, guest: [UInt8](copying: text)))
    }
  }

  /// Hands each argument over, the program's name first.
  ///
  /// The command line's words are the module's where the process was granted `arguments`.
  func handOverArguments(_ transfer: inout TextTransfer) throws(WASIErrno) {
    guard case .given(let arguments, _) = texts else {
      // SAFETY: a literal's bytes stay as long as the program.
      try transfer.take(unsafe Span(_unsafeBytes: PoolBytes(WASITexts.programName).buffer))
      guard grants.contains(.arguments) else { return }
      let words = ProgramArguments.current
      var index = 1
      while index < words.count {
        try transfer.take(words[index])
        index += 1
      }
      return
    }
    for argument in arguments { try transfer.take(argument.span) }
  }

  /// Hands each variable over: those that were stated, then the process's where it was granted
  /// `environment`, but not those that are set already.
  func handOverVariables(_ transfer: inout TextTransfer) throws(WASIErrno) {
    guard case .given(_, let environment) = texts else {
      try Self.eachGrant { kind, text throws(WASIErrno) in
        if kind == UInt8(ascii: "e") { try transfer.take(text) }
      }
      guard grants.contains(.environment) else { return }
      let variables = ProgramEnvironment.current
      for index in 0..<variables.count where !Self.isStated(variables[index]) {
        try transfer.take(variables[index])
      }
      return
    }
    for variable in environment { try transfer.take(variable.span) }
  }

  /// Whether the program's own file states a variable of the name that this one has.
  private static func isStated(_ variable: Span<UInt8>) -> Bool {
    var isStated = false
    eachGrant { kind, text in
      if kind == UInt8(ascii: "e"), text.hasSameName(as: variable) { isStated = true }
    }
    return isStated
  }

  /// Calls `body` with the kind and the text of all that the program's file states, each with a
  /// zero behind it; what is of no known kind grants nothing.
  private static func eachGrant<Failure: Error>(
    _ body: (UInt8, Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    guard let texts = ProgramModule.wasiGrants else { return }
    var start = 0
    for index in texts.indices where texts[index] == 0 {
      if index > start { try body(texts[start], texts.extracting(start + 1..<index)) }
      start = index + 1
    }
  }
}

/// Counts texts, or puts them into a module's memory.
struct TextTransfer {
  private let memory: GuestMemory
  private let isCounted: Bool
  /// How many texts there are, or where the next one's address goes.
  private(set) var first: UInt32
  /// How many bytes they have, with a zero behind each, or where the next one's go.
  private(set) var second: UInt32

  /// - Parameters:
  ///   - call: whose memory it is.
  ///   - isCounted: whether texts are only counted; else they go to where the call says.
  init(_ call: WASICall, isCounted: Bool) {
    memory = call.memory
    self.isCounted = isCounted
    (first, second) = isCounted ? (0, 0) : (call.u32(0), call.u32(1))
  }

  /// - Throws: `WASIErrno.fault` when there is no room; `.overflow` for more bytes than a count
  ///   tells.
  @inline(never) mutating func take(_ text: Span<UInt8>) throws(WASIErrno) {
    if !isCounted {
      try memory.store(second, first)
      try memory.write(text, second)
      try memory.store(UInt8(0), second, offset: text.count)
    }
    guard let next = UInt32(exactly: Int(first) + (isCounted ? 1 : 4)),
      let end = UInt32(exactly: Int(second) + text.count + 1)
    else { throw isCounted ? .overflow : .fault }
    (first, second) = (next, end)
  }
}

extension Span<UInt8> {
  /// Whether the bytes before the first equals sign are the same.
  fileprivate func hasSameName(as other: Span<UInt8>) -> Bool {
    var index = 0
    while true {
      let own = index < count && self[index] != UInt8(ascii: "=") ? self[index] : 0
      let others =
        index < other.count && other[index] != UInt8(ascii: "=") ? other[index] : 0
      guard own == others else { return false }
      guard own != 0 else { return true }
      index += 1
    }
  }
}

extension [UInt8] {
  init(copying bytes: Span<UInt8>) {
    self.init()
    reserveCapacity(bytes.count)
    for index in bytes.indices { append(bytes[index]) }
  }
}
