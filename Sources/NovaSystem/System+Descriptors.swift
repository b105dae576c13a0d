// System+Descriptors.swift — what is done with an open descriptor besides reading and writing it.
// Freestanding. Imports NovaABI. Source: Linux's readv(2), lseek(2), getdents64(2), ppoll(2).

import NovaABI

/// Bytes that lie in one of several places.
public typealias ByteVector = nova_vector
/// A descriptor to wait for, what for, and what was found.
public typealias DescriptorPoll = nova_poll

extension System {
  /// The most places of one call.
  public static var vectorCountMax: Int { Int(NOVA_VECTOR_COUNT_MAX) }

  /// Reads into several places, once.
  ///
  /// - Parameters:
  ///   - descriptor: open for reading.
  ///   - vectors: at most `vectorCountMax`.
  ///   - offset: where in the file; nil for where the descriptor stands, which moves on.
  /// - Returns: how many bytes were read; 0 at the end.
  /// - Throws: `SystemError` of `.read`.
  /// - Safety: the places must be writable for the call.
  @unsafe public static func read(
    from descriptor: Int32, into vectors: UnsafeBufferPointer<ByteVector>, at offset: Int64?
  ) throws(SystemError) -> Int {
    // SAFETY: promised by the caller.
    let result = unsafe nova_read_vectors(
      descriptor, vectors.baseAddress, vectors.count, offset ?? -1)
    return try SystemError.check(result, of: .read)
  }

  /// Writes from several places, once; otherwise as the other.
  ///
  /// - Returns: how many bytes were written.
  /// - Throws: `SystemError` of `.write`.
  /// - Safety: the places must be readable for the call.
  @unsafe public static func write(
    _ vectors: UnsafeBufferPointer<ByteVector>, to descriptor: Int32, at offset: Int64?
  ) throws(SystemError) -> Int {
    // SAFETY: promised by the caller.
    let result = unsafe nova_write_vectors(
      descriptor, vectors.baseAddress, vectors.count, offset ?? -1)
    return try SystemError.check(result, of: .write)
  }

  /// Moves a descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: of a file.
  ///   - offset: how far, in bytes.
  ///   - origin: from where: 0 the first byte, 1 where it stands, 2 the end.
  /// - Returns: where it stands then, in bytes from the first.
  /// - Throws: `SystemError` of `.seek`: `ESPIPE` for what has no places.
  @discardableResult public static func seek(
    _ descriptor: Int32, by offset: Int64, from origin: Int32
  ) throws(SystemError) -> Int64 {
    Int64(try SystemError.check(nova_seek(descriptor, offset, origin), of: .seek))
  }

  /// Reads entries of a folder, as many as there is room for, from where the descriptor stands.
  ///
  /// - Returns: how many bytes; 0 at the end.
  /// - Throws: `SystemError` of `.readFolder`.
  public static func readFolder(
    _ descriptor: Int32, into bytes: inout MutableSpan<UInt8>
  ) throws(SystemError) -> Int {
    // SAFETY: the buffer lives for the call, which writes no more than its count.
    let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe nova_read_folder(descriptor, buffer.baseAddress, buffer.count)
    }
    return try SystemError.check(result, of: .readFolder)
  }

  /// Cuts a file, or lengthens it by zeros.
  ///
  /// - Throws: `SystemError` of `.setByteCount`.
  public static func setByteCount(
    of descriptor: Int32, to byteCount: Int64
  ) throws(SystemError) {
    _ = try SystemError.check(nova_set_byte_count(descriptor, byteCount), of: .setByteCount)
  }

  /// Makes sure that there is room for bytes of a file, and lengthens it to them.
  ///
  /// - Throws: `SystemError` of `.reserve`.
  public static func reserve(
    _ descriptor: Int32, offset: Int64, byteCount: Int64
  ) throws(SystemError) {
    _ = try SystemError.check(nova_reserve(descriptor, offset, byteCount), of: .reserve)
  }

  /// Says how bytes of a file will be used.
  ///
  /// - Parameters:
  ///   - descriptor: of a file.
  ///   - offset: the first of the bytes.
  ///   - byteCount: how many.
  ///   - advice: Linux's number, of posix_fadvise(2).
  /// - Throws: `SystemError` of `.advise`.
  public static func advise(
    _ descriptor: Int32, offset: Int64, byteCount: Int64, advice: Int32
  ) throws(SystemError) {
    _ = try SystemError.check(
      nova_advise(descriptor, offset, byteCount, advice), of: .advise)
  }

  /// Waits until what was written is stored.
  ///
  /// - Parameters:
  ///   - descriptor: of a file.
  ///   - dataOnly: whether what is known of the file may be stored later.
  /// - Throws: `SystemError` of `.synchronise`.
  public static func synchronise(_ descriptor: Int32, dataOnly: Bool) throws(SystemError) {
    let result = dataOnly ? nova_synchronise_data(descriptor) : nova_synchronise(descriptor)
    _ = try SystemError.check(result, of: .synchronise)
  }

  /// How a file is open: `append`, `nonblocking`, `dataSync`, `sync`.
  ///
  /// - Throws: `SystemError` of `.openOptions`.
  public static func openOptions(of descriptor: Int32) throws(SystemError) -> OpenOptions {
    let result = try SystemError.check(nova_open_options(descriptor), of: .openOptions)
    return OpenOptions(rawValue: UInt32(truncatingIfNeeded: result))
  }

  /// Sets `append` and `nonblocking` of an open file.
  ///
  /// - Throws: `SystemError` of `.openOptions`.
  public static func setOpenOptions(
    of descriptor: Int32, to options: OpenOptions
  ) throws(SystemError) {
    _ = try SystemError.check(
      nova_set_open_options(descriptor, options.rawValue), of: .openOptions)
  }

  /// Waits until a descriptor is ready, or the time is over.
  ///
  /// - Parameters:
  ///   - polls: the descriptors, and what for.
  ///   - timeoutNanoseconds: forever when negative.
  /// - Returns: how many are ready; each says what was found.
  /// - Throws: `SystemError` of `.poll`: `EINTR` when a signal came.
  public static func poll(
    _ polls: inout MutableSpan<DescriptorPoll>, timeoutNanoseconds: Int64
  ) throws(SystemError) -> Int {
    // SAFETY: the buffer lives for the call, which writes no more than its count.
    let result = unsafe polls.withUnsafeMutableBufferPointer { buffer in
      unsafe nova_poll(buffer.baseAddress, buffer.count, timeoutNanoseconds)
    }
    return try SystemError.check(result, of: .poll)
  }
}
