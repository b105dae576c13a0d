// WASIRefusals.swift — what a module was refused because it was not granted, and how to grant it.
// Freestanding. Imports nothing. Design: NovaCore.docc/WASI.md.

/// What a module asked for without being granted it.
struct WASIRefusals: OptionSet {
  let rawValue: UInt8

  /// A granted folder, of which there is none.
  static var folder: WASIRefusals { WASIRefusals(rawValue: 1) }
  /// To read the standard input.
  static var input: WASIRefusals { WASIRefusals(rawValue: 2) }
}

extension WASISystem {
  /// Keeps why a call was refused, where a grant would have changed that.
  func note(_ error: WASIErrno, _ descriptor: UInt32) {
    if error == .badDescriptor, descriptor == Self.firstFolder, folderNames.isEmpty {
      refusals.insert(.folder)
    }
    guard error == .notCapable, descriptor == 0, let entry = try? table[0], entry.rights.isEmpty
    else { return }
    refusals.insert(.input)
  }

  /// The descriptor behind the process's three streams.
  private static var firstFolder: UInt32 { 3 }

  /// What the modules were refused so far because it was not granted, and the options that grant
  /// it, as a line of text; nil when they were refused nothing of that kind.
  ///
  /// A module sees error numbers, and may well go on without. Whoever finds that it failed tells
  /// this as well.
  public var refusalText: [UInt8]? {
    guard !refusals.isEmpty else { return nil }
    var text: [UInt8] = []
    tellRefusals { words in
      // SAFETY: a literal of more than one character has its bytes in the image.
      for index in 0..<words.utf8CodeUnitCount { text.append(unsafe words.utf8Start[index]) }
    }
    text.append(UInt8(ascii: "\n"))
    return text
  }

  /// Whether `refusalText` has something to say.
  public var hasRefusals: Bool { !refusals.isEmpty }

  /// Calls `body` with the parts of that line, which make it up.
  public func tellRefusals(_ body: (StaticString) -> Void) {
    body("the module asked for what it was not granted:")
    if refusals.contains(.folder) { body(" a folder (--dir HOST::GUEST)") }
    if refusals == [.folder, .input] { body(", and") }
    if refusals.contains(.input) { body(" standard input (--stdin)") }
  }
}
