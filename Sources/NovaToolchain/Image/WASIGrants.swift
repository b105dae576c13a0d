// WASIGrants.swift — what a program grants its module through WASI: bytes behind the modules.
// Hosted. Imports NovaABI for their form. The program's side:
// NovaWASI/WASIConfiguration+Program.swift.

import NovaABI

/// What a module is granted through WASI, besides drivers' grants.
public struct WASIGrants: Sendable, Equatable {
  /// A folder that the module has under a name of its own.
  public struct Folder: Sendable, Equatable {
    /// Where it is; a relative path begins where the program is run.
    public var host: [UInt8]
    /// What the module calls it.
    public var guest: [UInt8]

    /// A folder of these names.
    public init(host: [UInt8], guest: [UInt8]) {
      self.host = host
      self.guest = guest
    }
  }

  /// The name of the module that those import which want WASI.
  public static let moduleName = "wasi_snapshot_preview1"

  /// In the order of the module's descriptors.
  public var folders: [Folder] = []
  /// `NAME=value` each.
  public var variables: [[UInt8]] = []
  /// Whether the standard input may be read.
  public var hasInput = false

  /// Nothing.
  public init() {}

  // ---- Bytes ---------------------------------------------------------------------------------

  static let headByteCount = MemoryLayout<nova_linked_module>.size

  /// The texts, each with a zero behind it.
  ///
  /// - Throws: `ModuleImageError.badGrant` when one of them is empty or holds a zero.
  func texts() throws(ModuleImageError) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ kind: Unicode.Scalar, _ text: [UInt8]) throws(ModuleImageError) {
      guard !text.isEmpty, !text.contains(0) else { throw .badGrant(text) }
      bytes += [UInt8(ascii: kind)] + text + [0]
    }
    for folder in folders {
      try append("d", folder.host)
      try append("g", folder.guest)
    }
    for variable in variables { try append("e", variable) }
    if hasInput { bytes += [UInt8(ascii: "i"), 0] }
    return bytes
  }

  /// What texts grant; what is of no known kind is left out.
  init(texts: ArraySlice<UInt8>) {
    var host: [UInt8] = []
    for text in texts.split(separator: 0) {
      let rest = Array(text.dropFirst())
      switch text.first {
      case UInt8(ascii: "d"): host = rest
      case UInt8(ascii: "g"): folders.append(Folder(host: host, guest: rest))
      case UInt8(ascii: "e"): variables.append(rest)
      case UInt8(ascii: "i"): hasInput = true
      default: break
      }
    }
  }

  // ---- Text ----------------------------------------------------------------------------------

  /// Each kind of grant, and what of it there is, in words.
  var rows: [(name: String, value: String)] {
    func quoted(_ text: [UInt8]) -> String {
      String(decoding: text, as: UTF8.self).debugDescription
    }
    func list(_ items: [String]) -> String {
      items.isEmpty ? "none" : items.joined(separator: ", ")
    }
    return [
      ("WASI folders", list(folders.map { "\(quoted($0.host)) as \(quoted($0.guest))" })),
      ("WASI variables", list(variables.map(quoted))),
      ("WASI input", hasInput ? "granted" : "none"),
    ]
  }
}

extension ELFFile {
  /// What the program grants its module through WASI; null when the module imports nothing of it,
  /// or when there is none.
  ///
  /// - Throws: as `modulePlace()`; `ELFError.badModuleBounds` when what is stated reaches beyond
  ///   the program.
  public func wasiGrants() throws(ELFError) -> WASIGrants? {
    guard let place = try modulePlace(), place.byteCount > 0 else { return nil }
    let end = place.address + place.byteCount
    let start = end + (0 &- end) % UInt64(NOVA_LINKED_MODULE_ALIGNMENT)
    let (head, wraps) = start.addingReportingOverflow(place.linkedByteCount)
    let size = UInt64(WASIGrants.headByteCount)
    guard !wraps, let bytes = bytes(at: head, byteCount: size),
      case let words = Array(bytes)[...],
      Self.word(words[0..<8]) == UInt64(NOVA_WASI_GRANTS_MAGIC)
    else { return nil }
    let byteCount = Self.word(words[8..<16])
    guard let texts = self.bytes(at: head + size, byteCount: byteCount) else {
      throw .badModuleBounds(address: head + size, byteCount: byteCount)
    }
    return WASIGrants(texts: texts)
  }
}
