// WasmReader.swift — bytes, integers and names of a WebAssembly file, one after the other.
// Hosted. Imports nothing. Source: WebAssembly Core Specification 2.0, section 5.2 "Values".

/// Reads a part of a file from its beginning to its end.
struct WasmReader {
  let bytes: [UInt8]
  var position: Int
  let end: Int

  init(_ bytes: [UInt8], from position: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    self.position = position
    self.end = end ?? bytes.count
  }

  var isAtEnd: Bool { position == end }

  mutating func byte() throws(WasmError) -> UInt8 {
    guard position < end else { throw WasmError(.truncated, at: position) }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(WasmError) -> ArraySlice<UInt8> {
    guard count <= end - position else { throw WasmError(.truncated, at: position) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// The next `count` bytes, for a reader of their own.
  mutating func part(_ count: Int) throws(WasmError) -> WasmReader {
    guard count <= end - position else { throw WasmError(.truncated, at: position) }
    defer { position += count }
    return WasmReader(bytes, from: position, to: position + count)
  }

  /// Throws unless all was read.
  func checkAtEnd() throws(WasmError) {
    guard isAtEnd else { throw WasmError(.excessBytes(end - position), at: position) }
  }

  /// An unsigned LEB128 integer of at most 32 bits.
  mutating func unsigned32() throws(WasmError) -> UInt32 {
    let start = position
    // Nearly all of them are short.
    if position < end, bytes[position] < 0x80 {
      position += 1
      return UInt32(bytes[start])
    }
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 {
        guard let value = UInt32(exactly: value) else {
          throw WasmError(.malformedInteger, at: start)
        }
        return value
      }
    }
    throw WasmError(.malformedInteger, at: start)
  }

  /// A count or an index, as Swift counts.
  mutating func count() throws(WasmError) -> Int { Int(try unsigned32()) }

  /// A signed LEB128 integer of `width` bits.
  mutating func signed(width: UInt64) throws(WasmError) -> Int64 {
    let start = position
    var value: Int64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      let payload = Int64(byte & 0x7f)
      value |= payload << Int64(shift)
      shift += 7
      if byte & 0x80 == 0 {
        if shift < 64 && byte & 0x40 != 0 { value |= -1 << Int64(shift) }
        try check(last: byte, shift: shift, width: width, start: start)
        return value
      }
      guard shift < width else { throw WasmError(.malformedInteger, at: start) }
    }
  }

  /// The last byte's bits beyond `width` must repeat the sign.
  private func check(
    last byte: UInt8, shift: UInt64, width: UInt64, start: Int
  ) throws(WasmError) {
    guard shift > width else { return }
    let used = UInt8(7 - (shift - width))
    let sign = byte >> (used - 1) & 1
    let rest = (byte & 0x7f) >> used
    guard rest == (sign == 0 ? 0 : 0x7f >> used) else {
      throw WasmError(.malformedInteger, at: start)
    }
  }

  mutating func littleEndian(byteCount: Int) throws(WasmError) -> UInt64 {
    var value: UInt64 = 0
    for (index, byte) in try take(byteCount).enumerated() {
      value |= UInt64(byte) << UInt64(8 * index)
    }
    return value
  }

  mutating func name() throws(WasmError) -> String {
    let start = position
    let bytes = try take(try count())
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw WasmError(.malformedName, at: start)
    }
    return name
  }

  /// A value type, or why it is none.
  mutating func valueType() throws(WasmError) -> WasmValueType {
    let offset = position
    let byte = try byte()
    guard let type = WasmValueType(rawValue: byte) else {
      switch byte {
      case 0x7b: throw WasmError(.unsupported(.simd), at: offset)
      case 0x63, 0x64, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x73, 0x72, 0x71, 0x69:
        throw WasmError(.unsupported(.typedReferences), at: offset)
      default: throw WasmError(.malformedForm(byte), at: offset)
      }
    }
    return type
  }

  /// A type of references.
  mutating func referenceType() throws(WasmError) -> WasmValueType {
    let offset = position
    let type = try valueType()
    guard type.isReference else { throw WasmError(.malformedForm(type.rawValue), at: offset) }
    return type
  }
}
