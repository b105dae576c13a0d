// WasmReader.swift — a cursor over the bytes of a WebAssembly file.
// Hosted. Imports nothing. Design: NovaCore.docc/WebAssembly.md.
// Source: WebAssembly Core Specification 2.0, section 5.2 "Values".

/// A cursor over bytes `position ..< end` of a file.
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
    guard position < end else { throw .truncated(offset: position) }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(WasmError) -> ArraySlice<UInt8> {
    guard count <= end - position else { throw .truncated(offset: position) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// An unsigned LEB128 integer of at most 32 bits.
  mutating func unsigned32() throws(WasmError) -> UInt32 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 {
        guard let value = UInt32(exactly: value) else { throw .malformedInteger(offset: start) }
        return value
      }
    }
    throw .malformedInteger(offset: start)
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
      guard shift < width else { throw .malformedInteger(offset: start) }
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
    guard rest == (sign == 0 ? 0 : 0x7f >> used) else { throw .malformedInteger(offset: start) }
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
      throw .malformedName(offset: start)
    }
    return name
  }
}
