// DriverName.swift — names and versions by which drivers are found.
// Freestanding. Imports NovaABI. Design: NovaCore.docc/Drivers.md.

import NovaABI

/// The name of a driver or of one of its operations: 1 … 32 bytes, by custom UTF-8.
public struct DriverName: Hashable, Sendable {
  /// The most bytes.
  public static var byteCountMax: Int { Int(NOVA_DRIVER_NAME_BYTE_COUNT_MAX) }

  /// How many bytes it has.
  public let byteCount: Int
  // Zero behind the last byte.
  private let word0: UInt64
  private let word1: UInt64
  private let word2: UInt64
  private let word3: UInt64

  /// The name of these bytes.
  ///
  /// - Throws: `DriverError.nameOutOfRange` when there are none, or more than `byteCountMax`.
  public init(_ bytes: Span<UInt8>) throws(DriverError) {
    guard !bytes.isEmpty, bytes.count <= DriverName.byteCountMax else {
      throw .nameOutOfRange(byteCount: bytes.count, maximum: DriverName.byteCountMax)
    }
    func word(_ index: Int) -> UInt64 {
      var word: UInt64 = 0
      for place in 0..<8 where index * 8 + place < bytes.count {
        word |= UInt64(bytes[index * 8 + place]) << UInt64(place * 8)
      }
      return word
    }
    (word0, word1, word2, word3) = (word(0), word(1), word(2), word(3))
    byteCount = bytes.count
  }

  /// The name that a literal spells.
  ///
  /// - Throws: as `init(_:)` of bytes.
  public init(_ text: StaticString) throws(DriverError) {
    guard text.hasPointerRepresentation else {
      try self.init(String(text.unicodeScalar))
      return
    }
    // SAFETY: a literal's bytes are constants of the image.
    let bytes = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    try unsafe self.init(bytes.span)
  }

  /// The name that a string spells.
  ///
  /// - Throws: as `init(_:)` of bytes.
  public init(_ text: String) throws(DriverError) {
    try self.init(text.utf8.span)
  }

  /// A byte of the name; `index` is below `byteCount`.
  public subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < byteCount, "the name has no byte of this index")
    let word =
      switch index / 8 {
      case 0: word0
      case 1: word1
      case 2: word2
      default: word3
      }
    return UInt8(truncatingIfNeeded: word >> UInt64(index % 8 * 8))
  }
}

/// The version of a driver: what it offers grows with the minor number and breaks with the major.
public struct DriverVersion: Hashable, Sendable {
  /// Another number, another contract.
  public let major: UInt32
  /// A higher number, more of the same contract.
  public let minor: UInt32

  /// The version `major.minor`.
  public init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  /// Whether a driver of this version serves who requires `required`.
  public func serves(_ required: DriverVersion) -> Bool {
    major == required.major && minor >= required.minor
  }
}

extension DriverName: CustomStringConvertible {
  /// The name; bytes that are not UTF-8 become U+FFFD.
  public var description: String {
    var text: [UInt8] = []
    for index in 0..<byteCount { text.append(self[index]) }
    return String(copying: text.span)
  }
}

extension DriverVersion: CustomStringConvertible {
  /// Such as `1.0`.
  public var description: String { "\(major).\(minor)" }
}
