// ModuleName.swift — names of modules, imports and exports, as bytes.
// Freestanding. Imports NovaBytecode. Design: NovaCore.docc/Modules.md.

import NovaBytecode

/// The name of a module, import, export or function: any bytes, by custom UTF-8.
public struct ModuleName: Equatable, Sendable {
  /// The most bytes of a name that a loader registers.
  public static var byteCountMax: Int { 255 }

  /// The name's bytes.
  public let bytes: [UInt8]

  /// The name of these bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The name that a string spells.
  public init(_ text: String) { bytes = [UInt8](text.utf8) }

  /// A copy of a name that stands in a module.
  init(_ bytes: PoolBytes) {
    var copy: [UInt8] = []
    copy.reserveCapacity(bytes.count)
    for index in 0..<bytes.count { copy.append(bytes[index]) }
    self.bytes = copy
  }

  /// Whether the name has these bytes.
  func matches(_ other: PoolBytes) -> Bool {
    guard other.count == bytes.count else { return false }
    for index in 0..<bytes.count where other[index] != bytes[index] { return false }
    return true
  }

  /// Calls `body` with the bytes as a module's name would be.
  func withPoolBytes<Result>(_ body: (PoolBytes) -> Result) -> Result {
    // SAFETY: the bytes live until `body` returns, which keeps none of them.
    unsafe bytes.withUnsafeBytes { unsafe body(PoolBytes($0)) }
  }
}

extension ModuleName: ExpressibleByStringLiteral {
  /// The name that a literal spells.
  public init(stringLiteral text: StaticString) {
    guard text.hasPointerRepresentation else {
      self.init(String(text.unicodeScalar))
      return
    }
    // SAFETY: a literal's bytes are constants of the image.
    let buffer = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    self.init(unsafe [UInt8](buffer))
  }
}

extension ModuleName: CustomStringConvertible {
  /// The name; what is not UTF-8, and what a terminal would obey, becomes U+FFFD.
  public var description: String {
    var text: [UInt8] = []
    var previous: UInt8 = 0
    for byte in bytes {
      // U+0080 … U+009F are controls as well: C2 80 … C2 9F.
      let isSecondHalf = previous == 0xc2 && byte >= 0x80 && byte < 0xa0
      if isSecondHalf { text.removeLast() }
      if byte < 0x20 || byte == 0x7f || isSecondHalf {
        text += [0xef, 0xbf, 0xbd]
      } else {
        text.append(byte)
      }
      previous = byte
    }
    return String(copying: text.span)
  }
}
