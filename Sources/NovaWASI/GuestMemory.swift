// GuestMemory.swift — the memory of the calling module: every access is checked against its end.
// Freestanding. Imports nothing. Design: NovaCore.docc/WASI.md.

/// A module's memory during one call, in which numbers are little-endian and lie anywhere.
@safe struct GuestMemory {
  private let bytes: UnsafeMutableRawBufferPointer

  /// The memory of these bytes.
  ///
  /// - Safety: they must stay where they are while this value is used.
  @unsafe init(_ bytes: UnsafeMutableRawBufferPointer) { unsafe self.bytes = bytes }

  /// Makes sure that the `count` bytes at `address` are the module's.
  ///
  /// - Throws: `WASIErrno.fault` when not all of them are.
  func check(_ address: UInt32, _ count: Int) throws(WASIErrno) {
    // SAFETY: the range is not used.
    _ = try unsafe range(address, count)
  }

  /// The `count` bytes at `address`.
  ///
  /// - Throws: `WASIErrno.fault` when not all of them are the module's.
  /// - Safety: they must not be used longer than this value.
  @unsafe func range(
    _ address: UInt32, _ count: Int
  ) throws(WASIErrno) -> UnsafeMutableRawBufferPointer {
    // SAFETY: only the count is used until the range is known to lie within.
    let byteCount = unsafe bytes.count
    let start = Int(address)
    guard count >= 0, start <= byteCount, count <= byteCount - start else { throw .fault }
    guard count > 0 else { return unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    return unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + count])
  }

  /// The number at `address` + `offset`.
  func load<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, _ address: UInt32, offset: Int = 0
  ) throws(WASIErrno) -> Number {
    let place = try unsafe range(Self.sum(address, offset), Number.bitWidth / 8)
    // SAFETY: the range has as many bytes as the number.
    return Number(littleEndian: unsafe place.loadUnaligned(as: Number.self))
  }

  /// Puts a number at `address` + `offset`.
  func store<Number: FixedWidthInteger & BitwiseCopyable>(
    _ number: Number, _ address: UInt32, offset: Int = 0
  ) throws(WASIErrno) {
    let place = try unsafe range(Self.sum(address, offset), Number.bitWidth / 8)
    // SAFETY: the range has as many bytes as the number.
    unsafe place.storeBytes(of: number.littleEndian, as: Number.self)
  }

  /// Calls `body` with the `count` bytes at `address`.
  func withBytes<Result>(
    _ address: UInt32, _ count: Int,
    _ body: (inout MutableSpan<UInt8>) throws(WASIErrno) -> Result
  ) throws(WASIErrno) -> Result {
    let place = try unsafe range(address, count)
    // SAFETY: the span lives until the body returns, and nobody else uses the bytes meanwhile.
    var span = unsafe MutableSpan<UInt8>(_unsafeBytes: place)
    return try body(&span)
  }

  /// Zeros `count` bytes.
  func clear(_ address: UInt32, _ count: Int) throws(WASIErrno) {
    try withBytes(address, count) { bytes throws(WASIErrno) in
      for index in 0..<count { bytes[index] = 0 }
    }
  }

  /// A copy of the `count` bytes at `address`.
  func copy(_ address: UInt32, _ count: UInt32) throws(WASIErrno) -> [UInt8] {
    let place = try unsafe range(address, Int(count))
    // SAFETY: the range lives for the copy.
    return unsafe [UInt8](place)
  }

  /// Puts bytes at `address`.
  func write(_ source: Span<UInt8>, _ address: UInt32) throws(WASIErrno) {
    let place = try unsafe range(address, source.count)
    // SAFETY: the range has as many bytes as the source.
    for index in 0..<source.count { unsafe place[index] = source[index] }
  }

  /// An address further on.
  ///
  /// - Throws: `WASIErrno.fault` when that needs more than 32 bits.
  static func sum(_ address: UInt32, _ offset: Int) throws(WASIErrno) -> UInt32 {
    guard let sum = UInt32(exactly: Int(address) + offset) else { throw .fault }
    return sum
  }
}
