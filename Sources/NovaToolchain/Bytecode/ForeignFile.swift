// ForeignFile.swift — what a file is that is no module: text to make one of, or something else.
// Hosted. Imports nothing.

/// What a file is that was given in the place of a module.
public enum ForeignFile: Equatable, Sendable {
  /// Text of NovaCore's assembler.
  case assembly
  /// WebAssembly's own text, `.wat`.
  case webAssemblyText
  /// Other text.
  case text
  /// What its first bytes say.
  case other(FileKind)

  /// Whether the assembler's words about it mean something.
  var isText: Bool { self == .assembly || self == .text || self == .other(.empty) }

  /// How many bytes are looked at.
  private static let byteCountMax = 4096

  /// Recognises a file; nil for modules, WebAssembly, and what could be a damaged one of them.
  public init?(_ bytes: [UInt8]) {
    let kind = FileKind(magic: bytes)
    switch kind {
    case .novaModule, .webAssembly: return nil
    case .unknown: break
    default:
      self = .other(kind)
      return
    }
    let head = bytes.prefix(Self.byteCountMax)
    guard !head.contains(0) else { return nil }
    let statements = head.split { $0 == 10 || $0 == 13 }.map { $0.drop { $0 == 32 || $0 == 9 } }
    // Both languages begin comments with a semicolon.
    guard let first = statements.first(where: { !$0.isEmpty && $0.first != UInt8(ascii: ";") })
    else {
      self = .text
      return
    }
    let second = first.dropFirst().first ?? 0
    switch first.first {
    case UInt8(ascii: "("): self = .webAssemblyText
    case UInt8(ascii: ".") where (0x61...0x7a).contains(second): self = .assembly
    default: self = .text
    }
  }
}
